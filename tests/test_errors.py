"""Messages lie in the file of their area, each has one code, and each is used."""

import ast
import re
from pathlib import Path

import pytest

from spacy_mtl.errors import Errors, Warnings

PACKAGE = Path(__file__).parents[1] / "spacy_mtl"
AREAS = {
    "frames": "0",
    "data": "1",
    "entities": "2",
    "categories": "3",
    "encoders": "4",
    "roles": "5",
    "commands": "6",
    "analysis": "7",
    "recipes": "7",
    "explanation": "8",
    "dependencies": "9",
    "translation": "10",
}
FILES = {path.stem: path for path in (PACKAGE / "errors").glob("*.py") if path.stem != "__init__"}


def find_codes(path):
    tree = ast.parse(path.read_text(encoding="utf8"))
    return [node.targets[0].id for node in ast.walk(tree) if isinstance(node, ast.Assign)]


def test_every_file_is_an_area():
    assert set(FILES) == set(AREAS)


@pytest.mark.parametrize("area", AREAS)
def test_codes_lie_in_their_area(area):
    codes = find_codes(FILES[area])
    assert codes and {code[1:-2] for code in codes} == {AREAS[area]}


def test_no_code_is_given_twice():
    codes = [code for path in FILES.values() for code in find_codes(path)]
    assert len(codes) == len(set(codes))


def test_messages_begin_with_their_code():
    codes = [code for path in FILES.values() for code in find_codes(path)]
    for code in codes:
        message = getattr(Warnings if code.startswith("W") else Errors, code)
        assert message.startswith(f"[MTL-{code}] "), code


def test_every_message_is_used():
    sources = "".join(path.read_text(encoding="utf8") for path in PACKAGE.rglob("*.py") if path.parent.stem != "errors")
    used = set(re.findall(r"(?:\bErrors\.|\bWarnings\.|\")([EW]\d{3,4})\b", sources))
    written = {code for path in FILES.values() for code in find_codes(path)}
    assert written == used
