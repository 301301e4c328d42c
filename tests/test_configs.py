"""Every shipped config trains a few steps through spaCy's own command and evaluates."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.util import load_config

from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.writing import write_docs

from .pipeline.test_srl import SENTENCES, make_examples

ROOT = Path(__file__).parents[1]
CONFIGS = sorted((ROOT / "configs").glob("*.cfg")) + sorted((ROOT / "benchmarks").glob("*.cfg"))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    nlp = spacy.blank("en")
    docs = []
    for i, example in enumerate(make_examples(nlp.vocab, SENTENCES * 3)):
        doc = example.reference
        doc.ents = [doc.char_span(*span, label="PER") for span in [(0, 3)] if doc[0].text in ("Ana", "Tom")]
        doc.cats = {"news": float(i % 2 == 0), "chat": float(i % 2 == 1)}
        docs.append(doc)
    unannotated = docs[0].copy()
    del unannotated.spans["srl"]
    path = tmp_path_factory.mktemp("corpus") / "corpus.spacy"
    write_docs([*docs, unannotated], path)
    return path


def give_categories(corpus, labels, path):
    """The corpus with other categories, one true label of each list."""
    docs = [example.reference for example in make_corpus(corpus)(spacy.blank("en"))]
    for i, doc in enumerate(docs):
        doc.cats = {name: float(j == i % len(names)) for names in labels for j, name in enumerate(names)}
    write_docs(docs, path)
    return path


def run(*command, code=0):
    done = subprocess.run([sys.executable, "-m", "spacy", *map(str, command)], capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_config_trains_and_evaluates(config, corpus, tmp_path):
    names = load_config(config)["paths"]
    labels = [block["labels"] for block in load_config(config)["components"].values() if "labels" in block]
    corpus = give_categories(corpus, labels, tmp_path / "corpus.spacy") if labels else corpus
    labels = labels or [["news", "chat"]]
    paths = [part for name in names if name.endswith(("train", "dev")) for part in (f"--paths.{name}", corpus)]
    if "transformer" in names:
        pytest.importorskip("spacy_transformers")
        from .encoders.tiny_transformer import WIDTH, write_bert

        paths += ["--paths.transformer", write_bert(tmp_path / "bert", max_position_embeddings=256)]
        paths += ["--encoder.width", WIDTH, "--training.accumulate_gradient", 2]
    steps = ["--training.max_steps", 4, "--training.eval_frequency", 2]
    log = run("train", config, "--output", tmp_path, *paths, *steps)
    run("mtl", "evaluate", tmp_path / "model-last", corpus, "--output", tmp_path / "scores.json")
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert 0 <= scores["ents_f"] <= 1
    nlp = spacy.load(tmp_path / "model-last")
    doc = nlp("Ana sold the old car to Tom.")
    assert set(doc.cats) == {name for names in labels for name in names}
    for names in labels:
        assert sum(doc.cats[name] for name in names) == pytest.approx(1.0, abs=1e-3)
    for name in nlp.pipe_names:
        assert name in log
        if nlp.get_pipe_meta(name).factory == "mtl_textcat":
            assert 0 <= scores[f"{name}_acc"] <= 1
    if "srl" in nlp.pipe_names:
        assert 0 <= scores["srl_gold_argument_f"] <= 1
        assert "srl" in doc.spans
    if config.stem == "snips":
        assert 0 <= scores["intent_sentence_acc"] <= min(scores["intent_acc"], 1)
    stock = run("evaluate", tmp_path / "model-last", corpus)
    assert "NER F" in stock


def test_configs_are_complete():
    for config in CONFIGS:
        loaded = load_config(config)
        assert loaded["training"]["max_steps"] > 0
        assert set(loaded["components"]) == set(loaded["nlp"]["pipeline"])


@pytest.fixture
def several_corpora(corpus, tmp_path):
    """The config with two sources, complete and with small corpora."""
    run("init", "fill-config", ROOT / "configs" / "sentiment.cfg", tmp_path / "filled.cfg")
    config = load_config(tmp_path / "filled.cfg")
    config["paths"].update({name: str(corpus) for name in config["paths"] if name.endswith(("train", "dev"))})
    config["components"]["srl"]["min_role_freq"] = 1
    config["training"].update({"max_steps": 4, "eval_frequency": 2})
    return config


def test_debug_data_reads_several_sources(several_corpora, tmp_path):
    several_corpora.to_disk(tmp_path / "config.cfg")
    # so few texts are an error to spaCy
    report = run("debug", "data", tmp_path / "config.cfg", code=1)
    assert "Corpus is loadable" in report and "Low number of examples" in report and "1 error" in report


def test_several_sources_are_streamed(several_corpora, tmp_path):
    corpus = several_corpora["corpora"]["train"]
    corpus["sampler"] = {"@misc": "spacy-mtl.UniformSampler.v1"}
    for source in corpus["sources"].values():
        source["keep_in_memory"] = False
    several_corpora["training"]["batcher"] = several_corpora["training"]["batcher"]["batcher"]
    several_corpora["training"]["max_epochs"] = -1
    several_corpora.to_disk(tmp_path / "config.cfg")
    run("init", "labels", tmp_path / "config.cfg", tmp_path / "labels", "--training.max_epochs", 0)
    several_corpora["initialize"]["components"] = {
        name: {"labels": {"@readers": "spacy.read_labels.v1", "path": str(tmp_path / "labels" / f"{name}.json")}}
        for name in ("sentiment", "ner", "srl")
    }
    several_corpora.to_disk(tmp_path / "config.cfg")
    log = run("train", tmp_path / "config.cfg", "--output", tmp_path, "--verbose")
    assert "Epoch 0:" in log and "sst2" in log
    nlp = spacy.load(tmp_path / "model-last")
    assert nlp("Ana sold the old car to Tom.").cats.keys() == {"news", "chat"}
