"""The best legal tagging in which no core role is begun twice, found exactly.

Such a constraint ties distant tokens together, so no chain can hold it; but the best tagging rarely breaks it. Where it
does, the search branches: of two spans of one role, begun at tokens s < t, a legal tagging begins the role either only
before t or only from t on. Forbidding the other part in each branch splits the taggings in two, loses none that is
legal, and excludes the one just found. Best-first search over the branches (Land and Doig, 1960) stops at the first
legal tagging, which is then the best. Every bound is an unconstrained Viterbi score; the branches of all predicates are
solved together, a round at a time.
"""

import heapq
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from thinc.types import Floats2d, Ints1d

from .role_crf import ILLEGAL, viterbi
from .windows import pack_windows


class _Branch(NamedTuple):
    cost: float
    number: int
    forbidden: Tuple[Tuple[int, int, int], ...]
    tags: Ints1d


def first_repetition(tags: Sequence[int], unique: Sequence[int]) -> Optional[Tuple[int, int, int]]:
    """The first role that must be unique and is begun twice.

    tags (Sequence[int]): One tag a token: 0 for O, 1 + role for "begins", later for "inside".
    unique (Sequence[int]): Indices of the roles that may begin only once.
    RETURNS (Optional[Tuple[int, int, int]]): The role and the two tokens; None if no role is repeated.
    """
    begun: Dict[int, int] = {}
    for token, tag in enumerate(tags):
        role = int(tag) - 1
        if role in begun:
            return role, begun[role], token
        if role in unique:
            begun[role] = token
    return None


def decode_unique(
    scores: Sequence[Floats2d], tags: Sequence[Ints1d], unique: Sequence[int], max_rounds: int = 32
) -> List[Ints1d]:
    """Repair the best taggings of predicates so that no role of a set is begun twice.

    scores (Sequence[Floats2d]): For each predicate, the score of each tag at each token, shape (T, K), numpy arrays.
    tags (Sequence[Ints1d]): For each predicate, the best tagging without the constraint, shape (T,).
    unique (Sequence[int]): Indices of the roles that may begin only once.
    max_rounds (int): How many branches of a predicate to expand before the search gives up being exact and follows the
        best branch down, keeping the earlier of two spans.
    RETURNS (List[Ints1d]): The taggings, shape (T,) each.
    """
    heaps = [[_Branch(0.0, 0, (), of_predicate)] for of_predicate in tags]
    solved: List[Ints1d] = list(tags)
    pending = list(range(len(heaps)))
    rounds = 0
    while pending:
        rounds += 1
        branches: List[Tuple[int, Tuple[Tuple[int, int, int], ...]]] = []
        for i in pending:
            best = heapq.heappop(heaps[i])
            solved[i] = best.tags
            repetition = first_repetition(best.tags, unique)
            if repetition is None:
                continue
            role, _, later = repetition
            branches.append((i, (*best.forbidden, (role, later, len(best.tags)))))
            if rounds <= max_rounds:
                branches.append((i, (*best.forbidden, (role, 0, later))))
            else:
                heaps[i].clear()
        for number, (i, branch) in enumerate(_solve(scores, branches)):
            heapq.heappush(heaps[i], branch._replace(number=rounds * len(branches) + number))
        pending = sorted({i for i, _ in branches})
    return solved


def _solve(
    scores: Sequence[Floats2d], branches: Sequence[Tuple[int, Tuple[Tuple[int, int, int], ...]]]
) -> List[Tuple[int, _Branch]]:
    """The best tagging of each branch, in one pass over all."""
    if not branches:
        return []
    restricted = []
    for i, forbidden in branches:
        of_branch = scores[i].copy()
        for role, start, end in forbidden:
            of_branch[start:end, 1 + role] = ILLEGAL
        restricted.append(of_branch)
    ends = numpy.cumsum([len(of_branch) for of_branch in restricted])
    starts = ends - [len(of_branch) for of_branch in restricted]
    windows = pack_windows(starts.tolist(), starts.tolist(), ends.tolist())
    packed_tags, totals = viterbi(numpy.concatenate(restricted)[windows.tokens], windows.sizes)
    tags = numpy.empty_like(packed_tags)
    tags[windows.tokens] = packed_tags
    cost = -totals[numpy.argsort(windows.order)]
    return [
        (i, _Branch(float(cost[place]), 0, forbidden, tags[starts[place] : ends[place]]))
        for place, (i, forbidden) in enumerate(branches)
    ]
