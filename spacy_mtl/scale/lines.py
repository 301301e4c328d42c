"""Files that are read as a stream, compressed or not, and of which only a line is held in memory."""

import gzip
import io
import zlib
from pathlib import Path
from typing import IO, Any, Iterator, Tuple

from ..data.formats.lines import GZIP_SUFFIX
from ..errors import Errors
from .records import SHOWN, pack_fault

# more than that is no line of text, and would not be held by memory if all of a large file were one
LONGEST_LINE = 1 << 26
_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Opened:
    """A file that is read as it is decompressed."""

    def __init__(self, path: Path) -> None:
        """path (Path): The file; compressed by gzip if its name ends in ".gz"."""
        self.path = path
        self._raw: IO[bytes] = path.open("rb")
        self.line = 0
        self.stream: Any = self._raw
        if path.name.lower().endswith(GZIP_SUFFIX):
            self.stream = io.BufferedReader(gzip.GzipFile(fileobj=self._raw), 1 << 16)  # type: ignore[arg-type]

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *error: Any) -> None:
        self._raw.close()

    @property
    def position(self) -> int:
        """RETURNS (int): The bytes that have been read of the file as it is on disk."""
        return 0 if self._raw.closed else self._raw.tell()

    def read(self, line: bool, size: int = LONGEST_LINE) -> bytes:
        """Read on.

        line (bool): Whether to the end of the line.
        size (int): The number of bytes that is not exceeded.
        RETURNS (bytes): What was read; b"" at the end of the file.
        RAISES (ValueError): E130 for a damaged compressed file, E102 for one in UTF-16.
        """
        try:
            data = self.stream.readline(size) if line else self.stream.read(size)
        # what gzip raises for a file that is damaged or cut short
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(Errors.E130.format(path=self.path, line=self.line + 1, problem=error)) from error
        if not self.line and data[:2] in _WIDE_MARKS:
            advice = "It seems to be UTF-16."
            raise ValueError(Errors.E102.format(path=self.path, line=1, byte=f"0x{data[0]:02x}", advice=advice))
        self.line += 1
        return data.removeprefix(_MARK) if self.line == 1 else data


def read_lines(opened: Opened) -> Iterator[Tuple[int, bytes, bool]]:
    r"""The lines of a file that are not blank.

    opened (Opened): The file.
    YIELDS (Tuple[int, bytes, bool]): The number of a line, what stands there without its end, "\n" or "\r\n", and
        whether it is whole: of one that is too long only the packed fault.
    """
    number = 0
    while data := opened.read(line=True):
        number += 1
        if len(data) >= LONGEST_LINE and not data.endswith(b"\n"):
            yield number, _pack_too_long(data), False
            while data and not data.endswith(b"\n"):
                data = opened.read(line=True)
        elif data.strip():
            yield number, data.rstrip(b"\r\n"), True


def read_whole(opened: Opened) -> Tuple[bytes, bool]:
    """All of a file.

    opened (Opened): The file.
    RETURNS (Tuple[bytes, bool]): Its content, and whether it is whole, as of a line.
    """
    data = opened.read(line=False, size=LONGEST_LINE)
    return (_pack_too_long(data), False) if len(data) == LONGEST_LINE else (data, True)


def _pack_too_long(data: bytes) -> bytes:
    expected = f"less than {LONGEST_LINE:,} bytes, found a line that is longer"
    return pack_fault(expected, data[:SHOWN].decode("utf8", "backslashreplace"))
