"""Inner products of the tasks' gradients: all that the methods that compare directions need to see of them.

At the representation level a task's direction is the sum of its gradient over the tokens. Tasks that label different
texts have no token in common, so that their full gradients are orthogonal whatever they ask of the encoder; their sums
over the tokens can agree or conflict. At the parameter level the sum over the one row is the row.
"""

from typing import Any, Sequence

import numpy
from thinc.api import get_array_module, to_numpy
from thinc.types import Floats2d

# Columns that are raised to float64 at a time: few enough for the processor's cache, many enough for a GPU's threads.
BLOCK = 2**15
GPU_BLOCK = 2**20
# Below this share of the largest eigenvalue an eigenvalue is rounding error of float32 gradients.
RANK_TOLERANCE = 1e-12


def compute_gramian(gradients: Sequence[Floats2d]) -> Any:
    """The inner products of gradients, each summed over its rows first.

    gradients (Sequence[Floats2d]): One or more, all of one shape (rows, columns).
    RETURNS (numpy.ndarray): float64, shape (gradients, gradients).
    """
    xp = get_array_module(gradients[0])
    gramian: Any = xp.zeros((len(gradients), len(gradients)), dtype="float64")
    size = BLOCK if xp is numpy else GPU_BLOCK
    for start in range(0, gradients[0].shape[1], size):
        # [gradients, columns of the block]
        sums = xp.stack([rows[:, start : start + size].sum(axis=0, dtype="float64") for rows in gradients])
        gramian += sums @ sums.T
    return to_numpy(gramian)


def find_norms(gramian: Any) -> Any:
    """The lengths of the summed gradients.

    gramian (numpy.ndarray): Shape (gradients, gradients).
    RETURNS (numpy.ndarray): Shape (gradients,).
    """
    return numpy.sqrt(numpy.diagonal(gramian))


def find_cosines(gramian: Any) -> Any:
    """The Gramian of the gradients scaled to the length 1.

    gramian (numpy.ndarray): Shape (gradients, gradients), with a diagonal above zero.
    RETURNS (numpy.ndarray): Of the same shape, with ones on the diagonal.
    """
    norms = find_norms(gramian)
    return gramian / numpy.outer(norms, norms)


def find_rows(gramian: Any) -> Any:
    """Vectors with these inner products, of no more columns than their rank: gradients in a basis of what they span.

    gramian (numpy.ndarray): Shape (gradients, gradients), with a diagonal above zero.
    RETURNS (numpy.ndarray): Rows R with R R^T = gramian, shape (gradients, rank).
    """
    values, vectors = numpy.linalg.eigh(find_cosines(gramian))
    kept = values > values.max() * RANK_TOLERANCE
    return find_norms(gramian)[:, None] * vectors[:, kept] * numpy.sqrt(values[kept])


def scale_gramian(gramian: Any) -> Any:
    """Scale a Gramian to a mean of 1 on the diagonal: torchjd takes gradients below a fixed size for zero, and those
    of a batch can be of any size.

    gramian (numpy.ndarray): Shape (gradients, gradients), with a diagonal above zero.
    RETURNS (numpy.ndarray): The same for gradients that are all scaled alike.
    """
    return gramian / numpy.diagonal(gramian).mean()
