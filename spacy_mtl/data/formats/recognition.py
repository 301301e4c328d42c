"""Which format a file has by what stands in it: advice for who named another one."""

import re
from itertools import islice
from pathlib import Path
from typing import Callable, Dict, List, Sequence

from .columns.schemes import is_tag
from .lines import BLANKS, parse_number, read_lines, split_blanks, split_row

_LINES = 200
_ENOUGH = 0.8
_ROLE_CELL = re.compile(r"(\([^()*\s]+)?\*\)?")
_ROLESET = re.compile(r"-|\S+\.\S+")
_SENSE = re.compile(r"-|[0-9]+")
_GLOBAL_COLUMNS = re.compile(r"#\s*global\.columns\s*=")
_PROPOSITION_COLUMN = re.compile(r"\b(UP|PB):")
_ID = re.compile(r"[0-9]+([-.][0-9]+)?")
# both readers find the columns
_ALIKE = {"iob2", "conll2003"}
_CONLLU, _CONLL2012, _PROPBANK = 10, 12, 8


def recognize(path: Path) -> List[str]:
    """The formats that the first lines of a file fit.

    path (Path): The file.
    RETURNS (List[str]): Names of formats, those first that few other files fit; empty if none fits, or if the file
        cannot be read as text.
    """
    try:
        lines = [line for _, line in islice(read_lines(path), _LINES) if line.strip(BLANKS)]
    except (OSError, ValueError):
        return []
    if lines and _GLOBAL_COLUMNS.match(lines[0]):
        return ["propositions"] if _PROPOSITION_COLUMN.search(lines[0]) else []
    rows = [line for line in lines if not line.startswith("#") and not line.startswith("-DOCSTART-")]
    return [name for name, fits in _TESTS.items() if rows and sum(map(fits, rows)) >= _ENOUGH * len(rows)]


def advise(path: Path, format: str) -> str:
    """What to say to someone whose file is refused as being of a format.

    path (Path): The file.
    format (str): The name of the format.
    RETURNS (str): Names the format that the file fits better; "" if there is none.
    """
    fitting = recognize(path)
    if not fitting or format in fitting or {format, fitting[0]} <= _ALIKE:
        return ""
    return f" The file looks like the format '{fitting[0]}' (--format {fitting[0]})."


def _is_jsonl(line: str) -> bool:
    return line.startswith("{") and line.rstrip().endswith("}")


def _is_conllu(line: str) -> bool:
    cells = line.split("\t")
    return len(cells) == _CONLLU and bool(_ID.fullmatch(cells[0]))


def _is_propositions(line: str) -> bool:
    cells = line.split("\t")
    return len(cells) > _CONLLU and bool(_ID.fullmatch(cells[0])) and parse_number(cells[6]) >= 0


def _is_conll2012(line: str) -> bool:
    cells = split_blanks(line)
    return len(cells) >= _CONLL2012 and _has_two_numbers(cells) and bool(_SENSE.fullmatch(cells[7]))


def _is_propbank(line: str) -> bool:
    cells = split_blanks(line)
    fits = len(cells) >= _PROPBANK and _has_two_numbers(cells) and "*" in cells[5]
    return fits and bool(_ROLESET.fullmatch(cells[7])) and all(map(_ROLE_CELL.fullmatch, cells[8:]))


def _has_two_numbers(cells: Sequence[str]) -> bool:
    return parse_number(cells[1]) >= 0 and parse_number(cells[2]) >= 0


def _is_iob2(line: str) -> bool:
    cells = split_row(line)
    return len(cells) > 2 and bool(_ID.fullmatch(cells[0])) and is_tag(cells[2])


def _is_conll2003(line: str) -> bool:
    cells = split_row(line)
    return len(cells) > 1 and is_tag(cells[-1])


def _is_conll2005(line: str) -> bool:
    cells = split_blanks(line)
    return len(cells) > 1 and (cells[-1] == "-" or bool(_ROLE_CELL.fullmatch(cells[-1])))


def _is_markup(line: str) -> bool:
    return " | " in line


def _is_tsv(line: str) -> bool:
    return 1 <= line.count("\t") <= 5


def _is_csv(line: str) -> bool:
    return "," in line and not line.startswith(("{", "["))


_TESTS: Dict[str, Callable[[str], bool]] = {
    "jsonl": _is_jsonl,
    "conllu": _is_conllu,
    "propositions": _is_propositions,
    "conll2012": _is_conll2012,
    "propbank": _is_propbank,
    "iob2": _is_iob2,
    "conll2003": _is_conll2003,
    "conll2005": _is_conll2005,
    "markup": _is_markup,
    "tsv": _is_tsv,
    "csv": _is_csv,
}
