"""The names of the shapes that cross a module border."""

from typing import List, NamedTuple, Optional, Tuple

from thinc.types import Floats2d

TokenVectors = List[Floats2d]
"""One array a Doc, shape (tokens, width): what an encoder gives and what a head's backprop returns."""


class RoleSpan(NamedTuple):
    """An argument of a predicate, in token offsets.

    role (str): The label, such as "ARG0", "ARGM-TMP", "C-ARG1", "R-ARG0"; "C-V" for a further part of the predicate.
    start (int): Index of the first token.
    end (int): Index after the last token.
    probability (Optional[float]): The model's probability in [0, 1]; None where nothing predicted it.
    """

    role: str
    start: int
    end: int
    probability: Optional[float] = None


class FrameSpans(NamedTuple):
    """A predicate with its sense and arguments, in token offsets: a frame that needs no Doc.

    start (int): Index of the predicate's first token, which is also the id of the frame.
    end (int): Index after the last token of the predicate's first contiguous part.
    sense (str): The roleset, such as "give.01"; "" where it is not annotated.
    roles (Tuple[RoleSpan, ...]): The arguments, in any order.
    probability (Optional[float]): Of the token being a predicate; None where nothing predicted it.
    sense_probability (Optional[float]): Of the sense, given the predicate; None where nothing predicted it.
    """

    start: int
    end: int
    sense: str = ""
    roles: Tuple[RoleSpan, ...] = ()
    probability: Optional[float] = None
    sense_probability: Optional[float] = None
