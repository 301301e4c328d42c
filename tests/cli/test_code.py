"""Every command that loads a pipeline takes a file with the functions that its config names."""

import pytest
import spacy
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.data.writing import write_docs
from tests.pipeline.toy_pipeline import CNN, build, make_docs

CODE = """
import spacy
from spacy.ml.models.tok2vec import MaxoutWindowEncoder

@spacy.registry.architectures("own.Encoder.v1")
def build(width):
    return MaxoutWindowEncoder(width, 1, 2, 1)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A pipeline with an encoder that only a file knows, and a corpus."""
    folder = tmp_path_factory.mktemp("code")
    (folder / "own.py").write_text(CODE, encoding="utf8")
    nlp = build(CNN, steps=1)
    nlp.to_disk(folder / "pipeline")
    path = folder / "pipeline" / "config.cfg"
    config = nlp.config.copy()
    config["components"]["tok2vec"]["model"]["encode"] = {"@architectures": "own.Encoder.v1", "width": 16}
    config.to_disk(path)
    write_docs(make_docs(spacy.blank("en")), folder / "corpus.spacy")
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "pipeline", "corpus.spacy"],
        ["show", "pipeline", "Ana likes Oslo."],
        ["extract", "pipeline", "--tasks", "ner", "--output", "extracted"],
        ["calibrate", "pipeline", "corpus.spacy", "calibrated"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_functions_of_a_file(folder, arguments, monkeypatch):
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(app, [*arguments, "--code", "own.py"])
    assert result.exit_code == 0, result.output
    missing = CliRunner().invoke(app, [*arguments, "--code", "none.py"])
    assert missing.exit_code == 1 and "none.py" in missing.output
