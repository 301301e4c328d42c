"""Which tasks to train together, given how they affect each other and how many encoders there may be."""

from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...errors import Errors
from .estimates import ERRORS, Estimate, estimate_mean

# The most tasks of which all partitions are tried: there are 4,140 of 8.
MOST_EXHAUSTIVE = 8
# By how much a sum must be better: sums of the same numbers in another order differ by less.
ROUNDING = 1e-12

Groups = Tuple[Tuple[str, ...], ...]
Matrix = Mapping[str, Mapping[str, float]]


class Grouping(NamedTuple):
    """A way to part the tasks.

    encoders (int): How many groups there might have been.
    groups (Groups): The tasks of each encoder, both in the order of the tasks.
    predicted (Dict[str, float]): By task, the mean affinity onto it from the others of its group; 0 for a task alone.
    total (float): The sum of these.
    error (Optional[float]): Its standard error over measurements; None without.
    forgone (Optional[Estimate]): What the best way with more groups would add to the sum, if it would add anything: it
        was not taken because that is no more than two standard errors.
    is_exhaustive (bool): Whether no other with as many groups has a higher total; else it was found by merging.
    """

    encoders: int
    groups: Groups
    predicted: Dict[str, float]
    total: float
    error: Optional[float]
    forgone: Optional[Estimate]
    is_exhaustive: bool


def find_groupings(
    tasks: Sequence[str], affinity: Matrix, encoders: Sequence[int], measurements: Sequence[Matrix] = ()
) -> List[Grouping]:
    """The best way to part tasks among at most so many encoders.

    What a group of three or more does to a task is taken to be the mean of what each of the others does to it (Fifty
    et al. 2021, section 3.3). A task alone counts 0: no help, no harm. (Its affinity to itself would not do: nothing
    lowers a loss as its own gradient does, so that each task would be best off alone.) All ways are tried for up to
    MOST_EXHAUSTIVE tasks; of more, those groups are merged that it serves best, one pair after the other.

    Of the best ways with each number of encoders that with the fewest is taken to which none with more adds more than
    two standard errors of what it adds. (Sums are uncertain, the best of many looks better than it is, and an encoder
    costs; compare the one-standard-error rule of Breiman, Friedman, Olshen, and Stone 1984.) Errors are those of sums
    and of their differences in each measurement, so that it counts how the affinities of tasks move together. Without
    measurements whatever is better is taken.

    Each task is in one group: here none is trained in a second one only to help there, as in Fifty et al.

    tasks (Sequence[str]): The tasks, one or more.
    affinity (Matrix): By the task whose step it is, and the task whose loss it is, the mean over measurements. What is
        not known counts 0.
    encoders (Sequence[int]): How many encoders there may be, each 1 or more.
    measurements (Sequence[Matrix]): The same for each measurement, in their order. What one lacks counts as the mean.
    RETURNS (List[Grouping]): One for each number.
    RAISES (ValueError): E750 for a number below 1.
    """
    for number in encoders:
        if number < 1:
            raise ValueError(Errors.E750.format(setting="--encoders", found=number))
    is_exhaustive = len(tasks) <= MOST_EXHAUSTIVE
    ways = list_partitions(tasks) if is_exhaustive else _merge(tasks, affinity)
    best: Dict[int, _Way] = {}
    for groups in ways:
        total = _sum(groups, affinity)
        if len(groups) not in best or total > best[len(groups)].total + ROUNDING:
            best[len(groups)] = _Way(groups, total, [])
    filled = [fill_measurement(tasks, affinity, measurement) for measurement in measurements]
    best = {size: way._replace(totals=[_sum(way.groups, matrix) for matrix in filled]) for size, way in best.items()}
    found = []
    for number in encoders:
        way, forgone = _choose([best[size] for size in range(1, min(number, len(tasks)) + 1)])
        predicted = predict(way.groups, affinity)
        in_order = {task: predicted[task] for task in tasks}
        error = estimate_mean(way.totals).error if way.totals else None
        found.append(Grouping(number, way.groups, in_order, way.total, error, forgone, is_exhaustive))
    return found


def predict(groups: Groups, affinity: Matrix) -> Dict[str, float]:
    """What each task can expect.

    groups (Groups): The tasks that are trained together.
    affinity (Matrix): By the task whose step it is, and the task whose loss it is.
    RETURNS (Dict[str, float]): By task, the mean affinity onto it from the others of its group; 0 for a task alone.
    """
    predicted = {}
    for group in groups:
        for task in group:
            others = [affinity.get(other, {}).get(task, 0.0) for other in group if other != task]
            predicted[task] = sum(others) / len(others) if others else 0.0
    return predicted


def list_partitions(tasks: Sequence[str]) -> Iterator[Groups]:
    """All ways to part tasks into groups.

    tasks (Sequence[str]): The tasks, all different.
    YIELDS (Groups): Each way once; groups and tasks in the order of the tasks.
    """
    if not tasks:
        yield ()
        return
    *earlier, last = tasks
    for groups in list_partitions(earlier):
        for i, group in enumerate(groups):
            yield (*groups[:i], (*group, last), *groups[i + 1 :])
        yield (*groups, (last,))


def fill_measurement(tasks: Sequence[str], affinity: Matrix, measurement: Matrix) -> Matrix:
    """A measurement without gaps.

    tasks (Sequence[str]): The tasks.
    affinity (Matrix): The mean over measurements.
    measurement (Matrix): One of them.
    RETURNS (Matrix): The same, with the mean in place of what it lacks.
    """
    return {task: {**affinity.get(task, {}), **measurement.get(task, {})} for task in tasks}


class _Way(NamedTuple):
    """A way to part the tasks, with its total by the means, and in each measurement."""

    groups: Groups
    total: float
    totals: List[float]


def _choose(ways: Sequence[_Way]) -> Tuple[_Way, Optional[Estimate]]:
    """The first way that none of those after it surpasses by more than ERRORS standard errors, and what the best of
    them adds."""
    gains = [[_compare(way, more) for more in ways[place:]] for place, way in enumerate(ways, start=1)]
    place = next(
        place
        for place, found in enumerate(gains)
        if all(gain.mean <= max(ROUNDING, ERRORS * (gain.error or 0)) for gain in found)
    )
    better = [gain for gain in gains[place] if gain.mean > ROUNDING]
    return ways[place], max(better, key=lambda gain: gain.mean, default=None)


def _compare(less: _Way, more: _Way) -> Estimate:
    """What one way adds to the total of another."""
    gains = [second - first for first, second in zip(less.totals, more.totals)]
    return Estimate(more.total - less.total, estimate_mean(gains).error if gains else None, len(gains))


def _sum(groups: Groups, affinity: Matrix) -> float:
    return sum(predict(groups, affinity).values())


def _merge(tasks: Sequence[str], affinity: Matrix) -> Iterator[Groups]:
    groups: Groups = tuple((task,) for task in tasks)
    yield groups
    while len(groups) > 1:
        merged = [_join(tasks, groups, i, j) for i in range(len(groups)) for j in range(i + 1, len(groups))]
        groups = max(merged, key=lambda found: _sum(found, affinity))
        yield groups


def _join(tasks: Sequence[str], groups: Groups, first: int, second: int) -> Groups:
    joined = tuple(sorted(groups[first] + groups[second], key=list(tasks).index))
    return (*groups[:first], joined, *groups[first + 1 : second], *groups[second + 1 :])
