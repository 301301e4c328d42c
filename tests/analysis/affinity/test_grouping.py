"""Which tasks to train together."""

from itertools import product
from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtl.analysis.affinity.grouping import MOST_EXHAUSTIVE, find_groupings, list_partitions, predict


def fill(tasks, inside, outside=0.0, groups=()):
    """A matrix with one value for pairs of a group, and another for the rest."""
    together = {(a, b) for group in groups for a in group for b in group}
    return {a: {b: inside if (a, b) in together else outside for b in tasks if b != a} for a in tasks}


def assign(tasks, most):
    """All ways to part tasks, by giving each a number: not the way of the module."""
    ways = set()
    for numbers in product(range(most), repeat=len(tasks)):
        groups = [tuple(task for task, own in zip(tasks, numbers) if own == number) for number in range(most)]
        ways.add(frozenset(filter(None, groups)))
    return ways


@pytest.mark.parametrize("size, ways", [(1, 1), (2, 2), (3, 5), (4, 15), (5, 52), (6, 203), (8, 4140)])
def test_partitions_are_as_many_as_bell_says(size, ways):
    assert len(list(list_partitions("abcdefgh"[:size]))) == ways


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_partitions_are_those_of_brute_force(size):
    tasks = "abcde"[:size]
    found = list(list_partitions(tasks))
    assert {frozenset(groups) for groups in found} == assign(tasks, size) and len(set(found)) == len(found)


def test_a_matrix_by_hand():
    # a and b help each other; c is helped by a, and harms both
    affinity = {"a": {"b": 0.3, "c": 0.2}, "b": {"a": 0.1, "c": 0.0}, "c": {"a": -0.5, "b": -0.1}}
    one, two, three = find_groupings("abc", affinity, [1, 2, 3])
    # all on one: a gets (0.1 - 0.5) / 2, b (0.3 - 0.1) / 2, c (0.2 + 0) / 2
    assert one.groups == (("a", "b", "c"),)
    assert one.predicted == pytest.approx({"a": -0.2, "b": 0.1, "c": 0.1}) and one.total == pytest.approx(0.0)
    assert two.groups == (("a", "b"), ("c",))
    assert two.predicted == pytest.approx({"a": 0.1, "b": 0.3, "c": 0.0}) and two.total == pytest.approx(0.4)
    assert three[1:] == two[1:], "a third encoder brings nothing"
    assert (one.encoders, three.encoders) == (1, 3) and all(found.is_exhaustive for found in (one, two, three))


def test_without_measurements_there_is_no_error():
    affinity = {"a": {"b": -1e-6}, "b": {"a": 0.0}}
    (found,) = find_groupings("ab", affinity, [2])
    assert found.groups == (("a",), ("b",)) and found.error is None and found.forgone is None
    # one measurement has none either
    assert find_groupings("ab", affinity, [2], [affinity]) == [found]


def test_the_error_of_a_total_by_hand():
    # onto a and b together: 0.1, 0.3, 0.2, and nothing if they are apart
    measurements = [{"a": {"b": b}, "b": {"a": a}} for a, b in ((0.3, -0.2), (-0.1, 0.4), (0.0, 0.2))]
    affinity = {"a": {"b": 0.4 / 3}, "b": {"a": 0.2 / 3}}
    one, two = find_groupings("ab", affinity, [1, 2], measurements)
    assert one.groups == two.groups == (("a", "b"),) and one.total == pytest.approx(0.2)
    # cells move against each other: the error of their sum is not the sum of their errors
    assert one.error == pytest.approx(0.1 / 3**0.5)
    assert two.forgone is None, "apart they would be worse"


@pytest.mark.parametrize("noise, groups", [(0.0, 2), (0.08, 2), (0.1, 1), (0.3, 1)])
def test_more_encoders_must_gain_more_than_two_errors_of_the_gain(noise, groups):
    values = [-0.1 - noise, -0.1 + noise, -0.1 - noise, -0.1 + noise]
    measurements = [{"a": {"b": value}, "b": {"a": 0.0}} for value in values]
    one, two = find_groupings("ab", {"a": {"b": -0.1}, "b": {"a": 0.0}}, [1, 2], measurements)
    error = noise * (4 / 3) ** 0.5 / 2
    assert (one.total, one.error) == (pytest.approx(-0.1), pytest.approx(error))
    assert len(two.groups) == groups and one.forgone is None
    if groups == 1:
        assert two.forgone == (pytest.approx(0.1), pytest.approx(error), 4) and two.error == one.error
    else:
        assert two.forgone is None and (two.total, two.error) == (0.0, 0.0)


def test_the_second_encoder_is_worth_it_and_the_third_perhaps():
    tasks, noise = "abc", (0.3, -0.3, 0.3, -0.3)
    measurements = [
        {"a": {"b": 0.0, "c": -0.1}, "b": {"a": -0.12 + value, "c": -0.1}, "c": {"a": -0.1, "b": -0.1}}
        for value in noise
    ]
    means = {"a": {"b": 0.0, "c": -0.1}, "b": {"a": -0.12, "c": -0.1}, "c": {"a": -0.1, "b": -0.1}}
    three = find_groupings(tasks, means, [3], measurements)[0]
    # that c is better off alone is certain; whether b harms a is not: 0.12 with an error of 0.17
    assert three.groups == (("a", "b"), ("c",))
    assert three.forgone is not None and three.forgone.mean == pytest.approx(0.12)
    assert three.forgone.error > three.forgone.mean


def test_what_a_measurement_lacks_counts_as_the_mean_of_the_others():
    cells = [0.2, None, 0.6, None]
    measurements = [{"a": {} if value is None else {"b": value}, "b": {"a": 0.1}} for value in cells]
    (found,) = find_groupings("ab", {"a": {"b": 0.4}, "b": {"a": 0.1}}, [1], measurements)
    assert found.total == pytest.approx(0.5)
    assert found.error == pytest.approx(stdev([0.3, 0.5, 0.7, 0.5]) / 2)


@given(st.lists(st.floats(-1, 1), min_size=36, max_size=36), st.integers(2, 3))
def test_no_more_encoders_than_are_needed(values, encoders):
    tasks, cells = "abc", [(a, b) for a in "abc" for b in "abc" if a != b]
    measurements = [{a: {} for a in tasks} for _ in range(6)]
    for place, value in enumerate(values):
        a, b = cells[place % 6]
        measurements[place // 6][a][b] = value
    means = {a: {b: sum(found[a][b] for found in measurements) / 6 for b in tasks if b != a} for a in tasks}
    (found,) = find_groupings(tasks, means, [encoders], measurements)
    plain = find_groupings(tasks, means, range(1, encoders + 1))
    assert found.groups in [way.groups for way in plain] and found.total <= plain[-1].total + 1e-9

    def list_totals(groups):
        return [sum(predict(groups, measurement).values()) for measurement in measurements]

    totals = list_totals(found.groups)
    assert found.error == pytest.approx(stdev(totals) / 6**0.5, abs=1e-9)
    for way in plain:
        gains = [more - less for more, less in zip(list_totals(way.groups), totals)]
        if len(way.groups) > len(found.groups):
            assert sum(gains) / 6 <= 2 * stdev(gains) / 6**0.5 + 1e-9


def test_one_direction_counts_as_much_as_the_other():
    affinity = {"a": {"b": 0.5}, "b": {"a": -0.2}}
    assert find_groupings("ab", affinity, [2])[0].groups == (("a", "b"),)
    affinity["b"]["a"] = -0.6
    assert find_groupings("ab", affinity, [2])[0].groups == (("a",), ("b",))


def test_affinity_to_itself_does_not_count():
    affinity = {"a": {"a": 9.0, "b": 0.01}, "b": {"a": 0.01, "b": 9.0}}
    assert find_groupings("ab", affinity, [2])[0].groups == (("a", "b"),)


def test_equally_good_is_the_cheaper_one_and_the_unknown_counts_nothing():
    assert find_groupings("abcd", {}, [4])[0].groups == (("a", "b", "c", "d"),)
    assert predict((("a", "b"), ("c",)), {"a": {"b": 0.25}}) == {"a": 0.0, "b": 0.25, "c": 0.0}


@given(st.lists(st.floats(-1, 1), min_size=16, max_size=16), st.integers(1, 5))
def test_nothing_is_better_than_what_is_proposed(values, encoders):
    tasks = "abcd"
    affinity = {a: {b: values[4 * i + j] for j, b in enumerate(tasks)} for i, a in enumerate(tasks)}
    (found,) = find_groupings(tasks, affinity, [encoders])
    totals = [sum(predict(tuple(groups), affinity).values()) for groups in assign(tasks, min(encoders, 4))]
    assert len(found.groups) <= encoders and found.total == pytest.approx(max(totals), abs=1e-9)
    assert sum(found.predicted.values()) == pytest.approx(found.total) and list(found.predicted) == list(tasks)


def test_many_tasks_are_merged():
    tasks = [f"t{i}" for i in range(MOST_EXHAUSTIVE + 1)]
    groups = (("t0", "t3", "t6"), ("t1", "t4", "t7"), ("t2", "t5", "t8"))
    two, three, nine = find_groupings(tasks, fill(tasks, 0.2, -0.1, groups), [2, 3, 9])
    assert three.groups == nine.groups == groups and not three.is_exhaustive
    assert three.total == pytest.approx(9 * 0.2)
    assert len(two.groups) == 2 and two.total < three.total
    assert sorted(sum(two.groups, ())) == tasks


@pytest.mark.parametrize("number", [0, -1])
def test_no_encoder_is_a_mistake(number):
    with pytest.raises(ValueError, match="MTL-E750.*--encoders.*" + str(number)):
        find_groupings("ab", {}, [2, number])
