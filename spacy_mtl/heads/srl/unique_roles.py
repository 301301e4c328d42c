"""The best legal tagging in which no core role is begun twice, found exactly.

Such a constraint ties distant tokens together, but only through which of the roles have been begun: a chain over pairs
of a tag and a set of begun roles holds it. With seven roles that is a chain 128 times as large, so roles are watched
only as they turn out to be needed: first those that the best tagging without the constraint repeats, then those that
the best tagging repeats where they are not. (Relaxing a constraint and adding what is violated: Dantzig, Fulkerson and
Johnson, 1954.) Each of these taggings is the best of a set that holds all legal ones, so the first that repeats no role
is the best legal one. Time and memory are linear in the number of tokens.
"""

from collections import Counter
from typing import Dict, Iterator, List, Sequence, Tuple

import numpy
from thinc.types import Floats2d, Floats3d, Ints1d, Ints2d

from .role_crf import ILLEGAL

MAX_STATES = 2**17
"""Pairs of a token and a set of begun roles that are decoded at once: what bounds the memory."""


def repeated_roles(tags: Ints1d, unique: Sequence[int]) -> List[int]:
    """The roles that must be unique and are begun more than once.

    tags (Ints1d): One tag a token: 0 for O, 1 + role for "begins", later for "inside".
    unique (Sequence[int]): Indices of the roles that may begin only once.
    RETURNS (List[int]): Indices of the roles, in the order of `unique`.
    """
    begun = Counter(tags.tolist())
    return [role for role in unique if begun[1 + role] > 1]


def decode_unique(scores: Sequence[Floats2d], tags: Sequence[Ints1d], unique: Sequence[int]) -> List[Ints1d]:
    """Repair the best taggings of predicates so that no role of a set is begun twice.

    scores (Sequence[Floats2d]): For each predicate, the score of each tag at each token, shape (T, K), numpy arrays.
    tags (Sequence[Ints1d]): For each predicate, the best tagging without the constraint, shape (T,).
    unique (Sequence[int]): Indices of the roles that may begin only once.
    RETURNS (List[Ints1d]): The taggings, shape (T,) each.
    """
    solved = list(tags)
    watched: List[List[int]] = [[] for _ in tags]
    pending = list(range(len(tags)))
    while pending:
        repeated = {i: repeated_roles(solved[i], unique) for i in pending}
        pending = [i for i in pending if repeated[i]]
        for i in pending:
            watched[i] += repeated[i]
        for group in _group([len(tags[i]) for i in pending], [len(watched[i]) for i in pending]):
            chosen = [pending[place] for place in group]
            roles = numpy.asarray([watched[i] for i in chosen])
            for i, found in zip(chosen, _decode_watched([scores[i] for i in chosen], roles)):
                solved[i] = found
    return solved


def _group(lengths: Sequence[int], counts: Sequence[int]) -> Iterator[List[int]]:
    """Groups of sequences that watch equally many roles and are of like length, none with more states than allowed."""
    by_count: Dict[int, List[int]] = {}
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        by_count.setdefault(counts[i], []).append(i)
    for count, members in by_count.items():
        group: List[int] = []
        for i in members:
            # the members are padded to the longest, which comes last
            if group and (len(group) + 1) * lengths[i] << count > MAX_STATES:
                yield group
                group = []
            group.append(i)
        yield group


def _decode_watched(scores: Sequence[Floats2d], watched: Ints2d) -> List[Ints1d]:
    """The best tagging of each of N sequences that begins none of W roles twice.

    scores (Sequence[Floats2d]): Score of each tag at each token, shape (T, K) with a T of each sequence.
    watched (Ints2d): The roles of each sequence, shape (N, W).
    RETURNS (List[Ints1d]): The taggings.
    """
    steps, tag_count = max(len(of_sequence) for of_sequence in scores), scores[0].shape[1]
    roles = (tag_count - 1) // 2
    # behind its end a sequence can only go on with O, which changes no score
    emissions = numpy.full((steps, len(scores), tag_count), ILLEGAL, dtype=scores[0].dtype)
    emissions[:, :, 0] = 0
    for i, of_sequence in enumerate(scores):
        emissions[: len(of_sequence), i] = of_sequence
    sources, begun, last = _search(emissions, watched)
    everyone = numpy.arange(len(scores))
    subsets, current = numpy.divmod(last.reshape(len(scores), -1).argmax(axis=1), tag_count)
    tags = numpy.zeros((steps, len(scores)), dtype="int32")
    for t in range(steps - 1, -1, -1):
        tags[t] = current
        if not t:
            break
        is_inside = current > roles
        role = numpy.where(is_inside, current - roles, 0)
        from_begin = begun[t, everyone, subsets, numpy.maximum(role - 1, 0)]
        for i in range(watched.shape[1]):
            subsets = numpy.where(current == 1 + watched[:, i], subsets & ~(1 << i), subsets)
        current = numpy.where(
            is_inside, numpy.where(from_begin, role, role + roles), sources[t, everyone, subsets].astype("int64")
        )
    return [tags[: len(of_sequence), i] for i, of_sequence in enumerate(scores)]


def _search(emissions: Floats3d, watched: Ints2d) -> Tuple[numpy.ndarray, numpy.ndarray, Floats3d]:
    """Viterbi over pairs of a tag and a set of begun roles, a set being the bits of its number.

    emissions (Floats3d): Shape (T, N, K).
    watched (Ints2d): Shape (N, W).
    RETURNS (Tuple[numpy.ndarray, numpy.ndarray, Floats3d]): The best tag before each step by set, shape (T, N, 2 ** W);
        whether "inside" follows "begins" rather than "inside", by set and role, shape (T, N, 2 ** W, roles); the score
        of each pair at the last step, shape (N, 2 ** W, K).
    """
    steps, count, tag_count = emissions.shape
    roles = (tag_count - 1) // 2
    subsets = numpy.arange(1 << watched.shape[1])
    everyone = numpy.arange(count)
    sources = numpy.zeros((steps, count, len(subsets)), dtype="int16")
    begun = numpy.zeros((steps, count, len(subsets), roles), dtype=bool)
    # before the first token nothing is begun, and nothing can be gone on with
    top = numpy.full((count, len(subsets)), ILLEGAL, dtype=emissions.dtype)
    top[:, 0] = 0
    best = numpy.full((count, len(subsets), tag_count), ILLEGAL, dtype=emissions.dtype)
    for t in range(steps):
        step = emissions[t, :, None, :]
        if t:
            sources[t] = best.argmax(axis=2)
            top = best.max(axis=2)
        begins, insides = best[:, :, 1 : roles + 1], best[:, :, roles + 1 :]
        numpy.greater_equal(begins, insides, out=begun[t])
        numpy.maximum(begins, insides, out=insides)
        insides += step[:, :, roles + 1 :]
        numpy.add(step[:, :, : roles + 1], top[:, :, None], out=best[:, :, : roles + 1])
        for i in range(watched.shape[1]):
            role = 1 + watched[:, i]
            newly = emissions[t, everyone, role][:, None] + top[:, subsets ^ (1 << i)]
            is_begun = (subsets >> i & 1).astype(bool)
            best[everyone[:, None], subsets, role[:, None]] = numpy.where(is_begun, newly, ILLEGAL)
        # what is illegal twice is no worse
        numpy.maximum(best, ILLEGAL, out=best)
    return sources, begun, best
