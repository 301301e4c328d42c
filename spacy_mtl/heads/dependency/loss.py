"""What scores of tags, heads and relations lose against annotation."""

from typing import List, NamedTuple, Tuple

import numpy
from thinc.api import Ops
from thinc.types import Floats2d, Ints1d

from ..sentence_groups import Layout
from .model import Arcs, DependencyScores

OPEN = -1


class DependencyGold(NamedTuple):
    """The annotation of a batch of N tokens, on the host; OPEN where there is none.

    tags (Ints1d): The tag of each token, shape (N,).
    heads (Ints1d): The head of each token in the batch, a root's own number, shape (N,). It is in the same sentence.
    relations (Ints1d): The relation to the head, shape (N,).
    """

    tags: Ints1d
    heads: Ints1d
    relations: Ints1d

    @property
    def arcs(self) -> Arcs:
        """RETURNS (Arcs): Those of which the relation is known."""
        rows = numpy.flatnonzero((self.heads != OPEN) & (self.relations != OPEN))
        return Arcs(rows, self.heads[rows])

    def count_tokens(self) -> int:
        """RETURNS (int): How many tokens are annotated."""
        return int(((self.tags != OPEN) | (self.heads != OPEN)).sum())


def dependency_loss(
    gold: DependencyGold, layout: Layout, scores: DependencyScores, ops: Ops
) -> Tuple[float, DependencyScores]:
    """The negative log likelihood of tags, heads and relations, summed over the tokens where they are annotated. The
    head is one of the tokens of the sentence.

    gold (DependencyGold): The annotation.
    layout (Layout): The sentences of the batch.
    scores (DependencyScores): The scores, with the relations of the gold's arcs.
    ops (Ops): Those of the model.
    RETURNS (Tuple[float, DependencyScores]): The loss and its gradient.
    """
    tag_loss, d_tags = _cross_entropy(ops, scores.tags, gold.tags)
    relation_loss, d_relations = _cross_entropy(ops, scores.relations, gold.relations[gold.arcs.dependents])
    # behind the last token comes what padding points to
    heads = numpy.append(gold.heads, OPEN)
    loss = tag_loss + relation_loss
    d_heads: List = []
    for group, found in zip(layout.groups, scores.heads):
        sentences, longest, _ = found.shape
        of_tokens = heads[group.rows]
        places = numpy.where(of_tokens == OPEN, OPEN, layout.place[of_tokens])
        inside = ops.xp.asarray(numpy.arange(longest) < group.lengths[:, None])
        # (sentences * longest, longest)
        possible = ops.xp.where(inside[:, None, :], found, -numpy.inf).reshape((-1, longest))
        group_loss, d_found = _cross_entropy(ops, possible, places.reshape(-1))
        loss += group_loss
        d_heads.append(d_found.reshape((sentences, longest, longest)))
    return loss, DependencyScores(d_tags, d_heads, d_relations)


def _cross_entropy(ops: Ops, scores: Floats2d, gold: Ints1d) -> Tuple[float, Floats2d]:
    """The loss of the rows whose gold is not OPEN, and the gradient of all."""
    xp = ops.xp
    gradient = xp.zeros_like(scores)
    known = numpy.flatnonzero(gold != OPEN)
    if not len(known):
        return 0.0, gradient
    rows, classes = xp.asarray(known), xp.asarray(gold[known])
    shifted = scores[rows]
    shifted -= shifted.max(axis=1, keepdims=True)
    likelihood = xp.exp(shifted)
    total = likelihood.sum(axis=1, keepdims=True)
    each = xp.arange(len(rows))
    loss = float((xp.log(total[:, 0]) - shifted[each, classes]).sum())
    likelihood /= total
    likelihood[each, classes] -= 1
    gradient[rows] = likelihood
    return loss, gradient
