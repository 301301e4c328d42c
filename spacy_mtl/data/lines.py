"""Reading text files in blocks of lines, so that every later complaint can name file and line."""

import zlib
from pathlib import Path
from typing import Iterator, List, NamedTuple, Sequence, Tuple, Union

from ..errors import Errors

GZIP_SUFFIX = ".gz"
_GZIP_HEADER = 31  # zlib's wbits for data with gzip's header and checksum


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
    RAISES (ValueError): E102 if it is not UTF-8, E130 if it is compressed and damaged or cut short.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(Errors.E101.format(path=path, found="a folder" if path.is_dir() else "nothing"))
    data = path.read_bytes()
    if path.suffix == GZIP_SUFFIX:
        data = _decompress(path, data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(Errors.E102.format(path=path, line=line, byte=f"0x{data[error.start]:02x}")) from error


def read_blocks(path: Union[str, Path]) -> Iterator[List[Tuple[int, str]]]:
    """The blocks of a file that are kept apart by blank lines.

    path (Union[str, Path]): The file.
    YIELDS (List[Tuple[int, str]]): The numbered lines of a block, without line ends.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102 if it is not UTF-8.
    """
    block: List[Tuple[int, str]] = []
    # Not splitlines(): it also splits at characters that stand inside words, such as U+0085.
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        line = line.rstrip("\r")
        if line.strip():
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def find_sent_id(block: Sequence[Tuple[int, str]]) -> str:
    """The id in a block's comment "# sent_id = ...".

    block (Sequence[Tuple[int, str]]): The numbered lines.
    RETURNS (str): The id; "" if there is none.
    """
    for _, line in block:
        if line.startswith("#"):
            name, _, value = line[1:].partition("=")
            if name.strip() == "sent_id":
                return value.strip()
    return ""


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
        raise ValueError(Errors.E130.format(path=path, line=text.count(b"\n") + 1, problem=problem))
    return text
