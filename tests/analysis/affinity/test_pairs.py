"""Which pairs of tasks help, and which hurt."""

from statistics import stdev

import pytest

from spacy_mtl.analysis.affinity.estimates import Estimate
from spacy_mtl.analysis.affinity.grouping import find_groupings
from spacy_mtl.analysis.affinity.pairs import NOTHING_TOLD, Pair, find_pairs, tell_pairs
from spacy_mtl.analysis.affinity.proposals import propose
from spacy_mtl.analysis.affinity.steps import Measurement

from .test_affinity import make_affinity


def make_pair(first, second, mean, error=0.01):
    return Pair(first, second, Estimate(mean, error, 50), mean, mean)


@pytest.mark.parametrize(
    "mean, error, differs", [(0.3, 0.1, True), (-0.3, 0.1, True), (0.2, 0.1, False), (0.1, 0.0, True), (9, None, False)]
)
def test_two_standard_errors(mean, error, differs):
    assert Estimate(mean, error, 5).differs is differs


def test_a_pair_by_hand():
    measurements = [{"a": {"b": there}, "b": {"a": back}} for there, back in ((0.1, 0.3), (0.5, -0.1), (0.3, 0.1))]
    (pair,) = find_pairs("ab", {"a": {"b": 0.3}, "b": {"a": 0.1}}, measurements)
    # cells move against each other: both together are 0.2 each time
    assert pair.both == (pytest.approx(0.2), pytest.approx(0.0, abs=1e-12), 3)
    assert (pair.first, pair.second, pair.there, pair.back) == ("a", "b", 0.3, 0.1)


def test_pairs_are_sorted_and_those_with_one_direction_left_out():
    affinity = {"a": {"b": -0.1, "c": 0.2}, "b": {"a": -0.1}, "c": {"a": 0.4, "b": 0.9}}
    pairs = find_pairs("abc", affinity, [affinity, {"a": {"c": 0.6}}])
    assert [(pair.first, pair.second) for pair in pairs] == [("a", "c"), ("a", "b")]
    assert pairs[0].both.mean == pytest.approx(0.4) and pairs[0].both.error == pytest.approx(stdev([0.3, 0.5]) / 2**0.5)


def test_no_pair_differs():
    assert tell_pairs([]) == tell_pairs([make_pair("ner", "srl", 0.02), make_pair("a", "b", 3.0, None)]) == NOTHING_TOLD


def test_pairs_that_help_and_hurt():
    help_, hurt = make_pair("ner", "srl", 0.03), make_pair("ner", "genre", -0.03)
    assert tell_pairs([help_]) == "ner and srl help each other."
    assert tell_pairs([help_, make_pair("srl", "genre", 0.01), hurt]) == (
        "ner and srl help each other; ner and genre hurt each other; of the other pair nothing can be told."
    )
    unknown = [make_pair("x", name, 0.0) for name in "abc"]
    assert tell_pairs([*unknown, hurt, hurt._replace(second="x")]) == (
        "ner and genre, ner and x hurt each other; of the other 3 pairs nothing can be told."
    )


def make_found(values, tasks="abc"):
    """The same affinity between all tasks, in measurements one after the other."""
    return make_affinity(
        tasks=list(tasks),
        measurements=[
            Measurement(step, 0.5, {}, {a: {b: value for b in tasks if b != a} for a in tasks}, [])
            for step, value in enumerate(values)
        ],
    )


def test_nothing_is_proposed_where_no_pair_differs():
    found = make_found([-0.3, 0.1, -0.3, 0.1])
    assert found.verdict == NOTHING_TOLD
    # without errors each task would be trained alone
    assert len(find_groupings(found.tasks, found.means, [3])[0].groups) == 3
    assert [(way.encoders, way.groups) for way in propose(found, [1, 3])] == [
        (1, (tuple("abc"),)),
        (3, (tuple("abc"),)),
    ]


def test_what_differs_is_proposed():
    found = make_found([-0.3, -0.2, -0.3, -0.2])
    assert found.verdict == "a and b, a and c, b and c hurt each other."
    assert propose(found, [1, 3]) == find_groupings(found.tasks, found.means, [1, 3], found.matrices)
    assert len(propose(found, [3])[0].groups) == 3


def test_one_measurement_proposes_nothing():
    found = make_found([-0.3])
    assert found.verdict == NOTHING_TOLD and len(propose(found, [3])[0].groups) == 1
