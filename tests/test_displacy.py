import re

import pytest
import spacy
from spacy.tokens import Doc

from spacy_mtl.displacy import frame_to_arcs, frame_to_spans, render_roles
from spacy_mtl.frames import get_frames, set_frames
from spacy_mtl.types import FrameSpans, RoleSpan

WORDS = ["It", "rains", ".", "Ana", "sold", "her", "<b>", "car", "in", "Oslo", "."]


@pytest.fixture
def doc():
    starts = [i in (0, 3) for i in range(len(WORDS))]
    doc = Doc(spacy.blank("en").vocab, words=WORDS, sent_starts=starts)
    roles = (RoleSpan("ARG0", 3, 4, 0.9), RoleSpan("ARG1", 5, 8, 0.8), RoleSpan("ARGM-LOC", 8, 10, 0.3))
    set_frames(doc, [FrameSpans(1, 2), FrameSpans(4, 5, "sell.01", roles)])
    return doc


def test_spans_are_of_the_predicates_sentence(doc):
    rains, sold = get_frames(doc)
    assert frame_to_spans(rains)["tokens"] == WORDS[:3]
    found = frame_to_spans(sold)
    assert found["tokens"] == WORDS[3:]
    assert [(span["label"], span["start_token"], span["end_token"]) for span in found["spans"]] == [
        ("V sell.01", 1, 2),
        ("ARG0", 0, 1),
        ("ARG1", 2, 5),
        ("ARGM-LOC", 5, 7),
    ]


def test_arcs_go_from_the_predicate_to_arguments_of_one_word_each(doc):
    found = frame_to_arcs(get_frames(doc)[1])
    assert [word["text"] for word in found["words"]] == ["Ana", "sold", "her <b> car", "in Oslo", "."]
    assert [word["tag"] for word in found["words"]] == ["", "sell.01", "", "", ""]
    assert [tuple(arc.values()) for arc in found["arcs"]] == [
        (0, 1, "ARG0", "left"),
        (1, 2, "ARG1", "right"),
        (1, 3, "ARGM-LOC", "right"),
    ]


def test_arguments_of_little_probability_are_left_out(doc):
    frame = get_frames(doc)[1]
    assert [span["label"] for span in frame_to_spans(frame, 0.8)["spans"]] == ["V sell.01", "ARG0", "ARG1"]
    assert len(frame_to_arcs(frame, 0.85)["arcs"]) == 1


@pytest.mark.parametrize("style", ["span", "arc"])
def test_pages_hold_every_frame_and_no_markup_of_the_text(doc, style):
    markup = render_roles(doc, style, page=True, jupyter=False)
    assert "<b>" not in markup and "&lt;b&gt;" in markup
    for label in ("sell.01", "ARG0", "ARG1", "ARGM-LOC", "rains"):
        assert re.search(label, markup), label
    assert "ARGM-LOC" not in render_roles([doc], style, min_probability=0.5, jupyter=False)


@pytest.mark.parametrize("style", ["span", "arc"])
def test_labels_and_senses_are_no_markup(style):
    doc = Doc(spacy.blank("en").vocab, words=["Ana", "sold"])
    set_frames(doc, [FrameSpans(1, 2, "<i>.01", (RoleSpan("<u>", 0, 1),))])
    markup = render_roles(doc, style, jupyter=False)
    assert "<i>" not in markup and "<u>" not in markup
    assert "&lt;i&gt;.01" in markup and "&lt;u&gt;" in markup


def test_colours_are_set_by_role(doc):
    markup = render_roles(doc, jupyter=False, options={"colors": {"ARG1": "#123456", "V": "#abcdef"}})
    assert "#123456" in markup and "#abcdef" in markup


def test_nothing_to_draw():
    assert render_roles(Doc(spacy.blank("en").vocab, words=["Oslo"]), jupyter=False) == ""


def test_a_style_that_there_is_not(doc):
    with pytest.raises(ValueError, match="MTL-E020"):
        render_roles(doc, "tree")
