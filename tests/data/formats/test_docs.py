import pytest
import spacy
from spacy.tokens import DocBin

from spacy_mtl.data.formats.docs import TextSpan, find_tokens, make_doc, set_text_entities
from spacy_mtl.frames import read_frame_spans
from spacy_mtl.types import FrameSpans, RoleSpan

NLP = spacy.blank("en")
FRAME = FrameSpans(1, 2, "wave.01", (RoleSpan("ARG0", 0, 1),))


def test_what_is_not_given_stays_unannotated():
    doc = make_doc(NLP.vocab, ["Ada", "waved"], ids={"sent_id": ""})
    assert doc.cats == {} and doc.user_data == {}
    assert not doc.has_annotation("ENT_IOB") and "srl" not in doc.spans
    assert doc.has_unknown_spaces


def test_what_is_empty_is_annotated_also_through_a_doc_bin():
    made = make_doc(NLP.vocab, ["Ada", "waved"], entities=[], frames=[])
    (doc,) = DocBin().from_bytes(DocBin(docs=[made]).to_bytes()).get_docs(NLP.vocab)
    assert doc.has_annotation("ENT_IOB") and not doc.ents
    assert "srl" in doc.spans and read_frame_spans(doc) == []


def test_every_layer():
    doc = make_doc(
        NLP.vocab,
        ["Ada", "waved", "!"],
        categories={"calm": 1.0},
        entities=[("PER", 0, 1)],
        frames=[FRAME],
        ids={"doc_id": "a-1"},
        spaces=[True, False, False],
        tags=["NNP", "VBD", "."],
    )
    assert doc.text == "Ada waved!" and not doc.has_unknown_spaces
    assert doc.cats == {"calm": 1.0}
    assert [(entity.text, entity.label_) for entity in doc.ents] == [("Ada", "PER")]
    assert read_frame_spans(doc) == [FRAME]
    assert doc.user_data["doc_id"] == "a-1"
    assert [token.tag_ for token in doc] == ["NNP", "VBD", "."]


def test_spans_in_characters_become_entities():
    doc = NLP.make_doc("Ada can't leave Rome.")
    set_text_entities(doc, [TextSpan("LOC", 16, 20), TextSpan("PER", 0, 3)], "here")
    assert [(entity.text, entity.label_) for entity in doc.ents] == [("Ada", "PER"), ("Rome", "LOC")]
    set_text_entities(doc, [], "here")
    assert not doc.ents and doc.has_annotation("ENT_IOB")


@pytest.mark.parametrize(
    "span, shown",
    [
        (TextSpan("X", 4, 8), "'can'' (X, characters 4-8)"),
        (TextSpan("X", 0, 5), "'Ada' 'ca' 'n't' 'leave'"),
        (TextSpan("X", 15, 20), "' Rome'"),
        (TextSpan("X", 3, 3), "characters 3-3"),
        (TextSpan("X", -3, 3), "characters -3-3"),
        (TextSpan("X", 16, 99), "'leave' 'Rome' '.'"),
    ],
)
def test_spans_that_cut_through_tokens_show_the_tokens(span, shown):
    with pytest.raises(ValueError, match="MTL-E138.*here.*does not lie on the borders of tokens") as error:
        find_tokens(NLP.make_doc("Ada can't leave Rome."), span, "here")
    assert shown in str(error.value)


def test_overlapping_entities_are_refused():
    doc = NLP.make_doc("Ada can't leave Rome.")
    with pytest.raises(ValueError, match="MTL-E138.*'leave Rome' .*overlaps 'leave'"):
        set_text_entities(doc, [TextSpan("A", 10, 15), TextSpan("B", 10, 20)], "here")
