import gzip

import pytest

from spacy_mtl.data.formats.lines import read_blocks, read_lines, read_text, split_blanks, split_row

TEXT = "Åse\tO\nran\tO\n\nZoë\tO\n"


def test_compressed_text_is_read_as_plain_text_is(tmp_path):
    plain, compressed = tmp_path / "a.tsv", tmp_path / "a.tsv.gz"
    plain.write_text(TEXT, encoding="utf8")
    compressed.write_bytes(gzip.compress(TEXT.encode("utf8")))
    assert read_text(compressed) == read_text(plain) == TEXT
    assert list(read_blocks(compressed)) == list(read_blocks(plain))


def test_joined_members_and_padding_are_one_text(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n") + b"\0\0")
    assert read_text(path) == "one\ntwo\n"


def test_a_file_that_is_cut_short_names_the_line_it_breaks_off_at(tmp_path):
    path = tmp_path / "a.txt.gz"
    lines = "".join(f"{number} {number**7}\n" for number in range(5000))
    data = gzip.compress(lines.encode())
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match="MTL-E130.*ends too early") as error:
        read_text(path)
    line = int(str(error.value).partition("line ")[2].partition(":")[0])
    assert 1000 < line < 5000


# gzip writes the time into what it compresses: without names of their own, two processes would collect different tests
@pytest.mark.parametrize(
    "data",
    [b"", b"plain text\n", gzip.compress(b"one\n")[:-4], gzip.compress(b"x") + b"rest"],
    ids=["empty", "plain text", "cut short", "with a rest"],
)
def test_what_is_not_compressed_is_refused(tmp_path, data):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="MTL-E130.*line 1|MTL-E130.*line 2"):
        read_text(path)


def test_damaged_data_is_refused(tmp_path):
    path = tmp_path / "a.txt.gz"
    data = bytearray(gzip.compress(b"many words in one line\n" * 50))
    data[-8] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(ValueError, match="MTL-E130.*incorrect data check"):
        read_text(path)


def test_bytes_that_are_no_utf8_name_their_line_in_compressed_text_too(tmp_path):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"one\ntw\xff\n"))
    with pytest.raises(ValueError, match="MTL-E102.*line 2.*0xff"):
        read_text(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
def test_lines_end_as_files_of_any_system_end_them(tmp_path, end):
    path = tmp_path / "a.txt"
    path.write_bytes(end.join(["Ana\tO", "", "Bo\tO", ""]).encode())
    assert list(read_lines(path)) == [(1, "Ana\tO"), (2, ""), (3, "Bo\tO")]
    assert list(read_blocks(path)) == [[(1, "Ana\tO")], [(3, "Bo\tO")]]


def test_mixed_line_ends_a_mark_in_the_middle_and_no_last_line_end(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\ntwo\r\nthree\n\xef\xbb\xbffour")
    assert [line for _, line in read_lines(path)] == ["one", "two", "three", "four"]


@pytest.mark.parametrize("char", "\u0085\u00a0\u2028\u2029\u3000\x0b\x0c\x1c\x1e")
def test_other_white_space_belongs_to_the_line_and_to_the_word(tmp_path, char):
    path = tmp_path / "a.txt"
    path.write_text(f"12{char}500 O\n", encoding="utf8")
    ((line,),) = read_blocks(path)
    assert line == (1, f"12{char}500 O")
    assert split_blanks(line[1]) == split_row(line[1]) == [f"12{char}500", "O"]
    assert split_row(f"New York{char}\tO") == [f"New York{char}", "O"]


@pytest.mark.parametrize(
    "line, cells",
    [
        ("Oslo B-LOC  ", ["Oslo", "B-LOC"]),
        ("Oslo\tB-LOC \t", ["Oslo", "B-LOC"]),
        ("Oslo \t\tO", ["Oslo", "", "O"]),
        ("\tO", ["", "O"]),
        (" Oslo  O", ["Oslo", "O"]),
    ],
)
def test_cells_of_rows(line, cells):
    assert split_row(line) == cells


@pytest.mark.parametrize(
    "data, code, line",
    [
        ("on\ne".encode("utf-16"), "MTL-E102.*UTF-16", 1),
        ("on\ne".encode("utf-16-le"), "MTL-E164.*UTF-16", 1),
        (b"one\ntwo\r\ncaf\xe9\n", "MTL-E102.*0xe9.*Latin-1", 3),
        (b"one\ntwo\n\x00", "MTL-E164", 3),
        (b"one\r\ntwo\rthree\r\n", "MTL-E165", 2),
        (b"one\rtwo\r", "MTL-E165", 1),
    ],
    ids=["utf-16", "utf-16 without a mark", "latin-1", "NUL", "mixed returns", "returns"],
)
def test_what_is_no_text_in_utf8_is_refused_with_its_line(tmp_path, data, code, line):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=code) as error:
        list(read_lines(path))
    assert f"a.txt, line {line}:" in str(error.value)
