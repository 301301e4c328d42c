"""How alike two encoders represent the same tokens."""

import numpy
from thinc.types import Floats2d


def linear_cka(one: Floats2d, other: Floats2d) -> float:
    """Linear centred kernel alignment (Kornblith et al. 2019): with centred X and Y,
    |Y'X|^2 / (|X'X| |Y'Y|) in Frobenius norms. Rotations, shifts and a common scale do not change it.

    one (Floats2d): Vectors, shape (tokens, width).
    other (Floats2d): Vectors of the same tokens, of any width, shape (tokens, other width).
    RETURNS (float): From 0 to 1; 0 where all vectors of one side are the same. Chance is not 0: independent noise of
        n tokens and width d gives about d / n.
    """
    X, Y = (numpy.asarray(side, dtype="f8") for side in (one, other))
    X, Y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    size = float(numpy.linalg.norm(X.T @ X) * numpy.linalg.norm(Y.T @ Y))
    return float(numpy.linalg.norm(Y.T @ X) ** 2) / size if size else 0.0
