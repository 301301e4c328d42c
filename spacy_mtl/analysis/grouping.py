"""Which tasks to train together, given how they affect each other and how many encoders there may be."""

from typing import Dict, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ..errors import Errors

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
    is_exhaustive (bool): Whether there is no better one; else it was found by merging.
    """

    encoders: int
    groups: Groups
    predicted: Dict[str, float]
    total: float
    is_exhaustive: bool


def find_groupings(tasks: Sequence[str], affinity: Matrix, encoders: Sequence[int]) -> List[Grouping]:
    """The best way to part tasks among at most so many encoders.

    What a group of three or more does to a task is taken to be the mean of what each of the others does to it (Fifty
    et al. 2021, section 3.3). A task alone counts 0: no help, no harm. (Its affinity to itself would not do: nothing
    lowers a loss as its own gradient does, so that each task would be best off alone.) Of equally good ways that with
    the fewest encoders is taken. All are tried for up to MOST_EXHAUSTIVE tasks; of more, those groups are merged that
    it serves best, one pair after the other.

    tasks (Sequence[str]): The tasks, one or more.
    affinity (Matrix): By the task whose step it is, and the task whose loss it is. What is not known counts 0.
    encoders (Sequence[int]): How many encoders there may be, each 1 or more.
    RETURNS (List[Grouping]): One for each number.
    RAISES (ValueError): E750 for a number below 1.
    """
    for number in encoders:
        if number < 1:
            raise ValueError(Errors.E750.format(setting="--encoders", found=number))
    is_exhaustive = len(tasks) <= MOST_EXHAUSTIVE
    ways = list_partitions(tasks) if is_exhaustive else _merge(tasks, affinity)
    best: Dict[int, Tuple[float, Groups]] = {}
    for groups in ways:
        total = sum(predict(groups, affinity).values())
        if len(groups) not in best or total > best[len(groups)][0] + ROUNDING:
            best[len(groups)] = total, groups
    found = []
    for number in encoders:
        total, groups = best[1]
        for size in range(2, min(number, len(tasks)) + 1):
            if best[size][0] > total + ROUNDING:
                total, groups = best[size]
        predicted = predict(groups, affinity)
        in_order = {task: predicted[task] for task in tasks}
        found.append(Grouping(number, groups, in_order, total, is_exhaustive))
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


def _merge(tasks: Sequence[str], affinity: Matrix) -> Iterator[Groups]:
    groups: Groups = tuple((task,) for task in tasks)
    yield groups
    while len(groups) > 1:
        merged = [_join(tasks, groups, i, j) for i in range(len(groups)) for j in range(i + 1, len(groups))]
        groups = max(merged, key=lambda found: sum(predict(found, affinity).values()))
        yield groups


def _join(tasks: Sequence[str], groups: Groups, first: int, second: int) -> Groups:
    joined = tuple(sorted(groups[first] + groups[second], key=list(tasks).index))
    return (*groups[:first], joined, *groups[first + 1 : second], *groups[second + 1 :])
