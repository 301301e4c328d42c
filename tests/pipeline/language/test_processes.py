"""Processes of `nlp.pipe` give what one process gives, and end with it."""

import copy
import multiprocessing
import os
import pickle
import signal
from functools import partial

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import _pipe, raise_error

from spacy_mtl.pipeline.language.language import SharingPipeline
from spacy_mtl.pipeline.language.wire import unpack
from spacy_mtl.pipeline.language.workers import annotate, pack_task

from ..toy_pipeline import build, make_docs

TEXTS = ["Ana likes Oslo. It rains here.", "", "Otto", "Mira hates Lima. " * 4, "Kim mocks Rome in the rain."] * 3


@pytest.fixture(scope="module")
def nlp():
    if not Doc.has_extension("noted"):
        Doc.set_extension("noted", default=None)
    return build(steps=5)


@Language.component("test_note")
def note(doc):
    if "broken" in doc.text:
        raise KeyError("broken")
    if doc.text == "end here":
        os.kill(os.getpid(), signal.SIGKILL)
    doc._.noted = len(doc)
    doc.user_data["words"] = [token.text for token in doc]
    return doc


def read(doc):
    roles = [(s.start, s.end, s.label_, s.id_, s.kb_id_) for s in doc.spans["srl"]]
    ents = [(ent.start, ent.end, ent.label_) for ent in doc.ents]
    words = [(token.text, token.whitespace_, token.is_sent_start) for token in doc]
    return words, roles, ents, doc.cats, str(doc._.frames), doc.tensor.tolist(), doc._.noted, str(doc.user_data)


@pytest.mark.parametrize("batch_size", [1, 4, 50])
def test_as_one_process(nlp, batch_size):
    nlp.add_pipe("test_note", last=True)
    texts = [(text, {"number": i}) for i, text in enumerate(TEXTS)]
    alone = list(nlp.pipe(texts, as_tuples=True, batch_size=batch_size))
    both = list(nlp.pipe(texts, as_tuples=True, batch_size=batch_size, n_process=2))
    nlp.remove_pipe("test_note")
    assert [(read(doc), context) for doc, context in both] == [(read(doc), context) for doc, context in alone]


def test_errors_of_a_worker(nlp):
    nlp.add_pipe("test_note", last=True)
    texts = ["Ana likes Oslo.", "broken", "Kim mocks Rome."]
    try:
        with pytest.raises(ValueError, match="E871"):
            list(nlp.pipe(texts, n_process=2, batch_size=1))
        errors = []
        nlp.set_error_handler(lambda *args: errors.append(args[-1]))
        docs = list(nlp.pipe(texts, n_process=2, batch_size=1))
    finally:
        nlp.remove_pipe("test_note")
        nlp.set_error_handler(raise_error)
    assert [doc.text for doc in docs] == [texts[0], texts[2]]
    assert not multiprocessing.active_children()


def test_worker_that_is_killed(nlp):
    nlp.add_pipe("test_note", last=True)
    texts = iter(["Ana likes Oslo.", "end here", "Kim mocks Rome.", "It rains here."])
    docs = nlp.pipe(texts, n_process=2, batch_size=1)
    try:
        assert next(docs).text == "Ana likes Oslo."
        with pytest.warns(UserWarning, match="W127"), pytest.raises(RuntimeError, match="MTL-E430.*-9"):
            next(docs)
    finally:
        nlp.remove_pipe("test_note")
    assert not multiprocessing.active_children()


def test_stream_that_is_left(nlp):
    taken = []
    texts = (taken.append(i) or "It rains here." for i in range(50))
    for doc in nlp.pipe(texts, n_process=2, batch_size=2):
        assert doc.spans["srl"] is not None
        break
    assert not multiprocessing.active_children()
    assert len(taken) < 12


def test_docs_and_contexts(nlp):
    docs = make_docs(nlp)
    contexts = [{"number": (i, {i})} for i in range(len(docs))]
    pairs = zip([docs[0], docs[1].text, *docs[2:]], contexts)
    found = list(nlp.pipe(pairs, as_tuples=True, n_process=2, batch_size=5))
    assert [(doc.text, context) for doc, context in found] == [(doc.text, i) for doc, i in zip(docs, contexts)]
    assert all(doc._context is None for doc, _ in found)


def test_contexts_that_no_process_can_be_sent(nlp):
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError), match="lambda"):
        list(nlp.pipe([("It rains.", lambda: None)], as_tuples=True, n_process=2))
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("n_process", [0, -2])
def test_number_of_processes(nlp, n_process):
    with pytest.raises(ValueError, match="MTL-E431"):
        list(nlp.pipe(["It rains."], n_process=n_process))


def test_as_many_as_processors(nlp, monkeypatch):
    for count in (1, 2):
        monkeypatch.setattr(multiprocessing, "cpu_count", lambda count=count: count)
        found = nlp.pipe([("It rains.", 1)], as_tuples=True, n_process=-1)
        assert [(doc.text, context) for doc, context in found] == [("It rains.", 1)]


def test_pipeline_of_a_process_that_is_not_forked(nlp):
    """It is given the pipeline by pickle."""
    pipes = [partial(_pipe, proc=pipe, name=name, kwargs={}, default_error_handler=raise_error)
             for name, pipe in nlp.pipeline]  # fmt: skip
    given, components = pickle.loads(pickle.dumps((nlp, pipes)))
    assert given.get_pipe("srl") is components[-1].keywords["proc"] is not nlp.get_pipe("srl")
    docs = unpack(pickle.loads(annotate(given, components, pack_task(TEXTS))), nlp.vocab)
    assert [read(doc) for doc in docs] == [read(doc) for doc in nlp.pipe(TEXTS)]


@pytest.mark.slow
def test_processes_that_are_not_forked(nlp, monkeypatch):
    monkeypatch.setattr(multiprocessing, "Process", multiprocessing.get_context("spawn").Process)
    docs = list(nlp.pipe(TEXTS, n_process=2, batch_size=4))
    assert [read(doc) for doc in docs] == [read(doc) for doc in nlp.pipe(TEXTS, batch_size=4)]


def test_other_pipelines_are_left_alone(nlp):
    assert isinstance(nlp, SharingPipeline)
    other = spacy.blank("en")
    other.add_pipe("sentencizer")
    assert not isinstance(other, SharingPipeline)
    assert type(copy.deepcopy(nlp)) is type(nlp)
