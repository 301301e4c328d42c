"""Plots of a comparison as SVG, written by hand: no library, no script, colours from the page's style sheet."""

import math
from html import escape
from typing import List, Optional, Sequence, Tuple

from .scores import TaskScore

WIDTH = 640
MARGIN = 24
ROW = 66
LONGEST_LABEL = 56


def plot_seeds(score: TaskScore, aided: Optional[TaskScore] = None) -> str:
    """Points for the scores of each seed, jointly and alone, with a line at their mean.

    score (TaskScore): The score; one value or more.
    aided (Optional[TaskScore]): The same with the task alone that has the same aids.
    RETURNS (str): An SVG element.
    """
    rows = [("joint", "joint", score.joint), ("alone", "alone", score.single)]
    if aided is not None:
        rows.append(("alone, same aids", "alone", aided.single))
    rows = [row for row in rows if row[2]]
    values = [100 * value for _, _, found in rows for value in found.values()]
    axis = _Axis(min(values), max(values))
    parts = []
    for i, (label, kind, found) in enumerate(rows):
        y = 34 + i * 40
        mean = 100 * sum(found.values()) / len(found)
        parts.append(f'<text class="name" x="{MARGIN}" y="{y - 10}">{label}, mean {mean:.2f}</text>')
        parts.append(_line(MARGIN, y, WIDTH - MARGIN, y, "rule"))
        parts.append(_line(axis.place(mean), y - 9, axis.place(mean), y + 9, f"mean {kind}"))
        for seed, value in sorted(found.items()):
            shown = f"{label}, seed {seed}: {100 * value:.2f}"
            parts.append(f"<g><title>{shown}</title>{_point(axis.place(100 * value), y, kind)}</g>")
    bottom = 34 + len(rows) * 40 - 14
    label = f"{score.task}, {score.title}: scores by seed"
    return _figure(label, bottom + 26, [*axis.draw(22, bottom), *parts])


def plot_differences(scores: Sequence[TaskScore]) -> str:
    """Bars of the differences, joint less alone, with their intervals.

    scores (Sequence[TaskScore]): Scores with a difference, one or more.
    RETURNS (str): An SVG element.
    """
    ends = [0.0]
    for score in scores:
        ends += [100 * value for value in (score.difference, *(score.interval or ())) if value is not None]
    axis = _Axis(min(ends), max(ends))
    zero = axis.place(0.0)
    parts = []
    for i, score in enumerate(scores):
        y = 54 + i * ROW
        difference = 100 * (score.difference or 0.0)
        tip = axis.place(difference)
        figures = f"{difference:+.2f}"
        if score.interval is not None:
            figures += " ({:+.2f} to {:+.2f})".format(*(100 * end for end in score.interval))
        kind = "gain" if difference >= 0 else "loss"
        bar = f'<rect class="{kind}" x="{min(zero, tip):.1f}" y="{y}" width="{abs(tip - zero):.1f}" height="14"/>'
        whisker = ""
        if score.interval is not None:
            low, high = (axis.place(100 * end) for end in score.interval)
            middle = y + 7
            whisker = _line(low, middle, high, middle, "whisker")
            whisker += "".join(_line(x, middle - 5, x, middle + 5, "whisker") for x in (low, high))
        name = f"{score.task}, {score.title}"
        # names may be long and are cut; figures have a line of their own
        for shown, line in ((_shorten(name), y - 25), (figures, y - 6)):
            parts.append(f'<text class="name" x="{MARGIN}" y="{line}">{escape(shown)}</text>')
        parts.append(f"<g><title>{escape(f'{name}: {figures}')}</title>{bar}{whisker}</g>")
    bottom = 34 + len(scores) * ROW - 14
    label = "Differences of the scores, joint less alone, in points"
    return _figure(label, bottom + 26, [*axis.draw(14, bottom), _line(zero, 14, zero, bottom, "zero"), *parts])


def choose_ticks(low: float, high: float, most: int = 8) -> List[float]:
    """Round numbers that cover a range.

    low (float): Its lower end.
    high (float): Its upper end, not below the lower.
    most (int): How many steps at most.
    RETURNS (List[float]): Multiples of 1, 2 or 5 times a power of ten, the first not above `low`, the last not below
        `high`, and two or more.
    """
    width = max(high - low, 1e-6 * max(abs(low), abs(high), 1.0))
    step = 10.0 ** math.floor(math.log10(width / most))
    # one step of the range may be lost to rounding at either end
    step = next(step * factor for factor in (1, 2, 5, 10, 20, 50) if width / (step * factor) <= most - 2)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [i * step for i in range(first, max(last, first + 1) + 1)]


class _Axis:
    """Places values between the margins."""

    def __init__(self, low: float, high: float) -> None:
        self.ticks = choose_ticks(low, high)

    def place(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return MARGIN + (value - low) / (high - low) * (WIDTH - 2 * MARGIN)

    def draw(self, top: float, bottom: float) -> List[str]:
        step = self.ticks[1] - self.ticks[0]
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        parts = []
        for tick in self.ticks:
            x = self.place(tick)
            parts.append(_line(x, top, x, bottom, "grid"))
            # -0.0 is shown as 0
            parts.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 16}">{tick + 0.0:.{digits}f}</text>')
        return parts


def _figure(label: str, height: float, parts: Sequence[str]) -> str:
    shown = escape(label, quote=True)
    content = "\n".join(parts)
    return f'<svg role="img" aria-label="{shown}" viewBox="0 0 {WIDTH} {height:.0f}">\n{content}\n</svg>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _point(x: float, y: float, kind: str) -> str:
    """A circle for joint training and a diamond for a task alone: shapes that need no colour."""
    if kind == "joint":
        return f'<circle class="point joint" cx="{x:.1f}" cy="{y:.1f}" r="6"/>'
    corners: List[Tuple[float, float]] = [(x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y)]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
    return f'<polygon class="point alone" points="{points}"/>'


def _shorten(label: str) -> str:
    """A label without its middle, if it is too long: its ends tell it from others."""
    half = LONGEST_LABEL // 2
    return label if len(label) <= LONGEST_LABEL else f"{label[:half]}\u2026{label[len(label) - half + 1 :]}"
