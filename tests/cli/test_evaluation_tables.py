"""How `spacy mtl evaluate` shows scores."""

import spacy
from spacy.tokens import Span

from spacy_mtl.cli.evaluation_tables import (
    TaskLine,
    count_gold_labels,
    lay_out_figures,
    lay_out_labels,
    lay_out_summary,
)

HALF = {"p": 0.5, "r": 0.25, "f": 0.4}


def make_roles(count):
    """Scores of roles, and how often each occurs: ARG0 once, ARG1 twice and so on."""
    roles = [f"ARG{i}" for i in range(count)]
    return {"srl_argument_per_role": dict.fromkeys(roles, HALF)}, [{role: i for i, role in enumerate(roles, start=1)}]


def test_labels_by_frequency_and_rare_ones_in_one_line():
    scores, gold = make_roles(20)
    (table,) = lay_out_labels({"test": scores}, {"test": gold})
    assert table.header == ("srl_argument_per_role", "P", "R", "F", "Gold")
    assert [row[0] for row in table.rows[:12]] == [f"ARG{i}" for i in range(19, 7, -1)]
    assert table.rows[0][1:] == ("50.00", "25.00", "40.00", "20")
    assert table.rows[12:] == [("8 rarer ones (--all)", "", "", "", "36")]
    (whole,) = lay_out_labels({"test": scores}, {"test": gold}, all_labels=True)
    assert [row[-1] for row in whole.rows] == [str(i) for i in range(20, 0, -1)]


def test_few_labels_are_all_shown():
    scores, gold = make_roles(14)
    (table,) = lay_out_labels({"test": scores}, {"test": gold})
    assert len(table.rows) == 14


def test_labels_of_several_corpora_count_together():
    one, gold = make_roles(2)
    other = {"srl_argument_per_role": {"ARG1": HALF, "ARG9": HALF}}
    (table,) = lay_out_labels({"one": one, "other": other}, {"one": gold, "other": [{"ARG1": 5, "ARG9": 1}]})
    assert table.rows == [
        ("ARG1", "40.00", "40.00", "7"), ("ARG0", "40.00", "-", "1"), ("ARG9", "-", "40.00", "1"),
    ]  # fmt: skip


def test_labels_that_the_corpus_has_for_another_task_do_not_count():
    scores = {"ents_per_type": {"LOC": HALF, "PER": HALF}}
    gold = [{"LOC": 100}, {"LOC": 1, "PER": 2}]
    (table,) = lay_out_labels({"test": scores}, {"test": gold})
    assert [(row[0], row[-1]) for row in table.rows] == [("PER", "2"), ("LOC", "1")]


def test_figures_of_one_corpus():
    triple = {"p": 0.5, "r": 0.25, "f": 1 / 3}
    scores = {f"{name}_{kind}": value for name in ("ents", "ner") for kind, value in triple.items()}
    scores.update({"speed": 1234.5, "ents_texts": 12, "mood_acc": 0.75, "cats_score": None, "ents_per_type": {}})
    triples, others = lay_out_figures({"test": scores})
    assert triples.rows == [("ents", "50.00", "25.00", "33.33")]
    assert others.rows == [("mood_acc", "75.00"), ("speed", "1,234")]


def test_a_component_whose_scores_differ_from_the_common_ones_is_shown():
    scores = {"ents_f": 0.5, "people_f": 0.5, "places_f": 0.25}
    (table,) = lay_out_figures({"test": scores})
    assert [row[0] for row in table.rows] == ["ents_f", "places_f"]


def test_summary():
    lines = [TaskLine("mood", "mood_acc", "accuracy"), TaskLine("tagger", "tag_acc", "tag_acc")]
    scores = {"mood_acc": 0.5, "mood_texts": 1200, "tag_acc": 0.9}
    assert lay_out_summary(lines, {"test": scores}).rows == [
        ("mood", "accuracy (mood_acc)", "50.00", "1,200"), ("tagger", "tag_acc", "90.00", "-"),
    ]  # fmt: skip
    both = lay_out_summary(lines[:1], {"one": scores, "other": {"mood_acc": None, "mood_texts": 0}})
    assert both.rows == [("mood", "accuracy (mood_acc)", "50.00 (1,200)", "-")]
    assert both.header[2:] == ("one (texts)", "other (texts)")


def test_gold_labels_are_counted_by_layer():
    doc = spacy.blank("en")("Ana sings here")
    doc.cats = {"good": 1.0, "bad": 0.0}
    doc.ents = [Span(doc, 0, 1, "PER")]
    doc.spans["srl"] = [Span(doc, 1, 2, "V"), Span(doc, 0, 1, "ARG0"), Span(doc, 2, 3, "C-ARG0")]
    assert [dict(layer) for layer in count_gold_labels([doc, doc]) if layer] == [{"good": 2}, {"PER": 2}, {"ARG0": 2}]
