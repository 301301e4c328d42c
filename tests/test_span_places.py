"""Frames after tokens have been merged or split: on the same characters, or refused."""

import pickle

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.util import filter_spans

from spacy_mtl.data.decoding import decode_docs
from spacy_mtl.data.masking import KNOWN_LAYERS, mask
from spacy_mtl.frames import get_frames, join_docs, read_frame_spans, register_extensions, set_frames, slice_doc
from spacy_mtl.scorers.srl import score_srl
from spacy_mtl.span_places import copy_doc, read_spans
from spacy_mtl.types import FrameSpans, RoleSpan

VOCAB = spacy.blank("en").vocab
WORDS = ["Dana", "Hill", "sold", "her", "boat", "in", "New", "York", "and", "left", "."]
FRAMES = [
    FrameSpans(
        2, 3, "sell.01", (RoleSpan("ARG0", 0, 2, 0.5), RoleSpan("ARG1", 3, 5), RoleSpan("ARGM-LOC", 5, 8)), 0.75
    ),
    FrameSpans(9, 10, "leave.01", (RoleSpan("ARG0", 0, 2),)),
]
TEXTS = [
    (
        "sold",
        "sell.01",
        0.75,
        [("ARG0", "Dana Hill", 0.5), ("ARG1", "her boat", None), ("ARGM-LOC", "in New York", None)],
    ),
    ("left", "leave.01", None, [("ARG0", "Dana Hill", None)]),
]


def make_doc(merged=(), split=None):
    register_extensions()
    doc = Doc(VOCAB, words=WORDS, spaces=[True] * len(WORDS))
    set_frames(doc, FRAMES)
    with doc.retokenize() as retokenizer:
        for start, end in merged:
            retokenizer.merge(doc[start:end])
        if split is not None:
            token, parts = split
            retokenizer.split(doc[token], parts, heads=[(doc[token], i) for i in range(len(parts))])
    return doc


def read(doc):
    return [
        (
            frame.predicate.text,
            frame.sense,
            frame.probability,
            [(a.role, a.span.text, a.probability) for a in frame.arguments],
        )
        for frame in get_frames(doc)
    ]


RETOKENIZED = [
    {"merged": [(0, 2)]},
    {"merged": [(0, 2), (6, 8)]},
    {"merged": [(3, 5)]},
    {"merged": [(0, 2), (3, 5), (5, 8)]},
    {"split": (1, ["Hi", "ll"])},
    {"split": (2, ["so", "ld"])},
    {"split": (10, ["."])},
]


@pytest.mark.parametrize("changes", RETOKENIZED)
def test_frames_stay_on_their_words(changes):
    doc = make_doc(**changes)
    assert read(doc) == TEXTS
    left = next(token for token in doc if token.text == "left")
    assert left._.frame == get_frames(doc)[1]
    assert doc[0]._.frame is None
    set_frames(doc, read_frame_spans(doc))
    assert read(doc) == TEXTS
    assert [span.id_ for span in doc.spans["srl"] if span.label_ == "V"] == [
        str(f.start) for f in read_frame_spans(doc)
    ]


@pytest.mark.parametrize("changes", RETOKENIZED)
def test_what_copies_and_saves_keeps_them_too(changes):
    doc = make_doc(**changes)
    copies = [copy_doc(doc), mask(doc, KNOWN_LAYERS), slice_doc(doc, 0, len(doc))]
    # spaCy itself saves no span that ends behind the last token
    is_saved = all(span.end <= len(doc) for span in read_spans(doc.spans["srl"]))
    copies += (
        []
        if not is_saved
        else [
            pickle.loads(pickle.dumps(doc)),
            Doc(doc.vocab).from_bytes(doc.to_bytes()),
            *DocBin(docs=[doc]).get_docs(doc.vocab),
            *decode_docs(DocBin(docs=[doc]).to_bytes(), doc.vocab, "frames.spacy"),
        ]
    )
    for copy in copies:
        assert read(copy) == TEXTS
    assert read(join_docs([doc, make_doc()])) == TEXTS + TEXTS


@pytest.mark.parametrize(
    "merged,lost",
    [
        ([(1, 3)], "Dana Hill"),
        ([(2, 4)], "sold"),
        ([(4, 6)], "her boat"),
        ([(8, 10)], "left"),
        ([(0, 11)], "Dana Hill"),
    ],
)
def test_what_has_no_place_any_more_is_refused(merged, lost):
    doc = make_doc(merged)
    with pytest.raises(ValueError, match=f"E003.*'(sold|{lost})' as"):
        read_frame_spans(doc)


def test_stock_joining_of_retokenized_docs_is_never_read_wrongly():
    with pytest.raises((ValueError, IndexError)):
        read_frame_spans(Doc.from_docs([make_doc(), make_doc([(0, 2)])]))


def test_scores_compare_characters():
    example = Example(make_doc([(0, 2), (6, 8)]), make_doc(split=(2, ["so", "ld"])))
    assert score_srl([example])["srl_argument_f"] == 1.0
    assert score_srl([example])["srl_sense_acc"] == 1.0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10), st.integers(1, 4)), max_size=3))
def test_any_merges_keep_the_words_or_are_refused(chosen):
    doc = Doc(VOCAB, words=WORDS)
    spans = filter_spans([doc[start : min(start + length, len(doc))] for start, length in chosen])
    merged = [(span.start, span.end) for span in spans]
    doc = make_doc(merged)
    borders = {end for _, end in merged} | {start for start, _ in merged}
    inside = {i for start, end in merged for i in range(start + 1, end)} - borders
    ends = {i for f in FRAMES for span in ((0, f.start, f.end), *(r[:3] for r in f.roles)) for i in span[1:]}
    if ends & inside:
        with pytest.raises(ValueError, match="E003"):
            read_frame_spans(doc)
    else:
        assert read(doc) == TEXTS
