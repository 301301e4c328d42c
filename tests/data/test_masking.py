"""Docs with some of their annotation taken away."""

import pytest
import spacy
from spacy.tokens import Doc, Span

from spacy_mtl.data.masking import mask
from spacy_mtl.frames import read_frame_spans, set_frames
from spacy_mtl.translations import get_translations, set_translations
from spacy_mtl.types import FrameSpans, RoleSpan

FRAME = FrameSpans(1, 2, "sell.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 2, 3)))


@pytest.fixture
def doc():
    doc = Doc(
        spacy.blank("en").vocab,
        words=["Ana", "sold", "it", "."],
        spaces=[True, True, False, False],
        tags=["N", "V", "P", "."],
        pos=["PROPN", "VERB", "PRON", "PUNCT"],
        heads=[1, 1, 1, 1],
        deps=["nsubj", "ROOT", "obj", "punct"],
        lemmas=["Ana", "sell", "it", "."],
    )
    doc.cats = {"good": 1.0, "trade": 0.0}
    doc.ents = [Span(doc, 0, 1, label="PER")]
    set_frames(doc, [FRAME])
    doc.spans["other"] = [Span(doc, 1, 2, label="X")]
    doc.user_data["id"] = "one"
    return doc


def layers_of(doc):
    found = {name for name in ("TAG", "POS", "LEMMA", "DEP", "ENT_IOB", "SENT_START") if doc.has_annotation(name)}
    return found | ({"cats"} if doc.cats else set()) | set(doc.spans)


@pytest.mark.parametrize(
    "layers, expected",
    [
        ([], set()),
        (["doc.cats"], {"cats"}),
        (["doc.ents", "token.ent_iob"], {"ENT_IOB"}),
        (["doc.spans"], {"srl", "other", "SENT_START"}),
        (["token.tag"], {"TAG"}),
        (["token.pos", "token.lemma"], {"POS", "LEMMA"}),
        (["token.dep", "token.head", "doc.sents"], {"DEP", "SENT_START"}),
        (["token.is_sent_start"], {"SENT_START"}),
        (["doc.tensor"], set()),
    ],
)
def test_only_the_layers_stay(doc, layers, expected):
    masked = mask(doc, layers)
    assert layers_of(masked) == expected
    assert masked.text == doc.text and masked.user_data["id"] == "one"
    assert layers_of(doc) == {"TAG", "POS", "LEMMA", "DEP", "ENT_IOB", "SENT_START", "cats", "srl", "other"}


def test_values_are_the_same(doc):
    masked = mask(doc, ["doc.cats", "doc.ents", "doc.spans", "token.tag", "token.dep", "token.lemma", "token.pos"])
    assert masked.cats == doc.cats
    assert [(e.start, e.end, e.label_) for e in masked.ents] == [(0, 1, "PER")]
    assert read_frame_spans(masked, "srl") == read_frame_spans(doc, "srl") == [FRAME]
    assert all(span.doc is masked for span in masked.spans["srl"])
    rows = [[(t.tag_, t.pos_, t.dep_, t.head.i, t.lemma_) for t in one] for one in (doc, masked)]
    assert rows[0] == rows[1]
    assert len(list(masked.sents)) == len(list(doc.sents)) == 1


def test_some_categories_and_groups(doc):
    masked = mask(doc, ["doc.cats", "doc.spans"], categories=frozenset({"good"}), span_groups=frozenset({"srl"}))
    assert masked.cats == {"good": 1.0}
    assert set(masked.spans) == {"srl"}


def test_open_tokens_stay_open(doc):
    doc.set_ents([Span(doc, 0, 1, label="PER")], missing=[doc[2:4]], default="outside")
    assert mask(doc, ["doc.ents"]).to_array("ENT_IOB").tolist() == doc.to_array("ENT_IOB").tolist() == [3, 2, 0, 0]


def test_empty_is_not_unknown(doc):
    doc.ents = []
    set_frames(doc, [])
    masked = mask(doc, ["doc.ents", "doc.spans"])
    assert masked.has_annotation("ENT_IOB") and "srl" in masked.spans and not masked.spans["srl"]
    assert not mask(doc, []).has_annotation("ENT_IOB")
    assert len(mask(Doc(doc.vocab), ["token.tag", "doc.ents"])) == 0


def test_translations_stay_with_what_learns_from_them():
    doc = Doc(spacy.blank("en").vocab, words=["Hello"])
    set_translations(doc, {"de": "Hallo"})
    assert get_translations(mask(doc, ["doc._.translation"])) == {"de": "Hallo"}
    assert get_translations(mask(doc, ["doc.ents"])) is None
