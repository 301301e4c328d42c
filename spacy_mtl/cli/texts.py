"""Texts that a command is given: the good ones are read, each of the others is told of where it stands."""

import sys
from typing import BinaryIO, Iterable, Iterator, List, Union

from ..errors import Errors


class Texts:
    """Texts from the command line or from a file, one a line. After the reading, `faults` says which were left out."""

    def __init__(self, texts: Iterable[Union[str, bytes]], max_length: int) -> None:
        """texts (Iterable[Union[str, bytes]]): The texts, or the lines of a file. max_length (int): The number of
        characters that a text may have."""
        self._texts = texts
        self._max_length = max_length
        self.faults: List[str] = []

    def __iter__(self) -> Iterator[str]:
        """YIELDS (str): The texts that can be read. Of each other one a message goes to stderr, with its number."""
        for number, given in enumerate(self._texts, start=1):
            try:
                text = given.decode("utf8").rstrip("\r\n") if isinstance(given, bytes) else given
                # what was no UTF-8 on the command line comes as lone surrogates
                text.encode("utf8")
            except UnicodeError as error:
                self._leave_out(number, f"text in UTF-8, found {_describe(error)}")
                continue
            if len(text) > self._max_length:
                expected = f"{self._max_length:,} characters at most (nlp.max_length), found {len(text):,}"
                self._leave_out(number, expected)
                continue
            yield text.removeprefix("\ufeff") if number == 1 else text

    def _leave_out(self, number: int, expected: str) -> None:
        message = Errors.E613.format(number=number, expected=expected)
        self.faults.append(message)
        print(message, file=sys.stderr, flush=True)


def stdin_lines() -> BinaryIO:
    """RETURNS (BinaryIO): The lines of stdin as they are: as text, one that is not UTF-8 would end the reading."""
    return sys.stdin.buffer


def _describe(error: UnicodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"the byte 0x{error.object[error.start]:02x} at {error.start}"
    return "something else"
