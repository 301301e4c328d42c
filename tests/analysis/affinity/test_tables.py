"""What is said of affinity."""

from spacy_mtl.analysis.affinity.estimates import Estimate
from spacy_mtl.analysis.affinity.grouping import Grouping
from spacy_mtl.analysis.affinity.steps import Measurement
from spacy_mtl.analysis.affinity.tables import lay_out_groupings, rank_pairs, tell_method, tell_notes

from .test_affinity import make_affinity

SURE = Grouping(1, (("a", "b"),), {"a": 0.1, "b": -0.2}, -0.1, 0.05, None, True)
UNSURE = Grouping(3, (("a", "b"),), {"a": 0.1, "b": -0.2}, -0.1, 0.25, Estimate(0.1, 0.25, 9), True)
PLAIN = Grouping(2, (("a",), ("b",)), {"a": 0.0, "b": 0.0}, 0.0, None, None, False)


def make_measurements(number):
    return [
        Measurement(step, 0.5, {"a": 1.0, "b": 2.0}, {"a": {"a": 0.3, "b": 0.1}, "b": {"b": 0.1}}, [["a", "b", 0.5]])
        for step in range(1, number + 1)
    ]


def test_sums_of_groupings_have_errors():
    assert lay_out_groupings([SURE, PLAIN]).rows == [
        ("1", "a + b", "-10.00 \u00b1 5.00", "a +10.00, b -20.00"),
        ("2", "a | b", "+0.00", "a +0.00, b +0.00"),
    ]


def test_pairs_have_errors():
    # of the second measurement one direction is not known: it counts as the mean
    assert rank_pairs(make_affinity()).rows == [
        ("a", "b", "-10.00 \u00b1 5.00", "+10.00", "-30.00", "+0.200 \u00b1 0.300")
    ]


def test_how_it_was_measured():
    told = " ".join(tell_method(make_affinity(measurements=make_measurements(50))))
    assert "drawn anew for each measurement: a 8 of 90, b 3 of 3" in told
    assert "blocks of 7" in told and "Meketon" in told and "as if they were independent" not in told
    assert "Fifty" in told and "learning rate" in told and "training batch" in told and "several groups" in told
    assert "more encoders" in told and "standard error" in told and "Breiman" in told
    few = " ".join(tell_method(make_affinity(measurements=make_measurements(3))))
    assert "as if they were independent" in few and "Meketon" not in few


def test_what_to_be_careful_about():
    found = make_affinity(measurements=make_measurements(50))
    assert tell_notes(found, [SURE]) == [
        "'c' shares no encoder with another head: it is not measured, in no group, and in none of the configs."
    ]
    found = found._replace(apart=[])
    assert tell_notes(found, [SURE]) == []
    (told,) = tell_notes(found, [SURE, UNSURE._replace(encoders=2), UNSURE])
    assert "Up to 3 encoders: more than 1" in told and "+10.00 \u00b1 25.00" in told
    assert any("merging" in note for note in tell_notes(found, [PLAIN]))
    assert any(
        "Few measurements (9)" in note for note in tell_notes(make_affinity(measurements=make_measurements(9)), [])
    )
