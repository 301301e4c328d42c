"""Sums over all tag sequences of a chain, by the forward-backward algorithm (Rabiner, 1989).

It runs in probability space, every step scaled to sum to one: matrix products, no logarithm of a sum.
"""

from typing import Any, List, NamedTuple, Optional, Tuple

import numpy
from thinc.types import Array2d, Floats1d, Floats2d, Ints1d

from .chain import LegalTags, Packing, TagScores, pack

_TOLERANCE = 1e-4
_TINY = 1e-12
_LOWEST = -3e38
_IMPOSSIBLE = -1e4


class Posteriors(NamedTuple):
    """What a chain says about its tags.

    log_partition (Floats1d): The log of the summed weights of all legal and allowed tag sequences, for each
        sequence, in double precision; -inf where there is none, 0 for an empty sequence.
    marginals (Floats2d): The probability of every tag at every token, shape (tokens, tags); zero where there is no
        legal sequence.
    transitions (Floats2d): The expected number of uses of every transition, shape (tags, tags).
    start (Floats1d): The expected number of sequences that start with a tag, shape (tags,).
    end (Floats1d): The expected number of sequences that end with a tag, shape (tags,).
    before (Floats2d): The scaled forward weights, shape (tokens, tags).
    after (Floats2d): The backward weights; `before * after` are the marginals. Shape (tokens, tags).
    log_scale (Floats1d): The log of what each step was divided by, shape (tokens,). These last three are in single
        precision, or in double where the scores lie too far apart for it.
    """

    log_partition: Floats1d
    marginals: Floats2d
    transitions: Floats2d
    start: Floats1d
    end: Floats1d
    before: Floats2d
    after: Floats2d
    log_scale: Floats1d


def forward_backward(
    scores: TagScores, legal: LegalTags, allowed: Optional[Array2d] = None, *, is_double: bool = False
) -> Posteriors:
    """Sum over all legal tag sequences.

    scores (TagScores): The scores.
    legal (LegalTags): The legal tag sequences.
    allowed (Optional[Array2d]): Boolean, shape (tokens, tags): tags to sum over; all if None.
    is_double (bool): Whether to compute, and to give, all of it in double precision.
    RETURNS (Posteriors): The log partition, the marginals and the expected counts.
    """
    packing = pack(scores.lengths)
    if is_double:
        return _sum_chain(scores, legal, allowed, packing, "float64", "float64")[0]
    with numpy.errstate(over="ignore", invalid="ignore"):
        posteriors, is_sound = _sum_chain(scores, legal, allowed, packing, "float32")
    if not is_sound:
        # Single precision underflows where scores lie some 30 nats apart; a contradiction is one in double, too.
        posteriors, _ = _sum_chain(scores, legal, allowed, packing, "float64")
    return posteriors


def segment_probabilities(scores: TagScores, posteriors: Posteriors, starts: Ints1d, tags: List[Ints1d]) -> Floats1d:
    """The exact probability that stretches of tokens carry given tags, all of them at once: the weight of that path
    through the chain, summed over everything before and after it. A product of marginals would not be that.

    scores (TagScores): The scores.
    posteriors (Posteriors): What `forward_backward` gave for them.
    starts (Ints1d): The first row of each stretch in the emissions.
    tags (List[Ints1d]): The tags of each stretch. No stretch is empty or leaves its sequence.
    RETURNS (Floats1d): One probability for each stretch.
    """
    if not len(tags):
        return numpy.zeros((0,), dtype="float64")
    lengths = numpy.array([len(path) for path in tags])
    ends = numpy.cumsum(lengths)
    begins = ends - lengths
    path = numpy.concatenate(tags)
    rows = numpy.arange(len(path)) + numpy.repeat(numpy.asarray(starts) - begins, lengths)
    entering = scores.transitions[path[:-1], path[1:]]
    steps = (scores.emissions[rows, path] - posteriors.log_scale[rows]).astype("float64")
    steps[1:] += entering
    before = posteriors.before[rows, path]
    steps[before == 0] = _IMPOSSIBLE
    sums = numpy.concatenate([[0.0], numpy.cumsum(steps)])
    inner = sums[ends] - sums[begins + 1]
    after = posteriors.after[rows[ends - 1], path[ends - 1]]
    return numpy.clip(before[begins] * numpy.exp(inner) * after, 0.0, 1.0)


def _sum_chain(
    scores: TagScores,
    legal: LegalTags,
    allowed: Optional[Array2d],
    packing: Packing,
    dtype: str,
    given_dtype: str = "float32",
) -> Tuple[Posteriors, bool]:
    """RETURNS (Tuple[Posteriors, bool]): The posteriors, and whether no sequence underflowed or is contradictory."""
    rows, sequence = packing.rows, packing.sequence
    last, previous, first = packing.last, packing.previous, packing.first
    emissions = scores.emissions[rows].astype(dtype)  # [tokens, tags], packed
    if allowed is not None:
        emissions = numpy.where(allowed[rows], emissions, -numpy.inf)
    shift = numpy.maximum(emissions.max(axis=1), _LOWEST)
    weights = numpy.exp(emissions - shift[:, None])
    transitions, transition_shift = _weigh(scores.transitions, legal.transitions, dtype)
    start, start_shift = _weigh(scores.start, legal.start, dtype)
    end, end_shift = _weigh(scores.end, legal.end, dtype)

    before, scale = _sum_forward(weights, transitions, start, packing)
    ends = before[last] @ end  # [sequences]
    is_summed = ends > 0
    after = numpy.zeros_like(before)
    after[last] = end * numpy.where(is_summed, 1.0 / numpy.where(is_summed, ends, 1.0), 0.0).astype(dtype)[:, None]
    weights /= scale[:, None]
    reversed_transitions = numpy.ascontiguousarray(transitions.T)
    for (begin, _), (next_begin, next_end) in zip(packing.steps[-2::-1], packing.steps[:0:-1]):
        following = weights[next_begin:next_end] * after[next_begin:next_end]
        numpy.matmul(following, reversed_transitions, out=after[begin : begin + next_end - next_begin])

    marginals = before * after
    total = marginals.sum(axis=1)
    is_row_sound = abs(total - 1.0) < _TOLERANCE
    is_sound = bool(is_row_sound.all() and (scale > _TINY).all() and is_summed.all())
    is_row_summed = is_summed[sequence]
    inverse = numpy.where(is_row_summed, 1.0 / numpy.where(is_row_summed, total, 1.0), 0.0)[:, None].astype(dtype)
    marginals *= inverse
    after *= inverse
    entering = (weights * after)[first:]
    counts = transitions * (before[previous].T @ entering)

    log_scale = numpy.log(scale) + shift
    log_partition: Floats1d = numpy.bincount(sequence, weights=log_scale, minlength=first)
    log_partition = log_partition + numpy.log(numpy.where(is_summed, ends, 1.0)) + start_shift + end_shift
    log_partition = numpy.where(is_summed, log_partition, -numpy.inf)
    by_sequence = numpy.zeros(len(scores.lengths), dtype="float64")
    by_sequence[packing.sequences] = log_partition + transition_shift * (scores.lengths[packing.sequences] - 1)
    log_scale[first:] += transition_shift

    def unpack(packed: Any) -> Any:
        unpacked = numpy.empty(packed.shape, dtype=packed.dtype)
        unpacked[rows] = packed
        return unpacked

    posteriors = Posteriors(
        log_partition=by_sequence,
        marginals=unpack(marginals.astype(given_dtype)),
        transitions=counts.astype(given_dtype),
        start=marginals[:first].sum(axis=0).astype(given_dtype),
        end=marginals[last].sum(axis=0).astype(given_dtype),
        before=unpack(before),
        after=unpack(after),
        log_scale=unpack(log_scale),
    )
    return posteriors, is_sound


def _sum_forward(
    weights: Floats2d, transitions: Floats2d, start: Floats1d, packing: Packing
) -> Tuple[Floats2d, Floats1d]:
    """RETURNS (Tuple[Floats2d, Floats1d]): The scaled forward weights, and what each packed row was divided by."""
    before = numpy.empty_like(weights)
    scale = numpy.ones(weights.shape[0], dtype=weights.dtype)
    previous_begin = 0
    for step, (begin, stop) in enumerate(packing.steps):
        here = before[begin:stop]
        if step == 0:
            numpy.multiply(weights[begin:stop], start, out=here)
        else:
            numpy.matmul(before[previous_begin : previous_begin + stop - begin], transitions, out=here)
            here *= weights[begin:stop]
        divisor = here.sum(axis=1)
        # A contradiction leaves only zeros; they stay zeros instead of becoming NaN.
        divisor[divisor == 0] = 1.0
        here /= divisor[:, None]
        scale[begin:stop] = divisor
        previous_begin = begin
    return before, scale


def _weigh(scores: Any, is_legal: Any, dtype: str) -> Tuple[Any, float]:
    """RETURNS (Tuple[Any, float]): Weights of at most one, zero where illegal, and the log of what they lack."""
    masked = numpy.where(is_legal, scores.astype(dtype), -numpy.inf)
    shift = max(float(masked.max()), _LOWEST)
    return numpy.exp(masked - shift).astype(dtype), shift
