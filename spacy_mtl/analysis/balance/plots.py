"""Figures of what a balancer did. They need matplotlib, which is imported only when one is drawn."""

from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Sequence, Tuple

import numpy

from ..figures import BEYOND, LEAST_COSINE, make_figure
from .log import EncoderLog
from .series import Series, choose_window, get_losses, get_norms, get_weights
from .summary import summarize_pairs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe, M., and Ito, K. (2008). Color Universal Design. Without the yellow, which is too light for lines on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("solid", "dashed", "dotted", "dashdot")
WIDTH = 9.0
# So many points in a line are drawn as an image, for an SVG would grow with them.
MOST_POINTS = 2000
# From this ratio of the highest to the lowest loss on, the axis is logarithmic.
WIDE_RANGE = 10.0


def draw_figures(log: EncoderLog, title: str) -> Dict[str, "Figure"]:
    """Draw all that the batches tell.

    log (EncoderLog): The batches.
    title (str): What to write above each figure.
    RETURNS (Dict[str, Figure]): "losses", "gradients" and "conflicts", without those of which nothing is recorded.
    RAISES (ImportError): E744 if matplotlib is missing.
    """
    figures = {"losses": draw_losses(log, title), "gradients": draw_gradients(log, title)}
    figures["conflicts"] = draw_conflicts(log, title)
    return {name: figure for name, figure in figures.items() if figure is not None}


def draw_losses(log: EncoderLog, title: str) -> Optional["Figure"]:
    """The mean loss of a target over the steps, with a line for each task.

    log (EncoderLog): The batches.
    title (str): What to write above.
    RETURNS (Optional[Figure]): The figure; None if no task has both losses and targets.
    RAISES (ImportError): E744 if matplotlib is missing.
    """
    series = get_losses(log)
    if not series:
        return None
    figure = make_figure(WIDTH, 4.8, title)
    axes = figure.add_subplot()
    means = numpy.concatenate([found.means for found in series.values()])
    wide = means.min() > 0 and means.max() / means.min() >= WIDE_RANGE
    _draw_series(axes, log, series, "mean loss of a target", logarithmic=bool(wide))
    axes.set_xlabel(_tell_steps(log))
    return figure


def draw_gradients(log: EncoderLog, title: str) -> Optional["Figure"]:
    """The weights of the tasks over the steps, if there are any, and below them the norms of their gradients.

    log (EncoderLog): The batches.
    title (str): What to write above.
    RETURNS (Optional[Figure]): The figure; None if there are neither weights nor norms.
    RAISES (ImportError): E744 if matplotlib is missing.
    """
    parts = [
        (get_weights(log), "weight", False),
        (get_norms(log), "norm of the gradient", True),
    ]
    parts = [part for part in parts if part[0]]
    if not parts:
        return None
    figure = make_figure(WIDTH, 1.0 + 3.6 * len(parts), title)
    grid = figure.subplots(len(parts), sharex=True, squeeze=False)[:, 0]
    for axes, (series, label, logarithmic) in zip(grid, parts):
        _draw_series(axes, log, series, label, logarithmic=logarithmic)
    if len(parts) == 2 and list(parts[0][0]) == list(parts[1][0]):
        grid[1].get_legend().remove()
    grid[-1].set_xlabel(_tell_steps(log))
    return figure


def draw_conflicts(log: EncoderLog, title: str) -> Optional["Figure"]:
    """A matrix of the tasks: how often the gradients of two conflict, and their mean cosine, which the colour shows.

    log (EncoderLog): The batches.
    title (str): What to write above.
    RETURNS (Optional[Figure]): The figure; None if no two tasks share a batch.
    RAISES (ImportError): E744 if matplotlib is missing.
    """
    pairs = summarize_pairs(log)
    if not pairs:
        return None
    tasks = [task for task in log.tasks if any(task in pair[:2] for pair in pairs)]
    cosines = numpy.full((len(tasks), len(tasks)), numpy.nan)  # [tasks, tasks]
    limit = BEYOND * max(LEAST_COSINE, *(abs(pair.mean_cosine) for pair in pairs))
    side = 2.4 + 1.15 * max(len(tasks), 3)
    figure = make_figure(side + 1.2, side, title)
    axes = figure.add_subplot()
    for pair in pairs:
        row, column = tasks.index(pair.first), tasks.index(pair.second)
        cosines[row, column] = cosines[column, row] = pair.mean_cosine
        colour = "white" if abs(pair.mean_cosine) > 0.65 * limit else "black"
        for x, y in ((row, column), (column, row)):
            place: Dict[str, Any] = {"ha": "center", "va": "center", "color": colour}
            axes.text(x, y - 0.2, f"{100 * pair.conflict_rate:.0f}%", fontsize=13, fontweight="bold", **place)
            axes.text(x, y + 0.08, _show_cosine(pair.mean_cosine), fontsize=10, **place)
            axes.text(x, y + 0.31, f"n = {pair.batches:,}", fontsize=8, **place)
    axes.set_facecolor("#e6e6e6")
    image = axes.imshow(cosines, cmap="RdBu", vmin=-limit, vmax=limit)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(range(len(tasks)), labels=tasks)
        for label in axis.get_ticklabels():
            label.set_parse_math(False)
    if max(map(len, tasks)) > 10:
        axes.tick_params(axis="x", labelrotation=30)
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.tick_params(length=0)
    # White lines between the cells.
    edges = numpy.arange(len(tasks) - 1) + 0.5
    axes.set_xticks(edges, minor=True)
    axes.set_yticks(edges, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(
        "bold: share of the batches in which the cosine is below 0; below it: mean cosine, batches", fontsize=9
    )
    figure.colorbar(image, ax=axes, label="mean cosine of the gradients", shrink=0.8)
    return figure


def _draw_series(axes: "Axes", log: EncoderLog, series: Mapping[str, Series], label: str, *, logarithmic: bool) -> None:
    lines = []
    for task, found in series.items():
        colour, dashes = _choose_style(log.tasks.index(task))
        many = len(found.steps) > MOST_POINTS
        # A line of one point cannot be seen.
        marker = "o" if len(found.steps) == 1 else ""
        if len(found.steps) > 1 and choose_window(log) > 1:
            axes.plot(
                found.steps, found.values, color=colour, alpha=0.1 if many else 0.2, linewidth=0.7, rasterized=many
            )
        lines += axes.plot(
            found.places, found.means, color=colour, linestyle=dashes, linewidth=1.8, marker=marker, zorder=3
        )
    if logarithmic:
        axes.set_yscale("log")
    low, high = _choose_range(list(series.values()), logarithmic)
    axes.set_ylim(low, high)
    axes.set_ylabel(f"{label} (log axis)" if logarithmic else label)
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    # Beside the axes, where it hides nothing; matplotlib takes names with "_" or "$" for something else.
    legend = axes.legend(lines, list(map(str, range(len(lines)))), loc="upper left", bbox_to_anchor=(1.0, 1.0))
    legend.set_frame_on(False)
    for text, task in zip(legend.get_texts(), series):
        text.set_parse_math(False)
        text.set_text(task)


def _choose_range(series: Sequence[Series], logarithmic: bool) -> Tuple[float, float]:
    """The running means and most of the values: a single spike does not press all else to the ground."""
    ends = []
    for found in series:
        values = found.values[found.values > 0] if logarithmic else found.values
        ends += [*found.means, *(numpy.percentile(values, (1, 99)) if len(values) else ())]
    low, high = float(min(ends)), float(max(ends))
    if logarithmic:
        return low / 1.3, high * 1.3
    margin = 0.06 * (high - low) or 0.5 * abs(high) or 1.0
    # Weights and losses are read against 0, where they are not below it.
    return (0.0 if low >= 0 else low - margin), high + margin


def _choose_style(index: int) -> Tuple[str, str]:
    return COLOURS[index % len(COLOURS)], DASHES[index // len(COLOURS) % len(DASHES)]


def _tell_steps(log: EncoderLog) -> str:
    window = choose_window(log)
    return "step" if window == 1 else f"step (lines: running mean over {window} steps; faint: single steps)"


def _show_cosine(cosine: float) -> str:
    # A cosine that is rounded to 0 has no sign.
    return f"{round(cosine, 2) + 0.0:+.2f}" if round(cosine, 2) else "0.00"
