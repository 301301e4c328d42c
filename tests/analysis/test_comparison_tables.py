"""A comparison in rows and sentences."""

import pytest

from spacy_mtl.analysis.comparison import ALONE
from spacy_mtl.analysis.comparison_tables import (
    REFERENCES,
    lay_out_costs,
    lay_out_scores,
    lay_out_tests,
    tell_delta_m,
    tell_method,
    tell_notes,
)

from .comparisons import make_comparison


def test_scores():
    table = lay_out_scores(make_comparison())
    assert table.header == ("task", "score", "joint", "alone", "difference", "95% interval", "p")
    assert table.rows == [
        ("ner", "entities, F", "63.00 \u00b1 1.41", "60.50 \u00b1 0.71", "+2.50", "+1.00 to +4.25", "0.0123"),
        ("topic", "accuracy", "50.00", "55.00", "-5.00", "-", "-"),
        ("own", "tags", "63.00 \u00b1 1.41", "-", "-", "-", "-"),
    ]


def test_costs_and_tests():
    comparison = make_comparison()
    costs = lay_out_costs(comparison)
    assert costs.rows[0] == ("joint", "101", "2,000", "1.5 MB", "60 s", "50 s", "800 MB", "12,346")
    assert costs.rows[-1] == ("all of them alone", "152", "2,100", "2.1 MB", "61 s", "41 s", "700 MB", "10,000")
    unknown = make_comparison(costs=[comparison.costs[0]._replace(seconds=None, words_per_second=None)])
    assert lay_out_costs(unknown).rows[0][4::3] == ("-", "-")
    tests = lay_out_tests(comparison)
    assert tests.rows == [("ner", "test.spacy", "1,200", "1,100"), ("topic", "other.spacy", "10", "-")]
    for table in (costs, tests, lay_out_scores(comparison)):
        assert all(len(row) == len(table.header) == len(table.aligns) for row in table.rows)


@pytest.mark.parametrize(
    "delta, compared, told",
    [
        (-0.0246, ["ner", "topic"], "-2.46% (main scores of ner, topic)"),
        (None, ["ner"], "not defined: a score of a task alone is 0"),
        (None, [], "not defined: no task has both scores"),
    ],
)
def test_delta_m_in_words(delta, compared, told):
    assert told in tell_delta_m(make_comparison(delta_m=delta, compared=compared))


def test_failures_come_before_notes():
    assert tell_notes(make_comparison()) == [
        "The training 'topic alone, seed 1' failed; log.txt says why.",
        "topic (accuracy): No test.",
        f"own (tags): {ALONE}",
        "A note on the whole.",
    ]


def test_the_method_is_named_and_cited():
    told = " ".join(tell_method(make_comparison(samples=4321)))
    for author, year in (("Noreen", 1989), ("Yeh", 2000), ("Efron", 1993), ("Maninis", 2019)):
        assert author in told and str(year) in told
        assert any(author in reference and str(year) in reference for reference in REFERENCES)
    assert "4,321 samples" in told and "the seeds 0, 1" in told.replace("over seeds", "over the seeds")
    assert "the seed 7" in " ".join(tell_method(make_comparison(seeds=[7]))).replace("over seed", "over the seed")
    assert "as many updates" in told
    by_examples = " ".join(tell_method(make_comparison(budget="examples")))
    assert "as many texts annotated for it" in by_examples and "as many updates" not in by_examples
