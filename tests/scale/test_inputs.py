import gzip
import json

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_mtl.scale import lines
from spacy_mtl.scale.inputs import FileReader, ReadSettings, find_files
from spacy_mtl.scale.records import describe_failure, read_record

NLP = spacy.blank("en")


def read(path, output="out", max_length=1000, format=None, **settings):
    """The texts of an input as (id, text, columns), and for each that cannot be read its place and the code."""
    found = []
    chosen = ReadSettings(**settings)
    reader = FileReader(find_files([path], path.parent / output, format), chosen, NLP)
    for number, record in enumerate(reader):
        try:
            text = read_record(record, number, chosen.text_column, max_length)
            found.append((text.id, text.text, text.columns))
        except ValueError as error:
            failure = describe_failure(record, number, chosen.text_column, str(error))
            found.append((failure["source"], failure["line"], failure["reason"][5:9]))
    assert reader.position == reader.total
    return found


def test_lines(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\n\n  two\nbad \xff\n\xc2\x85three\xe2\x80\xa8\nlast")
    expected = [(0, "one", {}), (1, "  two", {}), ("a.txt", 4, "E781"), (3, "\x85three\u2028", {}), (4, "last", {})]
    assert read(path) == expected
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(path.read_bytes()))
    expected[2] = ("a.txt.gz", 4, "E781")
    assert read(tmp_path / "a.txt.gz") == expected


def test_whole_files(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("b", "a"):
        (tmp_path / "in" / f"{name}.txt").write_text(f"{name} one\n\n{name} two\n")
    assert read(tmp_path / "in", whole_files=True) == [(0, "a one\n\na two\n", {}), (1, "b one\n\nb two\n", {})]


def test_lines_that_no_memory_would_hold(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "LONGEST_LINE", 10)
    monkeypatch.setattr(lines.Opened.read, "__defaults__", (10,))
    (tmp_path / "a.txt").write_text("one\n" + 25 * "x" + "\n" + 9 * "y" + "\ntwo\n" + 10 * "z")
    assert read(tmp_path / "a.txt") == [
        (0, "one", {}),
        ("a.txt", 2, "E781"),
        (2, 9 * "y", {}),
        (3, "two", {}),
        ("a.txt", 5, "E781"),
    ]
    assert read(tmp_path / "a.txt", whole_files=True) == [("a.txt", 1, "E781")]


def test_jsonl(tmp_path):
    rows = [
        '{"text": "one", "id": "x", "meta": {"a": [1, null]}, "n": 1.5}',
        "",
        '{"text": "two", "id": {"strange": 1}}',
        '{"title": "no text"}',
        '{"text": null}',
        '["text"]',
        '{"text": "cut sho',
        '{"text": "nan", "value": NaN}',
        '{"text": "half \\ud83d"}',
        '{"text": "whole \\ud83d\\ude00", "id": 7}',
        "[" * 100_000,
        '{"text": "' + "x" * 1001 + '"}',
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(rows), encoding="utf8")
    assert read(tmp_path / "a.jsonl") == [
        ("x", "one", {"meta": {"a": [1, None]}, "n": 1.5}),
        (1, "two", {"id": {"strange": 1}}),
        *(("a.jsonl", line, "E781") for line in (4, 5, 6, 7, 8, 9)),
        (7, "whole \U0001f600", {}),
        ("a.jsonl", 11, "E781"),
        ("a.jsonl", 12, "E782"),
    ]
    assert read(tmp_path / "a.jsonl", text_column="title")[2] == (2, "no text", {})


@pytest.mark.parametrize("name,delimiter", [("a.csv", None), ("a.tsv", None), ("a.txt", ";")])
def test_tables(tmp_path, name, delimiter):
    mark = delimiter or {"a.csv": ",", "a.tsv": "\t"}[name]
    rows = [["id", "text", "by"], ["x", f'"one{mark} ""two""\nthree"', "me"], ["y", "short"], [], ["z", "bad \xff", ""]]
    content = "\r\n".join(mark.join(row) for row in rows).encode("latin-1") + b"\r\n"
    (tmp_path / name).write_bytes(content)
    format = "csv" if delimiter else None
    assert read(tmp_path / name, format=format, delimiter=delimiter) == [
        ("x", f'one{mark} "two"\nthree', {"by": "me"}),
        (name, 4, "E781"),
        (name, 6, "E781"),
    ]


def test_tables_that_cannot_be_read(tmp_path):
    (tmp_path / "a.csv").write_text("id;text\n1;one\n")
    with pytest.raises(ValueError, match="E784.*'text'.*id;text"):
        read(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("")
    with pytest.raises(ValueError, match="E784.*no row"):
        read(tmp_path / "b.csv")
    (tmp_path / "c.csv").write_text("text,text\n1,one\n")
    with pytest.raises(ValueError, match="E784.*differ"):
        read(tmp_path / "c.csv")


def test_a_quote_that_is_never_closed_does_not_take_in_the_rest(tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_mtl.scale.delimited.LONGEST_LINE", 100)
    (tmp_path / "a.csv").write_text('text,by\n"one,me\n' + "two,me\n" * 100)
    with pytest.raises(ValueError, match="E784.*quotes that are closed"):
        read(tmp_path / "a.csv")


def test_cells_of_any_length(tmp_path):
    (tmp_path / "a.csv").write_text("text\n" + "x" * 300_000 + "\n")
    assert read(tmp_path / "a.csv", max_length=300_000) == [(0, "x" * 300_000, {})]


def test_stored_docs_keep_their_tokens(tmp_path):
    doc = NLP.make_doc("NewYork is big")
    with doc.retokenize() as retokenizer:
        retokenizer.split(doc[0], ["New", "York"], heads=[doc[0], doc[0]])
    doc.user_data.update({"id": "d1", "by": "me", "odd": {1, 2}, ("._.", "x", None, None): 1})
    DocBin(docs=[doc], store_user_data=False).to_disk(tmp_path / "a.spacy")
    assert read(tmp_path / "a.spacy") == [(0, "NewYork is big", {})]
    doc.user_data.pop("odd")
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "a.spacy")
    (record,) = FileReader(find_files([tmp_path / "a.spacy"], tmp_path / "out"), ReadSettings(), NLP)
    text = read_record(record, 0, "text", 100)
    assert (text.id, text.columns) == ("d1", {"by": "me"})
    assert [token.text for token in text.make_doc(NLP.vocab)] == ["New", "York", "is", "big"]


def test_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import datetime

    import pyarrow.parquet

    columns = {
        "id": [3, 4],
        "text": ["one", None],
        "day": [datetime.date(2020, 1, 2), None],
        "tags": [["a"], []],
    }
    pyarrow.parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet") == [(3, "one", {"day": "2020-01-02", "tags": ["a"]}), ("a.parquet", 2, "E781")]
    with pytest.raises(ValueError, match="E784.*'body'.*id, text, day, tags"):
        read(tmp_path / "a.parquet", text_column="body")
    (tmp_path / "a.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-9])
    with pytest.raises(ValueError, match="E784"):
        read(tmp_path / "a.parquet")


def test_parquet_without_its_package(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(ImportError, match=r"E776.*spacy-mtl\[parquet\]"):
        read(tmp_path / "a.parquet")


@pytest.mark.parametrize("cut", [3, 30, -4])
def test_damaged_compression(tmp_path, cut):
    content = "".join(json.dumps({"text": f"text {i * 7919}"}) + "\n" for i in range(50)).encode()
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(content)[:cut])
    with pytest.raises(ValueError, match="E130"):
        read(tmp_path / "a.jsonl.gz")


def test_other_encodings_and_damaged_stores(tmp_path):
    (tmp_path / "a.txt").write_text("one\ntwo\n", encoding="utf-16")
    with pytest.raises(ValueError, match="E102.*UTF-16"):
        read(tmp_path / "a.txt")
    (tmp_path / "a.spacy").write_bytes(b"none")
    with pytest.raises(ValueError, match="E122"):
        read(tmp_path / "a.spacy")


def test_files_of_a_folder(tmp_path):
    given = tmp_path / "in"
    for name in (
        "b.txt",
        "a/z.jsonl",
        "a/c.TXT.gz",
        "a/notes.md",
        ".hidden/d.txt",
        "a/.e.txt",
        "_failed/g.jsonl",
        "f.spacy.gz",
    ):
        (given / name).parent.mkdir(parents=True, exist_ok=True)
        (given / name).touch()
    files = find_files([given, given / "b.txt"], tmp_path / "out")
    assert [(file.name, file.format) for file in files] == [
        ("a/c.TXT.gz", "txt"),
        ("a/z.jsonl", "jsonl"),
        ("b.txt", "txt"),
        ("b.txt", "txt"),
    ]
    assert [file.name for file in find_files([given / "a" / "notes.md"], tmp_path / "out", "txt")] == ["notes.md"]


def test_inputs_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError, match="E101"):
        find_files([tmp_path / "none.txt"], tmp_path / "out")
    (tmp_path / "in").mkdir()
    with pytest.raises(FileNotFoundError, match="E759.*no file"):
        find_files([tmp_path / "in"], tmp_path / "out")
    (tmp_path / "a.docx").touch()
    with pytest.raises(ValueError, match="E759.*unknown ending"):
        find_files([tmp_path / "a.docx"], tmp_path / "out")
    with pytest.raises(ValueError, match="E759.*no such format"):
        find_files([tmp_path / "a.docx"], tmp_path / "out", "docx")
    for output in (tmp_path, tmp_path / "in", tmp_path / "in" / "out"):
        with pytest.raises(ValueError, match="E153"):
            find_files([tmp_path / "in"], output)
