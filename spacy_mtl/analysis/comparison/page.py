"""A comparison as a page of HTML that needs nothing but itself."""

from html import escape
from typing import List, Sequence

from ..pages import escape_name, make_page
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

STYLE = """
:root { --line: #c4cbd3; --joint: #0b5cad; --alone: #b35900; --gain: #0b5cad; --loss: #b35900; }
@media (prefers-color-scheme: dark) {
  :root { --line: #454d58; --joint: #79b8ff; --alone: #ffab5e; --gain: #79b8ff; --loss: #ffab5e; }
}
body { max-width: 80rem; }
h2 { font-size: 1.15rem; margin: 1.5rem 0 0.5rem; }
h3 { margin: 1rem 0 0.25rem; }
p, ul { max-width: 60rem; }
.verdict { font-size: 1.15rem; font-weight: bold; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid var(--line); text-align: start; }
td { overflow-wrap: break-word; }
th { color: var(--muted); font-weight: normal; overflow-wrap: normal; }
.number { text-align: end; font-variant-numeric: tabular-nums; }
.figure { white-space: nowrap; }
.sum { font-weight: bold; }
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
@media (max-width: 48rem) {
  svg text { font-size: 18px; }
  svg .tick { font-size: 17px; }
  ul { padding-inline-start: 1.25rem; }
  table, tbody, tr, td { display: block; }
  tr.header { display: none; }
  tr { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  td { display: flex; gap: 1rem; justify-content: space-between; padding: 0.1rem 0; border: 0; }
  td { overflow-wrap: anywhere; }
  td::before { content: attr(data-label); color: var(--muted); flex: none; max-width: 50%; text-align: start; }
  td:first-child { font-weight: bold; }
  td:first-child::before { content: none; }
}
"""


def render_comparison(comparison: Comparison) -> str:
    """Lay out a comparison. Whatever comes from names and paths is escaped.

    comparison (Comparison): The comparison.
    RETURNS (str): A whole page without scripts, which loads nothing.
    """
    title = f"Joint training and single tasks: {comparison.config}"
    parts = [f'<p class="verdict">{escape_name(comparison.verdict)}</p>']
    parts += ["<h2>Scores</h2>", render_table(lay_out_scores(comparison))]
    notes = tell_notes(comparison)
    if notes:
        parts += [render_list(notes)]
    aided = comparison.with_aids
    for side, scores in (("alone", comparison.scores), ("alone with the same aids", aided.scores if aided else [])):
        compared = [score for score in scores if score.difference is not None]
        if compared:
            title_of = "Differences" if side == "alone" else "Differences with the same aids"
            parts += [f"<h2>{title_of}</h2>", f"<figure>{plot_differences(compared)}</figure>"]
            caption = f"Points of the score, joint less {side}, with {tell_intervals(comparison)}."
            parts.append(f'<p class="note">{escape(caption)}</p>')
    others = [None] * len(comparison.scores) if aided is None else aided.scores
    shown = [(score, other) for score, other in zip(comparison.scores, others) if score.joint or score.single]
    if shown:
        parts.append("<h2>Seeds</h2>")
        for score, other in shown:
            parts.append(f"<h3>{escape_name(f'{score.task}: {score.title}')}</h3>")
            parts.append(f"<figure>{plot_seeds(score, other)}</figure>")
    parts += ["<h2>Statistics</h2>", render_table(lay_out_statistics(comparison))]
    parts.append(f'<p class="sum">{escape_name(tell_delta_m(comparison))}</p>')
    parts += ["<h2>Costs</h2>", render_table(lay_out_costs(comparison))]
    parts += ["<h2>Test corpora</h2>", render_table(lay_out_tests(comparison))]
    parts += ["<h2>How it was done</h2>", render_list(tell_method(comparison))]
    parts += ["<h2>References</h2>", render_list(REFERENCES)]
    return make_page(title, STYLE, "\n".join(parts))


def render_table(table: Table) -> str:
    """A table, of which a narrow screen shows each row as a list.

    table (Table): The table.
    RETURNS (str): HTML.
    """
    kinds = [' class="number"' if align == "r" else "" for align in table.aligns]
    titles = [f' data-label="{escape(title)}"' for title in table.header]
    header = "".join(f"<th{kind}>{escape_name(cell)}</th>" for kind, cell in zip(kinds, table.header))
    lines: List[str] = [f'<tr class="header">{header}</tr>']
    for row in table.rows:
        cells = [f"<td{kind}{title}>{_render_cell(kind, cell)}</td>" for kind, title, cell in zip(kinds, titles, row)]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    rows = "\n".join(lines)
    return f'<div class="wide"><table>\n{rows}\n</table></div>'


def _render_cell(kind: str, cell: str) -> str:
    """Names break between their words; figures not, but before what is said of them in brackets."""
    if not kind:
        return f"<span>{escape_name(cell)}</span>"
    figure, bracket, rest = cell.partition(" (")
    return f'<span><span class="figure">{escape(figure)}</span>{escape(bracket + rest)}</span>'


def render_list(sentences: Sequence[str]) -> str:
    """Lay sentences out as a list of HTML. RETURNS (str): The list. sentences (Sequence[str]): The sentences."""
    items = "\n".join(f"<li>{escape_name(sentence)}</li>" for sentence in sentences)
    return f'<ul class="note">\n{items}\n</ul>'
