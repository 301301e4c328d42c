"""Tests of differences, against what can be worked out in full."""

import itertools
import statistics

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.scorer import PRFScore

from spacy_mtl.analysis.statistics import (
    bootstrap_interval,
    delta_m,
    f_score,
    find_difference,
    mean_and_deviation,
    randomisation_p_value,
)

RIGHT, WRONG = (1, 0, 0), (0, 1, 1)
COUNTS = st.tuples(*[st.integers(0, 4)] * 3)


def draw_counts(rng, seeds=2, docs=8, most=4):
    return rng.integers(0, most, size=(seeds, docs, 3))


def mean_f(counts):
    """The score once more, by spaCy's own arithmetic."""
    scores = []
    for docs in counts:
        tp, fp, fn = (int(sum(doc[i] for doc in docs)) for i in range(3))
        scores.append(PRFScore(tp=tp, fp=fp, fn=fn).fscore)
    return sum(scores) / len(scores)


def enumerate_p_value(joint, single):
    """The share of all ways to swap Docs that differ at least as much."""
    docs = range(joint.shape[1])
    observed = abs(mean_f(joint) - mean_f(single))
    hits = 0
    for swapped in itertools.product([False, True], repeat=len(docs)):
        one, other = joint.copy(), single.copy()
        for doc in docs:
            if swapped[doc]:
                one[:, doc], other[:, doc] = single[:, doc], joint[:, doc]
        hits += abs(mean_f(one) - mean_f(other)) >= observed - 1e-12
    return hits / 2 ** len(docs)


@given(COUNTS)
def test_f_is_that_of_spacy(counts):
    tp, fp, fn = counts
    assert f_score(numpy.asarray(counts)) == pytest.approx(PRFScore(tp=tp, fp=fp, fn=fn).fscore, abs=1e-12)


def test_f_of_choices_is_accuracy():
    assert f_score(numpy.asarray([RIGHT] * 7 + [WRONG] * 3).sum(axis=0)) == pytest.approx(0.7)


@pytest.mark.parametrize("seed", range(6))
def test_sampled_p_value_is_that_of_all_swaps(seed):
    rng = numpy.random.default_rng(seed)
    joint, single = draw_counts(rng), draw_counts(rng)
    if seed % 2:
        # a clear difference
        joint[..., 0] += 3
    exact = enumerate_p_value(joint, single)
    samples = 20_000
    # four standard errors of the sampled share
    error = 4 * (exact * (1 - exact) / samples) ** 0.5 + 2 / samples
    assert randomisation_p_value(joint, single, samples=samples, seed=seed) == pytest.approx(exact, abs=error)


def test_p_value_worked_by_hand():
    # all of six Docs right against all wrong: only no swap and all swaps differ as much, 2 of 64
    joint, single = numpy.asarray([[RIGHT] * 6]), numpy.asarray([[WRONG] * 6])
    assert randomisation_p_value(joint, single, samples=50_000) == pytest.approx(2 / 64, abs=0.004)


def test_seeds_of_a_doc_are_swapped_together():
    # swapped one by one, three seeds of two Docs would make 2 of 64 ways; together they make 2 of 4
    joint, single = numpy.asarray([[RIGHT] * 2] * 3), numpy.asarray([[WRONG] * 2] * 3)
    assert randomisation_p_value(joint, single, samples=20_000) == pytest.approx(0.5, abs=0.02)


def test_p_value_is_never_zero_and_one_without_a_difference():
    joint, single = numpy.asarray([[RIGHT] * 60]), numpy.asarray([[WRONG] * 60])
    assert randomisation_p_value(joint, single, samples=999) == 1 / 1000
    assert randomisation_p_value(joint, joint, samples=999) == 1.0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=12), st.integers(0, 5))
def test_p_value_depends_on_the_seed_alone_and_not_on_the_side(pairs, seed):
    joint = numpy.asarray([[one for one, _ in pairs]])
    single = numpy.asarray([[other for _, other in pairs]])
    first = randomisation_p_value(joint, single, samples=300, seed=seed)
    assert 1 / 301 <= first <= 1
    assert first == randomisation_p_value(joint, single, samples=300, seed=seed)
    assert first == randomisation_p_value(single, joint, samples=300, seed=seed)
    assert find_difference(joint, single) == pytest.approx(mean_f(joint) - mean_f(single), abs=1e-12)


def test_false_alarms_come_as_often_as_they_should():
    # two sides that do not differ: p is below 0.2 in about a fifth of the cases
    rng = numpy.random.default_rng(0)
    p_values = [
        randomisation_p_value(draw_counts(rng, docs=40), draw_counts(rng, docs=40), samples=300, seed=i)
        for i in range(300)
    ]
    assert sum(p <= 0.2 for p in p_values) / 300 == pytest.approx(0.2, abs=0.08)


def test_interval_of_a_known_distribution():
    # accuracy 0.6 against none right: the resampled accuracy is binomial, of deviation (0.6 * 0.4 / 400) ** 0.5
    joint = numpy.asarray([[RIGHT] * 240 + [WRONG] * 160])
    single = numpy.asarray([[WRONG] * 400])
    low, high = bootstrap_interval(joint, single, samples=20_000)
    deviation = (0.6 * 0.4 / 400) ** 0.5
    normal = statistics.NormalDist(0.6, deviation)
    assert low == pytest.approx(normal.inv_cdf(0.025), abs=0.1 * deviation)
    assert high == pytest.approx(normal.inv_cdf(0.975), abs=0.1 * deviation)
    narrow = bootstrap_interval(joint, single, samples=20_000, level=0.5)
    assert narrow[0] == pytest.approx(normal.inv_cdf(0.25), abs=0.1 * deviation)


def test_interval_is_that_of_all_samples():
    rng = numpy.random.default_rng(3)
    joint, single = draw_counts(rng, docs=5), draw_counts(rng, docs=5)
    differences = []
    for chosen in itertools.product(range(5), repeat=5):
        one, other = joint[:, list(chosen)], single[:, list(chosen)]
        differences.append(mean_f(one) - mean_f(other))
    low, high = bootstrap_interval(joint, single, samples=40_000)
    exact = numpy.percentile(differences, [2.5, 97.5])
    spread = numpy.std(differences)
    assert low == pytest.approx(exact[0], abs=0.1 * spread) and high == pytest.approx(exact[1], abs=0.1 * spread)


def test_interval_is_paired():
    # two sides that err on the same Docs differ by the same in every sample
    joint = numpy.asarray([[(3, 0, 0)] * 10 + [(0, 2, 2)] * 10])
    assert bootstrap_interval(joint, joint, samples=500) == (0.0, 0.0)


@pytest.mark.parametrize(
    "joint, single",
    [((1, 4, 3), (1, 5, 3)), ((2, 4, 3), (1, 4, 3)), ((4, 3), (4, 3)), ((1, 4, 2), (1, 4, 2)), ((1, 0, 3), (1, 0, 3))],
)
@pytest.mark.parametrize("measure", [find_difference, randomisation_p_value, bootstrap_interval])
def test_other_shapes_are_refused(measure, joint, single):
    with pytest.raises(ValueError, match="MTL-E720"):
        measure(numpy.zeros(joint), numpy.zeros(single))


def test_delta_m_worked_by_hand():
    # gains of a tenth, a fifth, and a loss of three tenths
    assert delta_m([(0.55, 0.5), (0.6, 0.5), (0.28, 0.4)]) == pytest.approx(0.0)
    assert delta_m([(0.55, 0.5)]) == pytest.approx(0.1)
    assert delta_m([]) is None and delta_m([(0.5, 0.4), (0.1, 0.0)]) is None


def test_mean_and_deviation():
    mean, deviation = mean_and_deviation([0.5, 0.7, 0.9])
    assert mean == pytest.approx(0.7) and deviation == pytest.approx(statistics.stdev([0.5, 0.7, 0.9]))
    assert mean_and_deviation([0.25]) == (0.25, None)
