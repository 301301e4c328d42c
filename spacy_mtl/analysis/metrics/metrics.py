"""A task's score, and the counts by Doc that it is made of: true positives, false positives and false negatives."""

from typing import AbstractSet, Callable, Hashable, List, NamedTuple, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.training import Example

DocCounts = Tuple[int, int, int]
RIGHT: DocCounts = (1, 0, 0)
# what was chosen should not have been, and what should have been was not
WRONG: DocCounts = (0, 1, 1)
NOTHING: DocCounts = (0, 0, 0)

Counter = Callable[[Language, str, Sequence[Example]], List[DocCounts]]


class Metric(NamedTuple):
    """A score of a task.

    score (str): Its name in what `nlp.evaluate` gives.
    title (str): What it is, for people.
    counter (Optional[Counter]): Gives the counts of each Example for a pipeline, the name of the component and Examples
        that the pipeline has annotated; None if the score is not made of such counts.
    layers (Tuple[str, ...]): The annotation that it is computed from, in the words of spaCy's `assigns`; empty for all
        that the component assigns.
    gaps (str): What becomes of the score where annotation is missing, if that is not simply left out: a sentence.
    """

    score: str
    title: str
    counter: Optional[Counter] = None
    layers: Tuple[str, ...] = ()
    gaps: str = ""


def count_sets(predicted: AbstractSet[Hashable], gold: AbstractSet[Hashable]) -> DocCounts:
    """Compare what was found with what was expected.

    predicted (AbstractSet[Hashable]): The one.
    gold (AbstractSet[Hashable]): The other.
    RETURNS (DocCounts): How many are in both, in the first alone, and in the second alone.
    """
    return len(predicted & gold), len(predicted - gold), len(gold - predicted)
