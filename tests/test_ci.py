"""What a user can run, CI runs."""

import re
from pathlib import Path

import pytest

from spacy_mtl.cli.app import app

ROOT = Path(__file__).parents[1]
RUN = (ROOT / ".ci" / "run").read_text(encoding="utf8")
PROJECT = (ROOT / "project.yml").read_text(encoding="utf8")


def test_every_workflow():
    for workflow in re.findall(r"^  ([a-z]+):\n    - ", PROJECT, re.MULTILINE):
        assert f"project run {workflow}" in RUN, workflow


@pytest.mark.parametrize("command", [command.name for command in app.registered_commands])
def test_every_command(command):
    # whose commands CI takes from the page
    quickstart = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf8")
    assert "docs/quickstart.md" in RUN
    assert re.search(rf"spacy mtl {command}\b", RUN + PROJECT + quickstart)


def test_every_benchmark_that_the_documentation_names():
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for name in re.findall(r"python (benchmarks/\w+\.py)", page.read_text(encoding="utf8")):
            assert name in RUN, f"{page.name} names {name}"
