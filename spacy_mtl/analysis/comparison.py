"""Joint training against training each task alone, with the same encoder, data and budget."""

from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy

from ..errors import Errors
from .budget import BUDGETS, UPDATES
from .costs import Cost, add_costs, find_cost, time_pipelines
from .counts import Metric, find_metrics
from .derived_configs import Joint, Task, load_joint
from .evaluation import Results, TaskCorpus, evaluate_run
from .planning import JOINT, Key, Plan, TaskTexts, assign_tests, inspect_tests, list_failures, plan_runs
from .runs import LOG, Outcome, train_runs
from .statistics import SAMPLES, bootstrap_interval, delta_m, randomisation_p_value

ALONE = "Trained alone it is the same: it shares no encoder with another head that is trained."


class TaskScore(NamedTuple):
    """A score of a task, trained jointly and alone.

    task (str): The name of the component.
    score (str): The name of the score.
    title (str): What it is, for people.
    is_main (bool): Whether it counts for delta-m.
    joint (Dict[int, float]): By seed, joint training.
    single (Dict[int, float]): By seed, the task alone.
    difference (Optional[float]): Mean of joint less mean of single, over the seeds that both have; None without any.
    interval (Optional[Tuple[float, float]]): Of the difference, 95%, by the bootstrap over test texts.
    p_value (Optional[float]): Of the difference, by approximate randomisation over test texts.
    notes (List[str]): What to know about it.
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
    notes: List[str]


class Comparison(NamedTuple):
    """What joint training gains and costs.

    config (str): The joint config.
    seeds (List[int]): The seeds.
    budget (str): "updates" or "examples".
    samples (int): Samples of randomisation and bootstrap.
    tests (Dict[str, TaskTexts]): By task, the test corpus.
    scores (List[TaskScore]): The scores, a main one for each task and others.
    delta_m (Optional[float]): The average relative gain over the tasks in `compared`.
    compared (List[str]): The tasks whose main score is known on both sides.
    costs (List[Cost]): Of the joint pipeline, of each single one, and of these together.
    failures (List[str]): Trainings that failed.
    notes (List[str]): What to know about the whole.
    """

    config: str
    seeds: List[int]
    budget: str
    samples: int
    tests: Dict[str, TaskTexts]
    scores: List[TaskScore]
    delta_m: Optional[float]
    compared: List[str]
    costs: List[Cost]
    failures: List[str]
    notes: List[str]

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The same, fit for JSON."""
        return {
            **self._asdict(),
            "tests": {task: texts._asdict() for task, texts in self.tests.items()},
            "scores": [score._asdict() for score in self.scores],
            "costs": [cost._asdict() for cost in self.costs],
        }


def compare(
    path: Path,
    tests: Mapping[str, Path],
    output: Path,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    budget: str = UPDATES,
    jobs: int = 1,
    gpu_id: int = -1,
    code: Optional[Path] = None,
    overrides: Optional[Mapping[str, Any]] = None,
    samples: int = SAMPLES,
    progress: Optional[Callable[[int, int], None]] = None,
) -> Comparison:
    """Train a joint config and each of its tasks alone, and compare them on test corpora.

    Trainings that are finished are not done again; one that fails is reported, and the others go on.

    path (Path): The joint config.
    tests (Mapping[str, Path]): Test corpora by task; ALL_TASKS for the tasks that are not named.
    output (Path): Folder for the trainings.
    seeds (Sequence[int]): The seeds; each pipeline is trained with each.
    budget (str): "updates" for as many updates alone as jointly, "examples" for as many texts annotated for the task.
    jobs (int): Trainings at once.
    gpu_id (int): The GPU for training; -1 for the CPU.
    code (Optional[Path]): A Python file with registered functions, for the trainings.
    overrides (Optional[Mapping[str, Any]]): Settings of the config by their name with dots.
    samples (int): Samples of randomisation and bootstrap.
    progress (Optional[Callable[[int, int], None]]): Called now and then with the updates that are done, and with all.
    RETURNS (Comparison): The comparison.
    RAISES (OSError, ValueError): E710-E719 for what cannot be compared, before anything is trained; E701 if a folder
        holds a training of another config; what loading the config and reading corpora raises.
    """
    if budget not in BUDGETS:
        raise ValueError(Errors.E718.format(found=budget, expected=", ".join(BUDGETS)))
    if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise ValueError(Errors.E710.format(found=",".join(map(str, seeds))))
    joint = load_joint(path, overrides)
    weights = joint.config["training"]["score_weights"]
    metrics = {task.name: find_metrics(joint.nlp, task, weights) for task in joint.tasks}
    paths = assign_tests(joint, tests)
    texts = inspect_tests(joint, paths, metrics)
    plan = plan_runs(joint, metrics, output, seeds, budget)
    total = sum(plan.updates[task] for task, _ in plan.runs)

    def report(steps: Dict[str, int]) -> None:
        if progress is not None:
            progress(sum(steps.values()), total)

    outcomes = train_runs(list(plan.runs.values()), jobs=jobs, gpu_id=gpu_id, code=code, progress=report)
    finished = {key: outcomes[run.name] for key, run in plan.runs.items() if outcomes[run.name].is_finished}
    corpora = {task: TaskCorpus(paths[task], metrics[task]) for task in paths}
    results = {}
    for (task, seed), outcome in finished.items():
        tested = corpora if task is JOINT else {task: corpora[task]}
        results[task, seed] = evaluate_run(plan.runs[task, seed], outcome, tested)
    scores = [score for task in joint.tasks for score in score_task(task, metrics[task.name], results, samples)]
    compared = [score for score in scores if score.is_main and score.difference is not None]
    return Comparison(
        str(path),
        list(seeds),
        budget,
        samples,
        texts,
        scores,
        delta_m([means_of_common(score.joint, score.single) for score in compared]),
        [score.task for score in compared],
        find_costs(plan, finished, results, sorted(set(paths.values()))),
        list_failures(plan, finished, LOG),
        find_notes(joint),
    )


def score_task(task: Task, metrics: Sequence[Metric], results: Mapping[Key, Results], samples: int) -> List[TaskScore]:
    """Compare a task trained jointly with the task trained alone.

    task (Task): The task.
    metrics (Sequence[Metric]): Its scores, the main one first.
    results (Mapping[Key, Results]): What the finished trainings gave.
    samples (int): Samples of randomisation and bootstrap.
    RETURNS (List[TaskScore]): One for each score; for a task without any, one that says so.
    """
    if not metrics:
        return [TaskScore(task.name, "", "-", False, {}, {}, None, None, None, ["The component has no score."])]
    scores = []
    for i, metric in enumerate(metrics):
        joint = _find_values(JOINT, task.name, metric.score, results)
        single = _find_values(task.name, task.name, metric.score, results)
        common = sorted(set(joint) & set(single))
        notes = [] if task.is_shared else [ALONE]
        difference = interval = p_value = None
        if common:
            means = means_of_common(joint, single)
            difference = means[0] - means[1]
            counts = [
                [results[side, seed].get_counts(task.name, metric.score) for seed in common]
                for side in (JOINT, task.name)
            ]
            if any(found is None for side in counts for found in side):
                notes.append("No test: the score is not one that sums over texts.")
            else:
                one, other = numpy.asarray(counts[0]), numpy.asarray(counts[1])
                interval = bootstrap_interval(one, other, samples=samples)
                p_value = randomisation_p_value(one, other, samples=samples)
        if task.is_shared and not common:
            notes.append("No comparison: no seed has both scores.")
        elif set(joint) != set(single) and task.is_shared:
            notes.append(f"Difference over the seeds that have both: {', '.join(map(str, common))}.")
        main = i == 0
        scores.append(
            TaskScore(task.name, metric.score, metric.title, main, joint, single, difference, interval, p_value, notes)
        )
    return scores


def means_of_common(joint: Mapping[int, float], single: Mapping[int, float]) -> Tuple[float, float]:
    """The means of both sides over the seeds that both have.

    joint (Mapping[int, float]): By seed, the one side.
    single (Mapping[int, float]): By seed, the other; one seed or more is in both.
    RETURNS (Tuple[float, float]): The means.
    """
    common = sorted(set(joint) & set(single))
    return sum(joint[seed] for seed in common) / len(common), sum(single[seed] for seed in common) / len(common)


def find_costs(
    plan: Plan, finished: Mapping[Key, Outcome], results: Mapping[Key, Results], corpora: Sequence[Path]
) -> List[Cost]:
    """What the pipelines cost.

    plan (Plan): The trainings.
    finished (Mapping[Key, Outcome]): What became of those that came to their end.
    results (Mapping[Key, Results]): What these gave.
    corpora (Sequence[Path]): What is annotated to take the time.
    RETURNS (List[Cost]): Of the joint pipeline, of each single one, and of these together.
    """
    names = {task: "joint" if task is JOINT else f"{task} alone" for task in plan.updates}
    first = {}
    for task, seed in reversed(list(finished)):
        first[names[task]] = plan.runs[task, seed]
    speeds = time_pipelines(first, corpora)
    costs = []
    for task, updates in plan.updates.items():
        keys = [key for key in finished if key[0] == task]
        outcomes, found = [finished[key] for key in keys], [results[key] for key in keys]
        costs.append(find_cost(names[task], updates, outcomes, found, speeds.get(names[task])))
    return [*costs, add_costs("all of them alone", costs[1:])] if len(costs) > 1 else costs


def find_notes(joint: Joint) -> List[str]:
    """What limits the comparison.

    joint (Joint): The joint config.
    RETURNS (List[str]): A sentence for each limit.
    """
    training = joint.config.interpolate()["training"]
    notes = []
    annotating = [task.name for task in joint.tasks if task.name in training["annotating_components"]]
    if annotating:
        notes.append(
            f"In the joint training {', '.join(annotating)} annotated the texts for the other tasks; alone they were "
            "trained without."
        )
    if training["patience"]:
        notes.append(
            f"Trainings may have ended earlier than the budget allows, after {training['patience']} updates without a "
            "better score (patience)."
        )
    alone = [task.name for task in joint.tasks if not task.is_shared]
    if alone:
        notes.append(f"What the single-task pipelines cost is without {', '.join(alone)}, not trained again.")
    return notes


def _find_values(side: Optional[str], task: str, score: str, results: Mapping[Key, Results]) -> Dict[int, float]:
    found = {seed: result.values[task][score] for (name, seed), result in results.items() if name == side}
    return {seed: value for seed, value in found.items() if value is not None}
