"""What two sides differ by on the same Docs, and whether that is chance: in the Docs, and in the training.

Counts are arrays of the shape (seeds, Docs, 3): true positives, false positives and false negatives. A choice that is
wrong is one of each, so that F is accuracy where every item has one answer. Other scores of sums have other counts, as
many as they need, and a measure that gives the score of their sums.
"""

import math
from typing import Dict, Iterator, NamedTuple, Optional, Sequence, Tuple

import numpy
from numpy.typing import NDArray

from ...errors import Errors
from ..metrics.metrics import COUNTS_OF_F, Measure

SAMPLES = 10_000
CHUNK = 256
# numbers held at once
CELLS = 2**22
# differences that are equal on paper are not equal in floating point
TOLERANCE = 1e-12

Counts = NDArray


class TaskCounts(NamedTuple):
    """The results of a task on both sides.

    joint (Counts): Trained jointly, shape (seeds, Docs, counts).
    single (Counts): Trained alone, of the same seeds and Docs.
    corpus (str): The name of the corpus that the Docs are from.
    seeds (Tuple[int, ...]): The seeds.
    measure (Optional[Measure]): The score of summed counts; None for F.
    """

    joint: Counts
    single: Counts
    corpus: str
    seeds: Tuple[int, ...]
    measure: Optional[Measure] = None


def f_score(counts: Counts) -> NDArray:
    """F of summed counts: twice the true positives among all that was expected and all that was found.

    counts (Counts): True positives, false positives and false negatives along the last axis.
    RETURNS (NDArray): One score for each, 0 where nothing was expected or found.
    """
    counts = numpy.asarray(counts, dtype="float64")
    right = 2 * counts[..., 0]
    total = right + counts[..., 1] + counts[..., 2]
    return numpy.divide(right, total, out=numpy.zeros_like(right), where=total > 0)


def find_difference(joint: Counts, single: Counts, measure: Optional[Measure] = None) -> float:
    """The mean score over seeds of one training less that of another.

    joint (Counts): The one, shape (seeds, Docs, counts).
    single (Counts): The other, of the same Docs.
    measure (Optional[Measure]): The score of summed counts; None for F.
    RETURNS (float): The difference of the scores.
    RAISES (ValueError): E720 for other shapes.
    """
    joint, single = _check(joint, single, measure)
    score = measure or f_score
    return float(score(joint.sum(axis=1)).mean() - score(single.sum(axis=1)).mean())


def randomization_p_value(
    joint: Counts, single: Counts, *, measure: Optional[Measure] = None, samples: int = SAMPLES, seed: int = 0
) -> float:
    """Paired approximate randomization over Docs (Noreen 1989; for F-scores Yeh 2000), two-sided.

    If it made no difference how a Doc was annotated, the results of the two trainings on it could be swapped. Each
    sample swaps those of about half of the Docs, and scores both sides from the sums. The results of a Doc under all
    seeds are swapped together, since they depend on each other.

    It is about these trained models on other Docs, and knows nothing of chance in training: where a training with
    another seed scores otherwise, it is far too sure that the way of training makes the difference.

    joint (Counts): The one, shape (seeds, Docs, counts).
    single (Counts): The other, of the same Docs.
    measure (Optional[Measure]): The score of summed counts; None for F.
    samples (int): How many samples.
    seed (int): Of the samples.
    RETURNS (float): (hits + 1) / (samples + 1), hits being samples that differ at least as much as the trainings do.
    RAISES (ValueError): E720 for other shapes.
    """
    joint, single = _check(joint, single, measure)
    score = measure or f_score
    observed = abs(find_difference(joint, single, measure))
    change = single - joint
    differing = change.any(axis=(0, 2))
    seeds, _, width = joint.shape
    # [differing Docs, seeds * counts]
    change = change[:, differing].transpose(1, 0, 2).reshape(-1, seeds * width)
    sums = joint.sum(axis=1), single.sum(axis=1)
    rng = numpy.random.default_rng(seed)
    hits = 0
    for size in _chunks(samples, len(change)):
        swapped = rng.integers(0, 2, size=(size, len(change))).astype("float64")
        # [samples, seeds, counts]
        moved = (swapped @ change).reshape(size, seeds, width)
        differences = score(sums[0] + moved).mean(axis=1) - score(sums[1] - moved).mean(axis=1)
        hits += int((numpy.abs(differences) >= observed - TOLERANCE).sum())
    return (hits + 1) / (samples + 1)


def bootstrap(
    joint: Counts,
    single: Counts,
    *,
    measure: Optional[Measure] = None,
    with_seeds: bool = True,
    samples: int = SAMPLES,
    seed: int = 0,
) -> NDArray:
    """Differences of the scores by the two-level bootstrap over Docs and seeds.

    Each sample draws as many Docs as there are, the same for both sides, and for each side on its own n - 1 of its n
    seeds, all with replacement. Were n drawn, the variance would be too small by (n - 1) / n, which of few seeds is
    much (Rao and Wu 1988). What a training does to a single Doc is drawn twice over, which makes the samples wider
    rather than narrower (Owen 2007).

    joint (Counts): The one, shape (seeds, Docs, counts).
    single (Counts): The other, of the same Docs.
    measure (Optional[Measure]): The score of summed counts; None for F.
    with_seeds (bool): Whether to draw seeds. Of one seed nothing can be drawn: it stays.
    samples (int): How many samples.
    seed (int): Of the samples.
    RETURNS (NDArray): The difference in each sample.
    RAISES (ValueError): E720 for other shapes.
    """
    joint, single = _check(joint, single, measure)
    score = measure or f_score
    seeds, docs, _ = joint.shape
    rng = numpy.random.default_rng(seed)
    differences = []
    for size in _chunks(samples, docs):
        times = _draw_docs(rng, docs, size)
        weights = _draw_seeds(rng, seeds, (size, 2), with_seeds)
        of_joint, of_single = (
            _score_samples(counts, times, weights[:, i], score) for i, counts in enumerate((joint, single))
        )
        differences.append(of_joint - of_single)
    return numpy.concatenate(differences)


def bootstrap_interval(differences: NDArray, level: float = 0.95) -> Tuple[float, float]:
    """The interval of the difference: percentiles of the samples (Efron and Tibshirani 1993).

    differences (NDArray): The samples.
    level (float): The share of the samples within the interval.
    RETURNS (Tuple[float, float]): Its ends.
    """
    tail = 50 * (1 - level)
    low, high = numpy.percentile(differences, [tail, 100 - tail])
    return float(low), float(high)


def bootstrap_p_value(differences: NDArray) -> float:
    """How far the samples lie on one side of 0, two-sided.

    Of few seeds the samples know little of chance in training. Where that outweighs chance in the Docs, differences
    that are nothing come out at .05 or less in a third of all cases with two seeds, in an eighth with three, in a
    twelfth with five; the more the Docs' share, the nearer to .05.

    differences (NDArray): The samples.
    RETURNS (float): Twice the smaller of the shares of samples up to 0 and from 0 on, one more counted among each; at
        most 1.
    """
    hits = min((differences <= TOLERANCE).sum(), (differences >= -TOLERANCE).sum())
    return min(1.0, 2 * (int(hits) + 1) / (len(differences) + 1))


def delta_m(scores: Sequence[Tuple[float, float]]) -> Optional[float]:
    """The average relative gain of joint training over the tasks (Maninis et al. 2019); more is better in every score.

    scores (Sequence[Tuple[float, float]]): For each task the joint and the single-task score.
    RETURNS (Optional[float]): The mean of (joint - single) / single; None without tasks, or if a single-task score is
        0.
    """
    if not scores or any(single == 0 for _, single in scores):
        return None
    return sum((joint - single) / single for joint, single in scores) / len(scores)


def bootstrap_delta_m(tasks: Sequence[TaskCounts], *, samples: int = SAMPLES, seed: int = 0) -> NDArray:
    """Delta-m by the two-level bootstrap over Docs and seeds, drawn as in `bootstrap`.

    What tasks have in common is drawn once for all of them: the Docs of a corpus, and the seeds of the joint pipeline,
    where the same ones count. Each task alone has seeds of its own.

    tasks (Sequence[TaskCounts]): One or more.
    samples (int): How many samples.
    seed (int): Of the samples.
    RETURNS (NDArray): Delta-m in each sample; infinite or NaN where a task alone scores 0.
    RAISES (ValueError): E720 for other shapes.
    """
    checked = []
    for task in tasks:
        joint, single = _check(task.joint, task.single, task.measure)
        checked.append(task._replace(joint=joint, single=single))
    corpora = {(task.corpus, task.joint.shape[1]) for task in checked}
    rng = numpy.random.default_rng(seed)
    found = []
    for size in _chunks(samples, sum(docs for _, docs in corpora)):
        times: Dict[Tuple[str, int], NDArray] = {}
        weights: Dict[Tuple[int, ...], NDArray] = {}
        gains = numpy.zeros(size)
        for task in checked:
            seeds, docs, _ = task.joint.shape
            corpus = (task.corpus, docs)
            if corpus not in times:
                times[corpus] = _draw_docs(rng, docs, size)
            if task.seeds not in weights:
                weights[task.seeds] = _draw_seeds(rng, seeds, (size,))
            score = task.measure or f_score
            joint = _score_samples(task.joint, times[corpus], weights[task.seeds], score)
            single = _score_samples(task.single, times[corpus], _draw_seeds(rng, seeds, (size,)), score)
            with numpy.errstate(divide="ignore", invalid="ignore"):
                gains += (joint - single) / single
        found.append(gains / len(checked))
    return numpy.concatenate(found)


def mean_and_deviation(values: Sequence[float]) -> Tuple[float, Optional[float]]:
    """The mean, and the standard deviation of the sample.

    values (Sequence[float]): One value or more.
    RETURNS (Tuple[float, Optional[float]]): Both; None for the deviation of a single value.
    """
    mean = sum(values) / len(values)
    if len(values) == 1:
        return mean, None
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _check(joint: Counts, single: Counts, measure: Optional[Measure]) -> Tuple[Counts, Counts]:
    joint, single = numpy.asarray(joint, dtype="float64"), numpy.asarray(single, dtype="float64")
    right = joint.shape == single.shape and joint.ndim == 3 and 0 not in joint.shape
    if not right or (measure is None and joint.shape[2] != COUNTS_OF_F):
        raise ValueError(Errors.E720.format(joint=joint.shape, single=single.shape))
    return joint, single


def _draw_docs(rng: numpy.random.Generator, docs: int, size: int) -> NDArray:
    """How often each Doc is drawn in each sample, shape (samples, Docs)."""
    return rng.multinomial(docs, numpy.full(docs, 1 / docs), size=size).astype("float64")


def _draw_seeds(rng: numpy.random.Generator, seeds: int, size: Tuple[int, ...], is_drawn: bool = True) -> NDArray:
    """The weight of each seed in each sample, shape (*size, seeds). Of one seed nothing can be drawn: it stays."""
    if seeds == 1 or not is_drawn:
        return numpy.full((*size, seeds), 1 / seeds)
    return rng.multinomial(seeds - 1, numpy.full(seeds, 1 / seeds), size=size) / (seeds - 1)


def _score_samples(counts: Counts, times: NDArray, weights: NDArray, score: Measure) -> NDArray:
    """The mean score over seeds in each sample."""
    seeds, docs, width = counts.shape
    # [Docs, seeds * counts]
    rows = counts.transpose(1, 0, 2).reshape(docs, -1)
    # [samples, seeds]
    scores = score((times @ rows).reshape(-1, seeds, width))
    return (scores * weights).sum(axis=1)


def _chunks(samples: int, docs: int) -> Iterator[int]:
    """The samples in parts, which bound the memory."""
    most = max(1, min(CHUNK, CELLS // max(docs, 1)))
    for start in range(0, samples, most):
        yield min(most, samples - start)
