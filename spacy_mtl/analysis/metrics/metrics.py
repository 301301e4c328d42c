"""A task's score, and the counts by Doc that it is made of: true positives, false positives and false negatives, or
others whose sums give it."""

from typing import AbstractSet, Callable, Hashable, NamedTuple, Optional, Sequence, Tuple

from numpy.typing import NDArray
from spacy.language import Language
from spacy.training import Example

DocCounts = Tuple[int, int, int]
COUNTS_OF_F = 3
Measure = Callable[[NDArray], NDArray]
"""Scores of summed counts, which lie along the last axis."""
RIGHT: DocCounts = (1, 0, 0)
# what was chosen should not have been, and what should have been was not
WRONG: DocCounts = (0, 1, 1)
NOTHING: DocCounts = (0, 0, 0)

Counter = Callable[[Language, str, Sequence[Example]], Sequence[Tuple[int, ...]]]


class Metric(NamedTuple):
    """A score of a task.

    score (str): Its name in what `nlp.evaluate` gives.
    title (str): What it is, for people.
    counter (Optional[Counter]): Gives the counts of each Example for a pipeline, the name of the component and Examples
        that the pipeline has annotated; None if the score is not made of such counts.
    layers (Tuple[str, ...]): The annotation that it is computed from, in the words of spaCy's `assigns`; empty for all
        that the component assigns.
    gaps (str): What becomes of the score where annotation is missing, if that is not simply left out: a sentence.
    measure (Optional[Measure]): The score of the sums of the counts; None for F of true positives, false positives and
        false negatives.
    width (int): How many counts an Example has.
    """

    score: str
    title: str
    counter: Optional[Counter] = None
    layers: Tuple[str, ...] = ()
    gaps: str = ""
    measure: Optional[Measure] = None
    width: int = COUNTS_OF_F


def count_sets(predicted: AbstractSet[Hashable], gold: AbstractSet[Hashable]) -> DocCounts:
    """Compare what was found with what was expected.

    predicted (AbstractSet[Hashable]): The one.
    gold (AbstractSet[Hashable]): The other.
    RETURNS (DocCounts): How many are in both, in the first alone, and in the second alone.
    """
    return len(predicted & gold), len(predicted - gold), len(gold - predicted)
