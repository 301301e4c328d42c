"""Predicates with the tokens that may hold their arguments, packed so that no array holds padding.

A packed array has one row for each pair of a predicate and a token of its window. Rows are ordered by position in the
window, then by predicate, predicates with longer windows first: the rows of step t are one contiguous slice, and the
predicates alive at step t + 1 are a prefix of those alive at step t.
"""

from typing import Iterable, Iterator, List, NamedTuple, Sequence, Tuple

import numpy
from thinc.types import Ints1d


class Windows(NamedTuple):
    """Windows of P predicates over the N tokens of a batch, R = sum of the window lengths rows.

    order (Ints1d): For each of the P packed predicates, its place in the caller's list.
    predicates (Ints1d): Token of each packed predicate, as an index into the batch's tokens, shape (P,).
    starts (Ints1d): First token of each window, likewise, shape (P,).
    sizes (List[int]): How many predicates have a token at step t.
    tokens (Ints1d): The token of each row, shape (R,).
    owners (Ints1d): The packed predicate of each row, shape (R,).
    """

    order: Ints1d
    predicates: Ints1d
    starts: Ints1d
    sizes: List[int]
    tokens: Ints1d
    owners: Ints1d

    @property
    def offsets(self) -> List[int]:
        """RETURNS (List[int]): The first row of each step."""
        return [0, *numpy.cumsum(self.sizes)[:-1].tolist()] if self.sizes else []

    def rows_of(self, predicates: Iterable[int]) -> List[Ints1d]:
        """The rows of packed predicates.

        predicates (Iterable[int]): Their numbers.
        RETURNS (List[Ints1d]): For each the rows of its window, in the order of steps.
        """
        offsets = numpy.asarray(self.offsets, dtype="int64")
        lengths = self.lengths()
        return [offsets[: lengths[predicate]] + predicate for predicate in predicates]

    def lengths(self) -> Ints1d:
        """RETURNS (Ints1d): The window length of each packed predicate, shape (P,)."""
        lengths = numpy.zeros(len(self.predicates), dtype="int32")
        for size in self.sizes:
            lengths[:size] += 1
        return lengths


def pack_windows(predicates: Sequence[int], starts: Sequence[int], ends: Sequence[int]) -> Windows:
    """Pack predicates and their windows.

    predicates (Sequence[int]): Token of each predicate.
    starts (Sequence[int]): First token of its window.
    ends (Sequence[int]): The token after its window.
    RETURNS (Windows): The packed form.
    """
    predicate_array = numpy.asarray(predicates, dtype="int32")
    start_array = numpy.asarray(starts, dtype="int32")
    lengths = numpy.asarray(ends, dtype="int32") - start_array
    order = numpy.argsort(-lengths, kind="stable").astype("int32")
    lengths = lengths[order]
    start_array = start_array[order]
    longest = int(lengths[0]) if len(lengths) else 0
    # lengths fall, so the number above t is found by a search in the negated, rising array
    size_array = numpy.searchsorted(-lengths, -numpy.arange(longest), side="left")
    steps = numpy.repeat(numpy.arange(longest, dtype="int32"), size_array)
    first_rows = numpy.concatenate([[0], numpy.cumsum(size_array)[:-1]]) if longest else numpy.zeros(0, dtype=int)
    owners = (numpy.arange(len(steps)) - numpy.repeat(first_rows, size_array)).astype("int32")
    tokens = start_array[owners] + steps
    return Windows(order, predicate_array[order], start_array, size_array.tolist(), tokens, owners)


def argument_bounds(starts: Ints1d, length: int, predicate: int, window: int) -> Tuple[int, int]:
    """Where the arguments of a predicate may lie: its sentence, and never further than the window on either side.

    starts (Ints1d): First token of each sentence of the Doc, in rising order.
    length (int): The Doc's tokens.
    predicate (int): Index of the predicate's token.
    window (int): Tokens on either side; 0 for no limit.
    RETURNS (Tuple[int, int]): Index of the first token, and index after the last.
    """
    after = int(numpy.searchsorted(starts, predicate, side="right"))
    start = int(starts[after - 1]) if after else 0
    end = int(starts[after]) if after < len(starts) else length
    if window:
        start, end = max(start, predicate - window), min(end, predicate + window + 1)
    return start, end


def split_by_rows(starts: Sequence[int], ends: Sequence[int], max_rows: int) -> Iterator[List[int]]:
    """Group predicates so that no group has more rows than allowed, unless a single window has.

    starts (Sequence[int]): First token of each window.
    ends (Sequence[int]): The token after each window.
    max_rows (int): Rows a group.
    YIELDS (List[int]): Indices of the predicates of a group.
    """
    group: List[int] = []
    rows = 0
    for i, (start, end) in enumerate(zip(starts, ends)):
        if group and rows + end - start > max_rows:
            yield group
            group, rows = [], 0
        group.append(i)
        rows += end - start
    if group:
        yield group
