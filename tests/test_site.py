"""The site's pages that are made from the code."""

import importlib.util
from pathlib import Path

import pytest
from typer.main import get_command

from spacy_mtl.cli.app import app
from spacy_mtl.errors import Errors, Warnings

pytest.importorskip("mkdocs", reason="the site needs the extra 'docs'")
pytest.importorskip("griffe", reason="the site needs the extra 'docs'")
SCRIPTS = Path(__file__).parents[1] / "scripts"


def load(name):
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_docstrings_are_read_in_spacys_form():
    found = load("site_docstrings").to_google_style(
        "Find frames.\n\nIn one pass.\n\ndocs (Iterable[Doc]): The Docs, which\n    stay as they are.\n"
        "key (str): The group.\nRETURNS (List[Frame]): The frames. RAISES (ValueError): E001."
    )
    assert found == (
        "Find frames.\n\nIn one pass.\n\n"
        "Args:\n    docs (Iterable[Doc]): The Docs, which\n        stay as they are.\n    key (str): The group.\n\n"
        "Returns:\n    List[Frame]: The frames.\n\nRaises:\n    ValueError: E001."
    )


def test_every_message_and_every_command_has_its_place():
    pages = load("site_pages")
    errors, commands = pages.write_errors(), pages.write_commands()
    for messages in (Errors, Warnings):
        for code in vars(messages):
            if not code.startswith("_"):
                assert errors.count(f"| `{code}`{{ #{code} }} |") == 1
    for name, command in get_command(app).commands.items():
        section = commands.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for parameter in command.params:
            if parameter.param_type_name == "option" and parameter.name != "help":
                assert all(f"`{option}`" in section for option in parameter.opts)


def test_codes_on_pages_link_to_their_messages():
    page = "Refused (E161), see W402.\n\n```\nE161\n```\n\n`E161`, spaCy's E203, [E161](x.md), E1052, E999."
    found = load("site_pages").link_codes(page, "../m.md")
    start = "Refused ([E161](../m.md#E161)), see [W402](../m.md#W402)."
    assert found == page.replace("Refused (E161), see W402.", start)
