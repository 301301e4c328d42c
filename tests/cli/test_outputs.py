"""Commands that write refuse an output that is an input, a folder or below a file, before they do anything."""

import os

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import Doc
from typer.testing import CliRunner

from spacy_mtl.data.writing import check_output, write_docs

VOCAB = spacy.blank("en").vocab


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.spacy", "b.spacy", "corpus/c.spacy"):
        write_docs([Doc(VOCAB, words=["It", "rains"])], tmp_path / name)
    os.symlink("a.spacy", "link.spacy")
    (tmp_path / "columns.spacy").write_text("It\tO\n", encoding="utf8")
    (tmp_path / "file").write_text("", encoding="utf8")
    spacy.blank("en").to_disk(tmp_path / "pipeline")
    return tmp_path


REFUSED = [
    ("join a.spacy b.spacy -o a.spacy", "E153"),
    ("join a.spacy b.spacy -o ./corpus/../b.spacy", "E153"),
    ("join a.spacy b.spacy -o link.spacy", "E153"),
    ("join corpus b.spacy -o corpus/joined.spacy", "E153"),
    ("join a.spacy b.spacy -o file/c.spacy", "E192"),
    ("convert columns.spacy columns.spacy --format iob2", "E153"),
    ("convert columns.spacy out.spacy --format iob2 --dev 50% --dev-output columns.spacy", "E153"),
    ("evaluate pipeline a.spacy --output a.spacy", "E153"),
    ("evaluate pipeline a.spacy --output corpus", "E612"),
    ("evaluate pipeline a.spacy --output file/scores.json", "E192"),
    ("init-config a.spacy --source s=a.spacy --force", "E153"),
    ("init-config corpus --tasks ner --force", "E192"),
    ("init-config file/c.cfg --tasks ner", "E192"),
    ("show pipeline text --html corpus", "E152"),
    ("show pipeline text --html file/page.html", "E192"),
    ("extract pipeline --tasks ner -o file/out", "E192"),
    ("calibrate pipeline a.spacy file/out", "E192"),
    ("export-encoder pipeline file/out", "E192"),
    ("settle pipeline pipeline/config.cfg -o file/out", "E192"),
    ("plot pipeline -o file", "E192"),
    ("compare pipeline/config.cfg --test a.spacy -o file", "E192"),
    ("affinity pipeline/config.cfg -o file/out", "E192"),
    ("init-project file/out", "E192"),
]


@pytest.mark.parametrize("command,code", REFUSED)
def test_refused(folder, command, code):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    result = CliRunner().invoke(app, ["mtl", *command.split()])
    assert result.exit_code == 1 and f"MTL-{code}" in result.output
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_outputs_apart_from_inputs(folder):
    check_output("c.spacy", ["a.spacy", "corpus"])
    check_output("a.spacy", ["b.spacy"])
    check_output("corpus/scores.json", ["corpus"])
    check_output("missing/folders/c.spacy", ["a.spacy", "missing.spacy"])
