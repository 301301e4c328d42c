"""Reading text files line by line, so that every later complaint can name file and line."""

import re
import zlib
from itertools import takewhile
from pathlib import Path
from typing import Iterator, List, NamedTuple, Sequence, Tuple, Union

from ...errors import Errors

Line = Tuple[int, str]
"""Number of a line, from 1, and the line without its end."""

GZIP_SUFFIX = ".gz"
BLANKS = " \t"
_GZIP_HEADER = 31  # zlib's wbits for data with gzip's header and checksum
_MARK = "\ufeff"
# Not splitlines(): it also splits at characters that stand inside words, such as U+0085 and U+2028. "\r\r\n" is a line
# end that was converted twice.
_LINE_END = re.compile(r"\r{0,2}\n")
_LONE_RETURN = re.compile(r"\r(?!\r?\n)")
_COMMENT = re.compile(r"#\s*(?:[\w.:-]+\s*=|(?:newdoc|newpar|id)\b)")
_NUMBER = re.compile(r"[0-9]{1,9}")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Place(NamedTuple):
    """Where a sentence stands, for error messages.

    path (Path): The file.
    line (int): Number of its first line, from 1.
    sentence (str): Its id; "" if the file gives none.
    """

    path: Path
    line: int
    sentence: str = ""

    def at(self, line: int) -> str:
        """The place of one line of the sentence, in words.

        line (int): Number of the line, from 1.
        RETURNS (str): File, line and sentence.
        """
        return f"{self.path}, line {line}, sentence '{self.sentence or '?'}'"


def read_text(path: Union[str, Path]) -> str:
    """The text of a UTF-8 file, with or without a byte order mark.

    path (Union[str, Path]): The file; compressed by gzip if its name ends in ".gz".
    RETURNS (str): Its text.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102 if it is not UTF-8, E130 if it is compressed and damaged or cut short, E164 if it holds
        NUL characters, as binary files and text in UTF-16 do.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(Errors.E101.format(path=path, found="a folder" if path.is_dir() else "nothing"))
    data = path.read_bytes()
    if path.suffix == GZIP_SUFFIX:
        data = _decompress(path, data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _count_lines(data[: error.start].decode("latin-1"))
        advice = "It seems to be UTF-16." if data[:2] in _WIDE_MARKS else "It may be Windows-1252 or Latin-1."
        found = f"0x{data[error.start]:02x}"
        raise ValueError(Errors.E102.format(path=path, line=line, byte=found, advice=advice)) from error
    if "\0" in text:
        raise ValueError(Errors.E164.format(path=path, line=_count_lines(text[: text.index("\0")])))
    return text


def read_lines(path: Union[str, Path]) -> Iterator[Line]:
    r"""The lines of a file, which end with "\n" or "\r\n", mixed as they may be, and at no other character.

    path (Union[str, Path]): The file.
    YIELDS (Line): Number and text of a line, without the byte order mark of a file that was appended to another. After
        the end of the last line there is no further, empty one.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): As `read_text`; E165 for a carriage return that ends no such line.
    """
    text = read_text(path)
    lone = _LONE_RETURN.search(text)
    if lone:
        raise ValueError(Errors.E165.format(path=path, line=_count_lines(text[: lone.start()])))
    lines = _LINE_END.split(text)
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        yield number, line.lstrip(_MARK)


def read_blocks(path: Union[str, Path]) -> Iterator[List[Line]]:
    """The blocks of a file that are kept apart by blank lines.

    path (Union[str, Path]): The file.
    YIELDS (List[Line]): The numbered lines of a block.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): As `read_lines`.
    """
    block: List[Line] = []
    for number, line in read_lines(path):
        if line.strip(BLANKS):
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def split_blanks(line: str) -> List[str]:
    """The cells of a row that blanks and tabs keep apart. Other white space, such as U+00A0, belongs to words.

    line (str): The row.
    RETURNS (List[str]): The cells, none of them empty.
    """
    return [cell for cell in line.replace("\t", " ").split(" ") if cell]


def split_row(line: str) -> List[str]:
    """The cells of a row that tabs keep apart or, where there is no tab, blanks.

    line (str): The row; blanks and tabs at its end are none of its cells.
    RETURNS (List[str]): The cells, without blanks around them; between tabs they may be empty.
    """
    if "\t" not in line.strip(BLANKS) and not line.startswith("\t"):
        return split_blanks(line)
    return [cell.strip(" ") for cell in line.rstrip(BLANKS).split("\t")]


def parse_number(cell: str) -> int:
    """A number as formats write it, in digits from 0 to 9.

    cell (str): What stands in a cell.
    RETURNS (int): The number; -1 for anything else, also for one of more than nine digits.
    """
    return int(cell) if _NUMBER.fullmatch(cell) else -1


def split_comments(block: Sequence[Line]) -> Tuple[List[Line], List[Line]]:
    """The comments above a sentence, such as "# text = ..." and "# newdoc", and its rows, of which one may be of a "#".

    block (Sequence[Line]): The numbered lines.
    RETURNS (Tuple[List[Line], List[Line]]): The comments and the rows.
    """
    comments = list(takewhile(lambda line: _COMMENT.match(line[1]), block))
    return comments, list(block[len(comments) :])


def find_comment(block: Sequence[Line], name: str) -> str:
    """The value of a comment above a sentence, such as "# sent_id = ...".

    block (Sequence[Line]): The numbered lines.
    name (str): The name of the comment.
    RETURNS (str): The value; "" if there is none.
    """
    for _, line in block:
        if line.startswith("#"):
            found, _, value = line[1:].partition("=")
            if found.strip(BLANKS) == name:
                return value.strip(BLANKS)
    return ""


def find_sent_id(block: Sequence[Line]) -> str:
    """The id in a block's comment "# sent_id = ...".

    block (Sequence[Line]): The numbered lines.
    RETURNS (str): The id; "" if there is none.
    """
    return find_comment(block, "sent_id")


def _count_lines(text: str) -> int:
    """The number of the line at which the text breaks off."""
    return len(_LINE_END.findall(text)) + 1


def _decompress(path: Path, data: bytes) -> bytes:
    text = b""
    problem = "it is empty" if not data else ""
    while data and not problem:
        member = zlib.decompressobj(wbits=_GZIP_HEADER)
        try:
            text += member.decompress(data)
        except zlib.error as error:
            problem = str(error)
        if not problem and not member.eof:
            problem = "it ends too early"
        # what follows the last member may be padding
        data = member.unused_data.lstrip(b"\0")
    if problem:
        raise ValueError(Errors.E130.format(path=path, line=_count_lines(text.decode("latin-1")), problem=problem))
    return text
