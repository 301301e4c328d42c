"""From one tokenization of a text to another, through the characters that are no white space."""

from typing import Dict, List, Tuple

from spacy.tokens import Doc


class DoesNotFit(Exception):
    """Raised for tokens that have no counterpart."""


class Characters:
    """Where the tokens of a Doc begin and end in its text without white space."""

    def __init__(self, doc: Doc) -> None:
        """Look at a Doc.

        doc (Doc): The Doc.
        """
        self.bounds: List[Tuple[int, int]] = []
        parts = []
        length = 0
        for token in doc:
            part = remove_blanks(token.text)
            parts.append(part)
            self.bounds.append((length, length + len(part)))
            length += len(part)
        self.text = "".join(parts)
        self.starts: Dict[int, int] = {}
        self.ends: Dict[int, int] = {}
        for i, (start, end) in enumerate(self.bounds):
            # a token of white space begins and ends nothing
            if start < end:
                self.starts[start] = i
                self.ends[end] = i + 1


class Mapping:
    """The way from the tokens of one Doc to those of another with the same characters."""

    def __init__(self, source: Characters, target: Characters) -> None:
        """Take both Docs.

        source (Characters): Of the Doc whose tokens are known.
        target (Characters): Of the Doc whose tokens are asked for.
        """
        self.source = source
        self.target = target
        self.is_same = source.bounds == target.bounds

    def move(self, start: int, end: int) -> Tuple[int, int]:
        """The tokens with the same characters.

        start (int): Index of the first token.
        end (int): Index after the last token.
        RETURNS (Tuple[int, int]): The indices in the other Doc.
        RAISES (DoesNotFit): If no token there begins or ends where these do.
        """
        if self.is_same:
            return start, end
        first, last = self.source.bounds[start][0], self.source.bounds[end - 1][1]
        if first == last or first not in self.target.starts or last not in self.target.ends:
            raise DoesNotFit
        return self.target.starts[first], self.target.ends[last]

    def touch(self, token: int) -> List[int]:
        """The tokens that share a character with a token.

        token (int): Index of the token.
        RETURNS (List[int]): Indices in the other Doc.
        """
        if self.is_same:
            return [token]
        first, last = self.source.bounds[token]
        return [i for i, (start, end) in enumerate(self.target.bounds) if start < last and first < end]


def remove_blanks(text: str) -> str:
    """RETURNS (str): A text without its white space."""
    return "".join(text.split())
