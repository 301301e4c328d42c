"""Whether a training was long enough, by its own scores on the development corpus."""

import re
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

RULE = ("-", " ")
# the heading of the weighted score, and what a score of 1 is: in this package's log and in spaCy's
WHOLE = {"Score": 100.0, "SCORE": 1.0}
# a training whose best score in the last quarter is this much above the best before is still learning
STILL_RISING = 0.01
FEWEST = 2


def read_scores(log: Path) -> List[float]:
    """The weighted scores of a training's evaluations, from its log.

    log (Path): What `spacy train` printed, with spaCy's console logger or this package's.
    RETURNS (List[float]): From 0 to 1, in the order of the evaluations; empty for the log of another logger.
    """
    try:
        lines = log.read_text(encoding="utf8", errors="replace").splitlines()
    except OSError:
        return []
    rules = [i for i, line in enumerate(lines) if line.strip() and set(line) <= set(RULE) and i > 0]
    if not rules:
        return []
    heading, rule = lines[rules[-1] - 1], lines[rules[-1]]
    titles = [heading[match.start() : match.end()].strip() for match in re.finditer("-+", rule)]
    column, whole = next(((i, WHOLE[title]) for i, title in enumerate(titles) if title in WHOLE), (None, 1.0))
    if column is None:
        return []
    scores = []
    for line in lines[rules[-1] + 1 :]:
        cells = line.split()
        if len(cells) != len(titles) or not cells[0].isdigit():
            continue
        try:
            scores.append(float(cells[column].rstrip("*")) / whole)
        except ValueError:
            return []
    return scores


def find_rise(scores: Sequence[float]) -> Optional[float]:
    """By how much the best score rose in the last quarter of the evaluations.

    scores (Sequence[float]): The scores of a training's evaluations, in their order.
    RETURNS (Optional[float]): The best of the last quarter less the best before; None if there are too few to tell.
    """
    if len(scores) < FEWEST:
        return None
    last = max(1, len(scores) // 4)
    return max(scores[-last:]) - max(scores[:-last])


def is_undertrained(scores: Sequence[float]) -> bool:
    """Whether a training ended while it was still learning.

    scores (Sequence[float]): The scores of its evaluations, in their order.
    RETURNS (bool): Whether the last evaluation is better than all before, the best score rose by a point or more in the
        last quarter, or no evaluation has a score above 0. False if there are too few evaluations to tell.
    """
    rise = find_rise(scores)
    if rise is None:
        return False
    return scores[-1] > max(scores[:-1]) or rise >= STILL_RISING or max(scores) <= 0


def find_undertrained(logs: Sequence[Tuple[int, Path]]) -> List[int]:
    """The seeds whose trainings ended too early.

    logs (Sequence[Tuple[int, Path]]): Seeds, and what their trainings printed.
    RETURNS (List[int]): The seeds, in their order.
    """
    return sorted(seed for seed, log in logs if is_undertrained(read_scores(log)))
