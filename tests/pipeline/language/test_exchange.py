"""Processes exchange Docs without asking srsly's registries for each group of spans, and the registries stay."""

import copy
import multiprocessing
import pickle
import threading
import time

import pytest
import spacy
import srsly.msgpack
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_mtl.pipeline.language import exchange
from spacy_mtl.pipeline.language.exchange import KnownFunctions, StandIn, is_inside, iterate_inside
from spacy_mtl.pipeline.language.language import SharingPipeline

from ..toy_pipeline import build, make_docs

REGISTRIES = (srsly.msgpack.msgpack_encoders, srsly.msgpack.msgpack_decoders)


@pytest.fixture(scope="module")
def nlp():
    return build(steps=1)


@pytest.fixture(autouse=True)
def registries_stay():
    yield
    assert (srsly.msgpack.msgpack_encoders, srsly.msgpack.msgpack_decoders) == REGISTRIES
    assert not is_inside()


@pytest.fixture
def asked(monkeypatch):
    """How often each registry was asked for all that it has, in this process."""
    counts = []
    for registry in REGISTRIES:
        get_all = registry.get_all
        monkeypatch.setattr(registry, "get_all", lambda get_all=get_all: counts.append(1) or get_all())
    return counts


def read(docs):
    return [(doc.text, doc.to_bytes()) for doc in docs]


def test_processes(nlp, asked):
    texts = [doc.text for doc in make_docs(nlp)] * 2
    alone = read(nlp.pipe(texts))
    asked.clear()
    docs = list(nlp.pipe(texts, n_process=2, batch_size=3))
    assert len(asked) == len(REGISTRIES)
    assert read(docs) == alone


def test_processes_that_are_not_forked(nlp, monkeypatch):
    """They are given the pipeline by pickle, from within a block, and write Docs fast for as long as they live."""
    with KnownFunctions():
        data = pickle.dumps(nlp._ensure_doc_with_context)
        assert pickle.loads(data).__self__.components[0][1] is not nlp.components[0][1]
    pickle.loads(data)
    assert not is_inside()
    with monkeypatch.context() as other_process:
        other_process.setattr("os.getpid", lambda: -1)
        ensure_doc = pickle.loads(data)
    assert is_inside()
    assert ensure_doc("It rains.", None).text == "It rains."
    exchange._find_blocks()[-1].__exit__()


def test_docs_and_contexts(nlp):
    docs = make_docs(nlp)
    expected = [(doc.text, i) for i, doc in enumerate(docs)]
    found = nlp.pipe([(doc, i) for i, doc in enumerate(docs)], as_tuples=True, n_process=2, batch_size=5)
    assert [(doc.text, i) for doc, i in found] == expected


def test_stream_that_is_left(nlp):
    for doc in nlp.pipe((text for text in ["It rains here."] * 50), n_process=2, batch_size=2):
        assert doc.spans["srl"] is not None
        break
    assert not multiprocessing.active_children()


def test_other_pipelines_are_left_alone(nlp):
    assert isinstance(nlp, SharingPipeline)
    other = spacy.blank("en")
    other.add_pipe("sentencizer")
    assert not isinstance(other, SharingPipeline)
    assert type(copy.deepcopy(nlp)) is type(nlp)


def test_a_block_is_this_threads_alone(asked):
    with KnownFunctions():
        asked.clear()
        assert isinstance(srsly.msgpack.msgpack_encoders, StandIn)
        srsly.msgpack_dumps({"a": 1})
        assert not asked
        thread = threading.Thread(target=lambda: srsly.msgpack_dumps({"a": 1}))
        thread.start()
        thread.join()
        assert asked


def test_blocks_of_many_threads_and_within_each_other():
    data = make_docs(spacy.blank("en"))[0].to_bytes()
    found = []

    def work(i):
        def docs():
            for _ in range(20):
                time.sleep(0.0001 * i)
                yield from iterate_inside(Doc(Vocab()).from_bytes(data) for _ in range(2))

        found.extend(doc.to_bytes() == data for doc in iterate_inside(docs()))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 * 40


def test_an_error_leaves_the_block():
    def docs():
        yield 1
        raise KeyError

    found = iterate_inside(docs())
    assert next(found) == 1
    with pytest.raises(KeyError):
        next(found)


def test_new_functions_are_found_by_the_next_block():
    encoders = srsly.msgpack.msgpack_encoders
    with KnownFunctions() as block:
        assert "numpy" in srsly.msgpack.msgpack_encoders.get_all()
        assert srsly.msgpack.msgpack_encoders.get("numpy") is encoders.get("numpy")
        assert block.known.keys() == {"msgpack_encoders", "msgpack_decoders"}
