"""Explanations as a page of HTML that needs nothing but itself."""

from html import escape
from typing import List, Sequence

from ...analysis.explanation.results import Explanation
from ...analysis.explanation.tasks import probability
from ...analysis.pages import make_page
from ..explanation_text import mark_levels, own_share, show_probability
from .style import PART_COLOURS, name_level

NOTE = (
    "Marked words carry a prediction: the number below a word is its part in the log-odds, above 0 for the prediction, "
    "below 0 against it. Words without a number have next to none."
)
STYLE = (
    PART_COLOURS
    + """
:root { --line: #6e7781; }
body { max-width: 56rem; }
article { margin: 1.25rem 0; padding: 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 0.5rem; }
h2 { font-size: 1.05rem; margin: 0 0 0.5rem; }
ruby { ruby-position: under; margin: 0 0.1rem; line-height: 2.4; }
mark { padding: 0.1rem 0.25rem; border-radius: 0.25rem; color: #111111; }
rt { font-size: 0.7rem; font-variant-numeric: tabular-nums; }
"""
)


def render_explanations(text: str, explanations: Sequence[Explanation], title: str, check: bool) -> str:
    """Lay out what predictions rest on. Whatever comes from texts and labels is escaped.

    text (str): The text.
    explanations (Sequence[Explanation]): The explanations.
    title (str): The heading of the page.
    check (bool): Whether to tell what becomes of them without random words, too.
    RETURNS (str): A whole page without scripts, which loads nothing.
    """
    articles = [_render(one, check) for one in explanations]
    content = "\n".join(articles) or '<p class="note">Nothing is predicted.</p>'
    return make_page(title, STYLE, f'<p class="note">{NOTE}</p>\n<p dir="auto">{escape(text)}</p>\n{content}')


def _render(one: Explanation, check: bool) -> str:
    against = f" rather than {escape(one.against)}" if one.against else ""
    lines = [f"<h2>{escape(one.component)}: {escape(one.name)}{against} {show_probability(one.probability)}</h2>"]
    levels = mark_levels(one.parts)
    words = [_mark(*word) for word in zip(one.words, one.parts, levels)]
    lines.append(f'<p dir="auto">{" ".join(words)}</p>')
    share = own_share(one)
    if share:
        lines.append(
            f'<p class="note">{1 - share:.0%} through the encoder, {share:.0%} through the head\'s own features.</p>'
        )
    if one.check is not None:
        lines.append(_tell(one, one.check.words, one.check.without_words, ""))
        if check:
            lines.append(_tell(one, one.check.random_words, one.check.without_random, ", at random"))
    return "\n".join(["<article>", *lines, "</article>"])


def _mark(word: str, part: float, level: int) -> str:
    if not level:
        return escape(word)
    return (
        f'<ruby><mark style="background: var(--{name_level(level)})">{escape(word)}</mark><rt>{part:+.1f}</rt></ruby>'
    )


def _tell(one: Explanation, tokens: Sequence[int], log_odds: float, how: str) -> str:
    words: List[str] = [f"\u201c{escape(one.words[token])}\u201d" for token in tokens]
    return f'<p class="note">Without {", ".join(words)}{how}: {show_probability(probability(log_odds))}</p>'
