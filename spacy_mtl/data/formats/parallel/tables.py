"""Tables with a text in one column and its translation in another."""

from pathlib import Path
from typing import Iterator, List, Optional, Sequence, Tuple

from ....errors import Errors
from ..lines import Place, read_lines
from ..remarks import Remarks
from ..texts.delimited import Row, find_quotes, parse_delimiter, split_rows
from ..texts.table_columns import Column, is_index
from .pairs import Pair, is_language

_TEXT_NAMES = ("text", "source", "src", "sentence")
_TARGET_NAMES = ("target", "translation", "tgt", "trg")
_TAB = "\t"


def read_table_pairs(
    path: Path,
    source_lang: str,
    target_lang: str,
    *,
    text_column: Optional[Column] = None,
    target_column: Optional[Column] = None,
    header: Optional[bool] = None,
    delimiter: Optional[str] = None,
    quotes: Optional[bool] = None,
    remarks: Optional[Remarks] = None,
) -> Iterator[Pair]:
    """The rows of a CSV or TSV file.

    path (Path): The file.
    source_lang (str): The language of the texts.
    target_lang (str): The language of the translations.
    text_column (Optional[Column]): Name or index (from 0) of the texts' column; by default that which is named by the
        language, or "text" or "source", or else the first of two.
    target_column (Optional[Column]): The same for the translations: the language, "target" or "translation", or the
        second of two.
    header (Optional[bool]): Whether the first row names the columns; by default it does if both columns are named so.
    delimiter (Optional[str]): Between columns, also by name; by default a comma for ".csv", else a tab.
    quotes (Optional[bool]): Whether quotes around a cell have their meaning; by default they do unless the delimiter is
        a tab, and for a tab it is found out.
    remarks (Optional[Remarks]): Takes the chosen columns, and rows that are left out.
    YIELDS (Pair): One pair a row.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E130 for an encoding or a damaged file; E103 for a row of another length; E144 for quotes
        that do not fit; E172 if the columns cannot be told.
    """
    remarks = Remarks() if remarks is None else remarks
    delimiter = parse_delimiter(delimiter or ("," if ".csv" in path.suffixes[-2:] else _TAB), Place(path, 1).at(1))
    content = "\n".join(line for _, line in read_lines(path))
    if quotes is None:
        quotes = find_quotes(content, delimiter)[0] if delimiter == _TAB else True
    rows = list(split_rows(content, delimiter, quotes=quotes))
    if not rows:
        return
    names = [cell.strip() for cell in rows[0].cells]
    languages = (source_lang, target_lang)
    text, target, has_header = _find_columns(path, names, languages, (text_column, target_column), header)
    shown = "with a header" if has_header else "without a header"
    remarks.note(f"text in column {text}, translation in column {target}, {shown}")
    for row in rows[has_header:]:
        with remarks.skipping():
            cells = _check(path, row, len(names))
            yield Pair(Place(path, row.line).at(row.line), cells[text], {target_lang: cells[target]})


def _find_columns(
    path: Path,
    names: List[str],
    languages: Tuple[str, str],
    given: Tuple[Optional[Column], Optional[Column]],
    header: Optional[bool],
) -> Tuple[int, int, bool]:
    """RETURNS (Tuple[int, int, bool]): The indices of text and translation, and whether the first row is a header."""
    usual = (_TEXT_NAMES, _TARGET_NAMES)
    named = [_find_named(names, language, other) for language, other in zip(languages, usual)]
    if header is None:
        header = None not in named or any(column is not None and not is_index(column) for column in given)
    found = [_find_given(names, column, header) for column in given]
    for i in (0, 1):
        if found[i] is None and given[i] is None and header:
            found[i] = named[i]
        if found[i] is None and given[i] is None and len(names) == len(found) and found[1 - i] != i:
            found[i] = i
    text, target = found
    if text is None or target is None or text == target:
        shown = ", ".join(f"'{name[:20]}' ({i})" for i, name in enumerate(names))
        problem = f"which of its columns are text and translation cannot be told: {shown}"
        expected = "two of them, by name or index (--text-column, --target-column)"
        raise ValueError(Errors.E172.format(path=path, problem=problem, expected=expected))
    return text, target, header


def _find_named(names: Sequence[str], language: str, usual: Sequence[str]) -> Optional[int]:
    exact = [i for i, name in enumerate(names) if name.lower() == language.lower()]
    languages = [i for i, name in enumerate(names) if is_language(name, language)]
    others = [i for i, name in enumerate(names) if name.lower() in usual]
    found = exact or languages or others
    return found[0] if len(found) == 1 else None


def _find_given(names: Sequence[str], column: Optional[Column], header: bool) -> Optional[int]:
    if column is None:
        return None
    if header and names.count(str(column)) == 1:
        return names.index(str(column))
    return int(column) if is_index(column) and int(column) < len(names) else None


def _check(path: Path, row: Row, width: int) -> List[str]:
    place = Place(path, row.line).at(row.line)
    if row.problem:
        expected = "quotes around whole cells, doubled where they stand in one; else --no-quotes"
        raise ValueError(Errors.E144.format(place=place, problem=row.problem, expected=expected))
    if len(row.cells) != width:
        raise ValueError(Errors.E103.format(place=place, expected=width, found=len(row.cells)))
    return row.cells
