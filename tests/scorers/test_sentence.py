"""Sentence accuracy."""

import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_mtl.scorers.sentence import score_sentences

VOCAB = spacy.blank("en").vocab
LABELS = ["play", "rate"]


def make_doc(intent, slots):
    doc = Doc(VOCAB, words=["play", "blue", "monday", "now"])
    if intent is not None:
        doc.cats = intent if isinstance(intent, dict) else {label: float(label == intent) for label in LABELS}
    if slots is not None:
        doc.ents = [Span(doc, start, end, label=label) for start, end, label in slots]
    return doc


def score(*pairs, exclusive=True, **settings):
    examples = [Example(make_doc(*predicted), make_doc(*gold)) for predicted, gold in pairs]
    return score_sentences(examples, labels=LABELS, name="intent", exclusive=exclusive, **settings)


TRACK = [(1, 3, "track")]


@pytest.mark.parametrize(
    "predicted, expected",
    [
        (("play", TRACK), 1.0),
        (("rate", TRACK), 0.0),
        (("play", [(1, 2, "track")]), 0.0),
        (("play", [(1, 3, "album")]), 0.0),
        (("play", []), 0.0),
        (("play", [*TRACK, (3, 4, "time")]), 0.0),
    ],
)
def test_everything_must_be_right(predicted, expected):
    assert score((predicted, ("play", TRACK)))["intent_sentence_acc"] == expected


def test_share_of_the_texts_annotated_for_both():
    scores = score(
        (("play", TRACK), ("play", TRACK)),
        (("play", []), ("play", [])),
        (("rate", []), ("play", [])),
        (("rate", []), ("play", None)),
        (("rate", TRACK), (None, [])),
    )
    assert scores["intent_sentence_acc"] == pytest.approx(2 / 3)
    assert scores["intent_acc"] == pytest.approx(2 / 4)


def test_nothing_counts():
    assert score((("play", []), ("play", None)))["intent_sentence_acc"] is None


@pytest.mark.parametrize(
    "predicted, gold, expected",
    [
        ({"play": 0.9, "rate": 0.8}, {"play": 1.0, "rate": 1.0}, 1.0),
        ({"play": 0.9, "rate": 0.4}, {"play": 1.0, "rate": 1.0}, 0.0),
        ({"play": 0.9, "rate": 0.6}, {"play": 1.0, "rate": 0.0}, 0.0),
        ({"play": 0.4, "rate": 0.3}, {"play": 1.0, "rate": 0.0}, 0.0),
        ({"play": 0.1, "rate": 0.3}, {"play": 0.0, "rate": 0.0}, 1.0),
        ({"play": 0.9, "rate": 0.6}, {"play": 1.0}, 1.0),
    ],
)
def test_all_categories_must_be_right_where_they_stand_together(predicted, gold, expected):
    scores = score(((predicted, TRACK), (gold, TRACK)), exclusive=False)
    assert scores["intent_sentence_acc"] == scores["intent_acc"] == expected


def test_an_intent_that_the_pipeline_does_not_know_is_wrong():
    known, unknown = (("play", TRACK), ("play", TRACK)), (("play", TRACK), ({"sing": 1.0, "play": 0.0}, TRACK))
    scores = score(known, unknown, (("play", TRACK), ("play", None)))
    assert (scores["intent_sentence_acc"], scores["intent_sentence_texts"], scores["intent_texts"]) == (0.5, 2, 3)
