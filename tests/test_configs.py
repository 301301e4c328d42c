"""Every shipped config trains a few steps through spaCy's own command and evaluates."""

import io
import json
import re
import shlex
import subprocess
import sys
from math import isfinite
from pathlib import Path

import numpy
import pytest
import spacy
from spacy.cli import app as spacy_app
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config, registry
from thinc.api import Adam
from typer.testing import CliRunner

from spacy_mtl.balancing.balancer import LEVELS
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.writing import write_docs
from spacy_mtl.translations import set_translations

from .balancing.methods import ALL, make, params
from .pipeline.shared_encoder import parameters
from .pipeline.srl.test_component import SENTENCES, make_examples

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
        for token in doc:
            token.tag_ = "PUNCT" if token.is_punct else "WORD"
            token.head = doc[max(token.i - 1, 0)]
            token.dep_ = "dep" if token.i else "ROOT"
        set_translations(doc, {"de": f"Das ist {doc.text}"})
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


def run(*command):
    """Run one of spaCy's commands in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "spacy", *map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def invoke(*command, code=0):
    """Run one of spaCy's commands in this process, without the seconds that importing everything anew takes."""
    registry.cli.get_all()
    done = CliRunner().invoke(spacy_app, [*map(str, command)])
    assert done.exit_code == code, done.output
    return done.output


def prepare(path, corpus, folder):
    """A config's settings for a small training, and the corpus with the categories that it names."""
    names = load_config(path)["paths"]
    labels = [block["labels"] for block in load_config(path)["components"].values() if "labels" in block]
    corpus = give_categories(corpus, labels, folder / "corpus.spacy") if labels else corpus
    settings = {f"paths.{name}": str(corpus) for name in names if name.endswith(("train", "dev"))}
    settings.update({"training.max_steps": 4, "training.eval_frequency": 2})
    if "transformer" in names:
        pytest.importorskip("spacy_transformers")
        from .encoders.pretrained.tiny_transformer import WIDTH, write_bert

        settings["paths.transformer"] = str(write_bert(folder / "bert", max_position_embeddings=256))
        settings.update({"encoder.width": WIDTH, "training.accumulate_gradient": 2})
    has_categories = any("textcat" in block["factory"] for block in load_config(path)["components"].values())
    return settings, corpus, labels or ([["news", "chat"]] if has_categories else [])


def check_scores(scores, nlp, config):
    if "ner" in nlp.pipe_names:
        assert 0 <= scores["ents_f"] <= 1
    if "translate" in nlp.pipe_names:
        assert 0 <= scores["translation_bleu"] <= 1
    for name in nlp.pipe_names:
        if nlp.get_pipe_meta(name).factory == "mtl_textcat":
            assert 0 <= scores[f"{name}_acc"] <= 1
    if "srl" in nlp.pipe_names:
        assert 0 <= scores["srl_gold_argument_f"] <= 1
    if config.stem == "snips":
        assert 0 <= scores["intent_sentence_acc"] <= min(scores["intent_acc"], 1)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_config_trains_and_evaluates(config, corpus, tmp_path):
    """What `spacy train` does, without a process of its own."""
    settings, corpus, labels = prepare(config, corpus, tmp_path)
    log = io.StringIO()
    train(init_nlp(load_config(config, overrides=settings)), tmp_path, stdout=log, stderr=io.StringIO())
    nlp = spacy.load(tmp_path / "model-last")
    doc = nlp("Ana sold the old car to Tom.")
    assert set(doc.cats) == {name for names in labels for name in names}
    for names in labels:
        assert sum(doc.cats[name] for name in names) == pytest.approx(1.0, abs=1e-3)
    assert all(name in log.getvalue() for name in nlp.pipe_names)
    assert "srl" not in nlp.pipe_names or "srl" in doc.spans
    examples = list(make_corpus(corpus)(nlp))
    check_scores(nlp.evaluate(examples), nlp, config)
    if nlp.get_pipe_meta("tok2vec").factory == "mtl_tok2vec":
        # each sentence once, and the one without roles
        check_balancers(nlp, examples[-len(SENTENCES) - 1 :], CONFIGS.index(config))


def check_balancers(nlp, examples, turn):
    """Every balancer moves the encoder, at a level that is another for the next config."""
    encoder = nlp.get_pipe("tok2vec")
    for shim in (shim for node in encoder.model.walk() for shim in node.shims if hasattr(shim, "tuning")):
        # as if the steps in which it is frozen were over
        shim.updates = shim.tuning.frozen_steps
    for i, method in enumerate(param.values[0] for param in params(ALL) if not param.marks[0].args[0]):
        level = LEVELS[(i + turn) % len(LEVELS)]
        settings = {} if method == "Sum" else {"level": level}
        encoder.balancer = make(method, **settings, **({"weights": {"ner": 2.0}} if method == "Weighted" else {}))
        before = parameters(nlp)
        # a new one for each: momentum and decay of weights would move the encoder without any gradient
        optimizer = Adam(0.001, L2=0.0, use_averages=False)
        for _ in range(2):
            losses = nlp.update(examples, sgd=optimizer, losses={})
            encoder.close_batch()
            assert all(isfinite(loss) for loss in losses.values()), (method, level)
        after = parameters(nlp)
        assert numpy.isfinite(after).all() and numpy.abs(after - before).max() > 1e-6, (method, level)
    assert "ner" not in nlp.pipe_names or nlp("Ana sold the old car to Tom.").has_annotation("ENT_IOB")


def test_the_commands_do_the_same(corpus, tmp_path):
    config = ROOT / "configs" / "cnn.cfg"
    settings, corpus, _ = prepare(config, corpus, tmp_path)
    overrides = [part for name, value in settings.items() for part in (f"--{name}", value)]
    log = run("train", config, "--output", tmp_path, *overrides)
    invoke("mtl", "evaluate", tmp_path / "model-last", corpus, "--output", tmp_path / "scores.json")
    nlp = spacy.load(tmp_path / "model-last")
    assert all(name in log for name in nlp.pipe_names)
    check_scores(json.loads((tmp_path / "scores.json").read_text()), nlp, config)
    stock = invoke("evaluate", tmp_path / "model-last", corpus)
    assert "NER F" in stock


def test_configs_are_complete():
    for config in CONFIGS:
        loaded = load_config(config)
        assert loaded["training"]["max_steps"] > 0
        assert set(loaded["components"]) == set(loaded["nlp"]["pipeline"])


@pytest.fixture
def several_corpora(corpus, tmp_path):
    """The config with two sources, with small corpora."""
    config = load_config(ROOT / "configs" / "sentiment.cfg")
    config["paths"].update({name: str(corpus) for name in config["paths"] if name.endswith(("train", "dev"))})
    config["components"]["srl"]["min_role_freq"] = 1
    config["training"].update({"max_steps": 4, "eval_frequency": 2})
    return config


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.cfg")), ids=lambda path: path.stem)
def test_shipped_configs_are_what_their_first_line_makes(path, tmp_path, monkeypatch):
    text = path.read_text(encoding="utf8")
    made = text.split("\n")[0].removeprefix("# Made by: python -m ")
    arguments = shlex.split(made)
    assert arguments[:4] == ["spacy", "mtl", "init-config", f"configs/{path.name}"]
    (tmp_path / "configs").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", arguments)
    invoke(*arguments[1:])
    assert (tmp_path / "configs" / path.name).read_text(encoding="utf8") == text


def test_shipped_configs_are_described():
    described = (ROOT / "configs" / "README.md").read_text(encoding="utf8")
    assert re.findall(r"\[(\S+\.cfg)\]", described) == [path.name for path in sorted((ROOT / "configs").glob("*.cfg"))]


def test_spacy_finds_nothing_missing_in_a_config(several_corpora, tmp_path):
    several_corpora.to_disk(tmp_path / "config.cfg")
    assert "Config is valid" in invoke("debug", "config", tmp_path / "config.cfg", "--paths.vectors", "null")
    assert "model looks good" in invoke("debug", "model", tmp_path / "config.cfg", "ner")
    invoke("init", "labels", tmp_path / "config.cfg", tmp_path / "labels")
    assert {path.stem for path in (tmp_path / "labels").iterdir()} >= {"sentiment", "ner", "srl"}


def test_debug_data_reads_several_sources(several_corpora, tmp_path):
    several_corpora.to_disk(tmp_path / "config.cfg")
    # so few texts are an error to spaCy
    report = invoke("debug", "data", tmp_path / "config.cfg", code=1)
    assert "Corpus is loadable" in report and "Low number of examples" in report and "1 error" in report


def test_several_sources_are_streamed(several_corpora, tmp_path, caplog):
    corpus = several_corpora["corpora"]["train"]
    corpus["sampler"] = {"@misc": "spacy-mtl.UniformSampler.v1"}
    for source in corpus["sources"].values():
        source["keep_in_memory"] = False
    several_corpora["training"]["batcher"] = several_corpora["training"]["batcher"]["batcher"]
    several_corpora["training"]["max_epochs"] = -1
    several_corpora.to_disk(tmp_path / "config.cfg")
    invoke("init", "labels", tmp_path / "config.cfg", tmp_path / "labels", "--training.max_epochs", 0)
    several_corpora["initialize"]["components"] = {
        name: {"labels": {"@readers": "spacy.read_labels.v1", "path": str(tmp_path / "labels" / f"{name}.json")}}
        for name in ("sentiment", "ner", "srl")
    }
    several_corpora.to_disk(tmp_path / "config.cfg")
    caplog.set_level("DEBUG", "spacy")
    invoke("train", tmp_path / "config.cfg", "--output", tmp_path, "--verbose")
    assert "Epoch 0:" in caplog.text and "roles" in caplog.text
    nlp = spacy.load(tmp_path / "model-last")
    assert nlp("Ana sold the old car to Tom.").cats.keys() == {"news", "chat"}
