"""What a chain of tags is made of: its scores, its legal moves, and its order in memory.

Sums and best paths are found on the host. The scores of a model on a GPU come there by `heads.host.bring_to_host`.
"""

from typing import List, NamedTuple, Tuple

import numpy
from thinc.types import Array1d, Array2d, Floats1d, Floats2d, Ints1d


class TagScores(NamedTuple):
    """The scores of a CRF for a batch of sequences, or their gradient.

    emissions (Floats2d): Of every tag at every token, shape (tokens, tags), the sequences one after the other.
    lengths (Ints1d): The number of tokens of each sequence, always on the host.
    transitions (Floats2d): Of moving from one tag to the next, shape (tags, tags).
    start (Floats1d): Of starting with a tag, shape (tags,).
    end (Floats1d): Of ending with a tag, shape (tags,).
    """

    emissions: Floats2d
    lengths: Ints1d
    transitions: Floats2d
    start: Floats1d
    end: Floats1d


def cool(scores: TagScores, temperature: float) -> TagScores:
    """Divide all scores by a temperature: the best sequence stays, its probability changes.

    scores (TagScores): The scores.
    temperature (float): Above 1 to be less sure.
    RETURNS (TagScores): The scores divided.
    """
    if temperature == 1.0:
        return scores
    emissions, lengths, *others = scores
    return TagScores(emissions / temperature, lengths, *(array / temperature for array in others))


class LegalTags(NamedTuple):
    """What tag sequences may look like: boolean arrays.

    transitions (Array2d): Whether a tag may follow another, shape (tags, tags), from and to.
    start (Array1d): Whether a sequence may start with a tag, shape (tags,).
    end (Array1d): Whether a sequence may end with a tag, shape (tags,).
    """

    transitions: Array2d
    start: Array1d
    end: Array1d


def select_sequences(scores: TagScores, chosen: Array1d) -> Tuple[TagScores, Ints1d]:
    """The scores of some of the sequences.

    scores (TagScores): The scores of all.
    chosen (Array1d): Boolean, shape (sequences,).
    RETURNS (Tuple[TagScores, Ints1d]): The scores, and the row of each of their tokens among all.
    """
    rows = numpy.flatnonzero(numpy.repeat(chosen, scores.lengths))
    if len(rows) == scores.emissions.shape[0] and chosen.all():
        return scores, rows
    return scores._replace(emissions=scores.emissions[rows], lengths=scores.lengths[chosen]), rows


class Packing(NamedTuple):
    """Rows of sequences that lie one after the other, rearranged by time step: all first tokens, then all second
    tokens. Sequences are sorted by length, so those alive at a step are always the first ones of the step before.
    Empty sequences are left out.

    sequences (Ints1d): The original index of each sequence, longest first.
    rows (Ints1d): The original row of each packed row.
    sequence (Ints1d): The place in `sequences` of each packed row.
    first (int): How many packed rows are first tokens; they come first.
    previous (Ints1d): The packed row before each packed row that is not a first token.
    last (Ints1d): The packed row of each sequence's last token.
    steps (List[Tuple[int, int]]): The packed rows of each time step, as start and end.
    """

    sequences: Ints1d
    rows: Ints1d
    sequence: Ints1d
    first: int
    previous: Ints1d
    last: Ints1d
    steps: List[Tuple[int, int]]


def pack(lengths: Ints1d) -> Packing:
    """Find the packed order of sequences.

    lengths (Ints1d): The length of each sequence.
    RETURNS (Packing): The order.
    """
    offsets = numpy.cumsum(lengths) - lengths
    sequences = numpy.argsort(-lengths, kind="stable")
    sequences = sequences[lengths[sequences] > 0]
    ordered = lengths[sequences]
    n_steps = int(ordered[0]) if len(ordered) else 0
    counts = numpy.searchsorted(-ordered, -numpy.arange(n_steps), side="left")
    ends = numpy.cumsum(counts)
    starts = ends - counts
    step = numpy.repeat(numpy.arange(n_steps), counts)
    sequence = numpy.arange(len(step)) - starts[step]
    first = len(sequences)
    return Packing(
        sequences=sequences,
        rows=offsets[sequences][sequence] + step,
        sequence=sequence,
        first=first,
        previous=starts[step[first:] - 1] + sequence[first:],
        last=starts[ordered - 1] + numpy.arange(first),
        steps=list(zip(starts.tolist(), ends.tolist())),
    )
