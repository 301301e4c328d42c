"""Span groups put on their characters again after tokens were merged or split."""

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy import displacy
from spacy.tokens import Doc, DocBin, Span, SpanGroup
from spacy.util import filter_spans

from spacy_mtl.frames import get_frames, read_frame_spans, set_frames
from spacy_mtl.retokenization import renew_spans
from spacy_mtl.span_places import copy_doc
from spacy_mtl.types import FrameSpans, RoleSpan

VOCAB = spacy.blank("en").vocab
WORDS = ["Dana", "Hill", "sold", "her", "boat", "in", "New", "York", "and", "left", "."]
FRAMES = [
    FrameSpans(2, 3, "sell.01", (RoleSpan("ARG0", 0, 2, 0.5), RoleSpan("ARG1", 3, 5), RoleSpan("ARGM", 5, 8)), 0.75),
    FrameSpans(9, 10, "leave.01", (RoleSpan("ARG0", 0, 2),)),
]
ENTITIES = [("PER", 0, 2), ("LOC", 6, 8), ("TAIL", 9, 11)]


def make_doc(merged=(), split=()):
    doc = Doc(VOCAB, words=WORDS, spaces=[True] * len(WORDS))
    set_frames(doc, FRAMES)
    doc.spans["srl"].attrs["annotator"] = "Ana"
    spans = [Span(doc, start, end, label=label, kb_id="Q1", span_id=label.lower()) for label, start, end in ENTITIES]
    doc.spans["found"] = SpanGroup(doc, name="found", attrs={"scores": [0.1, 0.2, 0.3]}, spans=spans)
    doc.spans["none"] = []
    with doc.retokenize() as retokenizer:
        for start, end in merged:
            retokenizer.merge(doc[start:end])
        for token in split:
            parts = [doc[token].text[:1], doc[token].text[1:]]
            retokenizer.split(doc[token], parts, heads=[(doc[token], 0), (doc[token], 1)])
    return doc


def read(doc):
    return [
        (f.predicate.text, f.sense, f.probability, [(a.role, a.span.text, a.probability) for a in f.arguments])
        for f in get_frames(doc)
    ]


def test_tokens_that_have_not_moved_keep_their_groups():
    doc = make_doc()
    groups = dict(doc.spans)
    assert renew_spans(doc) is doc
    assert all(doc.spans[key] is group for key, group in groups.items())


LEFT = ("left", "leave.01", None, [("ARG0", "Dana Hill", None)])
CUT = [
    # the name begins or ends inside a token: the predicate's token is the predicate's, in its own frame
    (
        [(1, 3)],
        [
            (
                "Hill sold",
                "sell.01",
                0.75,
                [("ARG0", "Dana", 0.5), ("ARG1", "her boat", None), ("ARGM", "in New York", None)],
            ),
            ("left", "leave.01", None, [("ARG0", "Dana Hill sold", None)]),
        ],
        ["Dana Hill sold", "New York", "left ."],
    ),
    # two arguments of one frame: the first has the token
    (
        [(4, 6)],
        [
            (
                "sold",
                "sell.01",
                0.75,
                [("ARG0", "Dana Hill", 0.5), ("ARG1", "her boat in", None), ("ARGM", "New York", None)],
            ),
            LEFT,
        ],
        ["Dana Hill", "New York", "left ."],
    ),
]
DROPPED = [
    # an argument within the predicate's token, and one within another argument's
    (
        [(2, 5)],
        [("sold her boat", "sell.01", 0.75, [("ARG0", "Dana Hill", 0.5), ("ARGM", "in New York", None)]), LEFT],
    ),
    (
        [(3, 8)],
        [("sold", "sell.01", 0.75, [("ARG0", "Dana Hill", 0.5), ("ARG1", "her boat in New York", None)]), LEFT],
    ),
    # two predicates
    ([(2, 10)], [("sold her boat in New York and left", "sell.01", 0.75, [("ARG0", "Dana Hill", 0.5)])]),
    ([(0, 11)], [(" ".join(WORDS), "sell.01", 0.75, [])]),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("merged,frames,entities", CUT)
def test_a_span_takes_the_whole_of_a_token(merged, frames, entities):
    doc = renew_spans(make_doc(merged))
    assert read(doc) == frames
    assert [span.text for span in doc.spans["found"]] == entities


@pytest.mark.parametrize("merged,frames", DROPPED)
def test_what_has_no_token_left_is_dropped_with_a_warning(merged, frames):
    with pytest.warns(UserWarning, match="W013"):
        doc = renew_spans(make_doc(merged))
    assert read(doc) == frames
    assert len(doc.spans["found"]) == 3


def test_labels_ids_and_attrs_stay():
    doc = renew_spans(make_doc([(0, 2)], split=[4]))
    group = doc.spans["found"]
    assert [(s.label_, s.kb_id_, s.id_, s.text) for s in group] == [
        ("PER", "Q1", "per", "Dana Hill"),
        ("LOC", "Q1", "loc", "New York"),
        ("TAIL", "Q1", "tail", "left ."),
    ]
    assert group.attrs == {"scores": [0.1, 0.2, 0.3]} and group.name == "found"
    assert doc.spans["srl"].attrs["annotator"] == "Ana"
    assert list(doc.spans["none"]) == []


@pytest.mark.filterwarnings("ignore:.*W013")
@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(1, 5)), max_size=3),
    st.lists(st.integers(0, 9), max_size=2, unique=True),
)
def test_a_renewed_doc_is_copied_saved_and_drawn(chosen, split):
    doc = Doc(VOCAB, words=WORDS)
    spans = filter_spans([doc[start : min(start + length, len(doc))] for start, length in chosen])
    inside = {i for span in spans for i in range(span.start, span.end)}
    doc = make_doc([(span.start, span.end) for span in spans], [i for i in split if i not in inside])
    unchanged = make_doc()
    before = [(s.start_char, s.end_char) for s in unchanged.spans["found"]]
    assert renew_spans(doc).text == unchanged.text
    # no wider than the tokens that a border lies in
    for (start, end), span in zip(before, doc.spans["found"]):
        assert span[0].idx <= start < span[0].idx + len(span[0])
        assert span[-1].idx < end <= span.end_char
    frames = read_frame_spans(doc)
    copies = [doc.copy(), Doc(VOCAB).from_bytes(doc.to_bytes()), *DocBin(docs=[doc]).get_docs(VOCAB)]
    for copy in copies:
        assert read_frame_spans(copy) == frames
        assert [s.text for s in copy.spans["found"]] == [s.text for s in doc.spans["found"]]
    assert [s["end"] for s in doc.to_json()["spans"]["found"]] == [s.end_char for s in doc.spans["found"]]
    assert displacy.render(doc, "span", options={"spans_key": "srl"}, jupyter=False)
    assert renew_spans(doc) is doc and read_frame_spans(doc) == frames


def test_spans_without_tokens_stay():
    doc = Doc(VOCAB, words=WORDS)
    doc.spans["marks"] = [doc[0:0], doc[3:3], doc[11:11], doc[3:5]]
    group = doc.spans["marks"]
    assert renew_spans(doc).spans["marks"] is group
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    assert [(span.start, span.end) for span in renew_spans(doc).spans["marks"]] == [(0, 0), (2, 2), (10, 10), (2, 4)]
    # spaCy's own copies refuse such spans (E1052)
    assert len(copy_doc(doc)) == len(Doc(VOCAB).from_bytes(doc.to_bytes())) == 10
