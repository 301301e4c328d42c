"""A comparison in rows and sentences."""

from spacy_mtl.analysis.comparison.scores import ALONE, ONE_SEED
from spacy_mtl.analysis.comparison.tables import (
    REFERENCES,
    lay_out_costs,
    lay_out_scores,
    lay_out_statistics,
    lay_out_tests,
    tell_delta_m,
    tell_method,
    tell_notes,
)

from .comparisons import make_comparison, make_score


def test_scores():
    table = lay_out_scores(make_comparison())
    assert table.header == (
        "task", "score", "joint", "alone", "difference", "95% interval (texts and seeds)",
    )  # fmt: skip
    assert table.rows == [
        ("ner", "entities, F", "63.00 \u00b1 1.41", "60.50 \u00b1 0.71", "+2.50", "+1.00 to +4.25"),
        ("topic", "accuracy", "50.00", "55.00", "-5.00", "-"),
        ("own", "tags", "63.00 \u00b1 1.41", "-", "-", "-"),
    ]
    table = lay_out_statistics(make_comparison())
    assert table.header == ("task", "score", "texts", "p (texts)", "p (texts and seeds)")
    assert table.rows == [("ner", "entities, F", "1,100", "0.0123", "0.0456"), ("topic", "accuracy", "-", "-", "-")]


ONE = {"joint": {0: 0.62}, "single": {0: 0.6}, "difference": 0.02, "p_value_with_seeds": None, "notes": [ONE_SEED]}


def test_an_interval_over_texts_alone_is_called_so():
    one = make_score("topic", **ONE)
    alone = make_comparison(seeds=[0], scores=[one, make_score(**ONE)])
    table = lay_out_scores(alone)
    assert table.header[-1] == "95% interval (texts)" and [row[-1] for row in table.rows] == ["+1.00 to +4.25"] * 2
    assert [row[-2:] for row in lay_out_statistics(alone).rows] == [("0.0123", "-")] * 2
    mixed = lay_out_scores(make_comparison(scores=[make_score(), one]))
    assert mixed.header[-1] == "95% interval (texts and seeds)"
    assert [row[-1] for row in mixed.rows] == ["+1.00 to +4.25", "+1.00 to +4.25 (texts)"]


def test_notes_that_are_the_same_come_once():
    scores = [make_score(**ONE), make_score("topic", **{**ONE, "notes": ["Other.", ONE_SEED]})]
    told = tell_notes(make_comparison(scores=scores, failures=[], notes=[], tests={}))
    assert told == [f"ner (entities, F), topic (entities, F): {ONE_SEED}", "topic (entities, F): Other."]


def test_with_one_seed_nothing_is_said_of_seeds():
    told = " ".join(tell_method(make_comparison(seeds=[0], scores=[make_score(**ONE)])))
    assert "Rao" not in told and "over texts alone" in told and "p (texts)" in told
    assert "p (texts and seeds): " not in told
    told = " ".join(tell_method(make_comparison()))
    assert "p (texts): " in told and "p (texts and seeds): " in told and "these trained" in told


def test_costs_and_tests():
    comparison = make_comparison()
    costs = lay_out_costs(comparison)
    assert costs.rows[0] == ("joint", "101", "2,000", "1.5 MB", "60 s", "50 s", "800 MB", "12,346")
    assert costs.rows[-1] == ("all of them alone", "152", "2,100", "2.1 MB", "61 s", "41 s", "700 MB", "10,000")
    unknown = make_comparison(costs=[comparison.costs[0]._replace(seconds=None, words_per_second=None)])
    assert lay_out_costs(unknown).rows[0][4::3] == ("-", "-")
    tests = lay_out_tests(comparison)
    assert tests.rows == [("ner", "test.spacy", "1,200", "1,100"), ("topic", "other.spacy", "10", "cannot be told")]
    for table in (costs, tests, lay_out_scores(comparison), lay_out_statistics(comparison)):
        assert all(len(row) == len(table.header) == len(table.aligns) for row in table.rows)


def test_delta_m_is_never_told_without_its_interval():
    told = tell_delta_m(make_comparison())
    assert "-2.46%, 95% interval -4.00 to -1.01 (texts and seeds; main scores of ner, topic)." in told
    assert "-1.01 (texts; main" in tell_delta_m(make_comparison(scores=[make_score(**ONE)]))
    for changes in ({"delta_m": None}, {"delta_m_interval": None}):
        told = tell_delta_m(make_comparison(**changes, delta_m_reason="no task has both scores"))
        assert told == "Delta-m is not told: no task has both scores."


def test_failures_come_before_notes():
    assert tell_notes(make_comparison()) == [
        "The training 'topic alone, seed 1' failed; log.txt says why.",
        "topic (accuracy): No test.",
        f"own (tags): {ALONE}",
        "topic: It cannot be told.",
        "A note on the whole.",
    ]


def test_the_method_is_named_and_cited():
    told = " ".join(tell_method(make_comparison(samples=4321)))
    for author, year in (
        ("Noreen", 1989), ("Yeh", 2000), ("Efron", 1993), ("Rao", 1988), ("Owen", 2007), ("Maninis", 2019),
    ):  # fmt: skip
        assert author in told and str(year) in told
        assert any(author in reference and str(year) in reference for reference in REFERENCES)
    assert "4,321 samples" in told and "the seeds 0, 1" in told.replace("over seeds", "over the seeds")
    assert "the seed 7" in " ".join(tell_method(make_comparison(seeds=[7]))).replace("over seed", "over the seed")
    assert "as many updates" in told
    by_examples = " ".join(tell_method(make_comparison(budget="examples")))
    assert "as many texts annotated for it" in by_examples and "as many updates" not in by_examples


def test_an_undertrained_side_is_said_wherever_its_figures_are():
    comparison = make_comparison(undertrained={"topic alone": [0, 1], "ner alone": [1]})
    alone = {row[0]: row[3] for row in lay_out_scores(comparison).rows}
    assert alone["topic"].endswith("(undertrained)") and not alone["own"].endswith("(undertrained)")
    assert tell_delta_m(comparison).endswith(
        "It is no measure of joint training: undertrained are topic alone, ner alone."
    )
    notes = [note for note in tell_notes(comparison) if "undertrained" in note]
    assert notes[0].startswith("topic alone is undertrained:") and notes[1].startswith("ner alone is undertrained (se")
    assert comparison.to_dict()["undertrained"] == {"topic alone": [0, 1], "ner alone": [1]}
    assert "undertrained" not in tell_delta_m(make_comparison())


def test_the_budget_by_processor_time_is_explained():
    assert "fit into the processor time" in " ".join(tell_method(make_comparison(budget="compute")))
