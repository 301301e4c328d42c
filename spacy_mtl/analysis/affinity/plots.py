"""Heat maps of affinity and of the cosines of gradients. They need matplotlib, imported only when one is drawn."""

from typing import TYPE_CHECKING, Any, Mapping, Sequence, Tuple

import numpy

from ..figures import BEYOND, LEAST_COSINE, make_figure
from .affinity import Affinity
from .estimates import Estimate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# In per cent: smaller effects than that are left pale.
LEAST_AFFINITY = 0.1
DARK = 0.65


def draw_affinity(found: Affinity) -> "Figure":
    """A matrix of what a step of each task, a row, does to the loss of each, a column.

    The colours span what tasks do to each other: a task's step helps itself most of all, and would make the rest pale.

    found (Affinity): What was measured.
    RETURNS (Figure): The figure.
    RAISES (ImportError): E744 if matplotlib is missing.
    """
    cells = {
        (task, other): Estimate(100 * value.mean, None if value.error is None else 100 * value.error, value.number)
        for task, row in found.affinity.items()
        for other, value in row.items()
    }
    others = [abs(value.mean) for (task, other), value in cells.items() if task != other]
    return _draw(
        found.tasks,
        cells,
        BEYOND * max([LEAST_AFFINITY, *others]),
        title=f"Affinity on '{found.encoder}': what a step of the row's task does to the column's loss",
        label="per cent of the loss taken away",
        axes_labels=("loss of", "step of"),
        form="{:+.2f}",
    )


def draw_cosines(found: Affinity) -> "Figure":
    """A matrix of the mean cosines of the tasks' gradients by the encoder's parameters.

    found (Affinity): What was measured.
    RETURNS (Figure): The figure.
    RAISES (ImportError): E744 if matplotlib is missing.
    """
    cells = {}
    for (first, second), value in found.cosines.items():
        cells[first, second] = cells[second, first] = value
    return _draw(
        found.tasks,
        cells,
        BEYOND * max([LEAST_COSINE, *(abs(value.mean) for value in cells.values())]),
        title=f"Cosines of the gradients by the parameters of '{found.encoder}'",
        label="mean cosine",
        axes_labels=("", ""),
        form="{:+.3f}",
    )


def _draw(
    tasks: Sequence[str],
    cells: Mapping[Tuple[str, str], Estimate],
    limit: float,
    *,
    title: str,
    label: str,
    axes_labels: Tuple[str, str],
    form: str,
) -> "Figure":
    side = 2.4 + 1.15 * max(len(tasks), 3)
    figure = make_figure(side + 1.2, side, title)
    axes = figure.add_subplot()
    values = numpy.full((len(tasks), len(tasks)), numpy.nan)  # [tasks, tasks]
    for (row, column), found in cells.items():
        y, x = tasks.index(row), tasks.index(column)
        values[y, x] = found.mean
        place: Any = {"ha": "center", "va": "center", "color": "white" if abs(found.mean) > DARK * limit else "black"}
        axes.text(x, y - 0.08, form.format(found.mean), fontsize=12, fontweight="bold", **place)
        if found.error is not None:
            axes.text(x, y + 0.2, "\u00b1 " + form.format(found.error).lstrip("+"), fontsize=8, **place)
    axes.set_facecolor("#e6e6e6")
    image = axes.imshow(values, cmap="RdBu", vmin=-limit, vmax=limit)
    for axis, text in zip((axes.xaxis, axes.yaxis), axes_labels):
        axis.set_ticks(range(len(tasks)), labels=tasks)
        axis.set_label_text(text)
        for tick in axis.get_ticklabels():
            tick.set_parse_math(False)
    if max(map(len, tasks)) > 10:
        axes.tick_params(axis="x", labelrotation=30)
        for tick in axes.get_xticklabels():
            tick.set(ha="right", rotation_mode="anchor")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    figure.colorbar(image, ax=axes, label=label, shrink=0.8, extend="both")
    return figure
