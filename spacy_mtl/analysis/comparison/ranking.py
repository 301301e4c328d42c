"""Ways to balance tasks, ranked by what joint training with each gains over training each task alone."""

from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..tables import NOTHING, Table
from .gain import interval_over_seeds, show_gain
from .statistics import delta_m, mean_and_deviation

SINGLE = "single-task"
"""The name of the row of the tasks trained alone."""


class Trained(NamedTuple):
    """What a training gave.

    scores (Dict[str, float]): On the test corpora, by the name of the score.
    processor_seconds (float): Time of the processor that it took.
    """

    scores: Dict[str, float]
    processor_seconds: float


class Ranked(NamedTuple):
    """A row of the ranking.

    name (str): The method, or SINGLE.
    is_reference (bool): Whether costs are relative to it.
    scores (Dict[str, Dict[int, float]]): By the name of the score and the seed.
    delta_m (Dict[int, float]): By seed, the average relative gain over the tasks trained alone with the same seed.
    seeds (List[int]): The seeds it was trained with; of SINGLE those that all tasks were.
    relative_cost (Optional[float]): Its processor time, in that of the reference; None without a seed that both have.
    """

    name: str
    is_reference: bool
    scores: Dict[str, Dict[int, float]]
    delta_m: Dict[int, float]
    seeds: List[int]
    relative_cost: Optional[float]

    @property
    def mean_delta_m(self) -> Optional[float]:
        """RETURNS (Optional[float]): Over the seeds; None if it is known for none."""
        return mean_and_deviation(list(self.delta_m.values()))[0] if self.delta_m else None

    @property
    def delta_m_interval(self) -> Optional[Tuple[float, float]]:
        """RETURNS (Optional[Tuple[float, float]]): Of the mean, 95%, over the seeds; None for fewer than two."""
        return interval_over_seeds(list(self.delta_m.values())) if self.delta_m else None


def rank(
    methods: Mapping[str, Mapping[int, Trained]],
    single: Mapping[str, Mapping[int, Trained]],
    main: Mapping[str, str],
    reference: str,
) -> List[Ranked]:
    """Rank methods by their gain.

    methods (Mapping[str, Mapping[int, Trained]]): By the name of the method and the seed, joint trainings.
    single (Mapping[str, Mapping[int, Trained]]): By the name of the task and the seed, the task trained alone.
    main (Mapping[str, str]): By the name of the task, the score that counts for delta-m.
    reference (str): The method to which costs are relative.
    RETURNS (List[Ranked]): First the tasks alone, then the methods, the largest mean gain first. Those whose gain is
        not known come last.
    """
    alone = add_tasks(single, main)
    basis = _find_seconds(methods.get(reference, {}))
    first = Ranked(
        SINGLE,
        False,
        {name: values for trained in single.values() for name, values in _sort_scores(trained).items()},
        {},
        sorted(alone),
        _relate(_find_seconds(alone), basis),
    )
    rows = []
    for name, trained in methods.items():
        gains = {
            seed: find_gain(trained[seed].scores, alone[seed].scores, main) for seed in sorted(trained) if seed in alone
        }
        rows.append(
            Ranked(
                name,
                name == reference,
                _sort_scores(trained),
                {seed: gain for seed, gain in gains.items() if gain is not None},
                sorted(trained),
                _relate(_find_seconds(trained), basis),
            )
        )
    return [first, *sorted(rows, key=lambda row: _order(row.mean_delta_m))]


def add_tasks(single: Mapping[str, Mapping[int, Trained]], tasks: Mapping[str, str]) -> Dict[int, Trained]:
    """The tasks trained alone, taken together.

    single (Mapping[str, Mapping[int, Trained]]): By the name of the task and the seed.
    tasks (Mapping[str, str]): All tasks that must be there.
    RETURNS (Dict[int, Trained]): By seed, where every task was trained with it: all scores, and the sum of the times.
    """
    of_tasks = [single.get(task, {}) for task in tasks]
    seeds = set.intersection(*(set(trained) for trained in of_tasks)) if of_tasks else set()
    return {
        seed: Trained(
            {name: value for trained in of_tasks for name, value in trained[seed].scores.items()},
            sum(trained[seed].processor_seconds for trained in of_tasks),
        )
        for seed in sorted(seeds)
    }


def find_gain(joint: Mapping[str, float], single: Mapping[str, float], main: Mapping[str, str]) -> Optional[float]:
    """Delta-m of one training.

    joint (Mapping[str, float]): Its scores by their names.
    single (Mapping[str, float]): Those of the tasks alone.
    main (Mapping[str, str]): By the name of the task, the score that counts.
    RETURNS (Optional[float]): The mean over the tasks of (joint - single) / single; None if a score is missing, or that
        of a task alone is 0.
    """
    if not all(score in joint and score in single for score in main.values()):
        return None
    return delta_m([(joint[score], single[score]) for score in main.values()])


def lay_out_ranking(rows: Sequence[Ranked], scores: Sequence[str]) -> Table:
    """The ranking as a table, in per cent.

    rows (Sequence[Ranked]): The rows, in their order.
    scores (Sequence[str]): The names of the scores, one column each.
    RETURNS (Table): Means and standard deviations over seeds, of delta-m the interval over seeds; the reference is
        marked with a star.
    """
    header = ("method", *scores, "delta-m", "seeds", "processor")
    cells = [
        (
            f"{row.name} *" if row.is_reference else row.name,
            *(_show(list(row.scores.get(score, {}).values())) for score in scores),
            show_gain(list(row.delta_m.values())),
            str(len(row.seeds)),
            NOTHING if row.relative_cost is None else f"{row.relative_cost:.2f}",
        )
        for row in rows
    ]
    return Table(header, "l" + "r" * (len(header) - 1), cells)


def _sort_scores(trained: Mapping[int, Trained]) -> Dict[str, Dict[int, float]]:
    scores: Dict[str, Dict[int, float]] = {}
    for seed in sorted(trained):
        for name, value in trained[seed].scores.items():
            scores.setdefault(name, {})[seed] = value
    return scores


def _find_seconds(trained: Mapping[int, Trained]) -> Dict[int, float]:
    return {seed: found.processor_seconds for seed, found in trained.items()}


def _relate(seconds: Mapping[int, float], basis: Mapping[int, float]) -> Optional[float]:
    """The one time in units of the other, over the seeds that both have."""
    common = set(seconds) & set(basis)
    total = sum(basis[seed] for seed in common)
    return sum(seconds[seed] for seed in common) / total if total else None


def _order(gain: Optional[float]) -> Tuple[bool, float]:
    return gain is None, 0.0 if gain is None else -gain


def _show(values: Sequence[float]) -> str:
    if not values:
        return NOTHING
    mean, deviation = mean_and_deviation(values)
    return f"{100 * mean:.2f}" if deviation is None else f"{100 * mean:.2f} \u00b1 {100 * deviation:.2f}"
