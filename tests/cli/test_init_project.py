from pathlib import Path

import pytest
from typer.testing import CliRunner

from spacy_mtl.cli import init_project
from spacy_mtl.cli.app import app

ROOT = Path(__file__).parents[2]


def run(folder):
    return CliRunner().invoke(app, ["init-project", str(folder)])


@pytest.mark.parametrize("is_there", [False, True])
def test_the_project_is_written_to_a_new_or_empty_folder(tmp_path, is_there):
    folder = tmp_path / "work"
    if is_there:
        folder.mkdir()
    done = run(folder)
    assert done.exit_code == 0, done.output
    assert {path.name for path in folder.iterdir()} == set(init_project.PARTS)
    for part in ("project.yml", "configs/starter.cfg", "corpora/starter/train/news.txt", "scripts/table.py"):
        assert (folder / part).read_bytes() == (ROOT / part).read_bytes()
    assert not list(folder.rglob("__pycache__"))


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = run(tmp_path)
    assert (done.exit_code, [path.name for path in tmp_path.iterdir()]) == (1, ["mine.txt"])
    assert "MTL-E643" in done.output


def test_files_that_are_missing_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(init_project, "PACKAGE", tmp_path / "site-packages" / "spacy_mtl")
    done = run(tmp_path / "work")
    assert done.exit_code == 1 and "MTL-E644" in done.output
    assert not (tmp_path / "work").exists()


def test_setup_takes_the_same_files_into_the_package():
    source = (ROOT / "setup.py").read_text(encoding="utf8")
    line = next(line for line in source.split("\n") if line.startswith("PROJECT = "))
    assert eval(line.removeprefix("PROJECT = ")) == list(init_project.PARTS)
