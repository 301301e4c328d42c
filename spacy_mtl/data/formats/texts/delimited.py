"""The rows of text with delimiters, with quotes or without. Cells may be of any length and hold any character."""

import re
from typing import Iterator, List, NamedTuple, Tuple

from ....errors import Errors

QUOTE = '"'
_NAMES = {"\\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


class Row(NamedTuple):
    """A row that is not blank.

    line (int): Number of its first line, from 1.
    cells (List[str]): Its cells, without the quotes around them.
    problem (str): Why it cannot be read; "" if it can.
    quoted (int): How many cells are in quotes.
    doubled (bool): Whether a cell in quotes holds a quote.
    """

    line: int
    cells: List[str]
    problem: str = ""
    quoted: int = 0
    doubled: bool = False


def parse_delimiter(given: str, place: str) -> str:
    """The character that is meant, also by what is typed in a shell: "\\t" or "tab", "comma", "semicolon", "pipe".

    given (str): The delimiter or its name.
    place (str): The file, for messages.
    RETURNS (str): One character.
    RAISES (ValueError): E144 for anything else.
    """
    delimiter = _NAMES.get(given.lower(), given)
    if len(delimiter) != 1 or delimiter in f"{QUOTE}\r\n":
        expected = f"one character, or one of {', '.join(_NAMES)}"
        raise ValueError(Errors.E144.format(place=place, problem=f"the delimiter is '{given}'", expected=expected))
    return delimiter


def split_rows(text: str, delimiter: str, *, quotes: bool) -> Iterator[Row]:
    """The rows of a text. One that cannot be read ends with its line.

    text (str): The text; lines end with "\\n".
    delimiter (str): Between cells.
    quotes (bool): Whether a cell that begins with a quote ends at the next one: it may then hold delimiters, line ends
        and, doubled, quotes.
    YIELDS (Row): One row.
    """
    plain = re.compile(f"[^{re.escape(delimiter)}\n]*")
    start, line = 0, 1
    while start < len(text):
        row, end = _split_row(text, start, line, delimiter, plain, quotes)
        if row.problem or any(cell.strip() for cell in row.cells):
            yield row
        line += text.count("\n", start, end) + 1
        start = end + 1


def find_quotes(text: str, delimiter: str) -> Tuple[bool, int]:
    """Whether quotes around cells have their meaning in a text that nothing is said about.

    They have it if more rows fit the first one's width with it than without; and, where that makes no difference, if a
    quoted cell has a doubled quote, or all cells but numbers are quoted, as programs write them.

    text (str): The text; lines end with "\\n".
    delimiter (str): Between cells.
    RETURNS (Tuple[bool, int]): Whether they have it, and the line of the first quoted cell if it cannot be told, or 0.
    """
    if not re.search(f"(^|\n|{re.escape(delimiter)}){QUOTE}", text):
        return False, 0
    quoted = list(split_rows(text, delimiter, quotes=True))
    faults = _count_faults(quoted), _count_faults(list(split_rows(text, delimiter, quotes=False)))
    if faults[0] != faults[1]:
        return faults[0] < faults[1], 0
    if any(row.doubled for row in quoted) or all(row.quoted + _count_numbers(row) >= len(row.cells) for row in quoted):
        return True, 0
    return False, next((row.line for row in quoted if row.quoted), 0)


def guess_delimiters(text: str) -> List[str]:
    """RETURNS (List[str]): Usual delimiters that the first line of a text holds, by name."""
    first = text.partition("\n")[0]
    return [name for name, delimiter in _NAMES.items() if name.isalpha() and delimiter in first]


def _split_row(
    text: str, start: int, line: int, delimiter: str, plain: "re.Pattern[str]", quotes: bool
) -> Tuple[Row, int]:
    """The row that begins at a place, and where its last line ends."""
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    if not quotes or text.find(QUOTE, start, line_end) < 0:
        return Row(line, text[start:line_end].split(delimiter)), line_end
    cells: List[str] = []
    quoted, doubled = 0, False
    place = start
    around = "" if delimiter == " " else " "
    while True:
        opening = _skip(text, place, around)
        closing = after = -1
        if text.startswith(QUOTE, opening):
            closing = _find_closing(text, opening)
            after = _skip(text, closing + 1, around)
        if closing >= 0 and text[after : after + 1] in (delimiter, "\n", ""):
            cell = text[opening + 1 : closing]
            quoted, doubled = quoted + 1, doubled or (QUOTE in cell)
            cells.append(cell.replace(QUOTE * 2, QUOTE))
            place = after
        elif text.startswith(QUOTE, place):
            problem = "a quote is opened and never closed"
            if closing >= 0:
                problem = f"'{text[after]}' stands behind a closing quote"
            return Row(line, [], problem), line_end
        else:
            match = plain.match(text, place)
            end = match.end() if match else place
            cells.append(text[place:end])
            place = end
        if not text.startswith(delimiter, place):
            return Row(line, cells, "", quoted, doubled), place
        place += 1


def _skip(text: str, place: int, blanks: str) -> int:
    while blanks and text.startswith(blanks, place):
        place += 1
    return place


def _find_closing(text: str, opening: int) -> int:
    place = text.find(QUOTE, opening + 1)
    while place >= 0 and text.startswith(QUOTE, place + 1):
        place = text.find(QUOTE, place + 2)
    return place


def _count_faults(rows: List[Row]) -> int:
    width = len(rows[0].cells) if rows else 0
    return sum(bool(row.problem) or len(row.cells) != width for row in rows)


def _count_numbers(row: Row) -> int:
    return sum(bool(re.fullmatch(r"\s*[-+.\deE]+\s*", cell)) for cell in row.cells)
