"""The best dependency tree of a sentence, from the scores of all arcs."""

from typing import List, Optional

import numpy
from thinc.types import Floats2d, Floats3d, Ints1d, Ints2d


def best_trees(scores: Floats3d, lengths: Ints1d) -> Ints2d:
    """The best tree of each sentence: one token is the root, and each other token has a head that leads there.

    scores (Floats3d): The score of every arc, shape (sentences, tokens, tokens): the dependent first, then its head;
        on the diagonal that of being the root.
    lengths (Ints1d): The length of each sentence.
    RETURNS (Ints2d): The head of each token, the root's own place for the root, shape (sentences, tokens).
    """
    longest = scores.shape[1]
    steps = numpy.arange(longest)
    inside = steps < numpy.asarray(lengths)[:, None]
    heads = numpy.where(inside[:, None, :], scores, -numpy.inf).argmax(axis=2)
    heads = numpy.where(inside, heads, steps)
    is_root = (heads == steps) & inside
    # where no cycle is, steps from head to head end at the root
    reached = heads
    for _ in range(max(1, longest.bit_length())):
        reached = numpy.take_along_axis(reached, reached, axis=1)
    ends = numpy.take_along_axis(heads, reached, axis=1) == reached
    for i in numpy.flatnonzero((is_root.sum(axis=1) != 1) | ~ends.all(axis=1)).tolist():
        length = int(lengths[i])
        heads[i, :length] = best_tree(scores[i, :length, :length])
    return heads


def best_tree(scores: Floats2d) -> Ints1d:
    """The tree with the highest sum of scores among those with one root (Chu and Liu, 1965; Edmonds, 1967).

    scores (Floats2d): The score of every arc, shape (tokens, tokens), as for `best_trees`.
    RETURNS (Ints1d): The head of each token, the root's own place for the root.
    """
    length = len(scores)
    # node 0 is above the root; what every arc from there costs makes one such arc better than two
    arcs = numpy.full((length + 1, length + 1), -numpy.inf)
    arcs[1:, 1:] = scores
    roots = numpy.diagonal(scores).astype("float64")
    arcs[1:, 0] = roots - (1.0 + length * float(scores.max() - scores.min()))
    numpy.fill_diagonal(arcs, -numpy.inf)
    heads = _best_arborescence(arcs)[1:] - 1
    return numpy.where(heads < 0, numpy.arange(length), heads)


def _best_arborescence(arcs: Floats2d) -> Ints1d:
    """The head of each node but the first, which has none."""
    contractions = []
    while True:
        heads = arcs.argmax(axis=1)
        heads[0] = 0
        cycle = _find_cycle(heads.tolist())
        if cycle is None:
            break
        rest = numpy.setdiff1d(numpy.arange(len(arcs)), cycle)
        # what it changes that a node of the cycle has a head outside, shape (cycle, nodes)
        gains = arcs[cycle] - arcs[cycle, heads[cycle]][:, None]
        smaller = numpy.full((len(rest) + 1, len(rest) + 1), -numpy.inf)
        smaller[:-1, :-1] = arcs[numpy.ix_(rest, rest)]
        smaller[-1, :-1] = gains[:, rest].max(axis=0)
        smaller[:-1, -1] = arcs[numpy.ix_(rest, cycle)].max(axis=1)
        entered, left = gains[:, rest].argmax(axis=0), arcs[numpy.ix_(rest, cycle)].argmax(axis=1)
        contractions.append((heads, cycle, rest, entered, left))
        arcs = smaller
    for larger, cycle, rest, entered, left in reversed(contractions):
        outer = int(heads[-1])
        larger[rest] = numpy.where(heads[:-1] == len(rest), cycle[left], rest[numpy.minimum(heads[:-1], len(rest) - 1)])
        larger[cycle[entered[outer]]] = rest[outer]
        heads = larger
    return heads


def _find_cycle(heads: List[int]) -> Optional[Ints1d]:
    """The nodes of a cycle; None if all nodes lead to the first."""
    seen = [0] * len(heads)
    for start in range(1, len(heads)):
        node = start
        while node and not seen[node]:
            seen[node] = start
            node = heads[node]
        if node and seen[node] == start:
            cycle = [node]
            while heads[cycle[-1]] != node:
                cycle.append(heads[cycle[-1]])
            return numpy.asarray(cycle)
    return None
