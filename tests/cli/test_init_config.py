import sys

import pytest
from spacy.tokens import Doc, DocBin, Span
from spacy.util import load_config
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.cli.init_config import find_open_paths


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["spacy", "mtl", "init-config", *map(str, arguments)])
    return CliRunner().invoke(app, ["init-config", *map(str, arguments)])


def test_a_config_is_written_and_what_is_missing_is_said(tmp_path, monkeypatch):
    path = tmp_path / "my.cfg"
    done = run(monkeypatch, path, "--tasks", "textcat:intent,ner", "--source", "a:intent", "--source", "b:ner")
    assert done.exit_code == 0, done.output
    for name in ("a_train", "a_dev", "b_train", "b_dev"):
        assert f"--paths.{name} FILE" in done.output
    config = load_config(path)
    assert config["nlp"]["pipeline"] == ["tok2vec", "intent", "ner"]
    assert config["corpora"]["train"]["sources"]["b"]["tasks"] == ["ner"]


def test_settings_are_given_as_for_training(tmp_path, monkeypatch):
    path = tmp_path / "my.cfg"
    done = run(monkeypatch, path, "-t", "ner", "--training.max_steps", "12", "--components.ner.scheme", "bio")
    assert done.exit_code == 0, done.output
    config = load_config(path)
    assert (config["training"]["max_steps"], config["components"]["ner"]["scheme"]) == (12, "bio")
    assert path.read_text().startswith(f"# Made by: python -m spacy mtl init-config {path} -t ner --training.max_steps")


def test_a_corpus_named_as_for_training_says_what_the_tasks_are(tmp_path, monkeypatch):
    corpus, path = tmp_path / "train.spacy", tmp_path / "my.cfg"
    doc = Doc(Vocab(), words=["Ana", "sings"])
    doc.ents = [Span(doc, 0, 1, label="PER")]
    DocBin(docs=[doc]).to_disk(corpus)
    done = run(monkeypatch, path, "--paths.train", corpus)
    assert done.exit_code == 0, done.output
    assert "--paths.dev FILE" in done.output and "--paths.train FILE" not in done.output
    config = load_config(path)
    assert config["nlp"]["pipeline"] == ["tok2vec", "ner"]
    assert config["paths"]["train"] == str(corpus)
    # two words are a small corpus
    other = tmp_path / "other.cfg"
    run(monkeypatch, other, "--tasks", "ner")
    assert config["components"]["tok2vec"] != load_config(other)["components"]["tok2vec"]


def test_a_corpus_that_is_to_be_made_needs_tasks(tmp_path, monkeypatch):
    missing = tmp_path / "missing.spacy"
    done = run(monkeypatch, tmp_path / "a.cfg", "--paths.train", missing)
    assert done.exit_code == 1 and "E120" in done.output
    done = run(monkeypatch, tmp_path / "a.cfg", "--paths.train", missing, "--tasks", "ner")
    assert done.exit_code == 0, done.output
    assert load_config(tmp_path / "a.cfg")["paths"]["train"] == str(missing)


def test_nothing_is_written_over_and_nothing_by_halves(tmp_path, monkeypatch):
    path = tmp_path / "my.cfg"
    path.write_text("mine")
    assert run(monkeypatch, path, "-t", "ner").exit_code == 1
    assert path.read_text() == "mine"
    assert run(monkeypatch, path, "-t", "nre", "--force").exit_code == 1
    assert path.read_text() == "mine"
    assert run(monkeypatch, path, "-t", "ner", "--force").exit_code == 0
    assert load_config(path)["nlp"]["pipeline"] == ["tok2vec", "ner"]
    assert [file.name for file in tmp_path.iterdir()] == ["my.cfg"]


@pytest.mark.parametrize(
    "arguments,code",
    [
        ([], "E766"),
        (["-t", "x"], "E760"),
        (["-t", "ner", "--encodr", "cnn"], "E794"),
        (["-t", "ner", "-l", "qqq"], "E645"),
        (["-t", "ner", "-s", "a=/no/where"], "E120"),
        (["-t", "ner", "--components.ner.scheme", "foo"], "E201"),
        (["-t", "ner", "--components.ner.sheme", "bio"], "E795"),
        (["-t", "ner", "--components.ner.model.hidden_width", "wide"], "E795"),
        (["-t", "translate", "--components.translate.beam", "0"], "E435"),
    ],
)
def test_what_is_wrong_is_said_with_its_code(tmp_path, monkeypatch, arguments, code):
    done = run(monkeypatch, tmp_path / "my.cfg", *arguments)
    assert done.exit_code == (2 if code == "E794" else 1)
    assert f"MTL-{code}" in done.output and not (tmp_path / "my.cfg").exists()
    assert done.exception is None or isinstance(done.exception, SystemExit)


@pytest.mark.parametrize(
    "settings",
    [
        ["--components.tok2vec.balancer", '{"@misc":"my.Balancer.v1"}'],
        ["--components.ner.factory", "my_ner"],
        ["--components.ner.scheme", "bio", "--encoder", "pretrained", "--transformer", "no/such"],
    ],
)
def test_what_only_training_can_know_is_left_to_it(tmp_path, monkeypatch, settings):
    done = run(monkeypatch, tmp_path / "my.cfg", "-t", "ner", *settings)
    assert done.exit_code == 0 and (tmp_path / "my.cfg").exists(), done.output


def test_a_width_is_a_width(tmp_path, monkeypatch):
    assert run(monkeypatch, tmp_path / "my.cfg", "-t", "ner", "--width", "0").exit_code == 2


def test_it_is_printed_if_one_likes(monkeypatch):
    done = run(monkeypatch, "-", "-t", "srl")
    assert "[components.srl]" in done.output
    assert find_open_paths(done.output) == ["train", "dev"]


def test_languages_of_translators_by_option_or_setting(tmp_path, monkeypatch):
    path = tmp_path / "my.cfg"
    tasks = ("--tasks", "translate:german,translate:french")
    done = run(monkeypatch, path, *tasks, "--languages", "german=de,french=fr")
    assert done.exit_code == 0, done.output
    components = load_config(path)["components"]
    assert (components["german"]["lang"], components["french"]["lang"]) == ("de", "fr")
    settings = ("--components.german.lang", "nl", "--components.french.lang", "fr")
    assert run(monkeypatch, path, *tasks, *settings, "--force").exit_code == 0
    assert load_config(path)["components"]["german"]["lang"] == "nl"
    assert "MTL-E1010" in run(monkeypatch, path, *tasks, "--languages", "german=fr", *settings[2:], "--force").output
    assert "MTL-E1011" in run(monkeypatch, path, *tasks, "--force").output
