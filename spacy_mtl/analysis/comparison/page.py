"""A comparison as a page of HTML that needs nothing but itself."""

from html import escape
from typing import List, Sequence

from ..tables import Table
from .comparison import Comparison
from .plots import plot_differences, plot_seeds
from .tables import (
    REFERENCES,
    lay_out_costs,
    lay_out_scores,
    lay_out_statistics,
    lay_out_tests,
    tell_delta_m,
    tell_intervals,
    tell_method,
    tell_notes,
)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{content}
</body>
</html>
"""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1b1f24; --muted: #57606a; --line: #c4cbd3; --card: #f6f8fa;
  --joint: #0b5cad; --alone: #b35900; --gain: #0b5cad; --loss: #b35900;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --ink: #e8eaed; --muted: #a9b1bb; --line: #454d58; --card: #1d2127;
    --joint: #79b8ff; --alone: #ffab5e; --gain: #79b8ff; --loss: #ffab5e;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 64rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.4rem; margin: 0.5rem 0; }
h2 { font-size: 1.15rem; margin: 1.5rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1rem 0 0.25rem; }
.verdict { font-size: 1.15rem; font-weight: bold; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid var(--line); text-align: start; }
td { min-width: 7rem; overflow-wrap: break-word; }
td:first-child { overflow-wrap: anywhere; }
th { color: var(--muted); font-weight: normal; }
.number { min-width: 0; overflow-wrap: normal; text-align: end; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
.sum { font-weight: bold; }
.note { color: var(--muted); }
figure {
  margin: 0.5rem 0; padding: 0.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem;
}
svg { display: block; width: 100%; height: auto; max-width: 48rem; margin: 0 auto; }
svg text { fill: var(--ink); font-size: 12px; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
svg .tick { fill: var(--muted); text-anchor: middle; font-size: 11px; }
svg line { stroke: var(--line); stroke-width: 1; }
svg .zero, svg .whisker { stroke: var(--ink); stroke-width: 1.5; }
svg .mean { stroke-width: 3; }
svg .mean.joint { stroke: var(--joint); }
svg .mean.alone { stroke: var(--alone); }
svg .point { fill-opacity: 0.6; stroke: var(--card); }
svg .point.joint { fill: var(--joint); }
svg .point.alone { fill: var(--alone); }
svg .gain { fill: var(--gain); }
svg .loss { fill: var(--loss); }
@media (max-width: 36rem) {
  svg text { font-size: 18px; }
  svg .tick { font-size: 17px; }
  ul { padding-inline-start: 1.25rem; }
}
"""


def render_comparison(comparison: Comparison) -> str:
    """Lay out a comparison. Whatever comes from names and paths is escaped.

    comparison (Comparison): The comparison.
    RETURNS (str): A whole page without scripts, which loads nothing.
    """
    title = f"Joint training and single tasks: {comparison.config}"
    parts = [f'<p class="verdict">{escape(comparison.verdict)}</p>']
    parts += ["<h2>Scores</h2>", _render_table(lay_out_scores(comparison))]
    notes = tell_notes(comparison)
    if notes:
        parts += [_render_list(notes)]
    compared = [score for score in comparison.scores if score.difference is not None]
    if compared:
        parts += ["<h2>Differences</h2>", f"<figure>{plot_differences(compared)}</figure>"]
        caption = f"Points of the score, joint less alone, with {tell_intervals(comparison)}."
        parts.append(f'<p class="note">{escape(caption)}</p>')
    shown = [score for score in comparison.scores if score.joint or score.single]
    if shown:
        parts.append("<h2>Seeds</h2>")
        for score in shown:
            parts.append(f"<h3>{escape(f'{score.task}: {score.title}')}</h3>")
            parts.append(f"<figure>{plot_seeds(score)}</figure>")
    parts += ["<h2>Statistics</h2>", _render_table(lay_out_statistics(comparison))]
    parts.append(f'<p class="sum">{escape(tell_delta_m(comparison))}</p>')
    parts += ["<h2>Costs</h2>", _render_table(lay_out_costs(comparison))]
    parts += ["<h2>Test corpora</h2>", _render_table(lay_out_tests(comparison))]
    parts += ["<h2>How it was done</h2>", _render_list(tell_method(comparison))]
    parts += ["<h2>References</h2>", _render_list(REFERENCES)]
    return _PAGE.format(title=escape(title), style=STYLE, content="\n".join(parts))


def _render_table(table: Table) -> str:
    kinds = [' class="number"' if align == "r" else "" for align in table.aligns]
    lines: List[str] = []
    for tag, row in [("th", table.header), *(("td", row) for row in table.rows)]:
        cells = "".join(f"<{tag}{kind}>{escape(cell)}</{tag}>" for kind, cell in zip(kinds, row))
        lines.append(f"<tr>{cells}</tr>")
    rows = "\n".join(lines)
    return f'<div class="wide"><table>\n{rows}\n</table></div>'


def _render_list(sentences: Sequence[str]) -> str:
    items = "\n".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f'<ul class="note">\n{items}\n</ul>'
