"""The sentences of a batch, those of like length together, so that pairs of their tokens are scored at once."""

from typing import List, NamedTuple, Sequence

import numpy
from spacy.tokens import Doc
from thinc.types import Ints1d, Ints2d

LONGEST = 512
"""Tokens of a sentence; what is longer is cut, since time and memory grow with the square."""
STEP = 16
MOST_PAIRS = 1 << 21


class SentenceGroup(NamedTuple):
    """Sentences of like length.

    rows (Ints2d): The token of each place, as an index into the batch's tokens, shape (sentences, longest). Behind the
        end of a sentence it is the number of tokens in the batch.
    lengths (Ints1d): The length of each sentence.
    """

    rows: Ints2d
    lengths: Ints1d


class Layout(NamedTuple):
    """Where the sentences of a batch lie: arrays on the host.

    groups (List[SentenceGroup]): The sentences.
    sentence (Ints1d): For each token of the batch the number of its sentence; -1 for white space.
    place (Ints1d): For each token of the batch its place in its sentence.
    """

    groups: List[SentenceGroup]
    sentence: Ints1d
    place: Ints1d


def lay_out(docs: Sequence[Doc], starts: Sequence[Ints1d]) -> Layout:
    """Group the sentences of a batch. Tokens of white space are in none, and sentences longer than LONGEST are cut.

    docs (Sequence[Doc]): The Docs.
    starts (Sequence[Ints1d]): For each Doc the first tokens of its sentences, in rising order.
    RETURNS (Layout): The groups.
    """
    numbers: List[Ints1d] = []
    offset = 0
    for doc, first in zip(docs, starts):
        begins = numpy.zeros(len(doc), dtype="int64")
        begins[numpy.asarray(first, dtype="int64")[: len(doc)]] = 1
        begins[:1] = 1
        numbers.append(numpy.cumsum(begins) + offset)
        offset += int(begins.sum())
    sentence = numpy.concatenate(numbers) if numbers else numpy.zeros(0, dtype="int64")
    is_space = [doc.to_array("IS_SPACE").reshape(-1) > 0 for doc in docs]
    solid = numpy.flatnonzero(~numpy.concatenate(is_space)) if docs else numpy.zeros(0, dtype="int64")
    places = _count_up(sentence[solid])
    # a sentence that is too long goes on as another
    _, pieces, lengths = numpy.unique(
        sentence[solid] * (len(sentence) + 1) + places // LONGEST, return_inverse=True, return_counts=True
    )
    result_sentence = numpy.full(len(sentence), -1, dtype="int64")
    result_sentence[solid] = pieces
    place = numpy.zeros(len(sentence), dtype="int64")
    place[solid] = places % LONGEST
    return Layout(_group(solid, lengths, len(sentence)), result_sentence, place)


def _count_up(numbers: Ints1d) -> Ints1d:
    """The place of each element among those equal to it, which lie side by side."""
    if not len(numbers):
        return numbers
    starts = numpy.flatnonzero(numpy.diff(numbers, prepend=numbers[0] - 1))
    return numpy.arange(len(numbers)) - numpy.repeat(starts, numpy.diff(starts, append=len(numbers)))


def _group(tokens: Ints1d, lengths: Ints1d, pad: int) -> List[SentenceGroup]:
    offsets = numpy.cumsum(lengths) - lengths
    order = numpy.argsort(lengths, kind="stable")
    groups = []
    start = 0
    while start < len(order):
        # the longest that are still of like length, and no more than memory allows
        limit = (int(lengths[order[start]]) - 1) // STEP * STEP + STEP
        end = int(numpy.searchsorted(lengths[order], limit, side="right"))
        end = min(end, start + max(1, MOST_PAIRS // limit**2))
        chosen = order[start:end]
        longest = int(lengths[chosen].max())
        steps = numpy.arange(longest)
        inside = steps < lengths[chosen][:, None]
        # shape (sentences, longest)
        rows = tokens[numpy.minimum(offsets[chosen][:, None] + steps, len(tokens) - 1)]
        groups.append(SentenceGroup(numpy.where(inside, rows, pad), lengths[chosen]))
        start = end
    return groups
