import gc
import struct
import threading
import zlib
from pathlib import Path

import catalogue
import numpy
import pytest
import srsly
import srsly.msgpack
from spacy.attrs import IDS
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


def decode(doc_bin):
    return decode_docs(doc_bin.to_bytes(), Vocab(), Path("a.spacy"))


def test_gives_what_spacy_gives():
    doc_bin = make_bin(3)
    expected = list(doc_bin.get_docs(Vocab()))
    found = list(decode(doc_bin))
    assert [describe(doc) for doc in found] == [describe(doc) for doc in expected]
    assert [doc.to_bytes() for doc in found] == [doc.to_bytes() for doc in expected]


def test_asks_the_registry_once(monkeypatch):
    calls = []
    get_all = catalogue.Registry.get_all
    data = make_bin(20).to_bytes()
    monkeypatch.setattr(catalogue.Registry, "get_all", lambda self: calls.append(self) or get_all(self))
    assert len(list(decode_docs(data, Vocab(), Path("a.spacy")))) == 20
    decoders = [registry for registry in calls if registry is srsly.msgpack.msgpack_decoders]
    assert len(decoders) == 1


def test_empty():
    assert list(decode(DocBin())) == []


def test_a_doc_bin_without_user_data_and_with_old_span_groups():
    doc_bin = make_bin(2)
    content = unpack(doc_bin)
    del content["user_data"], content["flags"]
    groups = srsly.msgpack_loads(content["span_groups"][0])
    content["span_groups"] = [srsly.msgpack_dumps(list(groups)), b""]
    first, second = decode_content(content)
    assert [span.text for span in first.spans["key"]] == ["number 0"]
    assert not second.spans and not first.user_data


def test_offsets_that_retokenization_made_stale_are_kept():
    doc = Doc(Vocab(), words=["New", "York", "is", "far"])
    doc.spans["srl"] = [Span(doc, 2, 3, label="V", span_id="2")]
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    before = [(span.start, span.start_char) for span in doc.spans["srl"]]
    (found,) = decode(DocBin(docs=[doc]))
    assert [(span.start, span.start_char) for span in found.spans["srl"]] == before


def unpack(doc_bin):
    return srsly.msgpack_loads(zlib.decompress(doc_bin.to_bytes()))


def decode_content(content):
    return list(decode_docs(zlib.compress(srsly.msgpack_dumps(content)), Vocab(), Path("a.spacy")))


def pack_group(start, end, label=0, span_id=0, name="key"):
    span = struct.pack(">QQQllll", span_id, 0, label, start, end, 0, 1)
    group = srsly.msgpack_dumps({"name": name, "attrs": {}, "spans": [span]})
    return srsly.msgpack_dumps({group: [name]})


def set_cell(content, attr, value, row=4):
    tokens = numpy.frombuffer(content["tokens"], dtype="uint64").reshape((-1, len(content["attrs"]))).copy()
    tokens[row, content["attrs"].index(IDS[attr])] = value
    content["tokens"] = tokens.tobytes()


V = int(Vocab().strings["V"])
CHANGES = {
    "junk for spans": lambda content: content["span_groups"].__setitem__(1, b"\xc1junk"),
    "spans outside": lambda content: content["span_groups"].__setitem__(1, pack_group(0, 9)),
    "spans backwards": lambda content: content["span_groups"].__setitem__(1, pack_group(2, 1)),
    "negative spans": lambda content: content["span_groups"].__setitem__(1, pack_group(-5, 2)),
    "an unknown label": lambda content: content["span_groups"].__setitem__(1, pack_group(0, 1, label=12345)),
    "an unknown frame": lambda content: (
        content["strings"].append("V"),
        content["span_groups"].__setitem__(1, pack_group(0, 1, label=V, span_id=9876)),
    ),
    "cats no dict": lambda content: content["cats"].__setitem__(1, ["a"]),
    "flags no dict": lambda content: content["flags"].__setitem__(1, 5),
    "user data no dict": lambda content: content["user_data"].__setitem__(1, srsly.msgpack_dumps([1])),
    "an unknown word": lambda content: set_cell(content, "ORTH", 2**60),
    "an unknown tag": lambda content: set_cell(content, "TAG", 2**60),
    "no part of speech": lambda content: set_cell(content, "POS", 7),
    "a head outside": lambda content: set_cell(content, "HEAD", 9),
    "an IOB code of 9": lambda content: set_cell(content, "ENT_IOB", 9),
    "an I after nothing": lambda content: set_cell(content, "ENT_IOB", 1, row=3),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_damaged_doc_is_named_by_its_number(change):
    content = unpack(make_bin(3))
    CHANGES[change](content)
    data = zlib.compress(srsly.msgpack_dumps(content))
    docs = decode_docs(data, Vocab(), Path("a.spacy"))
    assert next(docs).text.startswith("number 0")
    with pytest.raises(ValueError, match="MTL-E122.*a.spacy.*Doc 2 of 3"):
        next(docs)


WHOLE = {
    "no numbers": lambda content: content.update(lengths=b""),
    "a negative length": lambda content: content.update(lengths=numpy.array([-1, 5, 5], dtype="int32").tobytes()),
    "a huge length": lambda content: content.update(lengths=numpy.array([3, 3, 2**31 - 1], dtype="int32").tobytes()),
    "fewer spaces": lambda content: content.update(spaces=content["spaces"][:-1]),
    "half a number": lambda content: content.update(tokens=content["tokens"][:-1]),
    "fewer attributes": lambda content: content.update(attrs=content["attrs"][:-1]),
    "no word": lambda content: content.update(attrs=[0] * len(content["attrs"])),
    "huge attributes": lambda content: content.update(attrs=[65] + [2**70 // 2**10] * (len(content["attrs"]) - 1)),
    "names of attributes": lambda content: content.update(attrs="ORTH"),
    "strings of numbers": lambda content: content.update(strings=[1, 2]),
    "fewer categories": lambda content: content["cats"].pop(),
    "no list of flags": lambda content: content.update(flags={}),
    "no strings": lambda content: content.pop("strings"),
}


@pytest.mark.parametrize("change", WHOLE)
def test_parts_that_do_not_fit_each_other_are_refused(change):
    content = unpack(make_bin(3))
    WHOLE[change](content)
    with pytest.raises(ValueError, match="MTL-E122.*a.spacy"):
        decode_content(content)


@pytest.mark.parametrize("content", [None, 7, [], "text", {}, {"attrs": 1}])
def test_other_content_is_refused(content):
    with pytest.raises(ValueError, match="MTL-E122"):
        decode_content(content)


@pytest.mark.parametrize("data", [b"", b"junk", b"\x78\x9c", zlib.compress(b""), zlib.compress(b"\xc1" * 9)])
def test_bytes_that_are_no_doc_bin_leave_the_collector_on(data):
    with pytest.raises(ValueError, match="MTL-E122"):
        list(decode_docs(data, Vocab(), Path("a.spacy")))
    assert gc.isenabled()


def test_threads_read_at_the_same_time_and_leave_the_registry():
    registry, data = srsly.msgpack.msgpack_decoders, make_bin(30).to_bytes()
    expected = [describe(doc) for doc in decode_docs(data, Vocab(), Path("a.spacy"))]
    found = []

    def read():
        found.append([describe(doc) for doc in decode_docs(data, Vocab(), Path("a.spacy"))])

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 6
    assert srsly.msgpack.msgpack_decoders is registry
