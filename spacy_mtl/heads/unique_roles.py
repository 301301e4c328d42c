"""The best legal tagging in which no core role is begun twice, found exactly.

Such a constraint ties distant tokens together, so no chain can hold it; but the best tagging rarely breaks it. Where it
does, the search branches: of two spans of one role, begun at tokens s < t, a legal tagging begins the role either only
before t or only from t on. Forbidding the other part in each branch splits the taggings in two, loses none that is
legal, and excludes the one just found. Best-first search over the branches (Land and Doig, 1960) stops at the first
legal tagging, which is then the best. Every bound is an unconstrained Viterbi score.
"""

import heapq
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from thinc.types import Floats2d, Ints1d

from .role_crf import ILLEGAL, viterbi


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


def decode_unique(scores: Floats2d, tags: Ints1d, unique: Sequence[int], max_branches: int = 64) -> Ints1d:
    """Repair the best tagging of one predicate so that no role of a set is begun twice.

    scores (Floats2d): Score of each tag at each token of the window, shape (T, K), a numpy array.
    tags (Ints1d): The best tagging without the constraint, shape (T,).
    unique (Sequence[int]): Indices of the roles that may begin only once.
    max_branches (int): How many branches to expand before the search gives up being exact and follows the best branch
        down, keeping the earlier of two spans.
    RETURNS (Ints1d): The tagging, shape (T,).
    """
    heap: List[_Branch] = [_Branch(0.0, 0, (), tags)]
    number = 0
    for _ in range(max_branches):
        branch = heapq.heappop(heap)
        repetition = first_repetition(branch.tags, unique)
        if repetition is None:
            return branch.tags
        role, _, later = repetition
        for forbidden in ((role, later, len(scores)), (role, 0, later)):
            number += 1
            heapq.heappush(heap, _solve(scores, (*branch.forbidden, forbidden), number))
    branch = heapq.heappop(heap)
    repetition = first_repetition(branch.tags, unique)
    while repetition is not None:
        role, _, later = repetition
        branch = _solve(scores, (*branch.forbidden, (role, later, len(scores))), 0)
        repetition = first_repetition(branch.tags, unique)
    return branch.tags


def _solve(scores: Floats2d, forbidden: Tuple[Tuple[int, int, int], ...], number: int) -> _Branch:
    restricted = scores.copy()
    for role, start, end in forbidden:
        restricted[start:end, 1 + role] = ILLEGAL
    tags, totals = viterbi(restricted, [1] * len(scores))
    return _Branch(-float(totals[0]), number, forbidden, tags)
