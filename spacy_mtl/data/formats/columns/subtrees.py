"""From the heads of arguments to their spans, along a dependency tree."""

from collections import defaultdict
from typing import Dict, List, Sequence, Set, Tuple

_AT_THE_BORDER = ("punct", "cc")


def widen_heads(
    heads: Sequence[int], deps: Sequence[str], predicate: int, arguments: Sequence[int]
) -> List[Tuple[int, int]]:
    """The spans of a predicate's arguments of which only the heads are known.

    An argument is what is left of its head's subtree without the subtrees of the predicate and of the other arguments,
    as far as it is contiguous around the head, without punctuation and conjunctions at its borders. The spans of a
    predicate never overlap.

    heads (Sequence[int]): Index of each word's head, its own for a root; -1 where it is open.
    deps (Sequence[str]): The relations to the heads.
    predicate (int): Index of the predicate.
    arguments (Sequence[int]): Indices of the arguments' heads, none of them the predicate.
    RETURNS (List[Tuple[int, int]]): Index of the first token and index after the last, in the order of the arguments.
    """
    dependents: Dict[int, List[int]] = defaultdict(list)
    for word, head in enumerate(heads):
        if head != word:
            dependents[head].append(word)
    spans = []
    for argument in arguments:
        members = _find_subtree(dependents, argument, {predicate, *arguments})
        start, end = argument, argument + 1
        while start - 1 in members:
            start -= 1
        while end in members:
            end += 1
        while start < argument and deps[start].partition(":")[0] in _AT_THE_BORDER:
            start += 1
        while end - 1 > argument and deps[end - 1].partition(":")[0] in _AT_THE_BORDER:
            end -= 1
        spans.append((start, end))
    return spans


def _find_subtree(dependents: Dict[int, List[int]], root: int, without: Set[int]) -> Set[int]:
    members: Set[int] = set()
    waiting = [root]
    while waiting:
        word = waiting.pop()
        members.add(word)
        # a tree read from a file may turn out to be none
        waiting += [child for child in dependents[word] if child not in without and child not in members]
    return members
