"""The ranking of balancers, against cases worked out by hand."""

import random

import pytest

from spacy_mtl.analysis.comparison.ranking import SINGLE, Trained, add_tasks, find_gain, lay_out_ranking, rank

MAIN = {"ner": "ents_f", "topic": "topic_acc"}


def trained(ents_f, topic_acc, seconds=10.0):
    return Trained({"ents_f": ents_f, "topic_acc": topic_acc}, seconds)


ALONE = {
    "ner": {0: Trained({"ents_f": 0.5}, 6.0), 1: Trained({"ents_f": 0.4}, 7.0)},
    "topic": {0: Trained({"topic_acc": 0.8}, 2.0), 1: Trained({"topic_acc": 0.8}, 3.0)},
}
METHODS = {
    # seed 0: (0.1 / 0.5 + 0) / 2 = 0.1; seed 1: (0 + -0.2 / 0.8) / 2 = -0.125
    "Sum": {0: trained(0.6, 0.8), 1: trained(0.4, 0.6)},
    # seed 0: (-0.1 + 0.25) / 2 = 0.075
    "Equal": {0: trained(0.45, 1.0, 25.0)},
}


def rank_all(methods=METHODS, single=ALONE):
    return rank(methods, single, MAIN, "Sum")


def test_gain_is_the_mean_of_relative_gains():
    assert find_gain({"ents_f": 0.6, "topic_acc": 0.6}, {"ents_f": 0.5, "topic_acc": 0.8}, MAIN) == pytest.approx(
        (0.2 - 0.25) / 2
    )
    assert find_gain({"ents_f": 0.6}, {"ents_f": 0.5, "topic_acc": 0.8}, MAIN) is None
    assert find_gain({"ents_f": 0.6, "topic_acc": 0.6}, {"ents_f": 0.0, "topic_acc": 0.8}, MAIN) is None


def test_other_scores_do_not_count_for_the_gain():
    joint, single = {"ents_f": 0.6, "topic_acc": 0.8, "ents_p": 0.1}, {"ents_f": 0.5, "topic_acc": 0.8, "ents_p": 0.9}
    assert find_gain(joint, single, MAIN) == pytest.approx(0.1)


def test_methods_are_sorted_by_their_mean_gain_after_the_tasks_alone():
    first, second, third = rank_all()
    assert [first.name, second.name, third.name] == [SINGLE, "Equal", "Sum"]
    assert second.delta_m == {0: pytest.approx(0.075)}
    assert third.delta_m == {0: pytest.approx(0.1), 1: pytest.approx(-0.125)}
    assert third.mean_delta_m == pytest.approx(-0.0125)
    assert first.delta_m == {} and first.mean_delta_m is None
    assert [row.is_reference for row in (first, second, third)] == [False, False, True]


def test_order_of_the_methods_does_not_matter():
    methods = {f"M{i}": {0: trained(0.5 + 0.01 * i, 0.8)} for i in range(8)}
    names = list(methods)
    for seed in range(5):
        random.Random(seed).shuffle(names)
        found = [row.name for row in rank_all({name: methods[name] for name in names})]
        assert found == [SINGLE, *(f"M{i}" for i in reversed(range(8)))]


def test_costs_are_in_those_of_the_reference_over_common_seeds():
    costs = {row.name: row.relative_cost for row in rank_all()}
    # Sum took 10 seconds with each seed; the tasks alone 8 and 10, Equal 25 with seed 0
    assert costs == {SINGLE: pytest.approx(0.9), "Equal": pytest.approx(2.5), "Sum": pytest.approx(1.0)}
    late = {"Sum": {1: METHODS["Sum"][1]}, "Equal": METHODS["Equal"]}
    assert {row.name: row.relative_cost for row in rank_all(late)}["Equal"] is None
    assert all(row.relative_cost is None for row in rank_all({"Equal": METHODS["Equal"]}))


def test_seeds_that_a_task_alone_lacks_give_no_gain():
    single = {**ALONE, "topic": {1: ALONE["topic"][1]}}
    rows = {row.name: row for row in rank_all(single=single)}
    assert rows["Sum"].delta_m == {1: pytest.approx(-0.125)} and rows["Sum"].seeds == [0, 1]
    assert rows["Equal"].delta_m == {} and rows["Equal"].mean_delta_m is None
    assert rows[SINGLE].seeds == [1]
    assert rows[SINGLE].scores == {"ents_f": {0: 0.5, 1: 0.4}, "topic_acc": {1: 0.8}}
    assert [row.name for row in rank_all(single=single)] == [SINGLE, "Sum", "Equal"]


def test_nothing_is_known_of_a_task_that_was_not_trained():
    assert add_tasks({"ner": ALONE["ner"]}, MAIN) == {}
    assert add_tasks({}, {}) == {}
    rows = rank_all(single={"ner": ALONE["ner"]})
    assert all(not row.delta_m for row in rows)


def test_tasks_alone_are_added_up():
    assert add_tasks(ALONE, MAIN) == {0: trained(0.5, 0.8, 8.0), 1: trained(0.4, 0.8, 10.0)}


def test_table():
    table = lay_out_ranking(rank_all(), ["ents_f", "topic_acc", "other"])
    assert table.header == ("method", "ents_f", "topic_acc", "other", "delta-m", "seeds", "processor")
    assert len(table.aligns) == len(table.header)
    # deviations of the sample: 0.1 / sqrt(2), 0.2 / sqrt(2); of the gain 12.706 times 0.225 / 2 on either side
    assert list(table.rows) == [
        (SINGLE, "45.00 ± 7.07", "80.00 ± 0.00", "-", "-", "2", "0.90"),
        ("Equal", "45.00", "100.00", "-", "+7.50 (one seed, no interval)", "1", "2.50"),
        ("Sum *", "50.00 ± 14.14", "70.00 ± 14.14", "-", "-1.25 (-144.19 to +141.69)", "2", "1.00"),
    ]


def test_table_of_nothing():
    assert list(lay_out_ranking(rank({}, {}, MAIN, "Sum"), ["ents_f"]).rows) == [(SINGLE, "-", "-", "0", "-")]
