"""Docs cut into windows of bounded length, and windows of like length put together."""

from typing import List, NamedTuple

import numpy

# A bucket's longest window may be a third longer than its shortest: then less than 15% of its slots are padding in
# running text, and a batch makes few buckets.
SHORTEST_SHARE = 0.75


class Windows(NamedTuple):
    """Windows over the N tokens of a batch, longest first, with R rows in all. Rows are in the order of the windows.

    lengths (numpy.ndarray): Rows of each window, falling, shape (windows,).
    tokens (numpy.ndarray): The token of each row, as an index into the batch's tokens, shape (R,).
    positions (numpy.ndarray): The place of each row in its window, shape (R,).
    kept (numpy.ndarray): For each token its row in the window in which it is most central, shape (N,).
    """

    lengths: numpy.ndarray
    tokens: numpy.ndarray
    positions: numpy.ndarray
    kept: numpy.ndarray


def cut_windows(lengths: numpy.ndarray, window: int, overlap: int) -> Windows:
    """Cut every Doc that is longer than a window into windows that overlap.

    All windows of such a Doc have full length: the last one is moved back to end with the Doc. Of two windows that
    share tokens, each keeps those that are nearer to its middle.

    lengths (numpy.ndarray): Tokens of each Doc, zeros allowed, shape (docs,).
    window (int): Most tokens of a window.
    overlap (int): Least tokens that neighbours share, less than a window.
    RETURNS (Windows): The windows.
    """
    starts: List[int] = []
    sizes: List[int] = []
    kept_starts: List[int] = []
    doc_start = 0
    for length in lengths.tolist():
        size = min(length, window)
        last = length - size
        in_doc = [*range(0, last, window - overlap), last] if size else []
        starts.extend(doc_start + start for start in in_doc)
        sizes.extend([size] * len(in_doc))
        kept_starts.extend([doc_start] * bool(in_doc))
        kept_starts.extend(doc_start + (left + right + size) // 2 for left, right in zip(in_doc, in_doc[1:]))
        doc_start += length
    # what a window keeps ends where the next one, in the same Doc or not, begins to keep
    kept_ends = numpy.array([*kept_starts[1:], doc_start], dtype="int64")[: len(starts)]
    order = numpy.argsort(-numpy.array(sizes, dtype="int64"), kind="stable")
    sorted_sizes = numpy.array(sizes, dtype="int64")[order]
    row_starts = numpy.repeat(numpy.cumsum(sorted_sizes) - sorted_sizes, sorted_sizes)
    positions = numpy.arange(len(row_starts)) - row_starts
    tokens = numpy.repeat(numpy.array(starts, dtype="int64")[order], sorted_sizes) + positions
    is_kept = tokens >= numpy.repeat(numpy.array(kept_starts, dtype="int64")[order], sorted_sizes)
    is_kept &= tokens < numpy.repeat(kept_ends[order], sorted_sizes)
    kept = numpy.zeros(doc_start, dtype="int64")
    kept[tokens[is_kept]] = numpy.nonzero(is_kept)[0]
    return Windows(sorted_sizes, tokens, positions, kept)


def bucket_sizes(lengths: numpy.ndarray) -> List[int]:
    """Group windows so that a group can be padded to its longest without much waste.

    lengths (numpy.ndarray): Rows of each window, falling, none of them zero.
    RETURNS (List[int]): How many windows each group takes, in their order.
    """
    sizes: List[int] = []
    start = 0
    while start < len(lengths):
        end = int(numpy.searchsorted(-lengths, -SHORTEST_SHARE * lengths[start], side="right"))
        sizes.append(end - start)
        start = end
    return sizes
