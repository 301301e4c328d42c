"""project.yml and the scripts that only it uses."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner
from weasel.cli.run import check_rerun
from weasel.util.config import load_project_config

import spacy_mtl

from .data.corpora import write_ewt

ROOT = Path(__file__).parents[1]


@pytest.fixture
def copy(tmp_path):
    """The project without corpora, in a folder of its own: loading it makes folders."""
    shutil.copy(ROOT / "project.yml", tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def project(copy):
    return load_project_config(copy)


@pytest.fixture(scope="module")
def table():
    spec = importlib.util.spec_from_file_location("table", ROOT / "scripts" / "table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    app = typer.Typer()
    app.command()(module.main)
    return app


def test_workflows_name_commands(project):
    names = [command["name"] for command in project["commands"]]
    assert len(names) == len(set(names))
    assert project["workflows"]["ewt"] == ["convert-ewt", "train-ewt", "evaluate-ewt", "table-ewt"]
    for steps in project["workflows"].values():
        assert set(steps) <= set(names)


def test_every_script_and_config_exists(project):
    named = set()
    for command in project["commands"]:
        for line in command["script"] + command.get("deps", []):
            named.update(re.findall(r"\b(?:scripts|configs|benchmarks)/[\w./-]+\.(?:py|cfg)\b", line))
    assert {"scripts/convert_ewt.py", "scripts/table.py", "configs/cnn.cfg"} <= named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


def test_every_dependency_is_downloaded_made_before_or_shipped(project):
    commands = {command["name"]: command for command in project["commands"]}
    assets = [asset["dest"] for asset in project["assets"]]
    for steps in project["workflows"].values():
        made = []
        for step in steps:
            for path in commands[step].get("deps", []):
                known = any(path == other or path.startswith(f"{other}/") for other in assets + made)
                assert known or (ROOT / path).exists(), f"{step}: nobody makes {path}"
            made += commands[step].get("outputs", [])


def test_assets_come_from_https_addresses_and_have_a_folder(project):
    for asset in project["assets"]:
        address = asset.get("url") or asset["git"]["repo"]
        assert address.startswith("https://")
        if "git" in asset:
            # weasel passes a missing branch on to git as "None", and does not make the folder above.
            assert asset["git"]["branch"]
            assert str(Path(asset["dest"]).parent) in project["directories"]


@pytest.mark.parametrize("relative", [True, False])
def test_corpora_that_are_already_there(copy, relative):
    write_ewt(copy / "elsewhere")
    corpora = "elsewhere" if relative else str(copy / "elsewhere")
    overridden = load_project_config(copy, overrides={"vars.corpora": corpora, "vars.config": "lstm"})
    commands = {command["name"]: command for command in overridden["commands"]}
    deps = commands["convert-ewt"]["deps"]
    assert all((copy / path).exists() for path in deps)
    assert f"{corpora}/propbank-release/data/google/ewt" in deps
    assert commands["convert-ewt"]["script"] == [f"python scripts/convert_ewt.py {corpora} corpus/ewt"]
    assert "configs/lstm.cfg" in commands["train-ewt"]["script"][0]
    # `project assets` empties the destination first: it must never be the user's own folder.
    assert all(asset["dest"].startswith("assets/") for asset in overridden["assets"])


def test_project_run_converts_and_skips_what_is_done(copy):
    write_ewt(copy / "elsewhere")
    command = [sys.executable, "-m", "spacy", "project", "run", "convert-ewt", str(copy)]
    done = subprocess.run([*command, "--vars.corpora", "elsewhere"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(path.name for path in (copy / "corpus" / "ewt").iterdir()) == [
        "dev.spacy",
        "test.spacy",
        "train.spacy",
    ]
    overridden = load_project_config(copy, overrides={"vars.corpora": "elsewhere"})
    convert = next(command for command in overridden["commands"] if command["name"] == "convert-ewt")
    assert not check_rerun(copy, convert)
    (copy / convert["deps"][1]).write_text("", encoding="utf8")
    assert check_rerun(copy, convert)


def test_table_puts_files_side_by_side_in_percent(table, tmp_path):
    joint = {"ents_f": 0.81234, "srl_argument_f": 0.7, "genre_acc": 1.0, "speed": 12345.6, "token_acc": 1.0}
    (tmp_path / "joint.json").write_text(json.dumps(joint), encoding="utf8")
    (tmp_path / "single.json").write_text(json.dumps({"ents_f": 0.5, "genre_acc": None}), encoding="utf8")
    files = [str(tmp_path / name) for name in ("joint.json", "single.json")]
    result = CliRunner().invoke(table, [*files, "--markdown"])
    assert result.exit_code == 0
    rows = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in result.output.strip().splitlines()]
    assert rows[0][1:] == ["joint", "single"]
    assert rows[2:] == [
        ["Entities, F", "81.23", "50.00"],
        ["Arguments, F", "70.00", "-"],
        ["Genre, accuracy", "100.00", "-"],
        ["Words a second", "12,346", "-"],
    ]
    plain = CliRunner().invoke(table, files)
    assert plain.exit_code == 0
    assert "81.23" in plain.output and "|" not in plain.output


@pytest.mark.parametrize("text", [None, "not json", "[1]"])
def test_table_refuses_what_is_no_metrics_file(table, tmp_path, text):
    path = tmp_path / "m.json"
    if text is not None:
        path.write_text(text, encoding="utf8")
    result = CliRunner().invoke(table, [str(path)])
    assert result.exit_code == 1
    assert "m.json" in result.output


def test_the_packaged_pipeline_has_the_version_of_the_package(copy):
    commands = load_project_config(copy)["commands"]
    command = next(command for command in commands if command["name"] == "package-starter")
    assert f"--version {spacy_mtl.__version__} " in command["script"][0]
    assert f"en_mtl_starter-{spacy_mtl.__version__}-py3" in command["outputs"][0]
