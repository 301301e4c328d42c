"""The notebooks run as they stand."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))
# real text needs English as it is
pytestmark = pytest.mark.usefixtures("all_exceptions")
# small files of the starter corpus
SMALL = {"train": "dev/travel.txt", "dev": "dev/support.txt", "test": "test/travel.txt"}


def run(path, folder, monkeypatch):
    spec = importlib.util.spec_from_file_location("run_notebook", ROOT / "scripts" / "run_notebook.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(folder)
    return module.run_notebook(path)


def printed(cells):
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join("".join(output.get("text", "")) for output in outputs)


def check(path, cells):
    markup = [
        "".join(o["data"]["text/html"]) for c in cells for o in c.get("outputs", []) if "text/html" in o.get("data", {})
    ]
    if path.stem == "add_a_task":
        assert "texts, no difference" in printed(cells)
    else:
        assert "srl_argument_f" in printed(cells) and any('class="entities"' in one for one in markup)


def test_there_are_notebooks():
    assert [path.stem for path in NOTEBOOKS] == ["add_a_task", "train_and_explore"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_on_a_small_corpus(path, tmp_path, monkeypatch):
    for part, name in SMALL.items():
        (tmp_path / "corpora" / "starter" / part).mkdir(parents=True)
        shutil.copy(ROOT / "corpora" / "starter" / name, tmp_path / "corpora" / "starter" / part)
    monkeypatch.setattr("spacy_mtl.cli.init_project.find_project_files", lambda: tmp_path)
    monkeypatch.setenv("STEPS", "1")
    check(path, run(path, tmp_path, monkeypatch))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_on_the_whole_corpus(path, tmp_path, monkeypatch):
    monkeypatch.setenv("STEPS", "20")
    check(path, run(path, tmp_path, monkeypatch))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_kept_and_small(path):
    book = json.loads(path.read_text(encoding="utf8"))
    check(path, book["cells"])
    assert path.stat().st_size < 80_000
    assert "/work" not in path.read_text(encoding="utf8") and "/tmp" not in path.read_text(encoding="utf8")
