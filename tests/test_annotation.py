from fractions import Fraction

import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.annotation import (
    LESSONS_KEY,
    TASKS_KEY,
    annotated_categories,
    annotated_entity_tags,
    copy_tokens,
    has_annotation,
    has_entities,
    has_frames,
    has_same_tokens,
    is_for,
    mask_others,
    read_category,
)
from spacy_mtl.frames import set_frames
from spacy_mtl.scorers.ner import score_ner
from spacy_mtl.scorers.srl import score_srl

VOCAB = spacy.blank("en").vocab


def make_example(words, **annotation):
    return Example(Doc(VOCAB, words=words), Doc(VOCAB, words=words, **annotation))


@pytest.mark.parametrize("spaces", [None, [True, False, True]])
def test_copies_have_tokens_and_lessons_and_no_annotation(spaces):
    doc = Doc(VOCAB, words=["Ana", " ", "sleeps"], spaces=spaces, tags=["NNP", "_SP", "VBZ"], ents=["B-PER", "O", "O"])
    doc.user_data.update({LESSONS_KEY: "said", TASKS_KEY: ["ner"]})
    other = spacy.blank("de").vocab
    for copied, vocab in ((copy_tokens(doc), VOCAB), (copy_tokens(doc, other), other)):
        assert copied.vocab is vocab and copied.text == doc.text and [t.text for t in copied] == [t.text for t in doc]
        assert copied.has_unknown_spaces == (spaces is None) and copied.user_data == {LESSONS_KEY: "said"}
        assert not copied.has_annotation("TAG") and not copied.has_annotation("ENT_IOB")


def test_categories_of_a_component_only():
    example = make_example(["Good"])
    example.reference.cats = {"GOOD": 1.0, "BAD": 0.0, "NEWS": 1.0}
    assert annotated_categories(example, ["GOOD", "BAD", "UGLY"]) == {"GOOD": 1.0, "BAD": 0.0}
    assert annotated_categories(example, ["UGLY"]) == {}


GOOD_VALUES = [0, 1, True, False, 0.25, numpy.int64(1), numpy.float32(0.5), numpy.bool_(True), numpy.uint8(0)]
BAD_VALUES = [None, "1", "yes", 2.0, -1, float("nan"), float("inf"), numpy.nan, numpy.int8(-1), [1.0], 1j, {}]


@pytest.mark.parametrize("value", [*GOOD_VALUES, Fraction(1, 3)])
def test_any_kind_of_number_is_a_category_value(value):
    found = read_category(value)
    assert type(found) is float and found == float(value)
    example = make_example(["Good"])
    example.reference.cats = {"GOOD": value}
    assert annotated_categories(example, ["GOOD"]) == {"GOOD": float(value)}


@pytest.mark.parametrize("value", BAD_VALUES, ids=repr)
def test_what_is_no_category_value(value):
    assert read_category(value) is None
    example = make_example(["Good"])
    example.reference.cats = {"GOOD": value, "BAD": 0.0}
    with pytest.raises(ValueError, match="MTL-E308.*'GOOD'"):
        annotated_categories(example, ["GOOD", "BAD"])
    assert annotated_categories(example, ["BAD"]) == {"BAD": 0.0}


def test_annotation_of_a_source_is_for_its_tasks():
    theirs, everyones = make_example(["Rome"], ents=["B-PLACE"]), make_example(["Rome"], ents=["B-PLACE"])
    theirs.reference.user_data[TASKS_KEY] = ["places"]
    assert is_for(theirs, "places") and not is_for(theirs, "products") and is_for(everyones, "products")
    for name, expected in (("places", [True, True]), ("products", [False, True])):
        masked = list(mask_others([theirs, everyones], name))
        assert [has_entities(example) for example in masked] == expected
        assert masked[0].predicted is theirs.predicted
    assert has_entities(theirs)


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


def test_a_doc_without_tokens_is_not_annotated():
    doc = Doc(VOCAB)
    set_frames(doc, [])
    doc.ents = []
    example = Example(Doc(doc.vocab), doc)
    assert not has_entities(example) and not has_frames(example)
    assert not has_annotation(doc, "SENT_START")
    assert score_ner([example])["ents_texts"] == score_srl([example])["srl_texts"] == 0
    assert score_ner([example])["ents_f"] is None
