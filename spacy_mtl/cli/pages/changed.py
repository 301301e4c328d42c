"""What sharing changed, as Markdown and as a page of HTML that needs nothing but itself."""

from html import escape
from typing import Dict, Iterator, List, Tuple

from wasabi import MarkdownRenderer

from ...analysis.changes.changes import Changes
from ...analysis.changes.plots import plot_probes
from ...analysis.changes.predictions import Difference
from ...analysis.changes.tables import (
    REFERENCES,
    lay_out_predictions,
    lay_out_probes,
    lay_out_similarity,
    tell_changes,
    tell_said,
)
from ...analysis.comparison.page import STYLE, render_list, render_table
from ...analysis.pages import escape_name, make_page
from ...analysis.tables import Table
from ..explanation_text import mark_levels, render_words
from ..output import add_table
from .sharing_section import frame_section
from .style import PART_COLOURS, name_level

MARKS = """
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 0.75rem; margin: 0.75rem 0; }
.pair > div { padding: 0.5rem 0.75rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; }
mark { padding: 0 0.2rem; border-radius: 0.25rem; color: #111111; }
"""


def lay_out_changes(changes: Changes) -> Dict[str, Table]:
    """RETURNS (Dict[str, Table]): The tables, by their titles. changes (Changes): The changes."""
    return {
        "Predictions": lay_out_predictions(changes),
        "Similarity of the encoders": lay_out_similarity(changes),
        "What the layers hold": lay_out_probes(changes),
    }


def render_changes(changes: Changes) -> str:
    """Lay changes out as a page. Whatever comes from texts, labels and paths is escaped.

    changes (Changes): The changes.
    RETURNS (str): A whole page without scripts, which loads nothing.
    """
    section = [render_list(tell_changes(changes))]
    for title, table in lay_out_changes(changes).items():
        section += [f"<h2>{title}</h2>", render_table(table)]
    picture = plot_probes(changes)
    if picture:
        section.append(f"<figure>{picture}</figure>")
    parts = [frame_section("\n".join(section))]
    parts.append("<h2>Texts that are read differently</h2>")
    for task, one in _list_explained(changes):
        sides = "\n".join(f"<div>{side}</div>" for side in (_side(one, "joint"), _side(one, "alone")))
        parts.append(f'<h3>{escape_name(task)}, text {one.text}</h3>\n<div class="pair">\n{sides}\n</div>')
    parts += ["<h2>References</h2>", render_list(REFERENCES)]
    return make_page(_title(changes), PART_COLOURS + STYLE + MARKS, "\n".join(parts))


def render_markdown(changes: Changes) -> str:
    """Lay changes out as Markdown.

    changes (Changes): The changes.
    RETURNS (str): The text.
    """
    markdown = MarkdownRenderer()
    markdown.add(markdown.title(1, _title(changes)))
    markdown.add(markdown.list(tell_changes(changes)))
    for title, table in lay_out_changes(changes).items():
        markdown.add(markdown.title(2, title))
        add_table(markdown, table)
    markdown.add(markdown.title(2, "Texts that are read differently"))
    for task, one in _list_explained(changes):
        markdown.add(markdown.title(3, f"{task}, text {one.text}"))
        markdown.add(markdown.list([f"{side}: {_tell(one, side)}" for side in ("joint", "alone")]))
    markdown.add(markdown.title(2, "References"))
    markdown.add(markdown.list(REFERENCES))
    return f"{markdown.text}\n"


def _title(changes: Changes) -> str:
    return f"What sharing changed: {changes.compared}"


def _list_explained(changes: Changes) -> Iterator[Tuple[str, Difference]]:
    for change in changes.predictions:
        for one in change.differences:
            if one.joint_rests_on is not None or one.alone_rests_on is not None:
                yield change.task, one


def _words(one: Difference) -> List[str]:
    explanation = one.joint_rests_on or one.alone_rests_on
    return [] if explanation is None else list(explanation.words)


def _tell(one: Difference, side: str) -> str:
    rests_on = getattr(one, f"{side}_rests_on")
    words = " ".join(_words(one)) if rests_on is None else render_words(rests_on, colours=False)
    text = f"{tell_said(getattr(one, side), _words(one))} | {words}"
    return "".join(f"\\{letter}" if letter in r"\`*_[]<>#|" else letter for letter in text)


def _side(one: Difference, side: str) -> str:
    rests_on = getattr(one, f"{side}_rests_on")
    lines = [f"<p><b>{side}</b>: {escape(tell_said(getattr(one, side), _words(one)))}</p>"]
    marked = [escape(word) for word in _words(one)]
    if rests_on is not None:
        for i, (part, level) in enumerate(zip(rests_on.parts, mark_levels(rests_on.parts))):
            if level:
                colour = f"background: var(--{name_level(level)})"
                marked[i] = f'<mark style="{colour}">{marked[i]}</mark><sub>{part:+.1f}</sub>'
    return "\n".join([*lines, f'<p dir="auto">{" ".join(marked)}</p>'])
