import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.annotation import (
    annotated_categories,
    annotated_entity_tags,
    has_entities,
    has_frames,
    has_same_tokens,
)
from spacy_mtl.frames import set_frames

VOCAB = spacy.blank("en").vocab


def make_example(words, **annotation):
    return Example(Doc(VOCAB, words=words), Doc(VOCAB, words=words, **annotation))


def test_categories_of_a_component_only():
    example = make_example(["Good"])
    example.reference.cats = {"GOOD": 1.0, "BAD": 0.0, "NEWS": 1.0}
    assert annotated_categories(example, ["GOOD", "BAD", "UGLY"]) == {"GOOD": 1.0, "BAD": 0.0}
    assert annotated_categories(example, ["UGLY"]) == {}


def test_frames_absent_and_empty():
    example = make_example(["Oh"])
    assert not has_frames(example)
    set_frames(example.reference, [])
    assert has_frames(example)
    assert not has_frames(example, "roles")


def test_entities_unset_and_empty():
    unset, empty = make_example(["Rome"]), make_example(["Rome"])
    empty.reference.ents = []
    assert (has_entities(unset), annotated_entity_tags(unset)) == (False, [None])
    assert (has_entities(empty), annotated_entity_tags(empty)) == (True, ["O"])


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_one_tokenization_gives_what_spacy_gives(data):
    words = data.draw(st.lists(st.sampled_from(["Rome", "a", " ", "\n"]), min_size=1, max_size=7))
    tags = []
    for _ in words:
        options = ["O", "", "B-LOC", "B-PER"]
        if tags and tags[-1][2:]:
            options.append(f"I-{tags[-1][2:]}")
        tags.append(data.draw(st.sampled_from(options)))
    try:
        example = make_example(words, ents=tags)
    except ValueError:
        return
    assert annotated_entity_tags(example) == list(example.get_aligned_ner())


def test_another_tokenization_is_aligned():
    reference = Doc(VOCAB, words=["New-York", "won"], ents=["B-LOC", "O"])
    example = Example(Doc(VOCAB, words=["New", "-", "York", "won"], spaces=[False, False, True, False]), reference)
    assert not has_same_tokens(example)
    assert annotated_entity_tags(example) == ["B-LOC", "I-LOC", "L-LOC", "O"]


@pytest.mark.parametrize(
    "words,spaces,same",
    [(["ab", "c"], [True, False], True), (["a", "bc"], [True, False], False), (["ab"], [False], False)],
)
def test_same_tokens(words, spaces, same):
    reference = Doc(VOCAB, words=["ab", "c"], spaces=[True, False])
    assert has_same_tokens(Example(Doc(VOCAB, words=words, spaces=spaces), reference)) is same
