"""What goes from one process to another arrives as it was."""

import pickle

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.attrs import DEP, HEAD, SENT_START
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from spacy_mtl.pipeline.language.wire import pack, unpack

from .docs import annotated, describe

VOCAB = Vocab()


def send(docs, vocab=None):
    return list(unpack(pickle.loads(pickle.dumps(pack(docs))), vocab or Vocab()))


def check(docs):
    assert [describe(doc) for doc in send(docs)] == [describe(doc) for doc in docs]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(annotated(VOCAB), max_size=4))
def test_any_docs(docs):
    check(docs)


def test_no_docs_and_empty_docs():
    check([])
    check([Doc(VOCAB), Doc(VOCAB, words=["It", "rains"]), Doc(VOCAB)])


def test_docs_of_several_vocabularies():
    docs = [Doc(Vocab(), words=[word], tags=[word.upper()]) for word in ("Ana", "likes", "Oslo")]
    check(docs)


def test_tree_without_labels_and_borders_beside_a_tree():
    doc = Doc(VOCAB, words=["a", "b", "c", "d"])
    for child, head in ((0, 1), (2, 1), (3, 2)):
        doc[child].head = doc[head]
    other = Doc(VOCAB, words=["a", "b", "c", "d"], heads=[1, 1, 3, 3], deps=["x", "ROOT", "x", "ROOT"])
    other.from_array([SENT_START], numpy.asarray([1, 0, 0, 1], dtype="uint64"))
    assert doc.to_array([HEAD]).any() and not doc.to_array([DEP]).any()
    check([doc, other])


def test_first_token_without_a_border():
    doc = Doc(VOCAB, words=["a", "b"], sent_starts=[None, None])
    check([doc])
    assert doc.to_array([SENT_START]).tolist() == send([doc])[0].to_array([SENT_START]).tolist() == [0, 0]


def test_spans_of_before_a_merge():
    doc = Doc(VOCAB, words=["New", "York", "is", "big"], spaces=[True, True, True, False])
    doc.spans["stale"] = [Span(doc, 2, 3, "V", kb_id="be.01"), Span(doc, 3, 4, "ARG2")]
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[:2])
    assert pack([Doc(VOCAB, words=["New"]), doc]).groups.moved == [1]
    (found,) = send([doc])
    assert found.spans["stale"].to_bytes() == doc.spans["stale"].to_bytes()
    assert found.text == doc.text and len(found) == len(doc)


def test_label_that_is_no_string():
    doc = Doc(VOCAB, words=["a"])
    span = Span(doc, 0, 1)
    span.label = 10**15
    doc.spans["a"] = [span]
    check([doc])


def test_objects_that_docs_share_stay_shared():
    docs = [Doc(VOCAB, words=["a"]) for _ in range(2)]
    for doc in docs:
        doc.user_data["batch"] = docs[0].user_data.get("batch", {"types": (1, {2})})
    one, other = send(docs)
    assert one.user_data["batch"] is other.user_data["batch"]
    assert one.user_data["batch"] == {"types": (1, {2})}


def test_tensors_can_be_changed_each_by_itself():
    docs = [Doc(VOCAB, words=["a"] * 3) for _ in range(2)]
    for doc in docs:
        doc.tensor = numpy.ones((3, 2), dtype="float32")
    one, other = send(docs)
    one.tensor += 1
    assert one.tensor.tolist() == [[2, 2]] * 3 and other.tensor.tolist() == [[1, 1]] * 3


def test_hooks_are_left_out_with_a_warning():
    doc = Doc(VOCAB, words=["a"])
    doc.user_hooks["sents"] = lambda doc: []
    with pytest.warns(UserWarning, match="W109"):
        (found,) = send([doc])
    assert not found.user_hooks
