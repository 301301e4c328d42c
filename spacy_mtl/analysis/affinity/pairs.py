"""Which pairs of tasks help each other, and which hurt: the answer in one sentence."""

from typing import Dict, List, NamedTuple, Sequence

from .estimates import Estimate, estimate_mean
from .grouping import Matrix, fill_measurement

NOTHING_TOLD = "No pair differs from zero by more than two standard errors: nothing speaks for or against sharing."


class Pair(NamedTuple):
    """What two tasks do to each other.

    first (str): The one task.
    second (str): The other, later in the order of the tasks.
    both (Estimate): The mean of the affinities in both directions.
    there (float): What the first one's steps do to the second.
    back (float): The other direction.
    """

    first: str
    second: str
    both: Estimate
    there: float
    back: float


def find_pairs(tasks: Sequence[str], affinity: Matrix, measurements: Sequence[Matrix]) -> List[Pair]:
    """The pairs of tasks, those first that help each other most.

    tasks (Sequence[str]): The tasks.
    affinity (Matrix): By the task whose step it is, and the task whose loss it is, the mean over measurements.
    measurements (Sequence[Matrix]): The same for each measurement, in their order. What one lacks counts as the mean.
    RETURNS (List[Pair]): Those of which both directions are known.
    """
    filled = [fill_measurement(tasks, affinity, measurement) for measurement in measurements]
    pairs = []
    for i, first in enumerate(tasks):
        for second in tasks[i + 1 :]:
            there, back = affinity.get(first, {}).get(second), affinity.get(second, {}).get(first)
            if there is not None and back is not None:
                both = estimate_mean([(matrix[first][second] + matrix[second][first]) / 2 for matrix in filled])
                pairs.append(Pair(first, second, both, there, back))
    return sorted(pairs, key=lambda pair: -pair.both.mean)


def tell_pairs(pairs: Sequence[Pair]) -> str:
    """Say which pairs help and which hurt.

    pairs (Sequence[Pair]): All pairs.
    RETURNS (str): A sentence. A pair counts if it is further from 0 than two standard errors.
    """
    told = [pair for pair in pairs if pair.both.differs]
    if not told:
        return NOTHING_TOLD
    kinds: Dict[str, List[str]] = {"help each other": [], "hurt each other": []}
    for pair in told:
        kinds["help each other" if pair.both.mean > 0 else "hurt each other"].append(f"{pair.first} and {pair.second}")
    clauses = [f"{', '.join(names)} {verb}" for verb, names in kinds.items() if names]
    rest = len(pairs) - len(told)
    if rest:
        clauses.append(f"of the other {'pair' if rest == 1 else f'{rest} pairs'} nothing can be told")
    return f"{'; '.join(clauses)}."
