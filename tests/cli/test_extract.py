"""`spacy mtl extract`: some tasks of a pipeline, saved as a pipeline of their own."""

import shutil

import pytest
import spacy
from spacy.language import Language
from thinc.api import Config
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from tests.pipeline.toy_pipeline import build, predictions


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline")
    build(steps=10, first=("sentencizer",)).to_disk(folder)
    return folder


def run_extract(path, tasks, output, *options):
    return CliRunner().invoke(app, ["extract", str(path), "--tasks", tasks, "--output", str(output), *options])


def test_saves_a_pipeline_that_predicts_the_same(path, tmp_path):
    output = tmp_path / "new" / "ner-srl"
    result = run_extract(path, "srl, ner", output)
    assert result.exit_code == 0, result.output
    extracted, expected = spacy.load(output), predictions(spacy.load(path))
    assert extracted.pipe_names == ["sentencizer", "tok2vec", "ner", "srl"]
    assert {name: predictions(extracted)[name] == expected[name] for name in ("ner", "srl")} == {
        "ner": True,
        "srl": True,
    }
    assert [folder.name for folder in output.parent.iterdir()] == ["ner-srl"]


def test_says_what_is_kept_and_why(path, tmp_path):
    rows = [line.split() for line in run_extract(path, "ner,srl", tmp_path / "out").output.splitlines()]
    assert ["sentencizer", "ner,", "srl"] in rows
    assert ["tok2vec", "ner,", "srl"] in rows
    assert ["ner", "named"] in rows and ["srl", "named"] in rows
    assert ["Left", "out:", "sentiment"] in rows


def test_only(path, tmp_path):
    result = run_extract(path, "srl", tmp_path / "out", "--only")
    assert result.exit_code == 0, result.output
    assert spacy.load(tmp_path / "out").pipe_names == ["tok2vec", "srl"]


@pytest.mark.parametrize("tasks,code", [("nre", "MTL-E731"), ("tok2vec", "MTL-E732"), (" , ", "MTL-E730")])
def test_wrong_tasks_leave_nothing(path, tmp_path, tasks, code):
    result = run_extract(path, tasks, tmp_path / "new" / "out")
    assert result.exit_code == 1 and code in result.output
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_left_alone(path, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine", encoding="utf8")
    result = run_extract(path, "ner", tmp_path / "out")
    assert result.exit_code == 1 and "MTL-E604" in result.output
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["mine"]


def test_missing_pipeline(tmp_path):
    result = run_extract(tmp_path / "absent", "ner", tmp_path / "out")
    assert result.exit_code == 1 and "MTL-E603" in result.output


def test_a_missing_package_leaves_nothing(path, tmp_path, monkeypatch):
    config = Config().from_disk(path / "config.cfg", interpolate=False)
    config["components"]["tok2vec"]["balancer"] = {"@misc": "spacy-mtl.PCGrad.v1", "level": "representation"}
    shutil.copytree(path, tmp_path / "pipeline")
    config.to_disk(tmp_path / "pipeline" / "config.cfg")
    monkeypatch.setattr("spacy_mtl.balancing.torchjd_methods.find_spec", lambda name: None)
    result = run_extract(tmp_path / "pipeline", "ner", tmp_path / "new" / "out")
    assert result.exit_code == 1 and "MTL-E420" in result.output
    assert [folder.name for folder in tmp_path.iterdir()] == ["pipeline"]


def test_a_pipeline_that_cannot_be_saved_leaves_nothing(path, tmp_path, monkeypatch):
    def to_disk(self, folder):
        (folder / "config.cfg").write_text("half", encoding="utf8")
        raise OSError("the disk is full")

    monkeypatch.setattr(Language, "to_disk", to_disk)
    result = run_extract(path, "ner", tmp_path / "out")
    assert result.exit_code == 1 and "the disk is full" in result.output
    assert list(tmp_path.iterdir()) == []
