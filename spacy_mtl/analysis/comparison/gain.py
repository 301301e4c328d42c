"""The average relative gain of joint training over the tasks, with its interval.

Student (1908). The probable error of a mean. Biometrika 6(1).
"""

import math
from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy

from ..metrics.metrics import Measure, Metric
from ..tables import NOTHING
from .evaluation import Results
from .scores import TaskScore, find_counts, find_seeds, means_of_common
from .sides import Key
from .statistics import TaskCounts, bootstrap_delta_m, bootstrap_interval, delta_m, mean_and_deviation

# Student's t for 95%, two-sided, by degrees of freedom; that of nine, a little wide, serves for more
STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


class Gain(NamedTuple):
    """The average relative gain of joint training. There is no figure without an interval.

    mean (Optional[float]): Delta-m: the mean over tasks of (joint - alone) / alone; None if it is not told.
    interval (Optional[Tuple[float, float]]): Its interval, 95%, by the bootstrap over test texts, and over seeds where
        there are several.
    reason (str): Why it is not told; empty if it is.
    """

    mean: Optional[float]
    interval: Optional[Tuple[float, float]]
    reason: str = ""


def find_gain(
    scores: Sequence[TaskScore],
    results: Mapping[Key, Results],
    corpora: Mapping[str, str],
    samples: int,
    measures: Optional[Mapping[str, Optional[Measure]]] = None,
) -> Gain:
    """Delta-m, and how far it can be trusted.

    scores (Sequence[TaskScore]): The main scores that both sides have.
    results (Mapping[Key, Results]): What the finished trainings gave.
    corpora (Mapping[str, str]): By task, the name of its test corpus.
    samples (int): Samples of the bootstrap.
    measures (Optional[Mapping[str, Optional[Measure]]]): By task, the score of summed counts; F of those without.
    RETURNS (Gain): The gain.
    """
    if not scores:
        return Gain(None, None, "no task has both scores")
    mean = delta_m([means_of_common(score.joint, score.single) for score in scores])
    if mean is None:
        return Gain(None, None, "a score of a task alone is 0")
    tasks: List[TaskCounts] = []
    for score in scores:
        counts = find_counts(score.task, score.score, results)
        if counts is None:
            return Gain(None, None, f"the score of {score.task} does not sum over texts, so there is no interval")
        seeds = tuple(find_seeds(score.joint, score.single))
        tasks.append(TaskCounts(*counts, corpora[score.task], seeds, (measures or {}).get(score.task)))
    gains = bootstrap_delta_m(tasks, samples=samples)
    if not numpy.isfinite(gains).all():
        return Gain(None, None, "there is no interval: a task alone scores 0 on some samples of the test texts")
    return Gain(mean, bootstrap_interval(gains))


def find_measures(metrics: Mapping[str, Sequence[Metric]]) -> Dict[str, Optional[Measure]]:
    """How the main score of each task is computed from summed counts.

    metrics (Mapping[str, Sequence[Metric]]): By task, the scores, the main one first.
    RETURNS (Dict[str, Optional[Measure]]): By task; None for F.
    """
    return {task: found[0].measure for task, found in metrics.items() if found}


def interval_over_seeds(gains: Sequence[float]) -> Optional[Tuple[float, float]]:
    """How far a mean over seeds can be trusted: what other seeds might have given, whatever other texts would.

    gains (Sequence[float]): One or more, a seed each.
    RETURNS (Optional[Tuple[float, float]]): The interval, 95%, by Student's t; None for one seed.
    """
    mean, deviation = mean_and_deviation(gains)
    if deviation is None:
        return None
    reach = STUDENT[min(len(gains) - 1, len(STUDENT)) - 1] * deviation / math.sqrt(len(gains))
    return mean - reach, mean + reach


def show_gain(gains: Sequence[float]) -> str:
    """A gain for people.

    gains (Sequence[float]): By seed.
    RETURNS (str): In per cent, with the interval over seeds, or a word on why there is none.
    """
    if not gains:
        return NOTHING
    mean, interval = sum(gains) / len(gains), interval_over_seeds(gains)
    if interval is None:
        return f"{100 * mean:+.2f} (one seed, no interval)"
    return f"{100 * mean:+.2f} ({100 * interval[0]:+.2f} to {100 * interval[1]:+.2f})"
