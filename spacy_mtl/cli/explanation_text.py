"""Explanations as lines of text, in colours or with figures."""

from typing import List, Optional, Sequence

import typer

from ..analysis.explanation.results import Explanation
from ..analysis.explanation.tasks import WORD, probability

SMALL = 1e-4
"""Probabilities below it are shown by their power of ten."""
LEAST = 0.1
"""Of the largest part: what is smaller is not marked."""
FOR = ((222, 245, 224), (150, 220, 160), (60, 175, 85))
AGAINST = ((252, 226, 224), (245, 165, 160), (222, 90, 85))
INK = (17, 17, 17)


def render_explanation(one: Explanation, *, colours: bool, check: bool) -> str:
    """Lay out what a prediction rests on; a word of a translation in one line, unless it is checked.

    one (Explanation): The explanation, with its check.
    colours (bool): Whether words are coloured; else the larger parts are written behind them.
    check (bool): Whether to tell what becomes of it without random words, too.
    RETURNS (str): Some lines.
    """
    against = f" rather than {one.against}" if one.against else ""
    if one.kind == WORD and not check:
        return f"    {one.label}  {show_probability(one.probability)}  {render_words(one, colours)}"
    shown = show_probability(one.probability)
    lines = [f"{one.component}  {one.name}{against}  {shown}", f"  {render_words(one, colours)}"]
    share = own_share(one)
    if share:
        lines.append(f"  {1 - share:.0%} through the encoder, {share:.0%} through the head's own features")
    if one.check is not None:
        asked = "it" if one.against is None else f"{one.label} rather than {one.against}"
        left = show_probability(probability(one.check.without_words))
        without = f"  {asked} without {_list(one, one.check.words)}: {left}"
        lines.append(without)
        if check:
            left = show_probability(probability(one.check.without_random))
            lines.append(f"  {asked} without {_list(one, one.check.random_words)}, at random: {left}")
    return "\n".join(lines)


def show_probability(p: float) -> str:
    """RETURNS (str): A probability to be read; of whole translations it may be small. p (float): The probability."""
    return f"{p:.0e}" if 0 < p < SMALL else f"{p:.2f}"


def render_words(one: Explanation, colours: bool) -> str:
    """The text, its words marked by their parts.

    one (Explanation): The explanation.
    colours (bool): Whether in colours.
    RETURNS (str): One line.
    """
    marked = []
    levels = mark_levels(one.parts)
    for word, part, level in zip(one.words, one.parts, levels):
        shown = " ".join(word.split()) or "\u2423"
        if level and colours:
            marked.append(typer.style(shown, fg=INK, bg=(FOR if level > 0 else AGAINST)[abs(level) - 1]))
        else:
            marked.append(f"{shown}({part:+.1f})" if level else shown)
    return " ".join(marked)


def mark_levels(parts: Sequence[float]) -> List[int]:
    """How strongly words are marked.

    parts (Sequence[float]): Their parts.
    RETURNS (List[int]): 1, 2 and 3 from a tenth, a third and two thirds of the largest part, negative for what speaks
        against; 0 for none.
    """
    largest = max((abs(part) for part in parts), default=0.0)
    if largest < 1e-6:
        return [0] * len(parts)
    shares = [abs(part) / largest for part in parts]
    sizes = [(share >= LEAST) + (share >= 1 / 3) + (share >= 2 / 3) for share in shares]
    return [size if part > 0 else -size for size, part in zip(sizes, parts)]


def own_share(one: Explanation) -> Optional[float]:
    """RETURNS (Optional[float]): How much of the evidence, for and against, goes through the head's own features; None
    where that is not known. one (Explanation): The explanation."""
    if one.own is None:
        return None
    own, through = sum(map(abs, one.own)), sum(map(abs, one.encoder))
    return own / (own + through) if own + through > 0 else 0.0


def _list(one: Explanation, tokens: Sequence[int]) -> str:
    return ", ".join(f"'{one.words[token]}'" for token in tokens)
