"""The best legal tag sequence of a chain (Viterbi, 1967), by work in proportion to the legal transitions."""

from typing import List, NamedTuple, Optional

import numpy
from thinc.types import Array2d, Floats1d, Floats2d, Ints1d, Ints2d

from .chain import LegalTags, TagScores, pack


class _Moves(NamedTuple):
    """Tags that have the same number of legal predecessors.

    targets (Ints1d): The tags.
    sources (Ints2d): Their predecessors, shape (predecessors, targets), or (predecessors, 1) where all share them.
    scores (Floats2d): Of the transitions, shape (predecessors, targets).
    """

    targets: Ints1d
    sources: Ints2d
    scores: Floats2d


def viterbi(scores: TagScores, legal: LegalTags, allowed: Optional[Array2d] = None) -> Ints1d:
    """Find the best legal tag sequence of every sequence.

    scores (TagScores): The scores.
    legal (LegalTags): The legal tag sequences.
    allowed (Optional[Array2d]): Boolean, shape (tokens, tags): tags to choose from; all if None.
    RETURNS (Ints1d): The tag of every token; -1 throughout a sequence that has no legal tags.
    """
    packing = pack(scores.lengths)
    emissions = scores.emissions[packing.rows]  # [tokens, tags], packed
    if allowed is not None:
        emissions = numpy.where(allowed[packing.rows], emissions, -numpy.inf)
    transitions = numpy.where(legal.transitions, scores.transitions, -numpy.inf)
    start = numpy.where(legal.start, scores.start, -numpy.inf)
    end = numpy.where(legal.end, scores.end, -numpy.inf)
    moves = _group_moves(transitions, legal)

    best = emissions
    best[: packing.first] += start
    for (begin, stop), (next_begin, next_stop) in zip(packing.steps, packing.steps[1:]):
        # Only differences matter; left to grow, they would drown in single precision on a long text.
        best[begin:stop] -= _finite_max(best[begin:stop])[:, None]
        _advance(best[begin : begin + next_stop - next_begin], best[next_begin:next_stop], moves)

    found = numpy.isfinite((best[packing.last] + end).max(axis=1))[packing.sequence]
    tags = numpy.zeros(emissions.shape[0], dtype="int64")
    arriving = numpy.ascontiguousarray(transitions.T)  # [tags, tags], to and from
    following = tags[:0]
    for begin, stop in reversed(packing.steps):
        leaving = best[begin:stop]
        leaving[: len(following)] += arriving[following]
        leaving[len(following) :] += end
        following = leaving.argmax(axis=1)
        tags[begin:stop] = following
    unpacked = numpy.empty(len(packing.rows), dtype="int64")
    unpacked[packing.rows] = numpy.where(found, tags, -1)
    return unpacked


def _advance(best: Floats2d, emissions: Floats2d, moves: List[_Moves]) -> None:
    """Add to the emissions of a step the score of the best way there, in place."""
    for targets, sources, scores in moves:
        ways = best[:, sources]  # [sequences, predecessors, targets or 1]
        emissions[:, targets] += (ways + scores).max(axis=1)


def _group_moves(transitions: Floats2d, legal: LegalTags) -> List[_Moves]:
    """RETURNS (List[_Moves]): The legal transitions, in as few groups as there are numbers of predecessors."""
    counts = legal.transitions.sum(axis=0)
    groups = []
    for count in numpy.unique(counts):
        targets = numpy.flatnonzero(counts == count)
        if count == 0:
            sources = numpy.zeros((1, 1), dtype="int64")  # its transition is -inf
        else:
            sources = numpy.stack([numpy.flatnonzero(legal.transitions[:, target]) for target in targets], axis=1)
            if (sources == sources[:, :1]).all():
                sources = sources[:, :1]
        chosen = transitions[sources, targets[None, :]]
        groups.append(_Moves(targets, sources, chosen))
    return groups


def _finite_max(scores: Floats2d) -> Floats1d:
    """RETURNS (Floats1d): The largest score of each row; 0 where none is finite."""
    largest = scores.max(axis=1)
    return numpy.where(numpy.isfinite(largest), largest, 0.0)
