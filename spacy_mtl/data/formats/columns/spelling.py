"""How the tokens of a sentence spell its raw text: where blanks are, and which words are written as one."""

from typing import List, NamedTuple, Optional, Sequence, Set, Tuple

_LONGEST_CONTRACTION = 4
_APOSTROPHES = "'\u2019"


class MultiwordToken(NamedTuple):
    """Words that the text writes as one token, such as "do" for "de" and "o".

    form (str): The token.
    start (int): Index of its first word.
    end (int): Index after its last word.
    """

    form: str
    start: int
    end: int


class Spelling(NamedTuple):
    """How a text is spelled.

    spaces (List[bool]): Whether white space follows each word; also after the last one.
    multiword (List[MultiwordToken]): Words that the text writes as one token, in order.
    """

    spaces: List[bool]
    multiword: List[MultiwordToken]


def spell(
    words: Sequence[str], text: str, multiword: Sequence[MultiwordToken] = (), *, contractions: bool = False
) -> Optional[Spelling]:
    """Find words in the text that they come from. How much white space there is does not matter.

    words (Sequence[str]): The words.
    text (str): The text.
    multiword (Sequence[MultiwordToken]): Words that are known to be written as one token, in order and apart.
    contractions (bool): Whether up to four words may be written as one that is not longer, as "de" and "o" in
        "do", but not as "a" and "o" in "ao", which needs no other letters.
    RETURNS (Optional[Spelling]): None if the text is not made of these words.
    """
    units = merge_words(words, multiword)
    letters, borders = _squash(text)
    path = _find_path([_squash(unit.form)[0] for unit in units], letters, borders, contractions)
    if path is None:
        return None
    spaces = [False] * len(words)
    found = []
    for (first, start), (after, end) in zip(path, path[1:]):
        merged = MultiwordToken(letters[start:end], units[first].start, units[after - 1].end)
        spaces[merged.end - 1] = end in borders
        if after - first > 1:
            found.append(merged)
        elif merged.end - merged.start > 1:
            found.append(units[first])
    return Spelling(spaces, found)


def merge_words(words: Sequence[str], multiword: Sequence[MultiwordToken]) -> List[MultiwordToken]:
    """The tokens of a text.

    words (Sequence[str]): The words.
    multiword (Sequence[MultiwordToken]): Those that are written as one token, in order and apart.
    RETURNS (List[MultiwordToken]): All tokens, those of one word too.
    """
    tokens = {token.start: token for token in multiword}
    merged: List[MultiwordToken] = []
    start = 0
    while start < len(words):
        merged.append(tokens.get(start, MultiwordToken(words[start], start, start + 1)))
        start = merged[-1].end
    return merged


def _find_path(
    forms: Sequence[str], letters: str, borders: Set[int], contractions: bool
) -> Optional[List[Tuple[int, int]]]:
    """How forms take up letters: how many are used up after each step. Forms as they stand are tried first."""
    goal = (len(forms), len(letters))
    reached_from = {(0, 0): (0, 0)}
    waiting: List[Tuple[int, int]] = [(0, 0)]
    budget = 1000 + 20 * len(forms)
    while waiting and goal not in reached_from and budget:
        budget -= 1
        form, position = state = waiting.pop()
        steps = []
        if contractions and _begins_token(letters, borders, position):
            end = _find_token_end(letters, borders, position)
            for count in range(_LONGEST_CONTRACTION, 1, -1):
                spelled = "".join(forms[form : form + count])
                shortened = end - position <= len(spelled) and not letters.startswith(spelled, position)
                if form + count <= len(forms) and shortened:
                    steps.append((form + count, end))
        if form < len(forms) and letters.startswith(forms[form], position):
            steps.append((form + 1, position + len(forms[form])))
        for step in steps:
            if step not in reached_from:
                reached_from[step] = state
                waiting.append(step)
    if goal not in reached_from:
        return None
    path = [goal]
    while path[-1] != (0, 0):
        path.append(reached_from[path[-1]])
    return path[::-1]


def _squash(text: str) -> Tuple[str, Set[int]]:
    """The text without white space, and the indices after which it stands, the last one too."""
    parts = text.split()
    borders = set()
    length = 0
    for part in parts:
        length += len(part)
        borders.add(length)
    return "".join(parts), borders


def _begins_token(letters: str, borders: Set[int], position: int) -> bool:
    if position == len(letters) or not letters[position].isalnum():
        return False
    return position == 0 or position in borders or not letters[position - 1].isalnum()


def _find_token_end(letters: str, borders: Set[int], position: int) -> int:
    end = position + 1
    while end < len(letters) and end not in borders and (letters[end].isalnum() or letters[end] in _APOSTROPHES):
        end += 1
    return end
