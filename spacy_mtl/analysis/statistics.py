"""What two trainings differ by on the same Docs, and whether that is chance.

Counts are arrays of the shape (seeds, Docs, 3): true positives, false positives and false negatives. A choice that is
wrong is one of each, so that F is accuracy where every item has one answer.
"""

import math
from typing import Iterator, Optional, Sequence, Tuple

import numpy
from numpy.typing import NDArray

from ..errors import Errors

SAMPLES = 10_000
CHUNK = 256
# differences that are equal on paper are not equal in floating point
TOLERANCE = 1e-12

Counts = NDArray


def f_score(counts: Counts) -> NDArray:
    """F of summed counts: twice the true positives among all that was expected and all that was found.

    counts (Counts): True positives, false positives and false negatives along the last axis.
    RETURNS (NDArray): One score for each, 0 where nothing was expected or found.
    """
    counts = numpy.asarray(counts, dtype="float64")
    right = 2 * counts[..., 0]
    total = right + counts[..., 1] + counts[..., 2]
    return numpy.divide(right, total, out=numpy.zeros_like(right), where=total > 0)


def find_difference(joint: Counts, single: Counts) -> float:
    """The mean score over seeds of one training less that of another.

    joint (Counts): The one, shape (seeds, Docs, 3).
    single (Counts): The other, of the same Docs.
    RETURNS (float): The difference of the scores.
    RAISES (ValueError): E720 for other shapes.
    """
    joint, single = _check(joint, single)
    return float(f_score(joint.sum(axis=1)).mean() - f_score(single.sum(axis=1)).mean())


def randomisation_p_value(joint: Counts, single: Counts, *, samples: int = SAMPLES, seed: int = 0) -> float:
    """Paired approximate randomisation (Noreen 1989; for F-scores Yeh 2000), two-sided.

    If it made no difference how a Doc was annotated, the results of the two trainings on it could be swapped. Each
    sample swaps those of about half of the Docs, and scores both sides from the sums. The results of a Doc under all
    seeds are swapped together, since they depend on each other.

    joint (Counts): The one, shape (seeds, Docs, 3).
    single (Counts): The other, of the same Docs.
    samples (int): How many samples.
    seed (int): Of the samples.
    RETURNS (float): (hits + 1) / (samples + 1), hits being samples that differ at least as much as the trainings do.
    RAISES (ValueError): E720 for other shapes.
    """
    joint, single = _check(joint, single)
    observed = abs(find_difference(joint, single))
    change = single - joint
    differing = change.any(axis=(0, 2))
    seeds = len(joint)
    # [differing Docs, seeds * 3]
    change = change[:, differing].transpose(1, 0, 2).reshape(-1, seeds * 3)
    sums = joint.sum(axis=1), single.sum(axis=1)
    rng = numpy.random.default_rng(seed)
    hits = 0
    for size in _chunks(samples):
        swapped = rng.integers(0, 2, size=(size, len(change))).astype("float64")
        # [samples, seeds, 3]
        moved = (swapped @ change).reshape(size, seeds, 3)
        differences = f_score(sums[0] + moved).mean(axis=1) - f_score(sums[1] - moved).mean(axis=1)
        hits += int((numpy.abs(differences) >= observed - TOLERANCE).sum())
    return (hits + 1) / (samples + 1)


def bootstrap_interval(
    joint: Counts, single: Counts, *, samples: int = SAMPLES, seed: int = 0, level: float = 0.95
) -> Tuple[float, float]:
    """The interval of the difference by the paired bootstrap over Docs (percentiles; Efron and Tibshirani 1993).

    joint (Counts): The one, shape (seeds, Docs, 3).
    single (Counts): The other, of the same Docs.
    samples (int): How many samples.
    seed (int): Of the samples.
    level (float): The share of the samples within the interval.
    RETURNS (Tuple[float, float]): Its ends.
    RAISES (ValueError): E720 for other shapes.
    """
    joint, single = _check(joint, single)
    seeds, docs, _ = joint.shape
    # [Docs, 2 * seeds * 3]
    both = numpy.concatenate([joint, single]).transpose(1, 0, 2).reshape(docs, -1)
    rng = numpy.random.default_rng(seed)
    differences = []
    for size in _chunks(samples):
        times = rng.multinomial(docs, numpy.full(docs, 1 / docs), size=size).astype("float64")
        # [samples, 2 * seeds]
        scores = f_score((times @ both).reshape(size, 2 * seeds, 3))
        differences.append(scores[:, :seeds].mean(axis=1) - scores[:, seeds:].mean(axis=1))
    tail = 50 * (1 - level)
    low, high = numpy.percentile(numpy.concatenate(differences), [tail, 100 - tail])
    return float(low), float(high)


def delta_m(scores: Sequence[Tuple[float, float]]) -> Optional[float]:
    """The average relative gain of joint training over the tasks (Maninis et al. 2019); more is better in every score.

    scores (Sequence[Tuple[float, float]]): For each task the joint and the single-task score.
    RETURNS (Optional[float]): The mean of (joint - single) / single; None without tasks, or if a single-task score is
        0.
    """
    if not scores or any(single == 0 for _, single in scores):
        return None
    return sum((joint - single) / single for joint, single in scores) / len(scores)


def mean_and_deviation(values: Sequence[float]) -> Tuple[float, Optional[float]]:
    """The mean, and the standard deviation of the sample.

    values (Sequence[float]): One value or more.
    RETURNS (Tuple[float, Optional[float]]): Both; None for the deviation of a single value.
    """
    mean = sum(values) / len(values)
    if len(values) == 1:
        return mean, None
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _check(joint: Counts, single: Counts) -> Tuple[Counts, Counts]:
    joint, single = numpy.asarray(joint, dtype="float64"), numpy.asarray(single, dtype="float64")
    if joint.shape != single.shape or joint.ndim != 3 or joint.shape[2] != 3 or 0 in joint.shape:
        raise ValueError(Errors.E720.format(joint=joint.shape, single=single.shape))
    return joint, single


def _chunks(samples: int) -> Iterator[int]:
    """The samples in parts, which bound the memory."""
    for start in range(0, samples, CHUNK):
        yield min(CHUNK, samples - start)
