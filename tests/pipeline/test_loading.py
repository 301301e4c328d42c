"""Pipelines that commands are given: each that cannot be loaded is told of by a code, whichever command it is."""

import shutil

import pytest
import spacy
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.pipeline.loading import load_pipeline
from tests.pipeline.toy_pipeline import build


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline")
    build(steps=0).to_disk(folder)
    return folder


@pytest.fixture
def damaged(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "damaged")


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_whole_one_is_loaded(whole):
    assert load_pipeline(str(whole)).pipe_names == spacy.load(whole).pipe_names


@pytest.mark.parametrize("name", ["", "absent", "a.b", "..", "a\0b"])
def test_what_is_no_pipeline(name):
    with pytest.raises(OSError, match="MTL-E603"):
        load_pipeline(name)


@pytest.mark.parametrize(
    "file",
    ["config.cfg", "meta.json", "ner/cfg", "ner/model", "srl/cfg", "tok2vec/model", "vocab/strings.json", "tokenizer"],
)
@pytest.mark.parametrize("damage", [cut, lambda path: path.unlink(), lambda path: path.write_bytes(b"\xff\x00{[")])
def test_a_damaged_one(damaged, file, damage):
    damage(damaged / file)
    try:
        load_pipeline(str(damaged))
    except OSError as error:
        assert "MTL-E610" in str(error) or "MTL-E603" in str(error)


def test_a_component_that_is_not_installed(damaged):
    config = (damaged / "config.cfg").read_text("utf8")
    (damaged / "config.cfg").write_text(config.replace('factory = "mtl_ner"', 'factory = "of_nobody"'), "utf8")
    with pytest.raises(OSError, match="MTL-E610.*of_nobody"):
        load_pipeline(str(damaged))


@pytest.mark.parametrize(
    "command",
    [
        ["show", "{}", "Hello"],
        ["evaluate", "{}", "corpus.spacy"],
        ["calibrate", "{}", "corpus.spacy", "out"],
        ["extract", "{}", "--tasks", "ner", "--output", "out"],
        ["settle", "{}", "{}/config.cfg", "--output", "out"],
    ],
)
def test_every_command_tells_of_it(damaged, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (damaged / "ner" / "model").unlink()
    result = CliRunner().invoke(app, [part.replace("{}", str(damaged)) for part in command])
    assert result.exit_code == 1 and "MTL-E610" in result.output, result.output
    assert isinstance(result.exception, SystemExit) and not (tmp_path / "out").exists()
