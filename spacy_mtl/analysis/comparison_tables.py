"""A comparison in rows and sentences, for whatever shows it."""

from typing import List, NamedTuple, Optional, Sequence, Tuple

from .budget import UPDATES
from .comparison import Comparison, TaskScore
from .statistics import mean_and_deviation

NOTHING = "-"
REFERENCES = (
    "Noreen, E. W. (1989). Computer-Intensive Methods for Testing Hypotheses. Wiley.",
    "Yeh, A. (2000). More accurate tests for the statistical significance of result differences. COLING.",
    "Efron, B., and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman and Hall.",
    "Maninis, K.-K., Radosavovic, I., and Kokkinos, I. (2019). Attentive single-tasking of multiple tasks. CVPR.",
)


class Table(NamedTuple):
    """A table.

    header (Tuple[str, ...]): Names of the columns.
    aligns (str): For each column "l" or "r".
    rows (Sequence[Tuple[str, ...]]): The cells.
    """

    header: Tuple[str, ...]
    aligns: str
    rows: Sequence[Tuple[str, ...]]


def lay_out_scores(comparison: Comparison) -> Table:
    """The scores of all tasks.

    comparison (Comparison): The comparison.
    RETURNS (Table): A row for each score.
    """
    header = ("task", "score", "joint", "alone", "difference", "95% interval", "p")
    rows = [
        (
            score.task,
            score.title,
            _show_seeds(list(score.joint.values())),
            _show_seeds(list(score.single.values())),
            NOTHING if score.difference is None else f"{100 * score.difference:+.2f}",
            NOTHING if score.interval is None else "{:+.2f} to {:+.2f}".format(*(100 * end for end in score.interval)),
            NOTHING if score.p_value is None else f"{score.p_value:.4f}",
        )
        for score in comparison.scores
    ]
    return Table(header, "llrrrrr", rows)


def lay_out_costs(comparison: Comparison) -> Table:
    """What the pipelines cost.

    comparison (Comparison): The comparison.
    RETURNS (Table): A row for each.
    """
    header = ("pipeline", "updates", "parameters", "on disk", "training", "processor", "peak memory", "words/s")
    rows = [
        (
            cost.name,
            _show(cost.updates, "{:,.0f}"),
            _show(cost.parameters, "{:,.0f}"),
            _show(cost.disk_bytes, "{:,.1f} MB", 1e-6),
            _show(cost.seconds, "{:,.0f} s"),
            _show(cost.processor_seconds, "{:,.0f} s"),
            _show(cost.peak_memory, "{:,.0f} MB", 1e-6),
            _show(cost.words_per_second, "{:,.0f}"),
        )
        for cost in comparison.costs
    ]
    return Table(header, "lrrrrrrr", rows)


def lay_out_tests(comparison: Comparison) -> Table:
    """On which texts the tasks are tested.

    comparison (Comparison): The comparison.
    RETURNS (Table): A row for each task.
    """
    rows = [
        (task, found.path, f"{found.texts:,}", _show(found.annotated, "{:,}"))
        for task, found in comparison.tests.items()
    ]
    return Table(("task", "test corpus", "texts", "annotated"), "llrr", rows)


def tell_delta_m(comparison: Comparison) -> str:
    """The average relative gain in words.

    comparison (Comparison): The comparison.
    RETURNS (str): A sentence.
    """
    if comparison.delta_m is None:
        reason = "a score of a task alone is 0" if comparison.compared else "no task has both scores"
        return f"Delta-m is not defined: {reason}."
    return (
        f"Delta-m, the average relative gain of joint training: {100 * comparison.delta_m:+.2f}% "
        f"(main scores of {', '.join(comparison.compared)})."
    )


def tell_notes(comparison: Comparison) -> List[str]:
    """Everything that limits the comparison: failures first, then what concerns a score, then the whole.

    comparison (Comparison): The comparison.
    RETURNS (List[str]): Sentences.
    """
    of_scores = [f"{_name(score)}: {note}" for score in comparison.scores for note in score.notes]
    return [*comparison.failures, *of_scores, *comparison.notes]


def tell_method(comparison: Comparison) -> List[str]:
    """How the figures were made.

    comparison (Comparison): The comparison.
    RETURNS (List[str]): Sentences.
    """
    listed = ", ".join(map(str, comparison.seeds))
    seeds = f"seeds {listed}" if len(comparison.seeds) > 1 else f"seed {listed}"
    if comparison.budget == UPDATES:
        budget = (
            "Each task alone was trained for as many updates as the joint pipeline. Where the joint corpus mixes "
            "sources, it thereby read more texts of its own."
        )
    else:
        budget = (
            "Each task alone was trained until it had read as many texts annotated for it as the joint pipeline reads, "
            "each as often as it comes; evaluations, patience and the learning rate's schedule are in proportion."
        )
    return [
        f"Scores in per cent, mean and standard deviation over {seeds}, on the test corpora's own tokens. Of "
        "each training the pipeline that was best on the development corpus is tested: jointly by the config's score "
        "weights, alone by the task's main score.",
        budget,
        f"p: paired approximate randomisation (Noreen 1989; Yeh 2000), two-sided, {comparison.samples:,} samples. Each "
        "swaps the results of about half of the test texts, those of all seeds together, and computes the scores from "
        "the sums. It tells of chance in the texts; of chance in training the deviations tell. It is not corrected for "
        "the number of scores.",
        f"Interval of the difference: paired bootstrap over test texts, percentiles of {comparison.samples:,} samples "
        "(Efron and Tibshirani 1993).",
        "Delta-m: the mean over tasks of (joint - alone) / alone, from the main score of each task (Maninis et al. "
        "2019).",
        "Costs: parameters, size and times are means over seeds, peak memory is the highest of a training; 'all of "
        "them alone' adds them up. Words a second: one seed's pipelines in turns on the test texts, the median.",
    ]


def _name(score: TaskScore) -> str:
    return f"{score.task} ({score.title})" if score.score else score.task


def _show_seeds(values: Sequence[float]) -> str:
    if not values:
        return NOTHING
    mean, deviation = mean_and_deviation(values)
    return f"{100 * mean:.2f}" if deviation is None else f"{100 * mean:.2f} \u00b1 {100 * deviation:.2f}"


def _show(value: Optional[float], form: str, factor: float = 1) -> str:
    return NOTHING if value is None else form.format(value if factor == 1 else value * factor)
