"""The scores of a task, trained jointly and alone, and whether their difference is chance."""

from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy
from numpy.typing import NDArray

from ..metrics.metrics import Metric
from ..metrics.tasks import Task
from .evaluation import Results
from .sides import JOINT, Key
from .statistics import bootstrap, bootstrap_interval, bootstrap_p_value, randomization_p_value

ALONE = "Trained alone it is the same: it shares no encoder with another head that is trained."
UNTESTED = "No test: the score is not one that sums over texts."
ONE_SEED = "One seed: differences may be the luck of a training; use --seeds 3 or more."
TWO_SEEDS = "Two seeds: they tell little of the luck of a training; use --seeds 3 or more."


class TaskScore(NamedTuple):
    """A score of a task, trained jointly and alone.

    task (str): The name of the component.
    score (str): The name of the score.
    title (str): What it is, for people.
    is_main (bool): Whether it counts for delta-m.
    joint (Dict[int, float]): By seed, joint training.
    single (Dict[int, float]): By seed, the task alone.
    difference (Optional[float]): Mean of joint less mean of single, over the seeds that both have; None without any.
    interval (Optional[Tuple[float, float]]): Of the difference, 95%, by the bootstrap over test texts and seeds. Where
        `p_value_with_seeds` is None there is one seed, and it is over texts alone.
    p_value (Optional[float]): Of the difference, by approximate randomization over test texts alone: about these
        trained models on other texts, whatever other seeds would give.
    p_value_with_seeds (Optional[float]): Of the difference, by the bootstrap over test texts and seeds: about other
        trainings on other texts. None with one seed.
    notes (List[str]): What to know about it.
    texts (Optional[int]): How many texts count; None if the scorer does not say.
    """

    task: str
    score: str
    title: str
    is_main: bool
    joint: Dict[int, float]
    single: Dict[int, float]
    difference: Optional[float]
    interval: Optional[Tuple[float, float]]
    p_value: Optional[float]
    p_value_with_seeds: Optional[float]
    notes: List[str]
    texts: Optional[int] = None


def score_task(task: Task, metrics: Sequence[Metric], results: Mapping[Key, Results], samples: int) -> List[TaskScore]:
    """Compare a task trained jointly with the task trained alone.

    task (Task): The task.
    metrics (Sequence[Metric]): Its scores, the main one first.
    results (Mapping[Key, Results]): What the finished trainings gave.
    samples (int): Samples of randomization and bootstrap.
    RETURNS (List[TaskScore]): One for each score; for a task without any, one that says so.
    """
    if not metrics:
        note = "The component has no score."
        return [TaskScore(task.name, "", "-", False, {}, {}, None, None, None, None, [note])]
    return [_score(task, metric, i == 0, results, samples) for i, metric in enumerate(metrics)]


def means_of_common(joint: Mapping[int, float], single: Mapping[int, float]) -> Tuple[float, float]:
    """The means of both sides over the seeds that both have.

    joint (Mapping[int, float]): By seed, the one side.
    single (Mapping[int, float]): By seed, the other; one seed or more is in both.
    RETURNS (Tuple[float, float]): The means.
    """
    common = find_seeds(joint, single)
    return sum(joint[seed] for seed in common) / len(common), sum(single[seed] for seed in common) / len(common)


def find_counts(task: str, score: str, results: Mapping[Key, Results]) -> Optional[Tuple[NDArray, NDArray]]:
    """What a score of a task is computed from, jointly and alone.

    task (str): The name of the component.
    score (str): The name of the score.
    results (Mapping[Key, Results]): What the finished trainings gave.
    RETURNS (Optional[Tuple[NDArray, NDArray]]): Both sides, shape (seeds, Docs, counts), for the seeds that have the
        score on both; None if it is not one that sums over texts.
    """
    common = find_seeds(_find_values(JOINT, task, score, results), _find_values(task, task, score, results))
    counts = [[results[side, seed].get_counts(task, score) for seed in common] for side in (JOINT, task)]
    if any(of_seed is None for side in counts for of_seed in side):
        return None
    return numpy.asarray(counts[0]), numpy.asarray(counts[1])


def find_seeds(joint: Mapping[int, float], single: Mapping[int, float]) -> List[int]:
    """RETURNS (List[int]): The seeds that both sides have, in their order."""
    return sorted(set(joint) & set(single))


def _score(task: Task, metric: Metric, is_main: bool, results: Mapping[Key, Results], samples: int) -> TaskScore:
    joint = _find_values(JOINT, task.name, metric.score, results)
    single = _find_values(task.name, task.name, metric.score, results)
    found = TaskScore(task.name, metric.score, metric.title, is_main, joint, single, None, None, None, None, [])
    numbers = [result.texts.get(task.name, {}).get(metric.score) for result in results.values()]
    found = found._replace(texts=next((number for number in numbers if number is not None), None))
    if not task.is_shared:
        return found._replace(notes=[ALONE])
    common = find_seeds(joint, single)
    if not common:
        return found._replace(notes=["No comparison: no seed has both scores."])
    one, other = means_of_common(joint, single)
    found = found._replace(difference=one - other)
    if set(joint) != set(single):
        found.notes.append(f"Difference over the seeds that have both: {', '.join(map(str, common))}.")
    if len(common) < 3:
        found.notes.append(ONE_SEED if len(common) == 1 else TWO_SEEDS)
    sides = find_counts(task.name, metric.score, results)
    if sides is None:
        found.notes.append(UNTESTED)
        return found
    differences = bootstrap(*sides, measure=metric.measure, samples=samples)
    return found._replace(
        interval=bootstrap_interval(differences),
        p_value=randomization_p_value(*sides, measure=metric.measure, samples=samples),
        p_value_with_seeds=bootstrap_p_value(differences) if len(common) > 1 else None,
    )


def _find_values(side: Optional[str], task: str, score: str, results: Mapping[Key, Results]) -> Dict[int, float]:
    found = {seed: result.values[task][score] for (name, seed), result in results.items() if name == side}
    return {seed: value for seed, value in found.items() if value is not None}
