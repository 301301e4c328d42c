"""What scorers of role tags read."""

from typing import NamedTuple

from thinc.types import Floats2d

from ..windows import Windows


class ArgumentInput(NamedTuple):
    """What an argument scorer reads.

    vectors (Floats2d): Vectors of all tokens of the batch, shape (tokens, width).
    windows (Windows): The predicates and their windows, R rows.
    """

    vectors: Floats2d
    windows: Windows
