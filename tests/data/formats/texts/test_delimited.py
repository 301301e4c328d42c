import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtl.data.formats.texts.delimited import find_quotes, guess_delimiters, parse_delimiter, split_rows

CELLS = st.text('ab," \t\n;', max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=6), st.sampled_from(",\t;"), st.booleans())
def test_rows_are_those_that_a_csv_writer_was_given(rows, delimiter, quote_all):
    file = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)
    found = list(split_rows(file.getvalue(), delimiter, quotes=True))
    assert [row.cells for row in found] == [row for row in rows if any(cell.strip() for cell in row)]
    lines = file.getvalue().split("\n")
    assert all(not row.problem and lines[row.line - 1] for row in found)


@given(st.text('ab",\n', max_size=40))
def test_any_text_ends_and_loses_no_line_after_a_bad_row(text):
    rows = list(split_rows(text, ",", quotes=True))
    assert [row.line for row in rows] == sorted({row.line for row in rows})
    for row in rows:
        if row.problem:
            rest = "\n".join(text.split("\n")[row.line :])
            again = [(r.line + row.line, r.cells) for r in split_rows(rest, ",", quotes=True)]
            assert again == [(r.line, r.cells) for r in rows if r.line > row.line]


def test_without_quotes_they_are_characters():
    assert [row.cells for row in split_rows('"a\t"b"\n\nc"\td\n', "\t", quotes=False)] == [['"a', '"b"'], ['c"', "d"]]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a\tb\n", (False, 0)),
        ('"a\tb\n', (False, 0)),
        ('a "b"\tc\n', (False, 0)),
        ('"a ""b"""\tc\n', (True, 0)),
        ('"a\tb"\tc\nd\te\n', (True, 0)),
        ('"a"\t"b"\n"c"\t1.5\n', (True, 0)),
        ('a\tb\n"c"\td\n', (False, 2)),
        ('"c\td\nand"\tb\n', (False, 1)),
    ],
)
def test_whether_quotes_have_their_meaning(text, expected):
    assert find_quotes(text, "\t") == expected


def test_delimiters_by_name():
    assert [parse_delimiter(name, "x") for name in (";", "\t", "\\t", "Tab", "comma", "|")] == list(";\t\t\t,|")
    for wrong in (";;", '"', "\n", "tabs"):
        with pytest.raises(ValueError, match="MTL-E144.*delimiter"):
            parse_delimiter(wrong, "x")
    assert guess_delimiters("a;b\tc\n,") == ["tab", "semicolon"]


def test_blanks_around_quotes_are_none_of_the_cell():
    rows = [row.cells for row in split_rows('"A, b", "pos" \n "C ""d""" ,x\n', ",", quotes=True)]
    assert rows == [["A, b", "pos"], ['C "d"', "x"]]
    plain = [row.cells for row in split_rows('so, "he" said, no\n5" , "\n', ",", quotes=True)]
    assert plain == [["so", ' "he" said', " no"], ['5" ', ' "']]
    assert [row.cells for row in split_rows(' "a b"\n', " ", quotes=True)] == [["", "a b"]]
