"""What groups of tasks trained together gained, against what was predicted of them."""

from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy

from ..comparison.gain import show_gain
from ..comparison.statistics import mean_and_deviation
from ..tables import NOTHING, Table
from .grouping import Grouping, Groups, Matrix, list_partitions, predict

Group = Tuple[str, ...]
GroupScores = Mapping[Group, Mapping[int, Mapping[str, float]]]
"""By the tasks trained together, in the order of the tasks, and the seed: the score of each."""


class TaskGain(NamedTuple):
    """What a task had of being trained in a group.

    group (Group): The tasks of the group, in the order of the tasks.
    task (str): One of them.
    predicted (float): The mean affinity onto it from the others.
    measured (Dict[int, float]): By seed, its score relative to that of the task alone with the same seed, less 1.
    """

    group: Group
    task: str
    predicted: float
    measured: Dict[int, float]


class GroupingGain(NamedTuple):
    """What a way to part the tasks gained.

    groups (Groups): The tasks of each encoder.
    predicted (float): The sum over the tasks of the mean affinity onto each.
    measured (Dict[int, float]): By seed, the mean over the tasks of the relative gain over each task alone (delta-m).
    """

    groups: Groups
    predicted: float
    measured: Dict[int, float]

    @property
    def mean(self) -> float:
        """RETURNS (float): The measured gain, over the seeds."""
        return mean_and_deviation(list(self.measured.values()))[0]


class Verdict(NamedTuple):
    """A proposal among all that could have been proposed.

    encoders (int): How many there may be.
    proposed (GroupingGain): The proposal.
    place (int): Its place by measured gain, 1 for the best, among all ways with as many encoders or fewer.
    ways (int): How many these are.
    best (GroupingGain): The best of them.
    mean (Dict[int, float]): Their mean gain, by each seed that all have: what to expect of one drawn by lot.
    """

    encoders: int
    proposed: GroupingGain
    place: int
    ways: int
    best: GroupingGain
    mean: Dict[int, float]


def find_task_gains(scores: GroupScores, affinity: Matrix) -> List[TaskGain]:
    """Compare each task in each group with the task alone.

    scores (GroupScores): What was measured.
    affinity (Matrix): By the task whose step it is, and the task whose loss it is.
    RETURNS (List[TaskGain]): For groups of two or more; without those that share no seed with the task alone, or whose
        score alone is 0.
    """
    found = []
    for group, by_seed in scores.items():
        for task in group if len(group) > 1 else ():
            measured = {}
            for seed, of_tasks in by_seed.items():
                alone = scores.get((task,), {}).get(seed, {}).get(task)
                if alone and task in of_tasks:
                    measured[seed] = of_tasks[task] / alone - 1
            if measured:
                found.append(TaskGain(group, task, predict((group,), affinity)[task], measured))
    return found


def find_grouping_gains(tasks: Sequence[str], scores: GroupScores, affinity: Matrix) -> List[GroupingGain]:
    """Put trained groups together to all ways to part the tasks.

    tasks (Sequence[str]): The tasks.
    scores (GroupScores): What was measured.
    affinity (Matrix): By the task whose step it is, and the task whose loss it is.
    RETURNS (List[GroupingGain]): The ways for which at least one seed has all that is needed, the best first.
    """
    gains = {(gain.group, gain.task): gain.measured for gain in find_task_gains(scores, affinity)}
    for task in tasks:
        gains[(task,), task] = {seed: 0.0 for seed, of_task in scores.get((task,), {}).items() if of_task.get(task)}
    found = []
    for groups in list_partitions(tasks):
        parts = [gains.get((group, task), {}) for group in groups for task in group]
        seeds = sorted(set.intersection(*(set(part) for part in parts)))
        if seeds:
            measured = {seed: sum(part[seed] for part in parts) / len(tasks) for seed in seeds}
            found.append(GroupingGain(groups, sum(predict(groups, affinity).values()), measured))
    return sorted(found, key=lambda gain: -gain.mean)


def judge(proposals: Sequence[Grouping], gains: Sequence[GroupingGain]) -> List[Verdict]:
    """Place each proposal among the ways it was chosen from.

    proposals (Sequence[Grouping]): One for each number of encoders.
    gains (Sequence[GroupingGain]): What was measured.
    RETURNS (List[Verdict]): For the proposals that were measured.
    """
    found = []
    for proposal in proposals:
        ways = [gain for gain in gains if len(gain.groups) <= proposal.encoders]
        for chosen in ways:
            if chosen.groups == proposal.groups:
                place = 1 + sum(way.mean > chosen.mean for way in ways)
                best = max(ways, key=lambda way: way.mean)
                seeds = sorted(set.intersection(*(set(way.measured) for way in ways)))
                mean = {seed: sum(way.measured[seed] for way in ways) / len(ways) for seed in seeds}
                found.append(Verdict(proposal.encoders, chosen, place, len(ways), best, mean))
    return found


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> Optional[float]:
    """Spearman's correlation: that of the ranks, equal values sharing the mean of theirs.

    first (Sequence[float]): Values.
    second (Sequence[float]): As many others.
    RETURNS (Optional[float]): From -1 to 1; None for fewer than two values, or if all of one side are equal.
    """
    ranks = [_find_ranks(values) for values in (first, second)]
    if len(first) < 2 or any(of_side.std() == 0 for of_side in ranks):
        return None
    return float(numpy.corrcoef(ranks[0], ranks[1])[0, 1])


def lay_out_verdicts(verdicts: Sequence[Verdict]) -> Table:
    """Proposals against all other ways, in per cent.

    verdicts (Sequence[Verdict]): One for each number of encoders.
    RETURNS (Table): A row for each.
    """
    rows = [
        (
            str(verdict.encoders),
            show_groups(verdict.proposed.groups),
            show_gain([*verdict.proposed.measured.values()]),
            f"{verdict.place} of {verdict.ways}",
            f"{show_groups(verdict.best.groups)}: {show_gain([*verdict.best.measured.values()])}",
            show_gain([*verdict.mean.values()]),
        )
        for verdict in verdicts
    ]
    header = ("encoders", "proposed", "delta-m", "place", "best", "mean of all")
    return Table(header, "rlrrlr", rows)


def lay_out_gains(gains: Sequence[GroupingGain]) -> Table:
    """All ways to part the tasks, in per cent.

    gains (Sequence[GroupingGain]): The ways, in their order.
    RETURNS (Table): A row for each.
    """
    rows = [
        (
            show_groups(gain.groups),
            str(len(gain.groups)),
            show_gain([*gain.measured.values()]),
            f"{100 * gain.predicted:+.2f}",
        )
        for gain in gains
    ]
    return Table(("tasks of each encoder", "encoders", "delta-m", "predicted"), "lrrr", rows)


def lay_out_task_gains(gains: Sequence[TaskGain], tasks: Sequence[str]) -> Table:
    """What each task had of each group, in per cent.

    gains (Sequence[TaskGain]): The gains.
    tasks (Sequence[str]): The tasks, a column each.
    RETURNS (Table): A row for each group: measured gain, and the affinity that predicted it in brackets.
    """
    cells: Dict[Group, Dict[str, str]] = {}
    for gain in gains:
        cells.setdefault(gain.group, {})[gain.task] = f"{_show(gain.measured)} ({100 * gain.predicted:+.2f})"
    rows = [(" + ".join(group), *(row.get(task, NOTHING) for task in tasks)) for group, row in cells.items()]
    return Table(("trained together", *tasks), "l" + "r" * len(tasks), rows)


def show_groups(groups: Groups) -> str:
    """RETURNS (str): The groups for people, as "ner + srl | sentiment"."""
    return " | ".join(" + ".join(group) for group in groups)


def _find_ranks(values: Sequence[float]) -> numpy.ndarray:
    array = numpy.asarray(values, dtype="float64")
    below = (array[:, None] > array[None, :]).sum(axis=1)
    equal = (array[:, None] == array[None, :]).sum(axis=1)
    return below + (equal - 1) / 2


def _show(measured: Mapping[int, float]) -> str:
    mean, deviation = mean_and_deviation(list(measured.values()))
    return f"{100 * mean:+.2f}" if deviation is None else f"{100 * mean:+.2f} \u00b1 {100 * deviation:.2f}"
