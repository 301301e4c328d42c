import gzip

import pytest

from spacy_mtl.data.lines import read_blocks, read_text

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
