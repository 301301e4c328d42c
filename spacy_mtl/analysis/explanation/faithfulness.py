"""Whether explanations say what a pipeline rests on: what becomes of predictions without the words that they name."""

from typing import Dict, List, NamedTuple, Sequence, Tuple

import numpy

from .attribution import Query, measure_many
from .results import Explanation
from .tasks import probability

SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)


class Faithfulness(NamedTuple):
    """Of a number of predictions (ERASER, DeYoung et al. 2020), by how much the probability falls, on average over the
    most important 1, 5, 10, 20 and 50% of the words, one at least.

    number (int): How many predictions.
    comprehensiveness (float): Without these words: the more the better.
    sufficiency (float): With these words alone: the less the better.
    random_comprehensiveness (float): The same with as many words chosen at random.
    random_sufficiency (float): The same.
    """

    number: int
    comprehensiveness: float
    sufficiency: float
    random_comprehensiveness: float
    random_sufficiency: float


def erase(queries: Sequence[Query], explanations: Sequence[Explanation], seed: int = 0) -> List[Tuple[float, ...]]:
    """See what becomes of predictions without their words.

    queries (Sequence[Query]): The predictions, as `Explainer.opened` gives them, in its block.
    explanations (Sequence[Explanation]): What they rest on.
    seed (int): For the words that are chosen at random.
    RETURNS (List[Tuple[float, ...]]): For each the figures of `Faithfulness`, but for the count.
    """
    if not queries:
        return []
    tokens = len(explanations[0].words)
    chance = numpy.random.default_rng(seed)
    sizes = [max(1, int(numpy.ceil(share * tokens))) for share in SHARES]
    rows = []
    for explanation in explanations:
        for scores in (numpy.array(explanation.parts), chance.random(tokens)):
            ranks = numpy.argsort(numpy.argsort(-scores, kind="stable"))
            hidden = ranks[None] < numpy.array(sizes)[:, None]
            rows += [~hidden, hidden]
    kept = numpy.concatenate(rows).astype("f")
    found = []
    for query, explanation, own in zip(queries, explanations, numpy.split(kept, len(queries))):
        (values,) = measure_many([query], own)
        lost = probability(explanation.log_odds) - numpy.array([probability(value) for value in values])
        found.append(tuple(float(mean) for mean in lost.reshape((4, len(SHARES))).mean(axis=1)))
    return found


def average(by_kind: Dict[str, List[Tuple[float, ...]]]) -> Dict[str, Faithfulness]:
    """The means of what `erase` found.

    by_kind (Dict[str, List[Tuple[float, ...]]]): By kind of prediction.
    RETURNS (Dict[str, Faithfulness]): By kind.
    """
    return {
        kind: Faithfulness(len(rows), *(float(mean) for mean in numpy.mean(rows, axis=0)))
        for kind, rows in by_kind.items()
        if rows
    }
