"""Tests of differences, against what can be worked out in full."""

import itertools
import statistics

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.scorer import PRFScore

from spacy_mtl.analysis.comparison.statistics import (
    TaskCounts,
    bootstrap,
    bootstrap_delta_m,
    bootstrap_interval,
    bootstrap_p_value,
    delta_m,
    f_score,
    find_difference,
    mean_and_deviation,
    randomization_p_value,
)
from spacy_mtl.scorers.translation_counts import score_bleu

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
    assert randomization_p_value(joint, single, samples=samples, seed=seed) == pytest.approx(exact, abs=error)


def test_p_value_worked_by_hand():
    # all of six Docs right against all wrong: only no swap and all swaps differ as much, 2 of 64
    joint, single = numpy.asarray([[RIGHT] * 6]), numpy.asarray([[WRONG] * 6])
    assert randomization_p_value(joint, single, samples=50_000) == pytest.approx(2 / 64, abs=0.004)


def test_seeds_of_a_doc_are_swapped_together():
    # swapped one by one, three seeds of two Docs would make 2 of 64 ways; together they make 2 of 4
    joint, single = numpy.asarray([[RIGHT] * 2] * 3), numpy.asarray([[WRONG] * 2] * 3)
    assert randomization_p_value(joint, single, samples=20_000) == pytest.approx(0.5, abs=0.02)


def test_p_value_is_never_zero_and_one_without_a_difference():
    joint, single = numpy.asarray([[RIGHT] * 60]), numpy.asarray([[WRONG] * 60])
    assert randomization_p_value(joint, single, samples=999) == 1 / 1000
    assert randomization_p_value(joint, joint, samples=999) == 1.0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=12), st.integers(0, 5))
def test_p_value_depends_on_the_seed_alone_and_not_on_the_side(pairs, seed):
    joint = numpy.asarray([[one for one, _ in pairs]])
    single = numpy.asarray([[other for _, other in pairs]])
    first = randomization_p_value(joint, single, samples=300, seed=seed)
    assert 1 / 301 <= first <= 1
    assert first == randomization_p_value(joint, single, samples=300, seed=seed)
    assert first == randomization_p_value(single, joint, samples=300, seed=seed)
    assert find_difference(joint, single) == pytest.approx(mean_f(joint) - mean_f(single), abs=1e-12)


def draw_run(rng, chances, effect, items=1):
    """A training that gets an item of each text right with a chance of its own, and all a little more or less often."""
    right = rng.binomial(items, numpy.clip(chances + effect, 0, 1))
    return numpy.stack([right, items - right, items - right], axis=1)


def draw_null(rng, seeds, docs, deviation, most=1):
    """Two sides that differ by nothing but the luck of each training (of this deviation) and of each text."""
    chances, items = rng.choice([0.3, 0.7, 0.97], size=docs), rng.integers(1, most + 1, size=docs)
    runs = [draw_run(rng, chances, rng.normal(0, deviation), items) for _ in range(2 * seeds)]
    return numpy.stack(runs[:seeds]), numpy.stack(runs[seeds:])


def test_p_over_texts_is_uniform_where_trainings_are_all_alike():
    rng = numpy.random.default_rng(0)
    trials = 400
    p_values = numpy.asarray(
        [randomization_p_value(*draw_null(rng, 3, 150, 0.0, most=20), samples=200, seed=i) for i in range(trials)]
    )
    for level in (0.05, 0.2, 0.5, 0.8):
        # four standard errors of a share
        error = 4 * (level * (1 - level) / trials) ** 0.5
        assert (p_values <= level).mean() == pytest.approx(level, abs=error), level


@pytest.mark.parametrize("deviation, alarms", [(0.04, 0.12), (0.1, 0.4)])
def test_with_the_luck_of_trainings_only_the_p_over_texts_and_seeds_keeps_its_level(deviation, alarms):
    # luck moves a training by 4 or 10 points, and 200 texts by 3: in the same proportion, 1.3 or 3 points on 2,000
    rng = numpy.random.default_rng(1)
    trials = 300
    rejections = {"texts": 0, "texts and seeds": 0}
    for i in range(trials):
        joint, single = draw_null(rng, 3, 200, deviation)
        rejections["texts"] += randomization_p_value(joint, single, samples=200, seed=i) <= 0.05
        samples = bootstrap(joint, single, samples=400, seed=i)
        rejections["texts and seeds"] += bootstrap_p_value(samples) <= 0.05
    # at most 7% in long simulations: 10% are two standard errors of 300 trials more
    assert rejections["texts"] / trials > alarms
    assert rejections["texts and seeds"] / trials <= 0.1


def test_a_difference_far_beyond_luck_is_found():
    rng = numpy.random.default_rng(2)
    chances = numpy.full(200, 0.5)
    joint = numpy.stack([draw_run(rng, chances, 0.3 + rng.normal(0, 0.02)) for _ in range(3)])
    single = numpy.stack([draw_run(rng, chances, rng.normal(0, 0.02)) for _ in range(3)])
    samples = bootstrap(joint, single, samples=2000)
    assert bootstrap_p_value(samples) < 0.01 and bootstrap_interval(samples)[0] > 0.15


@pytest.mark.parametrize("seeds", [2, 3, 6])
def test_seeds_vary_as_their_variance_says(seeds):
    # one text: its counts do not vary, and all the variance is that of the means of seeds
    rng = numpy.random.default_rng(seeds)
    joint, single = (numpy.stack([[(int(right), 100 - int(right), 100 - int(right))] for right in
                                  rng.integers(40, 60, size=seeds)]) for _ in range(2))  # fmt: skip
    samples = bootstrap(joint, single, samples=40_000)
    scores = [[mean_f(side[None]) for side in sides] for sides in (joint, single)]
    expected = sum(statistics.variance(side) / seeds for side in scores)
    assert samples.var() == pytest.approx(expected, rel=0.05)
    assert samples.mean() == pytest.approx(find_difference(joint, single), abs=5 * (expected / 40_000) ** 0.5)
    assert bootstrap(joint, single, samples=100, with_seeds=False) == pytest.approx(find_difference(joint, single))


def test_samples_of_seeds_and_texts_are_all_that_there_are():
    rng = numpy.random.default_rng(5)
    joint, single = draw_counts(rng, docs=3), draw_counts(rng, docs=3)
    # one of two seeds in each side, and three of three texts, the same for both
    exact = [
        mean_f(joint[[one]][:, list(texts)]) - mean_f(single[[other]][:, list(texts)])
        for one, other in itertools.product(range(2), repeat=2)
        for texts in itertools.product(range(3), repeat=3)
    ]
    samples = bootstrap(joint, single, samples=60_000)
    assert samples.mean() == pytest.approx(statistics.mean(exact), abs=0.01 * numpy.std(exact) * 2)
    assert samples.std() == pytest.approx(numpy.std(exact), rel=0.02)
    assert set(samples.round(9)) <= set(numpy.round(exact, 9))


def test_one_seed_tells_of_texts_alone():
    rng = numpy.random.default_rng(4)
    joint, single = draw_counts(rng, seeds=1), draw_counts(rng, seeds=1)
    assert bootstrap(joint, single, samples=500).tolist() == (
        bootstrap(joint, single, samples=500, with_seeds=False).tolist()
    )


def test_samples_depend_on_the_seed_alone_and_not_on_how_many_are_drawn_at_once(monkeypatch):
    rng = numpy.random.default_rng(6)
    joint, single = draw_counts(rng, seeds=3), draw_counts(rng, seeds=3)
    samples = bootstrap(joint, single, samples=700, seed=3)
    assert (samples == bootstrap(joint, single, samples=700, seed=3)).all()
    assert (samples != bootstrap(joint, single, samples=700, seed=4)).any()
    seen = []
    monkeypatch.setattr("spacy_mtl.analysis.comparison.statistics.CELLS", 80)
    monkeypatch.setattr(
        "spacy_mtl.analysis.comparison.statistics.f_score",
        lambda counts: seen.append(counts.shape[0]) or f_score(counts),
    )
    few = bootstrap(joint, single, samples=700, seed=3)
    assert len(few) == 700 and set(seen) == {10}, "eight Docs and 80 numbers at once make ten samples"
    assert few.mean() == pytest.approx(samples.mean(), abs=5 * samples.std() * (2 / 700) ** 0.5)


@pytest.mark.parametrize(
    "samples, p",
    [
        ([0.1] * 99, 2 / 100),
        ([-0.1] * 99, 2 / 100),
        ([0.1] * 90 + [-0.1] * 9, 20 / 100),
        ([0.1] * 94 + [0.0] * 5, 12 / 100),
        ([0.0] * 99, 1.0),
        ([1e-16, -1e-16], 1.0),
        ([0.1, -0.1], 1.0),
    ],
)
def test_p_of_samples_worked_by_hand(samples, p):
    assert bootstrap_p_value(numpy.asarray(samples)) == pytest.approx(p)


def test_interval_of_a_known_distribution():
    # accuracy 0.6 against none right: the resampled accuracy is binomial, of deviation (0.6 * 0.4 / 400) ** 0.5
    joint = numpy.asarray([[RIGHT] * 240 + [WRONG] * 160])
    single = numpy.asarray([[WRONG] * 400])
    samples = bootstrap(joint, single, samples=20_000)
    low, high = bootstrap_interval(samples)
    deviation = (0.6 * 0.4 / 400) ** 0.5
    normal = statistics.NormalDist(0.6, deviation)
    assert low == pytest.approx(normal.inv_cdf(0.025), abs=0.1 * deviation)
    assert high == pytest.approx(normal.inv_cdf(0.975), abs=0.1 * deviation)
    narrow = bootstrap_interval(samples, level=0.5)
    assert narrow[0] == pytest.approx(normal.inv_cdf(0.25), abs=0.1 * deviation)


def test_interval_is_that_of_all_samples():
    rng = numpy.random.default_rng(3)
    joint, single = draw_counts(rng, docs=5), draw_counts(rng, docs=5)
    differences = []
    for chosen in itertools.product(range(5), repeat=5):
        one, other = joint[:, list(chosen)], single[:, list(chosen)]
        differences.append(mean_f(one) - mean_f(other))
    low, high = bootstrap_interval(bootstrap(joint, single, samples=40_000, with_seeds=False))
    exact = numpy.percentile(differences, [2.5, 97.5])
    spread = numpy.std(differences)
    assert low == pytest.approx(exact[0], abs=0.1 * spread) and high == pytest.approx(exact[1], abs=0.1 * spread)


def test_interval_is_paired():
    # two sides that err on the same Docs differ by the same in every sample
    joint = numpy.asarray([[(3, 0, 0)] * 10 + [(0, 2, 2)] * 10])
    assert bootstrap_interval(bootstrap(joint, joint, samples=500)) == (0.0, 0.0)


@pytest.mark.parametrize(
    "joint, single",
    [((1, 4, 3), (1, 5, 3)), ((2, 4, 3), (1, 4, 3)), ((4, 3), (4, 3)), ((1, 4, 2), (1, 4, 2)), ((1, 0, 3), (1, 0, 3))],
)
@pytest.mark.parametrize("measure", [find_difference, randomization_p_value, bootstrap])
def test_other_shapes_are_refused(measure, joint, single):
    with pytest.raises(ValueError, match="MTL-E720"):
        measure(numpy.zeros(joint), numpy.zeros(single))


def test_delta_m_worked_by_hand():
    # gains of a tenth, a fifth, and a loss of three tenths
    assert delta_m([(0.55, 0.5), (0.6, 0.5), (0.28, 0.4)]) == pytest.approx(0.0)
    assert delta_m([(0.55, 0.5)]) == pytest.approx(0.1)
    assert delta_m([]) is None and delta_m([(0.5, 0.4), (0.1, 0.0)]) is None


def list_delta_m(tasks, joint_seeds, single_seeds, texts):
    """Delta-m of one choice, by spaCy's own arithmetic; `texts` by corpus, seeds of the joint side and of each task."""
    gains = []
    for task, of_single in zip(tasks, single_seeds):
        chosen = list(texts[task.corpus])
        joint = mean_f(task.joint[list(joint_seeds)][:, chosen])
        single = mean_f(task.single[list(of_single)][:, chosen])
        gains.append((joint - single) / single)
    return sum(gains) / len(gains)


def make_task(rng, corpus="x", seeds=2, docs=3):
    # never nothing right: a score of 0 has no relative gain
    joint, single = (draw_counts(rng, seeds, docs) + [1, 0, 0] for _ in range(2))
    return TaskCounts(joint, single, corpus, tuple(range(seeds)))


@pytest.mark.parametrize("corpora", ["xx", "xy"])
def test_samples_of_delta_m_are_all_that_there_are(corpora):
    rng = numpy.random.default_rng(8)
    tasks = [make_task(rng, corpus) for corpus in corpora]
    names = sorted(set(corpora))
    # one of two seeds: of the joint pipeline the same for both tasks, of each task alone its own
    exact = [
        list_delta_m(tasks, [joint], [[one], [other]], dict(zip(names, texts)))
        for joint, one, other in itertools.product(range(2), repeat=3)
        for texts in itertools.product(itertools.product(range(3), repeat=3), repeat=len(names))
    ]
    samples = bootstrap_delta_m(tasks, samples=60_000)
    assert samples.mean() == pytest.approx(statistics.mean(exact), abs=0.02 * numpy.std(exact))
    assert samples.std() == pytest.approx(numpy.std(exact), rel=0.02)
    assert set(samples.round(9)) <= set(numpy.round(exact, 9))
    low, high = bootstrap_interval(samples)
    expected = numpy.percentile(exact, [2.5, 97.5])
    assert [low, high] == pytest.approx(expected, abs=0.1 * numpy.std(exact))


def test_delta_m_of_one_seed_is_over_texts_alone():
    rng = numpy.random.default_rng(9)
    task = make_task(rng, seeds=1)
    exact = {
        round(list_delta_m([task], [0], [[0]], {"x": texts}), 9) for texts in itertools.product(range(3), repeat=3)
    }
    assert set(bootstrap_delta_m([task], samples=5000).round(9)) == exact


def test_delta_m_without_a_score_alone_is_not_finite():
    nothing = numpy.asarray([[WRONG] * 3])
    for joint in ([[RIGHT] * 3], [[WRONG] * 3]):
        task = TaskCounts(numpy.asarray(joint), nothing, "x", (0,))
        assert not numpy.isfinite(bootstrap_delta_m([task], samples=20)).any()
    with pytest.raises(ValueError, match="MTL-E720"):
        bootstrap_delta_m([TaskCounts(nothing, nothing[:, :2], "x", (0,))])


def test_mean_and_deviation():
    mean, deviation = mean_and_deviation([0.5, 0.7, 0.9])
    assert mean == pytest.approx(0.7) and deviation == pytest.approx(statistics.stdev([0.5, 0.7, 0.9]))
    assert mean_and_deviation([0.25]) == (0.25, None)


def test_other_scores_are_drawn_from_sums():
    """BLEU of a sample is that of its sentences as one corpus, and not the mean of theirs."""
    rng = numpy.random.default_rng(0)
    totals = rng.integers(4, 9, size=(2, 1, 5, 4))
    rows = numpy.concatenate([numpy.full((2, 1, 5, 2), 9), rng.integers(1, 5, size=totals.shape), totals], axis=-1)
    differences = bootstrap(*rows, measure=score_bleu, samples=400)
    possible = []
    for drawn in itertools.product(range(5), repeat=5):
        one, other = (score_bleu(side[0, list(drawn)].sum(axis=0)) for side in rows)
        possible.append(float(one - other))
    assert {round(float(found), 9) for found in differences} <= {round(found, 9) for found in possible}
    assert differences.mean() == pytest.approx(statistics.mean(possible), abs=0.02)
    observed = find_difference(*rows, score_bleu)
    assert observed == pytest.approx(float(score_bleu(rows[0, 0].sum(axis=0)) - score_bleu(rows[1, 0].sum(axis=0))))
    swapped = [
        numpy.where(numpy.asarray(mask)[:, None], rows[::-1, 0], rows[:, 0])
        for mask in itertools.product([False, True], repeat=5)
    ]
    hits = sum(abs(score_bleu(a.sum(axis=0)) - score_bleu(b.sum(axis=0))) >= abs(observed) - 1e-12 for a, b in swapped)
    assert randomization_p_value(*rows, measure=score_bleu) == pytest.approx(hits / 32, abs=0.03)
    with pytest.raises(ValueError, match="E720"):
        bootstrap(*rows)
