"""A comparison in rows and sentences, for whatever shows it."""

from typing import Dict, List, Optional, Sequence, Tuple

from ..tables import NOTHING, Table
from .aided import WHAT_AIDS_TELL
from .budget import COMPUTE, UPDATES
from .comparison import Comparison
from .gain import Gain
from .scores import TaskScore
from .sides import JOINT_SIDE, name_alone
from .statistics import mean_and_deviation
from .verdict import LEVEL

UNKNOWN = "cannot be told"
UNDERTRAINED = "(undertrained)"
REFERENCES = (
    "Noreen, E. W. (1989). Computer-Intensive Methods for Testing Hypotheses. Wiley.",
    "Yeh, A. (2000). More accurate tests for the statistical significance of result differences. COLING.",
    "Efron, B., and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman and Hall.",
    "Rao, J. N. K., and Wu, C. F. J. (1988). Resampling inference with complex survey data. Journal of the American "
    "Statistical Association 83.",
    "Owen, A. B. (2007). The pigeonhole bootstrap. The Annals of Applied Statistics 1.",
    "Maninis, K.-K., Radosavovic, I., and Kokkinos, I. (2019). Attentive single-tasking of multiple tasks. CVPR.",
)


def lay_out_scores(comparison: Comparison) -> Table:
    """The scores of all tasks.

    comparison (Comparison): The comparison.
    RETURNS (Table): A row for each score.
    """
    has_seeds = _has_seeds(comparison)
    interval = "95% interval (texts and seeds)" if has_seeds else "95% interval (texts)"
    header: Tuple[str, ...] = ("task", "score", "joint", "alone", "difference", interval)
    rows: List[Tuple[str, ...]] = [
        (
            score.task,
            score.title,
            _show_seeds(list(score.joint.values())) + _mark(comparison, JOINT_SIDE),
            _show_seeds(list(score.single.values())) + _mark(comparison, name_alone(score.task)),
            NOTHING if score.difference is None else f"{100 * score.difference:+.2f}",
            _show_interval(score, has_seeds),
        )
        for score in comparison.scores
    ]
    aided = comparison.with_aids
    if aided is None:
        return Table(header, "llrrrr", rows)
    more = [
        (
            _show_seeds(list(score.single.values())) + _mark(comparison, aided.pipelines[score.task]),
            NOTHING if score.difference is None else f"{100 * score.difference:+.2f}",
            _show_interval(score, has_seeds),
        )
        for score in aided.scores
    ]
    header = (*header, "alone, same aids", "difference, same aids", "95% interval, same aids")
    return Table(header, "llrrrrrrr", [(*row, *cells) for row, cells in zip(rows, more)])


def lay_out_statistics(comparison: Comparison) -> Table:
    """Whether the differences are chance.

    comparison (Comparison): The comparison.
    RETURNS (Table): A row for each score that has a difference.
    """
    header: Tuple[str, ...] = ("task", "score", "texts", "p (texts)", "p (texts and seeds)")
    aided = comparison.with_aids
    sides = [comparison.scores] if aided is None else [comparison.scores, aided.scores]
    if aided is not None:
        header = (*header, "p (texts), same aids", "p (texts and seeds), same aids")
    rows = [
        (
            of_sides[0].task,
            of_sides[0].title,
            _show(of_sides[0].texts, "{:,.0f}"),
            *(_show(p_value, "{:.4f}") for score in of_sides for p_value in (score.p_value, score.p_value_with_seeds)),
        )
        for of_sides in zip(*sides)
        if any(score.difference is not None for score in of_sides)
    ]
    return Table(header, "ll" + "r" * (len(header) - 2), rows)


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
        (task, found.path, f"{found.texts:,}", UNKNOWN if found.annotated is None else f"{found.annotated:,}")
        for task, found in comparison.tests.items()
    ]
    return Table(("task", "test corpus", "texts", "annotated"), "llrr", rows)


def tell_delta_m(comparison: Comparison) -> str:
    """The average relative gain in words.

    comparison (Comparison): The comparison.
    RETURNS (str): A sentence.
    """
    gain = Gain(comparison.delta_m, comparison.delta_m_interval, comparison.delta_m_reason)
    told = _tell_gain(comparison, gain, "joint training", _sides_alone(comparison))
    if comparison.with_aids is None:
        return told
    sides = [comparison.with_aids.pipelines[task] for task in comparison.compared]
    aided = _tell_gain(comparison, comparison.with_aids.gain, "joint training over the same aids", sides)
    return f"{told} With the same aids: {aided}"


def tell_notes(comparison: Comparison) -> List[str]:
    """Everything that limits the comparison: failures first, then what concerns a score, a test corpus, the whole.

    comparison (Comparison): The comparison.
    RETURNS (List[str]): Sentences. What is the same of several scores is said once.
    """
    names: Dict[str, List[str]] = {}
    for score in comparison.scores:
        for note in score.notes:
            names.setdefault(note, []).append(_name(score))
    for score in comparison.with_aids.scores if comparison.with_aids else []:
        for note in score.notes:
            if _name(score) not in names.get(note, []):
                names.setdefault(note, []).append(f"{_name(score)} with the same aids")
    of_scores = [f"{', '.join(of_note)}: {note}" for note, of_note in names.items()]
    of_tests = [f"{task}: {note}" for task, found in comparison.tests.items() for note in found.notes]
    return [*comparison.failures, *_tell_undertrained(comparison), *of_scores, *of_tests, *comparison.notes]


def tell_intervals(comparison: Comparison) -> str:
    """What intervals are about.

    comparison (Comparison): The comparison.
    RETURNS (str): Part of a sentence.
    """
    over = {_is_over_seeds(score) for score in comparison.scores if score.interval is not None}
    if over == {True, False}:
        return "95% intervals over texts and seeds, and over texts alone where there is one seed"
    return "95% intervals over texts and seeds" if over == {True} else "95% intervals over texts alone"


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
    elif comparison.budget == COMPUTE:
        budget = (
            "Each task alone was trained for the updates of the config, and the joint pipeline for as many as fit into "
            "the processor time of all of them alone together, by what its own updates cost where it is trained as "
            "configured. Its evaluations, patience and thinc's schedules are in proportion."
        )
    else:
        budget = (
            "Each task alone was trained until it had read as many texts annotated for it as the joint pipeline reads, "
            "each as often as it comes. Evaluations, patience and the steps and periods of thinc's schedules are in "
            "proportion; what a schedule does at each update, as the factor of a decay, is not."
        )
    return [
        f"Scores in per cent, mean and standard deviation over {seeds}, on the test corpora's own tokens. Of "
        "each training the pipeline that was best on the development corpus is tested: jointly by the config's score "
        "weights, alone by the task's main score.",
        budget,
        *([WHAT_AIDS_TELL] if comparison.with_aids else []),
        "The first sentence tells a difference where the 95% interval of a task's main score leaves out 0, and p "
        f"(texts) is {LEVEL:.2f} or less. Of the other differences it is not known that they are none.",
        f"p (texts): paired approximate randomization (Noreen 1989; Yeh 2000), two-sided, {comparison.samples:,} "
        "samples. Each swaps the results of about half of the test texts, those of all seeds together, and computes "
        "the scores from the sums. It is about these trained pipelines on other texts, and knows nothing of chance in "
        "training: where another seed would score otherwise, it is far too sure.",
        *_tell_bootstrap(comparison),
        "No p is corrected for the number of scores.",
        "Delta-m: the mean over tasks of (joint - alone) / alone, from the main score of each task (Maninis et al. "
        "2019). Its interval is made as those of the differences; test texts and joint seeds are drawn once for all "
        "tasks.",
        "Costs: parameters, size and times are means over seeds, peak memory is the highest of a training; 'all of "
        "them alone' adds them up. Words a second: one seed's pipelines in turns on the test texts, the median.",
    ]


def _tell_gain(comparison: Comparison, gain: Gain, what: str, alone: Sequence[str]) -> str:
    if gain.mean is None or gain.interval is None:
        return f"Delta-m is not told: {gain.reason}."
    sides = [side for side in comparison.undertrained if side in (JOINT_SIDE, *alone)]
    caution = f" It is no measure of joint training: undertrained are {', '.join(sides)}." if sides else ""
    low, high = (100 * end for end in gain.interval)
    return (
        f"Delta-m, the average relative gain of {what}: {100 * gain.mean:+.2f}%, 95% interval "
        f"{low:+.2f} to {high:+.2f} ({'texts and seeds' if _has_seeds(comparison) else 'texts'}; main scores of "
        f"{', '.join(comparison.compared)}).{caution}"
    )


def _tell_bootstrap(comparison: Comparison) -> List[str]:
    samples = f"{comparison.samples:,} samples"
    if not _has_seeds(comparison):
        return [
            f"Interval of the difference: paired bootstrap over texts alone, percentiles of {samples} (Efron and "
            "Tibshirani 1993). It knows nothing of chance in training either."
        ]
    return [
        f"p (texts and seeds): two-level bootstrap, two-sided, {samples}. Each draws test texts, the same for both "
        "sides, and for each side on its own one seed fewer than there are, all with replacement (Rao and Wu 1988). It "
        "is about other trainings on other texts. Few seeds tell little of chance in training: where that outweighs "
        "chance in the texts, differences that are nothing come out at .05 or less in a third of all cases with two "
        "seeds, in an eighth with three, in a twelfth with five. Where it does not, p is too large rather than too "
        "small (Owen 2007).",
        "Interval of the difference: percentiles of the same samples (Efron and Tibshirani 1993); with one seed they "
        "are over texts alone.",
    ]


def _tell_undertrained(comparison: Comparison) -> List[str]:
    told = []
    for side, seeds in comparison.undertrained.items():
        listed = f"{'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}"
        which = "" if len(seeds) == len(comparison.seeds) else f" ({listed})"
        told.append(
            f"{side} is undertrained{which}: its score on the development corpus still rose when its training ended. A "
            "difference from it may be one of budget alone; give both sides more updates (--training.max_steps)."
        )
    return told


def _sides_alone(comparison: Comparison) -> List[str]:
    return [name_alone(task) for task in comparison.compared]


def _has_seeds(comparison: Comparison) -> bool:
    return any(_is_over_seeds(score) for score in comparison.scores)


def _mark(comparison: Comparison, side: str) -> str:
    return f" {UNDERTRAINED}" if side in comparison.undertrained else ""


def _is_over_seeds(score: TaskScore) -> bool:
    return score.p_value_with_seeds is not None


def _show_interval(score: TaskScore, has_seeds: bool) -> str:
    if score.interval is None:
        return NOTHING
    shown = "{:+.2f} to {:+.2f}".format(*(100 * end for end in score.interval))
    return shown if _is_over_seeds(score) == has_seeds else f"{shown} (texts)"


def _name(score: TaskScore) -> str:
    return f"{score.task} ({score.title})" if score.score else score.task


def _show_seeds(values: Sequence[float]) -> str:
    if not values:
        return NOTHING
    mean, deviation = mean_and_deviation(values)
    return f"{100 * mean:.2f}" if deviation is None else f"{100 * mean:.2f} \u00b1 {100 * deviation:.2f}"


def _show(value: Optional[float], form: str, factor: float = 1) -> str:
    return NOTHING if value is None else form.format(value if factor == 1 else value * factor)
