"""Distributions that a model learns from in the place of annotation: how they are kept, and the loss of a chain of
tags against them."""

from typing import Dict, Optional, Tuple

import numpy
from thinc.types import Array2d, Floats2d, Ints1d

from .chain import LegalTags, TagScores
from .forward_backward import forward_backward

SMALLEST = 1e-3
"""Probabilities below it are not kept."""

SparseRows = Dict[str, numpy.ndarray]


def pack_rows(rows: Floats2d, top_k: int) -> SparseRows:
    """Keep the largest probabilities of each row, in half precision.

    rows (Floats2d): Distributions, shape (rows, labels).
    top_k (int): How many of a row are kept at most; those below `SMALLEST` are not.
    RETURNS (SparseRows): How many there are in each row, and the label and probability of each.
    """
    kept = rows >= SMALLEST
    if rows.shape[1] > top_k:
        order = numpy.argsort(-rows, axis=1, kind="stable")[:, :top_k]
        largest = numpy.zeros_like(kept)
        numpy.put_along_axis(largest, order, True, axis=1)
        kept &= largest
    row, column = numpy.nonzero(kept)
    return {
        "sizes": kept.sum(axis=1).astype("uint16"),
        "labels": column.astype("uint16"),
        "values": rows[row, column].astype("float16"),
    }


def unpack_rows(packed: SparseRows, places: Ints1d, width: int) -> Floats2d:
    """The distributions that were kept, each scaled to a sum of one.

    packed (SparseRows): What `pack_rows` gave.
    places (Ints1d): For each of its labels the column that it goes to; labels of one column are added up.
    width (int): The number of columns.
    RETURNS (Floats2d): Shape (rows, width); a row of which nothing was kept stays zero.
    """
    sizes = packed["sizes"].astype("int64")
    rows = numpy.zeros((len(sizes), width), dtype="float32")
    numpy.add.at(rows, (numpy.repeat(numpy.arange(len(sizes)), sizes), places[packed["labels"]]), packed["values"])
    total = rows.sum(axis=1, keepdims=True)
    return rows / numpy.where(total > 0, total, 1)


def expected_crf_loss(
    scores: TagScores, expected: TagScores, legal: LegalTags, possible: Optional[Array2d] = None
) -> Tuple[float, TagScores]:
    """The cross-entropy of a chain against a distribution over tag sequences, summed over the sequences, and its
    gradient, the difference of the expected counts of the two (structural distillation, Wang et al., 2021).

    The scores of a sequence are a sum over its tags and transitions, so that the expected numbers of these are all
    that counts of the other distribution.

    scores (TagScores): The scores.
    expected (TagScores): Under the other distribution the probability of each tag at each token, and the expected
        numbers of each transition, start and end.
    legal (LegalTags): The legal tag sequences.
    possible (Optional[Array2d]): Boolean, shape (tokens, tags): the tags that are possible; all if None.
    RETURNS (Tuple[float, TagScores]): The loss and its gradient.
    """
    own = forward_backward(scores, legal, possible)
    loss = float(own.log_partition.sum())
    counts = (expected.emissions, *expected[2:])
    for part, count in zip((scores.emissions, *scores[2:]), counts):
        loss -= float((part * count).sum(dtype="float64"))
    d_emissions, *others = (
        part - count for part, count in zip((own.marginals, own.transitions, own.start, own.end), counts)
    )
    return loss, TagScores(d_emissions, scores.lengths, *others)
