import json
import sys

import pytest
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from tests.scale.nasty import build

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are not copies of this one")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline")
    build().to_disk(folder)
    return str(folder)


def run(*arguments):
    result = CliRunner().invoke(app, ["annotate", *map(str, arguments)])
    return result.exit_code, " ".join(result.output.split())


def test_files_are_annotated_and_gone_on_with(path, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id": "x", "text": "Ada sings"}\n{"text": "please fail"}\n{"text": "last"}\n')
    (tmp_path / "b.csv").write_text("text,by\nAda runs,me\n")
    out = tmp_path / "out"
    code, output = run(path, tmp_path / "a.jsonl", tmp_path / "b.csv", out, "--workers", 2, "--shard-size", 2)
    assert code == 0
    assert "Annotated 3 texts in 2 files" in output and "1 of 4 texts" in output and "_failed" in output
    lines = [json.loads(line) for part in sorted(out.glob("part-*")) for line in part.read_text().splitlines()]
    assert [line["id"] for line in lines] == ["x", 2, 3]
    assert lines[2]["columns"] == {"by": "me"} and lines[2]["entities"][0]["text"] == "Ada"
    code, output = run(path, tmp_path / "a.jsonl", tmp_path / "b.csv", out, "--shard-size", 2)
    assert code == 0 and "4 of the texts were annotated already" in output
    code, output = run(path, tmp_path / "a.jsonl", out, "--shard-size", 2)
    assert code == 1 and "E757" in output


@pytest.mark.parametrize(
    "arguments,code",
    [
        (["none.txt", "out"], "E101"),
        (["a.txt", "a.txt"], "E153"),
        (["a.txt", "out", "--workers", "0"], "E750"),
        (["a.txt", "out", "--format", "xml"], "E763"),
        (["a.txt", "out", "--input-format", "csv"], "E784"),
        (["a.txt", "out", "--code", "none.py"], "code not found"),
    ],
)
def test_what_cannot_be_done_is_said(path, tmp_path, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("one\n")
    exit_code, output = run(path, *arguments)
    assert exit_code == 1 and code in output
    assert [part.name for part in tmp_path.iterdir()] == ["a.txt"]


def test_ctrl_c_says_that_it_can_be_gone_on_with(path, tmp_path, monkeypatch):
    def stop(*args, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("spacy_mtl.cli.annotate.annotate_files", stop)
    code, output = run(path, tmp_path, tmp_path / "out")
    assert code == 130 and "goes on from there" in output
