"""Workers of `nlp.pipe` give what one process gives, and take no more threads than their share."""

import multiprocessing

import pytest
from numpy.linalg import _umath_linalg
from spacy.language import Language
from spacy.tokens import Doc

from spacy_mtl.pipeline.language import workers
from spacy_mtl.pipeline.language.workers import ShareProcessors

from ..toy_pipeline import build

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
        nlp.set_error_handler(lambda name, proc, docs, error: (_ for _ in ()).throw(error))
    assert [doc.text for doc in docs] == [texts[0], texts[2]]
    assert not multiprocessing.active_children()


def _count_threads(n_process, connection):
    import torch

    ShareProcessors(n_process)(())
    library = workers.ctypes.CDLL(_umath_linalg.__file__)
    getters = [getattr(library, f"{start}get_num_threads{end}", None) for start, end in workers.AFFIXES]
    connection.send([get() for get in getters if get] + [torch.get_num_threads()])


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="No processes are forked")
def test_threads_of_a_worker(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr(workers.os, "cpu_count", lambda: 2)
    here, there = multiprocessing.Pipe(False)
    process = multiprocessing.get_context("fork").Process(target=_count_threads, args=(2, there))
    process.start()
    counts = here.recv()
    process.join()
    assert counts and set(counts) == {1}


def test_docs_go_on():
    docs = iter(())
    share = ShareProcessors(10**6)
    assert share.n_threads == 1
    share.done = True
    assert share(docs) is docs
