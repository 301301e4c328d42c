import shlex
from pathlib import Path

import pytest
from spacy.cli import app as spacy_app
from spacy.util import registry
from typer.main import get_command
from typer.testing import CliRunner

from spacy_mtl.cli import commands
from spacy_mtl.cli.app import app
from spacy_mtl.cli.group import PANELS

WIDTH = 80
HEIGHT = 28
FILES = sorted(path for path in Path(commands.__file__).parent.glob("*.py") if path.stem != "__init__")


def show_help(*command):
    registry.cli.get_all()
    return CliRunner().invoke(spacy_app, ["mtl", *command, "--help"], env={"COLUMNS": str(WIDTH)}).output


def test_all_commands_are_on_one_screen_by_panel():
    lines = show_help().splitlines()
    assert len(lines) <= HEIGHT and max(map(len, lines)) <= WIDTH
    assert [line[:-1] for line in lines if line[:-1] in PANELS] == list(PANELS)
    assert not any(line.endswith("...") for line in lines[1:]), "a first sentence is too long"
    for command in app.registered_commands:
        assert f"  {command.name} " in "\n".join(lines[lines.index(f"{command.rich_help_panel}:") :])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_declares_the_command_of_its_name(path):
    (command,) = [command for command in app.registered_commands if command.name == path.stem.replace("_", "-")]
    assert command.callback.__module__ == f"{commands.__name__}.{path.stem}"
    assert command.callback.__doc__.splitlines()[0] in show_help(command.name)


@pytest.mark.parametrize("command", app.registered_commands, ids=lambda command: command.name)
def test_help_ends_with_an_example_that_can_be_parsed(command, monkeypatch):
    assert " ".join(show_help(command.name).split()).endswith(command.epilog)
    begin, *words = shlex.split(command.epilog.partition("spacy mtl ")[2])
    assert begin == command.name
    get_command(app).commands[command.name].make_context(command.name, words)


def test_there_are_no_other_commands():
    assert len(app.registered_commands) == len(FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_wrong_option_is_a_mistake_of_usage(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = path.stem.replace("_", "-")
    (command,) = [command for command in app.registered_commands if command.name == name]
    needed = {
        "test": ["--test", "x.spacy"],
        "output": ["--output", "out"],
        "tasks": ["--tasks", "ner"],
        "teacher": ["-t", "x"],
    }
    options = [part for option in needed if option in command.callback.__annotations__ for part in needed[option]]
    if name in ("init-config", "init-project", "convert", "join"):
        options = ["x"]
    result = CliRunner().invoke(app, [name, "x", *["y"] * (name == "settle"), "--no-such-option", *options])
    assert result.exit_code == 2 and "--no-such-option" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("typed", ["--sedes", "--sedes=3", "stray", "--training.seed=1 stray"])
def test_what_is_neither_option_nor_setting(typed):
    result = CliRunner().invoke(app, ["compare", "x.cfg", "--test", "x", "--output", "out", *typed.split()])
    assert result.exit_code == 2 and "MTL-E794" in result.output
    told = " ".join(result.output.replace("\u2502", " ").split())
    assert ("did you mean --seeds?" in told) == ("--sedes" in typed)
