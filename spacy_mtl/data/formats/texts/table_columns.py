"""Which column of a table has the text, and which the categories. What cannot be told is asked for."""

from collections import Counter
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Union

from ....errors import Errors
from ..lines import Place
from .delimited import Row

Column = Union[str, int]
_TEXT_NAMES = ("text", "sentence")
_LABEL_NAMES = ("label", "labels", "category")
_ID_NAME = "id"
_KEY_NAMES = ("", _ID_NAME, "idx", "index", "key", "uid", "uuid", "guid", "doc_id", "text_id", "sent_id", "unnamed: 0")
_MANY = 10
_SOME = 4
_DIGITS = 9


class Columns(NamedTuple):
    """Where a table has what.

    text (int): Index of the text's column.
    labels (Dict[int, str]): Indices of the columns with categories, and their names.
    id (Optional[int]): Index of the column with ids.
    names (List[str]): The header; of a table without one as many empty names as it has columns.
    header (bool): Whether the first row names the columns.
    """

    text: int
    labels: Dict[int, str]
    id: Optional[int]
    names: List[str]
    header: bool

    def describe(self) -> str:
        """RETURNS (str): The columns in words."""
        shown = [f"'{name}' ({i})" if self.header else str(i) for i, name in enumerate(self.names)]
        parts = [f"text in column {shown[self.text]}", f"categories in {', '.join(shown[i] for i in self.labels)}"]
        parts += [f"ids in {shown[self.id]}"] if self.id is not None else []
        return ", ".join([*parts, "with a header" if self.header else "without a header"])


def find_columns(
    path: Path,
    rows: Sequence[Row],
    *,
    header: Optional[bool] = None,
    text_column: Optional[Column] = None,
    label_columns: Optional[Sequence[Column]] = None,
) -> Columns:
    """Choose the columns by what is said, by the header's names, or because no other is left.

    path (Path): The file, for messages.
    rows (Sequence[Row]): The rows of the table, at least one.
    header (Optional[bool]): Whether the first row names the columns.
    text_column (Optional[Column]): Name or index of the text's column.
    label_columns (Optional[Sequence[Column]]): Names or indices of the categories' columns.
    RETURNS (Columns): The columns.
    RAISES (ValueError): E125 if the columns cannot be told; E144 for one that is not there, or has both.
    """
    given = [column for column in (text_column, *(label_columns or ())) if column is not None]
    first = [cell.strip() for cell in rows[0].cells]
    said = header
    if header is None:
        header = any(name.lower() in (*_TEXT_NAMES, *_LABEL_NAMES) for name in first)
        header = header or not all(is_index(column) for column in given) or _is_header(rows)
    choice = _Choice(path, rows, first if header else [""] * len(first), header)
    text = None if text_column is None else choice.find(text_column)
    labels = None if label_columns is None else [choice.find(column) for column in label_columns]
    columns = choice.complete(text, labels)
    choice.check(columns, text is None, labels is None, header_unknown=said is None and not header)
    return columns


class _Choice:
    """The columns of one table, while they are chosen."""

    def __init__(self, path: Path, rows: Sequence[Row], names: List[str], header: bool) -> None:
        self.place = Place(path, rows[0].line).at(rows[0].line)
        self.rows = rows[1:] if header else rows
        self.names = names
        self.header = header

    def find(self, column: Column) -> int:
        """The index of a column that is named or numbered."""
        if column != "" and self.names.count(str(column)) > 1:
            raise ValueError(self._refuse(f"{self.names.count(str(column))} columns have the name '{column}'"))
        if column != "" and column in self.names:
            return self.names.index(str(column))
        if is_index(column) and int(column) < len(self.names):
            return int(column)
        expected = f"one of the columns {self._show()}"
        problem = f"there is no column '{column}'"
        raise ValueError(Errors.E144.format(place=self.place, problem=problem, expected=expected))

    def complete(self, text: Optional[int], labels: Optional[List[int]]) -> Columns:
        """Find what is not given: by name, or as what is left."""
        text = self._find_named(_TEXT_NAMES, labels or []) if text is None else text
        if labels is None:
            named = self._find_named(_LABEL_NAMES, [] if text is None else [text])
            labels = [] if named is None else [named]
        if text is None or not labels:
            left = [i for i in range(len(self.names)) if i != text and i not in labels]
            if self.header:
                left = [i for i in left if self.names[i].lower() not in _KEY_NAMES]
            missing = (text is None) + (not labels)
            if len(left) > missing or (left and len(left) < missing):
                raise ValueError(self._refuse("the columns of the text and the categories cannot be told"))
            # where neither is known, the text comes first
            text = left.pop(0) if text is None and left else text
            labels = labels or left
        if text is None or not labels or text in labels:
            problem = "the columns of the text and the categories cannot be told"
            expected = f"text_column and label_columns, as names or as indices from 0, two of {self._show()}"
            raise ValueError(Errors.E144.format(place=self.place, problem=problem, expected=expected))
        found_id = next((i for i, name in enumerate(self.names) if name.lower() == _ID_NAME), None)
        label_names = {i: self.names[i] or str(i) for i in labels}
        if len(set(label_names.values())) < len(labels):
            raise ValueError(self._refuse("two of the categories' columns have one name"))
        return Columns(text, label_names, None if found_id in (text, *labels) else found_id, self.names, self.header)

    def check(self, columns: Columns, text_guessed: bool, label_guessed: bool, header_unknown: bool) -> None:
        """Refuse what was guessed if the cells speak against it."""
        rows = [row.cells for row in self.rows if len(row.cells) == len(self.names)]
        if not rows:
            return
        texts = [row[columns.text].strip() for row in rows]
        if text_guessed and all(_is_number(text) for text in texts):
            raise ValueError(self._refuse(f"what would be the text is only numbers, such as '{texts[0]}'"))
        if len(columns.labels) > 1:
            return
        labels = [row[next(iter(columns.labels))].strip() for row in rows]
        by_name = self.names[next(iter(columns.labels))].lower() in _LABEL_NAMES
        if header_unknown and (_differs_from_all(labels) or _is_name(texts, labels)):
            raise ValueError(self._refuse(f"the first row may name the columns: '{labels[0]}' is no label of another"))
        if by_name or not label_guessed:
            return
        if len(set(labels)) == len(labels) >= _MANY:
            raise ValueError(self._refuse(f"each row would have a label of its own, such as '{labels[0]}'"))
        shorter = sum(map(len, texts)) < sum(map(len, labels))
        if text_guessed and shorter and len(set(texts)) < len(set(labels)):
            raise ValueError(self._refuse(f"text and category may be the other way round: '{texts[0]}', '{labels[0]}'"))

    def _find_named(self, expected: Sequence[str], taken: Sequence[int]) -> Optional[int]:
        found = [i for i, name in enumerate(self.names) if name.lower() in expected and i not in taken]
        if len(found) > 1:
            shown = ", ".join(f"'{self.names[i]}'" for i in found)
            raise ValueError(self._refuse(f"several columns could be meant: {shown}"))
        return found[0] if found else None

    def _show(self) -> str:
        if self.header:
            return ", ".join(f"'{name}'" for name in self.names)
        return f"{len(self.names)} without names (0 to {len(self.names) - 1})"

    def _refuse(self, problem: str) -> str:
        return Errors.E125.format(place=self.place, problem=problem, columns=self._show())


def _is_header(rows: Sequence[Row]) -> bool:
    """Whether the first row names columns by two signs at once: a single word above texts, and in another column a
    word that is none of the categories, of which each occurs again and again."""
    width = len(rows[0].cells)
    columns = [list(map(str.strip, cells)) for cells in zip(*(row.cells for row in rows if len(row.cells) == width))]
    above_texts = {i for i, cells in enumerate(columns) if _is_word_above_texts(cells)}
    above_labels = {i for i, cells in enumerate(columns) if _differs_from_all(cells)}
    return any(i != j for i in above_texts for j in above_labels)


def _differs_from_all(labels: Sequence[str]) -> bool:
    """Whether the first label is a word among numbers, or occurs once where all others occur again and again."""
    first, *others = labels
    counts = Counter(others)
    if len(others) < _SOME or first in counts:
        return False
    return min(counts.values()) > 1 or (all(map(_is_number, others)) and not _is_number(first))


def _is_name(texts: Sequence[str], labels: Sequence[str]) -> bool:
    """Whether the first text is a word where most others are more, and its label none of theirs."""
    return _is_word_above_texts(texts) and labels[0] not in labels[1:]


def _is_word_above_texts(cells: Sequence[str]) -> bool:
    words = [len(cell.split()) for cell in cells]
    return words[0] == 1 and 2 * sum(count > 1 for count in words[1:]) > len(words) - 1


def is_index(column: Column) -> bool:
    if isinstance(column, int):
        return column >= 0
    return column.isascii() and column.isdecimal() and len(column) <= _DIGITS


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
