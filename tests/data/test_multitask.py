"""Several corpora, each annotated for some of the tasks, mixed."""

import logging
import random
import shutil
from collections import Counter

import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_mtl.data.multitask import make_multi_task_corpus
from spacy_mtl.data.sampling.samplers import make_proportional, make_sequential, make_uniform, make_weighted
from spacy_mtl.data.sources import SOURCE_KEY, find_layers, make_source
from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import set_frames
from spacy_mtl.types import FrameSpans, RoleSpan


def make_docs(vocab, prefix, count):
    docs = []
    for i in range(count):
        doc = Doc(vocab, words=[f"{prefix}{i}", "sleeps", "."], tags=["N", "V", "."])
        doc.cats = {"good": float(i % 2), "bad": float(i % 2 == 0)}
        doc.ents = [Span(doc, 0, 1, label="PER")]
        set_frames(doc, [FrameSpans(1, 2, "sleep.01", (RoleSpan("ARG0", 0, 1),))])
        docs.append(doc)
    return docs


@pytest.fixture
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_textcat", name="mood")
    nlp.add_pipe("mtl_ner", name="names")
    nlp.add_pipe("mtl_srl", name="roles")
    nlp.add_pipe("tagger")
    return nlp


@pytest.fixture
def files(nlp, tmp_path):
    sizes = {"large": 40, "small": 5}
    for name, size in sizes.items():
        write_docs(make_docs(nlp.vocab, name, size), tmp_path / f"{name}.spacy")
    return tmp_path


def make_sources(files, **settings):
    return {
        "large": make_source(files / "large.spacy", tasks=["mood"], **settings),
        "small": make_source(files / "small.spacy", tasks=["names", "roles"], **settings),
    }


def read(corpus, nlp):
    return [example.reference.text.split()[0] for example in corpus(nlp)]


def test_other_annotation_is_masked(files, nlp):
    for example in make_multi_task_corpus(make_sources(files))(nlp):
        doc = example.reference
        is_large = doc.user_data[SOURCE_KEY] == "large"
        assert doc.text.startswith("large") == is_large
        assert bool(doc.cats) == is_large
        assert doc.has_annotation("ENT_IOB") == ("srl" in doc.spans) == (not is_large)
        assert not doc.has_annotation("TAG")
        assert not example.predicted.cats and not example.predicted.ents


def test_without_a_sampler_everything_comes_once_in_order(files, nlp):
    expected = [f"large{i}" for i in range(40)] + [f"small{i}" for i in range(5)]
    corpus = make_multi_task_corpus(make_sources(files))
    assert read(corpus, nlp) == read(corpus, nlp) == expected


@pytest.mark.parametrize("keep_in_memory", [True, False])
def test_proportional_epochs_are_passes_in_new_orders(files, nlp, keep_in_memory):
    corpus = make_multi_task_corpus(make_sources(files, keep_in_memory=keep_in_memory), make_proportional())
    epochs = [read(corpus, nlp) for _ in range(3)]
    for epoch in epochs:
        assert sorted(epoch) == sorted(epochs[0]) and len(set(epoch)) == 45
    assert epochs[0] != epochs[1] != epochs[2]


@pytest.mark.parametrize("keep_in_memory", [True, False])
def test_a_small_source_cycles_and_a_large_one_goes_on(files, nlp, keep_in_memory):
    sources = make_sources(files, keep_in_memory=keep_in_memory, shuffle_buffer=7)
    corpus = make_multi_task_corpus(sources, make_uniform())
    texts = read(corpus, nlp) + read(corpus, nlp)
    assert len(texts) == 90
    small = [text for text in texts if text.startswith("small")]
    cycles = [small[i : i + 5] for i in range(0, len(small) - 4, 5)]
    assert len(cycles) >= 4
    assert all(sorted(cycle) == [f"small{i}" for i in range(5)] for cycle in cycles)
    assert len({tuple(cycle) for cycle in cycles}) > 1
    large = [text for text in texts if text.startswith("large")]
    assert len(set(large[:40])) == 40 or len(large) < 40
    assert max(Counter(large).values()) <= 2


def test_the_seed_decides(files, nlp):
    def epochs(seed):
        corpus = make_multi_task_corpus(make_sources(files), make_uniform(), seed)
        return read(corpus, nlp) + read(corpus, nlp)

    random.seed(1)
    first = epochs(0)
    random.seed(2)
    assert epochs(0) == first != epochs(1)


def test_the_mix_is_logged(files, nlp, caplog):
    corpus = make_multi_task_corpus(make_sources(files), make_weighted({"large": 1.0, "small": 4.0}))
    with caplog.at_level(logging.INFO, logger="spacy"):
        names = [example.reference.user_data[SOURCE_KEY] for example in corpus(nlp)]
    assert corpus.mix == Counter(names)
    small = names.count("small")
    assert small > 25
    assert f"Epoch 0: 45 texts: large {45 - small} ({(45 - small) / 45:.0%}), small {small}" in caplog.text


def test_layers_follow_the_components(nlp):
    layers = find_layers(nlp, ["mood", "roles"], "x")
    assert {"doc.cats", "doc.spans"} == layers.names and layers.categories is None
    assert layers.span_groups == {"srl"}
    nlp.get_pipe("mood").add_label("good")
    assert find_layers(nlp, ["mood"], "x").categories == {"good"}
    assert "token.tag" in find_layers(nlp, ["tagger"], "x").names


def test_an_augmenter_adds_texts(files, nlp):
    def shout(nlp, example):
        yield example
        words = [token.text.upper() for token in example.reference]
        yield Example(Doc(nlp.vocab, words=words), Doc(nlp.vocab, words=words))

    sources = {
        "small": make_source(files / "small.spacy", tasks=["names"], augmenter=shout),
        "large": make_source(files / "large.spacy", tasks=["mood"], limit=2),
    }
    examples = list(make_multi_task_corpus(sources, make_sequential(["large"]))(nlp))
    texts = [example.reference.text.split()[0] for example in examples]
    assert texts[:2] == ["large1", "large0"] or texts[:2] == ["large0", "large1"]
    assert sorted(texts[2:]) == sorted([f"small{i}" for i in range(5)] + [f"SMALL{i}" for i in range(5)])
    assert all(example.reference.user_data[SOURCE_KEY] in sources for example in examples)


def test_wrong_sources(files, nlp, tmp_path):
    with pytest.raises(ValueError, match="MTL-E160"):
        make_source(files / "small.spacy", tasks=[])
    with pytest.raises(FileNotFoundError, match="MTL-E120"):
        make_source(None)
    with pytest.raises(ValueError, match="MTL-E124"):
        make_source(files / "small.spacy", shuffle_buffer=0)
    with pytest.raises(ValueError, match="MTL-E162"):
        make_multi_task_corpus({})
    with pytest.raises(ValueError, match="MTL-E162.*small"):
        make_multi_task_corpus({"small": {"path": files / "small.spacy"}})
    with pytest.raises(ValueError, match="MTL-E157"):
        make_multi_task_corpus(make_sources(files), make_weighted({"tiny": 1.0}))
    with pytest.raises(ValueError, match=r"MTL-E159.*'moods'"):
        read(make_multi_task_corpus({"a": make_source(files / "small.spacy", tasks=["moods"])}), nlp)
    bare = tmp_path / "bare.spacy"
    write_docs([Doc(nlp.vocab, words=["bare"])], bare)
    for sampler in (None, make_proportional()):
        with pytest.raises(ValueError, match=r"MTL-E161.*'a'"):
            read(make_multi_task_corpus({"a": make_source(bare, tasks=["mood"])}, sampler), nlp)
    write_docs([], bare)
    with pytest.raises(ValueError, match="MTL-E123"):
        read(make_multi_task_corpus({"a": make_source(bare, tasks=["mood"])}), nlp)


def test_a_source_that_vanishes(files, nlp):
    copied = files / "copied.spacy"
    shutil.copy(files / "small.spacy", copied)
    corpus = make_multi_task_corpus({"a": make_source(copied, keep_in_memory=False)}, make_proportional())
    assert len(read(corpus, nlp)) == 5
    copied.unlink()
    with pytest.raises(FileNotFoundError, match="MTL-E120"):
        read(corpus, nlp)
    kept = make_multi_task_corpus({"a": make_source(files / "small.spacy")}, make_proportional())
    read(kept, nlp)
    (files / "small.spacy").unlink()
    assert len(read(kept, nlp)) == 5


def test_a_source_in_another_format(nlp, tmp_path):
    (tmp_path / "moods.tsv").write_text("it works\t1\nit broke\t0\n", encoding="utf8")
    options = {"header": False, "text_column": "0", "label_columns": ["1"], "label_names": {"0": "bad", "1": "good"}}
    settings = {"path": tmp_path / "moods.tsv", "format": "tsv", "tasks": ["mood"]}
    corpus = make_multi_task_corpus({"moods": make_source(**settings, options=options)})
    assert [(example.reference.text, example.reference.cats) for example in corpus(nlp)] == [
        ("it works", {"bad": 0.0, "good": 1.0}),
        ("it broke", {"bad": 1.0, "good": 0.0}),
    ]
    with pytest.raises(ValueError, match="MTL-E149"):
        read(make_multi_task_corpus({"moods": make_source(**settings, options={"no": 1})}), nlp)
