"""Delta-m with its interval."""

import numpy
import pytest

from spacy_mtl.analysis.comparison.evaluation import Results
from spacy_mtl.analysis.comparison.gain import find_gain, interval_over_seeds, show_gain
from spacy_mtl.analysis.comparison.planning import JOINT

from .comparisons import make_score

RIGHT, WRONG = [1, 0, 0], [0, 1, 1]


def make_results(**by_task):
    """By task, the right answers of ten, jointly and alone, with a seed each."""
    results = {}
    for task, sides in by_task.items():
        for name, of_side in zip((JOINT, task), sides):
            for seed, right in enumerate(of_side):
                found = results.setdefault((name, seed), Results(1, 1, {}, {}))
                found.values[task] = {"acc": right / 10}
                found.counts[task] = {"acc": [RIGHT] * right + [WRONG] * (10 - right)}
    return results


def make_scores(results, *tasks):
    def read(side, task):
        return {seed: found.values[task]["acc"] for (name, seed), found in results.items() if name == side}

    return [make_score(task, score="acc", joint=read(JOINT, task), single=read(task, task)) for task in tasks]


def test_worked_by_hand():
    # 9 against 8 is a gain of an eighth, 6 against 9 a loss of a third
    results = make_results(a=([9], [8]), b=([6], [9]))
    found = find_gain(make_scores(results, "a", "b"), results, {"a": "x", "b": "x"}, 500)
    assert found.mean == pytest.approx((1 / 8 - 1 / 3) / 2) and found.reason == ""
    results = make_results(a=([10], [10]), b=([10], [10]))
    assert find_gain(make_scores(results, "a", "b"), results, {"a": "x", "b": "x"}, 500) == (0.0, (0.0, 0.0), "")


def test_a_task_that_scores_nothing_on_some_samples_has_no_interval():
    # of ten texts one is right: a sample without it comes in a third of all cases
    results = make_results(a=([9], [8]), b=([4], [1]))
    found = find_gain(make_scores(results, "a", "b"), results, {"a": "x", "b": "x"}, 500)
    assert found[:2] == (None, None) and "scores 0 on some samples" in found.reason


def test_the_mean_lies_in_its_interval():
    results = make_results(a=([9, 8, 9], [7, 8, 8]), b=([8, 8, 7], [9, 9, 9]))
    found = find_gain(make_scores(results, "a", "b"), results, {"a": "x", "b": "y"}, 2000)
    means = [(26 - 23) / 23, (23 - 27) / 27]
    assert found.mean == pytest.approx(sum(means) / 2)
    assert found.interval[0] < found.mean < found.interval[1] and numpy.isfinite(found.interval).all()


def test_no_figure_without_an_interval():
    results = make_results(a=([9], [7]))
    (score,) = make_scores(results, "a")
    assert find_gain([], results, {}, 50)[:2] == (None, None)
    assert "is 0" in find_gain([score._replace(single={0: 0.0})], results, {"a": "x"}, 50).reason
    results["a", 0].counts["a"]["acc"] = None
    found = find_gain([score], results, {"a": "x"}, 50)
    assert found == (None, None, "the score of a does not sum over texts, so there is no interval")


def test_interval_over_seeds_by_students_t():
    # of 1, 2, 3 the deviation is 1, and t with two degrees of freedom 4.303
    assert interval_over_seeds([0.01, 0.02, 0.03]) == pytest.approx((0.02 - 0.0248435, 0.02 + 0.0248435), abs=1e-6)
    assert interval_over_seeds([0.5]) is None
    low, high = interval_over_seeds([float(i % 2) for i in range(100)])
    assert (low, high) == pytest.approx((0.5 - 0.11367, 0.5 + 0.11367), abs=1e-4)


def test_no_gain_is_shown_without_its_interval():
    assert show_gain([0.01, 0.02, 0.03]) == "+2.00 (-0.48 to +4.48)"
    assert show_gain([-0.01]) == "-1.00 (one seed, no interval)"
    assert show_gain([]) == "-"


def test_interval_over_seeds_covers_the_mean_19_times_of_20():
    rng = numpy.random.default_rng(0)
    ends = [interval_over_seeds([*rng.normal(1.0, 2.0, 3)]) for _ in range(2000)]
    assert sum(low <= 1.0 <= high for low, high in ends) / len(ends) == pytest.approx(0.95, abs=0.015)
