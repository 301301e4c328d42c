import catalogue
import pytest
import srsly.msgpack
from spacy.tokens import Doc, DocBin, Span
from spacy.vocab import Vocab

from spacy_mtl.data.decoding import decode_docs


def make_bin(n_docs):
    vocab = Vocab()
    doc_bin = DocBin(store_user_data=True)
    for number in range(n_docs):
        doc = Doc(vocab, words=["number", str(number), "."])
        doc.ents = [Span(doc, 1, 2, label="NUMBER")]
        doc.spans["key"] = [Span(doc, 0, 2, label="PHRASE", span_id=str(number), kb_id="kb")]
        doc.user_data["n"] = number
        doc_bin.add(doc)
    return doc_bin


def describe(doc):
    spans = [(span.start, span.end, span.label_, span.id_, span.kb_id_) for span in doc.spans["key"]]
    return doc.text, [(entity.text, entity.label_) for entity in doc.ents], spans, doc.user_data["n"]


def test_gives_what_spacy_gives():
    doc_bin = make_bin(3)
    expected = [describe(doc) for doc in doc_bin.get_docs(Vocab())]
    assert [describe(doc) for doc in decode_docs(doc_bin, Vocab())] == expected


def test_asks_the_registry_once(monkeypatch):
    calls = []
    get_all = catalogue.Registry.get_all
    monkeypatch.setattr(catalogue.Registry, "get_all", lambda self: calls.append(self) or get_all(self))
    assert len(list(decode_docs(make_bin(20), Vocab()))) == 20
    decoders = [registry for registry in calls if registry is srsly.msgpack.msgpack_decoders]
    assert len(decoders) == 1


def test_leaves_the_registry_alone():
    registry = srsly.msgpack.msgpack_decoders
    docs = decode_docs(make_bin(2), Vocab())
    assert next(docs).text.startswith("number 0")
    assert srsly.msgpack.msgpack_decoders is registry
    broken = make_bin(2)
    broken.span_groups[1] = b"\xc1"
    docs = decode_docs(broken, Vocab())
    next(docs)
    with pytest.raises(Exception):  # noqa: B017 - msgpack's
        next(docs)
    assert srsly.msgpack.msgpack_decoders is registry


def test_empty():
    assert list(decode_docs(DocBin(), Vocab())) == []
