"""Means of values that depend on the one before."""

import math
import random
from statistics import fmean, stdev

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtl.analysis.affinity.estimates import LEAST_FOR_BLOCKS, estimate_mean

NUMBERS = st.lists(st.floats(-100, 100), min_size=1, max_size=60)


def walk(size, dependence, seed):
    """A series in which each value is a share of the one before and noise of variance 1."""
    drawn = random.Random(seed)
    values = [drawn.gauss(0, 1) / math.sqrt(1 - dependence**2)]
    while len(values) < size:
        values.append(dependence * values[-1] + drawn.gauss(0, 1))
    return values


def test_few_values_have_the_plain_error():
    for size in (2, 3, LEAST_FOR_BLOCKS - 1):
        values = walk(size, 0.5, size)
        assert estimate_mean(values) == pytest.approx((fmean(values), stdev(values) / math.sqrt(size), size))
    assert estimate_mean([0.25]) == (0.25, None, 1)


@pytest.mark.parametrize("size, block", [(20, 4), (25, 5), (50, 7)])
def test_blocks_that_overlap_by_the_book(size, block):
    # Flegal and Jones (2010): n b / ((n - b) (n - b + 1)) times the sum of (mean of block j - mean)^2, over n
    values = numpy.array(walk(size, 0.6, 1))
    means = numpy.array([values[start : start + block].mean() for start in range(size - block + 1)])
    variance = size * block / ((size - block) * (size - block + 1)) * ((means - values.mean()) ** 2).sum()
    found = estimate_mean(values.tolist())
    assert found == pytest.approx((values.mean(), math.sqrt(variance / size), size))


@pytest.mark.parametrize("dependence, least, most", [(0.0, 0.85, 1.15), (0.5, 0.75, 1.1), (0.8, 0.5, 1.0)])
def test_the_error_is_that_of_the_mean(dependence, least, most):
    """What the means of many series really deviate by; the plain error is 0.33 of it for a dependence of 0.8."""
    series = [walk(50, dependence, seed) for seed in range(400)]
    truth = stdev(fmean(values) for values in series)
    told = math.sqrt(fmean(estimate_mean(values).error ** 2 for values in series))
    assert least < told / truth < most
    if dependence:
        plain = math.sqrt(fmean(stdev(values) ** 2 / 50 for values in series))
        assert told > 1.4 * plain


@given(NUMBERS, st.floats(-10, 10), st.floats(0.1, 10))
def test_errors_follow_the_scale_and_not_the_place(values, shift, scale):
    found, moved = estimate_mean(values), estimate_mean([scale * value + shift for value in values])
    assert moved.mean == pytest.approx(scale * found.mean + shift, abs=1e-6) and moved.number == len(values)
    if found.error is None:
        assert moved.error is None and len(values) == 1
    else:
        assert moved.error == pytest.approx(scale * found.error, abs=1e-6)
        assert estimate_mean(values[::-1]).error == pytest.approx(found.error, abs=1e-6)


def test_what_never_changes_has_no_error():
    assert estimate_mean([0.5] * 30) == (0.5, 0.0, 30)
