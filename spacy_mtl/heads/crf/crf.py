"""A linear-chain conditional random field over tags (Lafferty et al., 2001), with analytic gradients.

Some transitions are illegal and have the probability zero. Annotation may leave tokens open or partly open; the
likelihood then sums over all tag sequences that it allows (Tsuboi et al., 2008).
"""

from typing import NamedTuple, Optional, Tuple

import numpy
from thinc.types import Array1d, Array2d, Ints1d

from .chain import LegalTags, TagScores, select_sequences
from .forward_backward import forward_backward


class CRFLoss(NamedTuple):
    """The negative log-likelihood of an annotation.

    loss (float): Summed over the scored sequences.
    gradient (TagScores): Of the loss; zero for sequences that are not scored.
    scored (int): How many sequences were scored: not all open, and with a legal tag sequence.
    contradictory (int): How many sequences the annotation leaves without a legal tag sequence. They are not scored.
    """

    loss: float
    gradient: TagScores
    scored: int
    contradictory: int


def crf_loss(scores: TagScores, allowed: Array2d, legal: LegalTags, possible: Optional[Array2d] = None) -> CRFLoss:
    """The negative log-likelihood, log Z(legal and possible) - log Z(legal, possible and allowed), and its gradient,
    the difference of the two distributions' marginals.

    scores (TagScores): The scores.
    allowed (Array2d): Boolean, shape (tokens, tags): the tags that the annotation leaves possible. One tag is a known
        tag; all of them an open token.
    legal (LegalTags): The legal tag sequences.
    possible (Optional[Array2d]): Boolean, shape (tokens, tags): the tags that are known to be possible before the
        annotation is read, such as those of entities within sentences; all if None.
    RETURNS (CRFLoss): The loss and its gradient. A sequence with only open tokens contributes exactly zero.
    """
    n_tags = allowed.shape[1]
    n_sequences = len(scores.lengths)
    sequence = numpy.repeat(numpy.arange(n_sequences), scores.lengths)
    n_allowed = allowed.sum(axis=1)
    is_open = numpy.bincount(sequence[n_allowed < n_tags], minlength=n_sequences) == 0
    if possible is not None:
        allowed = allowed & possible
        n_allowed = allowed.sum(axis=1)
    is_known = (numpy.bincount(sequence[n_allowed != 1], minlength=n_sequences) == 0) & ~is_open
    is_scored = ~is_open
    is_scored[is_known] = _follow(allowed.argmax(axis=1), scores.lengths, legal)[is_known]
    is_known &= is_scored
    numerator, rows = None, None
    if (is_scored & ~is_known).any():
        partial = is_scored & ~is_known
        part, rows = select_sequences(scores, partial)
        numerator = forward_backward(part, legal, allowed[rows])
        is_scored[partial] = numpy.isfinite(numerator.log_partition)
    total_scores, total_rows = select_sequences(scores, is_scored)
    total = forward_backward(total_scores, legal, None if possible is None else possible[total_rows])
    d_emissions = numpy.zeros_like(scores.emissions)
    d_emissions[total_rows] = total.marginals
    d_transitions, d_start, d_end = total.transitions, total.start, total.end
    loss = float(total.log_partition.sum())
    if numerator is not None:
        d_emissions[rows] -= numerator.marginals
        d_transitions = d_transitions - numerator.transitions
        d_start = d_start - numerator.start
        d_end = d_end - numerator.end
        loss -= float(numerator.log_partition[numpy.isfinite(numerator.log_partition)].sum())
    if is_known.any():
        known, rows = select_sequences(scores, is_known)
        tags = allowed[rows].argmax(axis=1)
        first, last, previous, following = _places(known.lengths)
        pairs = tags[previous] * n_tags + tags[following]
        counts = numpy.bincount(pairs, minlength=n_tags * n_tags).reshape((n_tags, n_tags))  # [tags, tags]
        starts = numpy.bincount(tags[first], minlength=n_tags)
        ends = numpy.bincount(tags[last], minlength=n_tags)
        d_emissions[rows, tags] -= 1.0
        d_transitions = d_transitions - counts.astype("float32")
        d_start = d_start - starts.astype("float32")
        d_end = d_end - ends.astype("float32")
        path = known.emissions[numpy.arange(len(tags)), tags].sum(dtype="float64")
        path += (known.transitions * counts).sum(dtype="float64")
        path += (known.start * starts).sum(dtype="float64") + (known.end * ends).sum(dtype="float64")
        loss -= float(path)
    gradient = TagScores(d_emissions, scores.lengths, d_transitions, d_start, d_end)
    contradictory = int((~is_open & ~is_scored).sum())
    return CRFLoss(loss, gradient, int(is_scored.sum()), contradictory)


def _places(lengths: Ints1d) -> Tuple[Ints1d, Ints1d, Ints1d, Ints1d]:
    """RETURNS (Tuple[Ints1d, Ints1d, Ints1d, Ints1d]): Rows of first tokens, of last tokens, and of each token that
    has another after it, and of that other. Sequences must not be empty."""
    ends = numpy.cumsum(lengths)
    is_last = numpy.zeros(int(ends[-1]) if len(ends) else 0, dtype="bool")
    is_last[ends - 1] = True
    previous = numpy.flatnonzero(~is_last)
    return ends - lengths, ends - 1, previous, previous + 1


def _follow(tags: Ints1d, lengths: Ints1d, legal: LegalTags) -> Array1d:
    """RETURNS (Array1d): For each sequence, whether its tags are a legal sequence; True if it is empty."""
    is_legal = numpy.ones(len(lengths), dtype="bool")
    present = numpy.flatnonzero(lengths)
    first, last, previous, following = _places(lengths[present])
    sequence = numpy.repeat(present, lengths[present])
    is_legal[present] = legal.start[tags[first]] & legal.end[tags[last]]
    is_legal[sequence[previous[~legal.transitions[tags[previous], tags[following]]]]] = False
    return is_legal
