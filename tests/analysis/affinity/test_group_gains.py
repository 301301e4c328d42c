"""What groups gained against what was predicted, in cases worked out by hand."""

import random

import pytest

from spacy_mtl.analysis.affinity.group_gains import (
    find_grouping_gains,
    find_task_gains,
    judge,
    lay_out_gains,
    lay_out_task_gains,
    lay_out_verdicts,
    rank_correlation,
)
from spacy_mtl.analysis.affinity.grouping import find_groupings

TASKS = ["a", "b", "c"]
AFFINITY = {"a": {"b": 0.2, "c": -0.1}, "b": {"a": 0.4, "c": 0.0}, "c": {"a": -0.3, "b": 0.1}}
SCORES = {
    ("a",): {0: {"a": 0.5}, 1: {"a": 0.4}},
    ("b",): {0: {"b": 0.8}, 1: {"b": 0.8}},
    ("c",): {0: {"c": 0.2}},
    # a: 0.2 and 0.5, b: 0 and 0.25
    ("a", "b"): {0: {"a": 0.6, "b": 0.8}, 1: {"a": 0.6, "b": 1.0}},
    # a: -0.2, c: 0.5
    ("a", "c"): {0: {"a": 0.4, "c": 0.3}},
    # b: -0.5, c: -0.5
    ("b", "c"): {0: {"b": 0.4, "c": 0.1}},
    # a: 0.1, b: 0.05, c: 0
    ("a", "b", "c"): {0: {"a": 0.55, "b": 0.84, "c": 0.2}},
}


def test_gains_of_tasks():
    found = {(gain.group, gain.task): gain for gain in find_task_gains(SCORES, AFFINITY)}
    assert found[("a", "b"), "a"].measured == {0: pytest.approx(0.2), 1: pytest.approx(0.5)}
    assert found[("a", "c"), "c"].measured == {0: pytest.approx(0.5)}
    assert found[("a", "b"), "a"].predicted == 0.4
    assert found[("a", "b", "c"), "b"].predicted == pytest.approx((0.2 + 0.1) / 2)
    assert not any(len(group) == 1 for group, _ in found)


def test_a_task_without_a_score_alone_tells_nothing():
    scores = {**SCORES, ("c",): {0: {"c": 0.0}}, ("b",): {}}
    assert {gain.task for gain in find_task_gains(scores, AFFINITY)} == {"a"}


def test_gains_of_groupings():
    found = find_grouping_gains(TASKS, SCORES, AFFINITY)
    gains = {gain.groups: gain for gain in found}
    assert len(gains) == 5
    assert gains[("a", "b"), ("c",)].measured == {0: pytest.approx(0.2 / 3)}, "of c there is seed 0 only"
    assert gains[("a",), ("b",), ("c",)].measured == {0: 0.0}
    assert gains[("a", "c"), ("b",)].mean == pytest.approx(0.1)
    assert gains[("a", "b", "c"),].mean == pytest.approx(0.05)
    assert gains[("a",), ("b", "c")].mean == pytest.approx(-1 / 3)
    assert [gain.mean for gain in found] == sorted((gain.mean for gain in found), reverse=True)
    assert gains[("a", "b"), ("c",)].predicted == pytest.approx(0.6)


def test_a_grouping_with_an_untrained_group_is_left_out():
    scores = {group: found for group, found in SCORES.items() if group != ("b", "c")}
    groups = [gain.groups for gain in find_grouping_gains(TASKS, scores, AFFINITY)]
    assert len(groups) == 4 and (("a",), ("b", "c")) not in groups


def test_proposals_are_placed_among_what_they_were_chosen_from():
    gains = find_grouping_gains(TASKS, SCORES, AFFINITY)
    proposals = find_groupings(TASKS, AFFINITY, [1, 2, 3])
    one, two, three = judge(proposals, gains)
    assert (one.place, one.ways, one.best.groups) == (1, 1, (("a", "b", "c"),))
    # a + b | c gains 0.2 / 3; a + c | b gains 0.1
    assert two.proposed.groups == (("a", "b"), ("c",))
    assert (two.place, two.ways, two.best.groups) == (2, 4, (("a", "c"), ("b",)))
    # only seed 0 has all four ways
    (mean,) = two.mean.values()
    assert mean == pytest.approx(sum(gain.measured[0] for gain in gains if len(gain.groups) <= 2) / 4)
    assert (three.place, three.ways) == (2, 5)


def test_rank_correlation():
    assert rank_correlation([1.0, 5.0, 7.0], [-3.0, 0.0, 100.0]) == pytest.approx(1.0)
    assert rank_correlation([1.0, 5.0, 7.0], [3.0, 2.0, 1.0]) == pytest.approx(-1.0)
    # ranks 0, 1, 2, 3 and 1, 0, 2, 3: 1 - 6 * 2 / (4 * 15)
    assert rank_correlation([1, 2, 3, 4], [0.2, 0.1, 0.3, 0.4]) == pytest.approx(0.8)
    # ranks 0.5, 0.5, 2 and 0, 1, 2: covariance 1.5, variances 1.5 and 2
    assert rank_correlation([1, 1, 2], [1, 2, 3]) == pytest.approx(1.5 / (1.5 * 2) ** 0.5)
    assert rank_correlation([1, 1], [1, 2]) is None
    assert rank_correlation([1], [1]) is None


def test_order_does_not_change_the_correlation():
    drawn = random.Random(0)
    pairs = [(drawn.random(), drawn.random()) for _ in range(20)]
    expected = rank_correlation(*zip(*pairs))
    drawn.shuffle(pairs)
    assert rank_correlation(*zip(*pairs)) == pytest.approx(expected)
    assert rank_correlation(*zip(*((first**3, second) for first, second in pairs))) == pytest.approx(expected)


def test_tables():
    gains = find_grouping_gains(TASKS, SCORES, AFFINITY)
    verdicts = lay_out_verdicts(judge(find_groupings(TASKS, AFFINITY, [2]), gains))
    alone = " (one seed, no interval)"
    assert verdicts.rows == [
        ("2", "a + b | c", f"+6.67{alone}", "2 of 4", f"a + c | b: +10.00{alone}", f"-2.92{alone}")
    ]
    assert lay_out_gains(gains).rows[0] == ("a + c | b", "2", f"+10.00{alone}", "-40.00")
    rows = lay_out_task_gains(find_task_gains(SCORES, AFFINITY), TASKS).rows
    assert rows[0] == ("a + b", "+35.00 \u00b1 21.21 (+40.00)", "+12.50 \u00b1 17.68 (+20.00)", "-")
    assert [row[0] for row in rows] == ["a + b", "a + c", "b + c", "a + b + c"]
