"""Trainings that resume."""

import json

import pytest
import spacy
from spacy.tokens import Doc
from thinc.api import Config

from spacy_mtl.analysis.runs import Run, fingerprint, read_outcome, train_runs
from spacy_mtl.data.writing import write_docs


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    vocab = spacy.blank("en").vocab
    docs = []
    for words in (["Ana", "sleeps"], ["Tom", "reads", "."]):
        doc = Doc(vocab, words=words)
        doc.ents = [doc.char_span(0, 3, label="PER")]
        docs.append(doc)
    path = tmp_path_factory.mktemp("corpus") / "corpus.spacy"
    write_docs(docs, path)
    return path


def make_config(corpus, steps=2, **training):
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_ner")
    config = Config(nlp.config).copy()
    config["paths"].update({"train": str(corpus), "dev": str(corpus)})
    config["corpora"]["train"]["path"] = config["corpora"]["dev"]["path"] = str(corpus)
    config["training"].update({"max_steps": steps, "eval_frequency": steps, **training})
    config["training"]["logger"] = {"@loggers": "spacy-mtl.ConsoleLogger.v1"}
    return config.interpolate()


def make_run(corpus, folder, name="ner", **settings):
    return Run(name, make_config(corpus, **settings), folder / name)


def test_a_finished_training_is_not_done_again(corpus, tmp_path):
    run = make_run(corpus, tmp_path)
    seen = {}
    first = train_runs([run], progress=seen.update)["ner"]
    assert first.is_finished and first.seconds > 0 and first.processor_seconds > 0
    assert 20e6 < first.peak_memory < 8e9
    assert seen["ner"] == 2
    assert spacy.load(run.folder / "model-last").pipe_names == ["mtl_ner"]
    written = (run.folder / "model-last" / "meta.json").stat().st_mtime_ns
    assert train_runs([run])["ner"] == first == read_outcome(run)
    assert (run.folder / "model-last" / "meta.json").stat().st_mtime_ns == written


def test_another_config_or_other_data_are_noticed(corpus, tmp_path):
    run = make_run(corpus, tmp_path)
    run.folder.mkdir()
    record = {"exit_code": 0, "seconds": 1.0, "processor_seconds": 1.0, "peak_memory": 1}
    (run.folder / "run.json").write_text(json.dumps({**record, "fingerprint": fingerprint(run.config)}))
    assert read_outcome(run).is_finished
    with pytest.raises(ValueError, match="MTL-E701"):
        train_runs([make_run(corpus, tmp_path, steps=3)])
    copied = tmp_path / "copied.spacy"
    copied.write_bytes(corpus.read_bytes())
    before = fingerprint(make_config(copied))
    copied.write_bytes(corpus.read_bytes() + b" ")
    assert fingerprint(make_config(copied)) != before


def test_a_failed_training_stops_no_other_and_is_tried_again(corpus, tmp_path):
    good = make_run(corpus, tmp_path)
    bad = make_run(corpus, tmp_path, name="bad", dev_corpus="corpora.missing")
    outcomes = train_runs([bad, good], jobs=2)
    assert not outcomes["bad"].is_finished and outcomes["ner"].is_finished
    assert "missing" in (bad.folder / "log.txt").read_text()
    before = (bad.folder / "run.json").stat().st_mtime_ns
    train_runs([bad, good])
    assert (bad.folder / "run.json").stat().st_mtime_ns > before


def test_interruption_ends_what_runs(corpus, tmp_path):
    run = make_run(corpus, tmp_path, steps=100_000)

    def interrupt(steps):
        if (run.folder / "log.txt").stat().st_size:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_runs([run], progress=interrupt)
    assert read_outcome(run) is None


@pytest.mark.parametrize("jobs, names", [(0, ["a"]), (1, ["a", "a"])])
def test_wrong_arguments(corpus, tmp_path, jobs, names):
    with pytest.raises(ValueError, match="MTL-E702"):
        train_runs([make_run(corpus, tmp_path, name=name) for name in names], jobs=jobs)
