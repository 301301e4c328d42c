"""A chain over role tags whose only transitions are those that BIO allows, in time linear in the number of tags.

Tags are ordered O, B-1 ... B-R, I-1 ... I-R. `B-x` and `I-x` are all that leads to `I-x`; everything leads to `O` and
`B-*`. So the sum (or maximum) over the previous tag is one number for `O` and all `B-*`, and two terms for each `I-x`:
O(T x L) instead of O(T x L^2). The probability of a tagging is proportional to the exponential of its summed scores
over the legal taggings (Lafferty et al. 2001, with transition weights of zero or minus infinity).

Arrays are numpy's, packed as in `windows.py`: the rows of step t are one slice, and predicates that go on are a prefix.
"""

from typing import List, NamedTuple, Tuple

import numpy
from thinc.types import Floats1d, Floats2d, Ints1d

ILLEGAL = -1e9


class Lattice(NamedTuple):
    """What the forward-backward algorithm finds, for P sequences, R rows and K = 2 * roles + 1 tags.

    log_z (Floats1d): Log of the summed exponentiated scores of all legal taggings, shape (P,).
    beta_outside (Floats2d): Factor of what follows an `O` at each row, shape (R, 1).
    beta_role (Floats2d): Factor of what follows `B-x` or `I-x`, which see the same future, shape (R, roles).
    forward (Floats2d): Probability of each tag at each row given the scores up to the row, shape (R, K).
    inside (Floats2d): Factor by which going on from `B-x` or `I-x` into `I-x` at the row multiplies, shape (R, roles).
    fresh (Floats1d): Factor of all that starts anew at the row, with what follows, shape (R,).
    """

    log_z: Floats1d
    beta_outside: Floats2d
    beta_role: Floats2d
    forward: Floats2d
    inside: Floats2d
    fresh: Floats1d

    def marginals(self) -> Floats2d:
        """RETURNS (Floats2d): Probability of each tag at each row, shape (R, K)."""
        roles = self.inside.shape[1]
        marginals = self.forward.copy()
        marginals[:, :1] *= self.beta_outside
        marginals[:, 1 : roles + 1] *= self.beta_role
        marginals[:, roles + 1 :] *= self.beta_role
        return marginals


def step_slices(sizes: List[int]) -> List[slice]:
    """The rows of each step.

    sizes (List[int]): How many sequences reach each step.
    RETURNS (List[slice]): One slice a step.
    """
    slices, offset = [], 0
    for size in sizes:
        slices.append(slice(offset, offset + size))
        offset += size
    return slices


def forward_backward(scores: Floats2d, sizes: List[int]) -> Lattice:
    """Sum over all legal taggings.

    scores (Floats2d): Score of each tag at each row, shape (R, K); ILLEGAL forbids a tag.
    sizes (List[int]): How many sequences reach each step.
    RETURNS (Lattice): The partition function, and what marginals and spans' probabilities need.
    """
    roles = (scores.shape[1] - 1) // 2
    steps = step_slices(sizes)
    count = sizes[0] if sizes else 0
    peak = scores.max(axis=1, keepdims=True)
    forward = numpy.exp(scores - peak)
    scale = numpy.empty((scores.shape[0], 1), dtype=scores.dtype)
    inside_weights = forward[:, roles + 1 :].copy()
    weights = forward[:, : roles + 1].copy()
    previous = None
    for rows in steps:
        alpha = forward[rows]
        if previous is None:
            alpha[:, roles + 1 :] = 0
        else:
            # alpha sums to one at every step, so O and B-* keep their own weights
            size = alpha.shape[0]
            alpha[:, roles + 1 :] *= previous[:size, 1 : roles + 1] + previous[:size, roles + 1 :]
        scale[rows] = alpha.sum(axis=1, keepdims=True)
        alpha /= scale[rows]
        previous = alpha
    log_steps = numpy.log(scale[:, 0]) + peak[:, 0]
    log_z = numpy.zeros((count,), dtype=scores.dtype)
    inside_weights /= scale
    weights /= scale
    fresh = numpy.zeros((scores.shape[0],), dtype=scores.dtype)
    beta_outside = numpy.ones((scores.shape[0], 1), dtype=scores.dtype)
    beta_role = numpy.ones((scores.shape[0], roles), dtype=scores.dtype)
    for t in range(len(steps) - 1, -1, -1):
        rows = steps[t]
        log_z[: sizes[t]] += log_steps[rows]
        fresh[rows] = weights[rows, 0] * beta_outside[rows, 0]
        fresh[rows] += (weights[rows, 1:] * beta_role[rows]).sum(axis=1)
        if t:
            before = slice(steps[t - 1].start, steps[t - 1].start + sizes[t])
            beta_outside[before, 0] = fresh[rows]
            beta_role[before] = inside_weights[rows] * beta_role[rows] + fresh[rows, None]
    return Lattice(log_z, beta_outside, beta_role, forward, inside_weights, fresh)


def sum_span(lattice: Lattice, sizes: List[int], start: int, end: int, role: int) -> Floats1d:
    """The log of the probability that some steps are just one span of a role, in sequences of one length.

    lattice (Lattice): What `forward_backward` found.
    sizes (List[int]): How many sequences reach each step: as many reach all.
    start (int): The first step of the span.
    end (int): The step after its last.
    role (int): The role.
    RETURNS (Floats1d): Of each sequence, shape (P,); -inf where the probability is too small for a number.
    """
    steps = step_slices(sizes)
    with numpy.errstate(divide="ignore"):
        log_p = numpy.log(lattice.forward[steps[start], 1 + role])
        for rows in steps[start + 1 : end]:
            log_p += numpy.log(lattice.inside[rows, role])
        if end < len(steps):
            log_p += numpy.log(lattice.fresh[steps[end]])
    return log_p


def viterbi(scores: Floats2d, sizes: List[int]) -> Tuple[Ints1d, Floats1d]:
    """The best legal tagging of each sequence.

    scores (Floats2d): Score of each tag at each row, shape (R, K).
    sizes (List[int]): How many sequences reach each step.
    RETURNS (Tuple[Ints1d, Floats1d]): The tag of each row, shape (R,), and the score of each sequence, shape (P,).
    """
    roles = (scores.shape[1] - 1) // 2
    steps = step_slices(sizes)
    count = sizes[0] if sizes else 0
    best = scores.copy()
    arrives_from = numpy.zeros((scores.shape[0],), dtype="int32")
    for t, rows in enumerate(steps):
        if t == 0:
            best[rows, roles + 1 :] = ILLEGAL
            continue
        before = best[steps[t - 1].start : steps[t - 1].start + sizes[t]]
        source = before.argmax(axis=1)
        arrives_from[rows] = source
        top = before[numpy.arange(sizes[t]), source][:, None]
        best[rows, : roles + 1] += top
        best[rows, roles + 1 :] += numpy.maximum(before[:, 1 : roles + 1], before[:, roles + 1 :])
    tags = numpy.zeros((scores.shape[0],), dtype="int32")
    total = numpy.zeros((count,), dtype=scores.dtype)
    current = numpy.zeros((count,), dtype="int32")
    for t in range(len(steps) - 1, -1, -1):
        rows = steps[t]
        size = sizes[t]
        going_on = sizes[t + 1] if t + 1 < len(steps) else 0
        if going_on < size:
            ending = best[rows.start + going_on : rows.stop]
            current[going_on:size] = ending.argmax(axis=1)
            total[going_on:size] = ending.max(axis=1)
        tags[rows] = current[:size]
        if t:
            before = best[steps[t - 1].start : steps[t - 1].start + size]
            inside = current[:size] > roles
            index = numpy.arange(size)
            begin = numpy.where(inside, current[:size] - roles, 0)
            begun_is_better = before[index, begin] >= before[index, begin + numpy.where(inside, roles, 0)]
            source_inside = numpy.where(begun_is_better, begin, begin + roles)
            current[:size] = numpy.where(inside, source_inside, arrives_from[rows])
    return tags, total
