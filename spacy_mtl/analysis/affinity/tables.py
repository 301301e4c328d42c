"""Affinity in rows and sentences, for whatever shows it."""

from typing import List, Optional, Sequence

from ..tables import NOTHING, Table
from .affinity import Affinity
from .estimates import Estimate, find_block
from .grouping import Grouping

FIFTY = (
    "Fifty, C., Amid, E., Zhao, Z., Yu, T., Anil, R., and Finn, C. (2021). Efficiently Identifying Task Groupings for "
    "Multi-Task Learning. NeurIPS."
)
MEKETON = (
    "Meketon, M. S., and Schmeiser, B. (1984). Overlapping batch means: something for nothing? Winter Simulation "
    "Conference."
)
BREIMAN = "Breiman, L., Friedman, J. H., Olshen, R. A., and Stone, C. J. (1984). Classification and Regression Trees."


def lay_out_affinity(found: Affinity) -> Table:
    """What a step of each task does to the losses of all.

    found (Affinity): What was measured.
    RETURNS (Table): A row for each task whose step it is, a column for each whose loss it is; in per cent.
    """
    matrix = found.affinity
    rows = [(task, *(_show(matrix.get(task, {}).get(other), 100, 2) for other in found.tasks)) for task in found.tasks]
    return Table(("step of / loss of", *found.tasks), "l" + "r" * len(found.tasks), rows)


def lay_out_cosines(found: Affinity) -> Table:
    """How the gradients of the tasks point.

    found (Affinity): What was measured.
    RETURNS (Table): A row and a column for each task; the lower half.
    """
    cosines = found.cosines
    rows = [
        (task, *("" if j >= i else _show(cosines.get((other, task)), 1, 3) for j, other in enumerate(found.tasks[:-1])))
        for i, task in enumerate(found.tasks)
    ]
    return Table(("cosine", *found.tasks[:-1]), "l" + "r" * (len(found.tasks) - 1), rows[1:])


def rank_pairs(found: Affinity) -> Table:
    """The pairs of tasks, those first that help each other most.

    found (Affinity): What was measured.
    RETURNS (Table): A row for each pair, by the mean of the affinities in both directions with its error, in per cent.
    """
    cosines = found.cosines
    rows = [
        (
            pair.first,
            pair.second,
            _show(pair.both, 100, 2),
            f"{100 * pair.there:+.2f}",
            f"{100 * pair.back:+.2f}",
            _show(cosines.get((pair.first, pair.second)), 1, 3),
        )
        for pair in found.pairs
    ]
    return Table(("first", "second", "both", "first's step", "second's step", "cosine"), "llrrrr", rows)


def lay_out_groupings(groupings: Sequence[Grouping]) -> Table:
    """Which tasks to train together.

    groupings (Sequence[Grouping]): For each number of encoders, the best way.
    RETURNS (Table): A row for each, with what it predicts for the tasks, and the sum with its error, in per cent.
    """
    rows = []
    for found in groupings:
        groups = " | ".join(" + ".join(group) for group in found.groups)
        predicted = ", ".join(f"{task} {100 * value:+.2f}" for task, value in found.predicted.items())
        total = _show(Estimate(found.total, found.error, 0), 100, 2)
        rows.append((str(found.encoders), groups, total, predicted))
    return Table(("encoders", "tasks of each", "sum", "predicted"), "rlrl", rows)


def tell_method(found: Affinity) -> List[str]:
    """How it was measured.

    found (Affinity): What was measured.
    RETURNS (List[str]): Sentences.
    """
    sizes = ", ".join(f"{task} {size:,} of {found.pool[task]:,}" for task, size in found.probes.items())
    first, last = found.measurements[0], found.measurements[-1]
    lengths = sorted(measurement.length for measurement in found.measurements)
    block = find_block(len(found.measurements))
    error = f"by overlapping batch means, in blocks of {block} (Meketon and Schmeiser 1984)"
    return [
        f"{len(found.measurements):,} measurements, updates {first.step:,} to {last.step:,}, one every "
        f"{found.settings.every:,}; mean and standard error, "
        f"{error if block > 1 else 'as if they were independent, since they are few'}. Texts of the training corpus, "
        f"drawn anew for each measurement: {sizes}.",
        f"A cell: by how many per cent of itself a task's loss falls (+) or rises (-) when '{found.encoder}' alone "
        "takes one step against the gradient of the row's task; all steps have one length "
        f"({lengths[0]:.3g} to {lengths[-1]:.3g}, median {lengths[len(lengths) // 2]:.3g}).",
        "Not as in Fifty et al. (2021): their step is the learning rate times the gradient, and here it is as long as "
        "the last update, halved until it fits; their losses are those of the training batch, and here of the texts "
        "drawn; and a task can be trained in several groups of theirs, in some only to help, while here it is in one.",
        "Predicted: the mean of what the other tasks of its encoder do to a task; 0 for a task alone. Sum: with its "
        "standard error over the measurements. With more encoders allowed, more are proposed only if some pair is "
        "further from zero than two standard errors, and if they add more to the sum than two standard errors of what "
        "they add (compare the rule of one standard error, Breiman et al. 1984). No error is corrected for the number "
        "of pairs.",
        FIFTY,
        *([MEKETON] if block > 1 else []),
        BREIMAN,
    ]


def tell_notes(found: Affinity, groupings: Sequence[Grouping]) -> List[str]:
    """What to be careful about.

    found (Affinity): What was measured.
    groupings (Sequence[Grouping]): The proposals.
    RETURNS (List[str]): Sentences; none if there is nothing.
    """
    means = found.means
    lost = [task for task in found.tasks if task not in means]
    unhelped = [task for task in means if means[task].get(task, 0.0) <= 0]
    notes = [f"'{task}' had no gradient in any measurement: nothing is known of its steps." for task in lost]
    notes += [
        f"The steps of '{task}' do not lower its own loss: do not trust what they do to others." for task in unhelped
    ]
    notes += [
        f"'{task}' shares no encoder with another head: it is not measured, in no group, and in none of the configs."
        for task in found.apart
    ]
    # what holds for several numbers of encoders is said of the largest
    for grouping in {grouping.forgone: grouping for grouping in groupings if grouping.forgone}.values():
        notes.append(
            f"Up to {grouping.encoders} encoders: more than {len(grouping.groups)} would add "
            f"{_show(grouping.forgone, 100, 2)} to the sum, no more than two standard errors."
        )
    if len(found.measurements) < 10:
        notes.append(f"Few measurements ({len(found.measurements)}): set --every to less, or train longer.")
    if any(not grouping.is_exhaustive for grouping in groupings):
        notes.append("With so many tasks groups are found by merging: there may be better ones.")
    return notes


def _show(estimate: Optional[Estimate], scale: float, digits: int) -> str:
    if estimate is None:
        return NOTHING
    mean = f"{scale * estimate.mean:+.{digits}f}"
    return mean if estimate.error is None else f"{mean} \u00b1 {scale * estimate.error:.{digits}f}"
