"""Tables of text, read as a stream: the first row names the columns."""

import csv
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple, Union

from ..data.formats.texts.delimited import find_quotes, parse_delimiter
from ..errors import Errors
from .lines import LONGEST_LINE, Opened

# so much of a table with tabs tells whether its quotes have a meaning
_BEGINNING = 1 << 16
_Problem = Tuple[str, str]


def check_header(path: Path, text_column: str, delimiter: Optional[str]) -> None:
    """Refuse a table without a column for the text.

    path (Path): The file.
    text_column (str): The name of the column.
    delimiter (Optional[str]): Between the columns; None for what the file's ending says.
    RAISES (ValueError): E784 if it has none, E144 for a delimiter that is none.
    """
    with Opened(path) as opened:
        names = next(_parse(opened, delimiter), (1, []))[1]
    if text_column not in names:
        found = f"the columns {', '.join(names)}" if names else "no row"
        raise ValueError(Errors.E784.format(path=path, expected=f"a column '{text_column}'", found=found))
    if len(set(names)) < len(names):
        raise ValueError(Errors.E784.format(path=path, expected="names that differ", found=", ".join(names)))


def read_rows(opened: Opened, delimiter: Optional[str]) -> Iterator[Tuple[int, Union[Dict[str, str], _Problem]]]:
    """The rows of a table that are not blank.

    opened (Opened): The file.
    delimiter (Optional[str]): Between the columns; None for what the file's ending says.
    YIELDS (Tuple[int, Union[Dict[str, str], Tuple[str, str]]]): The number of a row's last line, and its cells by
        column; for a row of another length what was expected, and its cells.
    RAISES (ValueError): E784 for a quote that is opened and not closed.
    """
    rows = _parse(opened, delimiter)
    _, names = next(rows, (1, []))
    for line, row in rows:
        if len(row) == len(names):
            yield line, dict(zip(names, row))
        elif row:
            yield line, (f"{len(names)} cells, found {len(row)}", repr(row))


def _parse(opened: Opened, delimiter: Optional[str]) -> Iterator[Tuple[int, List[str]]]:
    chosen = parse_delimiter(delimiter or ("\t" if ".tsv" in opened.path.suffixes[-2:] else ","), str(opened.path))
    quotes = True
    if chosen == "\t":
        with Opened(opened.path) as beginning:
            text = beginning.read(line=False, size=_BEGINNING).decode("utf8", "replace").replace("\r\n", "\n")
        # the last line may be cut short
        quotes, _ = find_quotes(text.rpartition("\n")[0] or text, chosen)
    quoting: Any = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
    lines = (line.decode("utf8", "surrogateescape") for line in iter(lambda: opened.read(line=True), b""))
    reader = csv.reader(lines, delimiter=chosen, quoting=quoting)
    while True:
        try:
            with _long_cells():
                row = next(reader, None)
        except csv.Error as error:
            expected = f"quotes that are closed, and cells of less than {LONGEST_LINE:,} characters"
            found = f"'{error}' at line {reader.line_num}"
            raise ValueError(Errors.E784.format(path=opened.path, expected=expected, found=found)) from error
        if row is None:
            return
        yield reader.line_num, row


@contextmanager
def _long_cells() -> Iterator[None]:
    # a setting of the whole process
    limit = csv.field_size_limit(LONGEST_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
