"""CSV and TSV: one text a row, with its categories in one column or in several."""

import re
import warnings
from collections import Counter
from pathlib import Path
from typing import Dict, Iterator, Mapping, Optional, Sequence, Set, Union

from spacy.language import Language
from spacy.tokens import Doc

from ....errors import Errors, Warnings
from ..categories import LabelledText, collect_labels, make_docs, with_votes
from ..lines import Place, read_lines
from ..remarks import Remarks
from .delimited import Row, find_quotes, guess_delimiters, parse_delimiter, split_rows
from .table_columns import Column, Columns, find_columns

_TAB = "\t"
_EXCEL_DELIMITER = re.compile(r"sep=(.)\n", re.IGNORECASE)
_TRUTHS = {"true": 1.0, "false": 0.0}
# a list as Python writes it, and what numpy has for a missing value
_NO_LABEL = re.compile(r"\[.*\]|nan", re.IGNORECASE | re.DOTALL)
_SEPARATORS = ",;|"


def read_table(
    path: Union[str, Path],
    *,
    text_column: Optional[Column] = None,
    label_columns: Optional[Sequence[Column]] = None,
    header: Optional[bool] = None,
    delimiter: Optional[str] = None,
    quotes: Optional[bool] = None,
    separator: Optional[str] = None,
    label_names: Optional[Mapping[str, str]] = None,
    votes: bool = False,
    remarks: Optional[Remarks] = None,
) -> Iterator[LabelledText]:
    """The rows of a CSV or TSV file.

    With one label column its cell names the one label that holds, or several with `separator` between them; an empty
    cell says nothing about the text (with `separator`: that no label holds). With several label columns each is a
    label, named by the header, and its cells are values from 0 to 1, or true and false; an empty cell says nothing
    about its label. With `votes` the cells are what several annotators said: numbers of votes in several columns, or a
    label for each vote in one, with `separator`; each label has the share of its votes, and a row without votes says
    nothing. A first line such as "sep=;" names the delimiter.

    path (Union[str, Path]): The file.
    text_column (Optional[Column]): Name or index (from 0) of the text's column; by default that named "text" or
        "sentence", or else the only one that is left.
    label_columns (Optional[Sequence[Column]]): Names or indices of the columns with categories; by default that named
        "label", "labels" or "category", or else the only one that is left. Where two columns are left for both, the
        first is the text.
    header (Optional[bool]): Whether the first row names the columns; by default it does if a column is given by name
        or one of the names above is in it.
    delimiter (Optional[str]): Between columns, also by name, such as "tab"; by default a tab, or a comma where the
        file's name ends in ".csv".
    quotes (Optional[bool]): Whether quotes around a cell have their meaning; by default they do unless the delimiter
        is a tab, and for a tab it is found out (W110 if it cannot be).
    separator (Optional[str]): Between the labels of a cell.
    label_names (Optional[Mapping[str, str]]): The labels' names by what stands in the cells, such as "0" or "1".
    votes (bool): Whether the cells are votes.
    remarks (Optional[Remarks]): Takes the chosen columns, and rows that are left out.
    YIELDS (LabelledText): One row.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E130 for an encoding or a damaged file; E103 for a row of another length; E125 if the
        columns cannot be told; E137 for an id that is there twice; E140-E144, E154 for a row without text, an unnamed
        label, a wrong value, an unknown column.
    """
    path = Path(path)
    remarks = remarks or Remarks()
    delimiter = parse_delimiter(delimiter or ("," if ".csv" in path.suffixes[-2:] else _TAB), Place(path, 1).at(1))
    content = "\n".join(line for _, line in read_lines(path))
    told = _EXCEL_DELIMITER.match(content)
    if told:
        # a line that Excel writes and reads, and that is none of the table's
        delimiter, content = parse_delimiter(told[1], Place(path, 1).at(1)), content[told.end() - 1 :]
    if quotes is None:
        quotes, unsure = find_quotes(content, delimiter) if delimiter == _TAB else (True, 0)
        if unsure:
            warnings.warn(Warnings.W110.format(place=Place(path, unsure).at(unsure)), stacklevel=2)
    rows = list(split_rows(content, delimiter, quotes=quotes))
    if not rows:
        return
    if rows[0].problem:
        raise ValueError(_refuse(path, rows[0]))
    others = guess_delimiters(content)
    if len(rows[0].cells) == 1 and others:
        problem = f"there is one column, without the delimiter '{delimiter}'"
        raise ValueError(_refuse(path, rows[0], problem, f"another (--delimiter), such as {', '.join(others)}"))
    columns = find_columns(path, rows, header=header, text_column=text_column, label_columns=label_columns)
    remarks.note(f"{columns.describe()}, {'quotes around cells taken off' if quotes else 'quotes as they stand'}")
    lines_by_id: Dict[str, int] = {}
    for row in rows[columns.header :]:
        with remarks.skipping():
            text = _to_text(path, row, columns, separator, label_names, votes)
            if text.id in lines_by_id:
                raise ValueError(Errors.E137.format(place=text.place, found=text.id, first=lines_by_id[text.id]))
            if text.id:
                lines_by_id[text.id] = row.line
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
    quotes: Optional[bool] = None,
    separator: Optional[str] = None,
    label_names: Optional[Mapping[str, str]] = None,
    votes: bool = False,
    remarks: Optional[Remarks] = None,
) -> Iterator[Doc]:
    """The rows of a CSV or TSV file as Docs.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary and the tokenizer.
    labels (Optional[Sequence[str]]): All labels of the corpus; by default those of the file.
    split_words (bool): Whether to split texts at white space instead of tokenizing them.
    text_column, label_columns, header, delimiter, quotes, separator, label_names, votes, remarks: As for `read_table`.
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
            quotes=quotes,
            separator=separator,
            label_names=label_names,
            votes=votes,
            remarks=remarks,
        )
    )
    found = collect_labels(texts)
    joined = next((label for label in sorted(found) if separator is None and _joins_labels(label, found)), None)
    if joined is not None:
        place = next(text.place for text in texts if joined in (text.chosen or ()))
        warnings.warn(Warnings.W171.format(place=place, found=joined), stacklevel=2)
    known = sorted(found) if labels is None else labels
    return make_docs(texts, nlp, known, split_words=split_words, remarks=remarks)


def _to_text(
    path: Path,
    row: Row,
    columns: Columns,
    separator: Optional[str],
    label_names: Optional[Mapping[str, str]],
    votes: bool,
) -> LabelledText:
    cells = row.cells
    found_id = cells[columns.id].strip() if columns.id is not None and columns.id < len(cells) else ""
    place = Place(path, row.line, found_id).at(row.line)
    if row.problem:
        raise ValueError(_refuse(path, row))
    if len(cells) != len(columns.names):
        raise ValueError(Errors.E103.format(place=place, expected=len(columns.names), found=len(cells)))
    text = cells[columns.text].strip()
    if not text:
        raise ValueError(_refuse(path, row, "the row has no text", f"text in the column {columns.text} (from 0)"))

    def rename(label: str) -> str:
        if label_names is None:
            return label
        if label not in label_names:
            raise ValueError(Errors.E142.format(place=place, found=label, expected=", ".join(label_names)))
        return label_names[label]

    if len(columns.labels) > 1:
        filled = {label: cells[i].strip() for i, label in columns.labels.items() if cells[i].strip()}
        if votes:
            counts = {rename(label): _to_count(place, label, cell) for label, cell in filled.items()}
            return with_votes(LabelledText(place, text, id=found_id), counts)
        values = {rename(label): _to_value(place, label, cell) for label, cell in filled.items()}
        return LabelledText(place, text, values=values, id=found_id)
    cell = cells[next(iter(columns.labels))].strip()
    if separator:
        chosen = [rename(label.strip()) for label in cell.split(separator) if label.strip()]
        if votes:
            return with_votes(LabelledText(place, text, id=found_id), Counter(chosen))
        return LabelledText(place, text, chosen=chosen, id=found_id)
    if votes:
        raise ValueError(_refuse(path, row, "votes stand in one column, with nothing between them", "--separator"))
    if _NO_LABEL.fullmatch(cell) and cell not in (label_names or ()):
        advice = (
            "Write several labels with a separator between them (--separator), and leave the cell empty where none is "
            "known."
        )
        raise ValueError(Errors.E126.format(place=place, expected="a label", found=f"'{cell}'", advice=advice))
    return LabelledText(place, text, chosen=[rename(cell)] if cell else None, id=found_id)


def _joins_labels(label: str, labels: Set[str]) -> bool:
    """Whether a label looks like several, of which another row has one alone."""
    parts = [[part.strip() for part in label.split(separator)] for separator in _SEPARATORS]
    return any(len(found) > 1 and all(found) and not labels.isdisjoint(found) for found in parts)


def _to_value(place: str, label: str, cell: str) -> float:
    try:
        value = _TRUTHS[cell.lower()] if cell.lower() in _TRUTHS else float(cell)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ValueError(Errors.E143.format(place=place, label=label, found=cell))
    return value


def _to_count(place: str, label: str, cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal()):
        raise ValueError(Errors.E154.format(place=place, label=label, found=cell))
    return int(cell)


def _refuse(path: Path, row: Row, problem: str = "", expected: str = "") -> str:
    expected = expected or "quotes around whole cells, doubled where they stand in one; else --no-quotes"
    return Errors.E144.format(
        place=Place(path, row.line).at(row.line), problem=problem or row.problem, expected=expected
    )
