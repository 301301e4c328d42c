"""Imports run one way: between rooms as they are ordered here, and between files in no circle."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "spacy_mtl"
# A room may import from those above it, and from itself. Rooms of one line are blind to each other.
HOUSE = [
    ["errors", "types", "shown", "abbreviations", "positions", "quick_dropout", "name_lists", "json_files"],
    ["span_places", "frame_checks", "sentences", "setting_checks"],
    ["joining", "translations"],
    ["frames", "annotation"],
    ["alignment", "displacy", "retokenization", "tree_checks"],
    ["data", "encoders", "heads", "balancing"],
    ["scorers"],
    ["pipeline"],
    ["training"],
    ["recipes"],
    ["analysis"],
    ["scale"],
    ["distillation"],
    ["cli"],
]
ANALYSIS = [
    ["tables", "figures", "pages", "random_state"],
    ["metrics"],
    ["trainings"],
    ["settling", "balance"],
    ["comparison"],
    ["affinity", "explanation"],
    ["changes"],
]


def name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name(path): path for path in sorted(ROOT.rglob("*.py"))}


def read_imports(module):
    """The files that a file imports, wherever in it."""
    path = FILES[module]
    package = path.relative_to(ROOT).parent.parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = list(package[: len(package) - node.level + 1]) + (node.module.split(".") if node.module else [])
        for alias in node.names:
            deeper = ".".join([*base, alias.name])
            found.add(deeper if deeper in FILES else ".".join(base))
    return found


IMPORTS = {module: read_imports(module) for module in FILES}


def find_wrong(order, prefix):
    floors = {room: i for i, rooms in enumerate(order) for room in rooms}
    wrong = []
    for module, imported in IMPORTS.items():
        for other in imported:
            if not (module.startswith(prefix) and other.startswith(prefix)):
                continue
            room, target = module[len(prefix) :].split(".")[0], other[len(prefix) :].split(".")[0]
            if room and target and room != target and floors[room] <= floors[target]:
                wrong.append(f"{module} imports {other}")
    return wrong


@pytest.mark.parametrize("order,prefix", [(HOUSE, ""), (ANALYSIS, "analysis.")])
def test_rooms_import_from_those_above_them_only(order, prefix):
    assert not find_wrong(order, prefix)


def test_every_room_has_its_place():
    rooms = {module.split(".")[0] for module in FILES} - {""}
    assert rooms == {room for floor in HOUSE for room in floor}
    rooms = {module.split(".")[1] for module in FILES if module.startswith("analysis.")}
    assert rooms == {room for floor in ANALYSIS for room in floor}


def test_files_import_each_other_in_no_circle():
    left = {module: set(imported) & set(FILES) - {module, ""} for module, imported in IMPORTS.items()}
    while True:
        free = {module for module, imported in left.items() if not imported & set(left)}
        if not free:
            break
        left = {module: imported for module, imported in left.items() if module not in free}
    circle = {module: sorted(imported & set(left)) for module, imported in left.items()}
    assert not circle


def test_nothing_is_imported_by_its_full_name():
    """Relative imports alone: they are what this file reads."""
    for module, path in FILES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not any(name.split(".")[0] == "spacy_mtl" for name in names), module
