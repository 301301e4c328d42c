"""CSV and TSV: one text a row, with its categories in one column or in several."""

import csv
from itertools import chain
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from .categories import LabelledText, collect_labels, make_docs
from .lines import Place, read_text

Column = Union[str, int]
_TEXT_NAMES = ("text", "sentence")
_LABEL_NAMES = ("label", "labels", "category")
_ID_NAME = "id"
_TAB = "\t"


class Columns(NamedTuple):
    """Where a table has what.

    text (int): Index of the text's column.
    labels (Dict[int, str]): Indices of the columns with categories, and their names.
    id (Optional[int]): Index of the column with ids.
    width (int): The number of columns.
    """

    text: int
    labels: Dict[int, str]
    id: Optional[int]
    width: int


def read_table(
    path: Union[str, Path],
    *,
    text_column: Optional[Column] = None,
    label_columns: Optional[Sequence[Column]] = None,
    header: Optional[bool] = None,
    delimiter: Optional[str] = None,
    separator: Optional[str] = None,
    label_names: Optional[Mapping[str, str]] = None,
) -> Iterator[LabelledText]:
    """The rows of a CSV or TSV file. Quotes have their meaning in CSV and are plain characters in TSV.

    With one label column its cell names the one label that holds, or several with `separator` between them; an empty
    cell says nothing about the text (with `separator`: that no label holds). With several label columns each is a
    label, named by the header, and its cells are values from 0 to 1; an empty cell says nothing about its label.

    path (Union[str, Path]): The file.
    text_column (Optional[Column]): Name or index (from 0) of the text's column; by default that named "text" or
        "sentence", or else the first without categories.
    label_columns (Optional[Sequence[Column]]): Names or indices of the columns with categories; by default that named
        "label", "labels" or "category", or else, in a table of two columns or without header, the first other one.
    header (Optional[bool]): Whether the first row names the columns; by default it does if a column is given by name
        or one of the names above is in it.
    delimiter (Optional[str]): Between columns; by default a tab, or a comma where the name ends in ".csv".
    separator (Optional[str]): Between the labels of a cell.
    label_names (Optional[Mapping[str, str]]): The labels' names by what stands in the cells, such as "0" or "1".
    YIELDS (LabelledText): One row.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E130 for an encoding or a damaged file; E103 for a row of another length; E137 for an id
        that is there twice; E140-E144 for a row without text, an unnamed label, a wrong value, an unknown column.
    """
    path = Path(path)
    delimiter = delimiter or ("," if ".csv" in path.suffixes[-2:] else _TAB)
    if len(delimiter) != 1:
        raise ValueError(_refuse(path, 1, f"the delimiter is '{delimiter}'", "one character"))
    rows = _read_rows(path, delimiter)
    head = next(rows, None)
    if head is None:
        return
    first = head[1]
    if header is None:
        given = [column for column in (text_column, *(label_columns or ())) if column is not None]
        named = {cell.strip().lower() for cell in first} & {*_TEXT_NAMES, *_LABEL_NAMES}
        header = bool(named) or not all(_is_index(column) for column in given)
    columns = _find_columns(path, head[0], first, header, text_column, label_columns)
    lines_by_id: Dict[str, int] = {}
    for number, row in rows if header else chain([head], rows):
        text = _to_text(path, number, row, columns, separator, label_names)
        if text.id in lines_by_id:
            raise ValueError(Errors.E137.format(place=text.place, found=text.id, first=lines_by_id[text.id]))
        if text.id:
            lines_by_id[text.id] = number
        yield text


def read_table_docs(
    path: Union[str, Path],
    nlp: Language,
    *,
    labels: Optional[Sequence[str]] = None,
    split_words: bool = False,
    text_column: Optional[Column] = None,
    label_columns: Optional[Sequence[Column]] = None,
    header: Optional[bool] = None,
    delimiter: Optional[str] = None,
    separator: Optional[str] = None,
    label_names: Optional[Mapping[str, str]] = None,
) -> Iterator[Doc]:
    """The rows of a CSV or TSV file as Docs.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary and the tokenizer.
    labels (Optional[Sequence[str]]): All labels of the corpus; by default those of the file.
    split_words (bool): Whether to split texts at white space instead of tokenizing them.
    text_column, label_columns, header, delimiter, separator, label_names: As for `read_table`.
    YIELDS (Doc): One Doc a row.
    RAISES (FileNotFoundError, ValueError): As `read_table` and `make_docs`.
    """
    texts = list(
        read_table(
            path,
            text_column=text_column,
            label_columns=label_columns,
            header=header,
            delimiter=delimiter,
            separator=separator,
            label_names=label_names,
        )
    )
    known = sorted(collect_labels(texts)) if labels is None else labels
    return make_docs(texts, nlp, known, split_words=split_words)


def _read_rows(path: Path, delimiter: str) -> Iterator[Tuple[int, List[str]]]:
    """The rows that are not blank, with the number of their first line."""
    lines = (line.rstrip("\r") for line in read_text(path).split("\n"))
    if delimiter == _TAB:
        yield from ((number, line.split(_TAB)) for number, line in enumerate(lines, start=1) if line.strip())
        return
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True)
    number = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            expected = "rows of one line, or of several inside quotes that are closed"
            raise ValueError(_refuse(path, number, str(error), expected)) from error
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield number, row
        number = reader.line_num + 1


def _find_columns(
    path: Path,
    number: int,
    first: Sequence[str],
    header: bool,
    text_column: Optional[Column],
    label_columns: Optional[Sequence[Column]],
) -> Columns:
    names = [cell.strip() for cell in first] if header else [""] * len(first)

    def find(column: Column) -> int:
        if column in names and column != "":
            return names.index(str(column))
        if _is_index(column) and int(column) < len(names):
            return int(column)
        shown = ", ".join(f"'{name}'" for name in names) if header else f"{len(names)} without names"
        raise ValueError(_refuse(path, number, f"there is no column '{column}'", f"one of the columns {shown}"))

    def find_named(expected: Sequence[str]) -> Optional[int]:
        return next((i for i, name in enumerate(names) if name.lower() in expected), None)

    def find_other(taken: Sequence[Optional[int]]) -> Optional[int]:
        return next((i for i in range(len(names)) if i not in taken), None)

    text = find_named(_TEXT_NAMES) if text_column is None else find(text_column)
    if label_columns is not None:
        labels = [find(column) for column in label_columns]
    else:
        named = find_named(_LABEL_NAMES)
        labels = [] if named is None else [named]
    if text is None:
        text = find_other(labels)
    if not labels and (len(names) == 2 or not header):
        other = find_other([text])
        labels = [] if other is None else [other]
    if text is None or not labels or text in labels:
        problem = "the columns of the text and the categories cannot be told"
        raise ValueError(_refuse(path, number, problem, "text_column and label_columns, as names or as indices from 0"))
    label_names = {i: names[i] or str(i) for i in labels}
    return Columns(text, label_names, find_named([_ID_NAME]), len(names))


def _to_text(
    path: Path,
    number: int,
    row: Sequence[str],
    columns: Columns,
    separator: Optional[str],
    label_names: Optional[Mapping[str, str]],
) -> LabelledText:
    found_id = row[columns.id].strip() if columns.id is not None and columns.id < len(row) else ""
    place = Place(path, number, found_id).at(number)
    if len(row) != columns.width:
        raise ValueError(Errors.E103.format(place=place, expected=columns.width, found=len(row)))
    text = row[columns.text].strip()
    if not text:
        raise ValueError(_refuse(path, number, "the row has no text", f"text in the column {columns.text} (from 0)"))

    def rename(label: str) -> str:
        if label_names is None:
            return label
        if label not in label_names:
            raise ValueError(Errors.E142.format(place=place, found=label, expected=", ".join(label_names)))
        return label_names[label]

    if len(columns.labels) > 1:
        cells = {label: row[i].strip() for i, label in columns.labels.items() if row[i].strip()}
        values = {rename(label): _to_value(place, label, cell) for label, cell in cells.items()}
        return LabelledText(place, text, values=values, id=found_id)
    cell = row[next(iter(columns.labels))].strip()
    if separator:
        chosen = [rename(label.strip()) for label in cell.split(separator) if label.strip()]
        return LabelledText(place, text, chosen=chosen, id=found_id)
    return LabelledText(place, text, chosen=[rename(cell)] if cell else None, id=found_id)


def _to_value(place: str, label: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ValueError(Errors.E143.format(place=place, label=label, found=cell))
    return value


def _is_index(column: Column) -> bool:
    return isinstance(column, int) or column.isdecimal()


def _refuse(path: Path, number: int, problem: str, expected: str) -> str:
    return Errors.E144.format(place=Place(path, number).at(number), problem=problem, expected=expected)
