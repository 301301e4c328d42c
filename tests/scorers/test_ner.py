"""Scores of entities beside spaCy's."""

import pytest
import spacy
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.scorers.ner import score_ner

VOCAB = spacy.blank("en").vocab


def make_example(predicted, gold):
    words = ["Ada", "met", "Grace", "in", "York"]
    return Example(Doc(VOCAB, words=words, ents=predicted), Doc(VOCAB, words=words, ents=gold))


FOUND = ["B-PER", "O", "O", "O", "B-LOC"]
EXAMPLES = [
    make_example(FOUND, ["B-PER", "O", "B-SHIP", "O", "B-LOC"]),
    make_example(FOUND, None),
    make_example(["O"] * 5, ["O"] * 5),
]


def test_scores_are_those_of_spacy_and_say_of_how_many_texts():
    scores = score_ner(EXAMPLES, labels=["PER", "LOC"])
    assert scores == {**get_ner_prf(EXAMPLES), "ents_texts": 2, "ents_unknown": {"SHIP": 1}}


def test_an_entity_with_an_unknown_label_is_missed():
    scores = score_ner(EXAMPLES, labels=["PER", "LOC"])
    assert scores["ents_r"] == pytest.approx(2 / 3)
    assert scores["ents_per_type"]["SHIP"] == {"p": 0.0, "r": 0.0, "f": 0.0}


def test_what_another_component_finds_is_not_unknown():
    example = make_example(["B-PER", "O", "B-SHIP", "O", "O"], ["B-PER", "O", "B-SHIP", "O", "B-LOC"])
    assert score_ner([example], labels=["PER", "LOC"])["ents_unknown"] == {}


def test_nothing_counts():
    assert score_ner(EXAMPLES[1:2], labels=["PER"]) == {
        "ents_p": None, "ents_r": None, "ents_f": None, "ents_per_type": None, "ents_texts": 0, "ents_unknown": {},
    }  # fmt: skip
