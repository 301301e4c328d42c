"""What a pipeline finds in texts as a page of HTML that needs nothing but itself."""

from html import escape
from itertools import chain, repeat
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from spacy import displacy
from spacy.displacy.render import EntityRenderer

from ...analysis.explanation import tasks as kinds
from ...analysis.pages import make_page
from ...frames import PREDICATE
from .evidence import Evidence, render_matrix, to_script_data
from .script import SCRIPT
from .style import EVIDENCE_STYLE, STYLE, choose_colour

BARS = 6
CONTEXT = 200
ENTITY = '<mark class="segment" style="background: {bg}"{link}>{text}<span class="label">{label}</span></mark>'
ELLIPSIS = '<span class="cut">\u2026</span>'

NOTE = "Numbers are probabilities. Entities and roles carry their label behind their words."


def render_page(
    descriptions: Iterable[Dict[str, Any]],
    title: str,
    min_probability: float = 0.0,
    evidence: Sequence[Evidence] = (),
) -> str:
    """Lay out what a pipeline finds in texts. Whatever comes from texts, labels and the title is escaped.

    descriptions (Iterable[Dict[str, Any]]): What `describe` gives, one for each text.
    title (str): The heading of the page.
    min_probability (float): Arguments below it are grey.
    evidence (Sequence[Evidence]): What the predictions rest on, one for each text; none if that is not asked.
    RETURNS (str): A whole page, which loads nothing. It has a script only where predictions are explained, and can be
        read without it.
    """
    pairs = zip(descriptions, chain(evidence, repeat(Evidence())))
    articles = [_render_text(found, n, min_probability, of_text) for n, (found, of_text) in enumerate(pairs, start=1)]
    content = "\n".join(articles) or '<p class="note">There are no texts.</p>'
    unsure = f" Roles below {min_probability:.2f} are grey." if min_probability > 0 else ""
    content = f'<p class="note">{NOTE}{unsure}</p>\n{content}'
    if not any(of_text.explanations for of_text in evidence):
        return make_page(title, STYLE, content)
    content += f'\n<script type="application/json" id="evidence">{to_script_data(evidence)}</script>'
    return make_page(title, STYLE + EVIDENCE_STYLE, content, SCRIPT)


def is_sure(probability: Optional[float], least: float) -> bool:
    """Whether something is probable enough to be shown as found.

    probability (Optional[float]): Its probability; None if it has none, as in gold annotation.
    least (float): The probability that it should have.
    RETURNS (bool): Whether it has.
    """
    return probability is None or probability >= least


def _render_text(found: Dict[str, Any], number: int, least: float, evidence: Evidence) -> str:
    parts = [f"<h2>Text {number}</h2>", _render_entities(found, evidence)]
    if found["categories"]:
        parts.append("<h3>Categories</h3>")
        parts += [
            _render_categories(component, evidence, **labels) for component, labels in found["categories"].items()
        ]
    if found["frames"]:
        rows = [_render_frame(found, frame, least, evidence) for frame in found["frames"]]
        parts.append("\n".join(["<h3>Roles</h3>", '<ol class="frames">', *rows, "</ol>"]))
    if found["translations"]:
        parts.append("<h3>Translations</h3>")
        parts += [_render_translation(language, one, evidence) for language, one in found["translations"].items()]
    parts.append(render_matrix(evidence))
    return "\n".join([f'<article id="text-{number}">', *filter(None, parts), "</article>"])


def _render_entities(found: Dict[str, Any], evidence: Evidence) -> str:
    """The text with its entities. displaCy escapes the text, but not the labels."""
    if not found["text"].strip():
        return '<p class="note">The text is empty.</p>'
    entities = [
        {
            "start": entity["start"],
            "end": entity["end"],
            "label": entity["label"],
            "params": {
                "label": escape(entity["label"]) + _shown(entity["confidence"]),
                "link": evidence.link(kinds.ENTITY, entity["label"], entity["start"]),
            },
        }
        for entity in found["entities"]
    ]
    known = EntityRenderer().colors
    labels = {entity["label"] for entity in found["entities"]}
    colours = {label: choose_colour(label) for label in labels if label.upper() not in known}
    text = displacy.render(
        {"text": found["text"], "ents": entities},
        style="ent",
        manual=True,
        page=False,
        jupyter=False,
        options={"colors": colours, "template": ENTITY},
    )
    note = "" if entities else '\n<p class="note">No entities.</p>'
    return f'<div dir="auto">{text}</div>{note}'


def _render_categories(
    component: str, evidence: Evidence, chosen: Sequence[str], probabilities: Dict[str, float]
) -> str:
    rows = [
        _render_bar(label, probability, label in chosen, evidence.link(kinds.CATEGORY, label, 0, component))
        for label, probability in probabilities.items()
    ]
    shown = max(BARS, len(chosen))
    more = ""
    if len(rows) > shown:
        rest = "\n".join(rows[shown:])
        more = f"\n<details><summary>{len(rows) - shown} more</summary><table>\n{rest}\n</table></details>"
    bars = "\n".join(rows[:shown])
    return f"<table><caption>{escape(component)}</caption>\n{bars}\n</table>{more}"


def _render_bar(label: str, probability: float, is_chosen: bool, link: str) -> str:
    width = 100 * min(max(probability, 0.0), 1.0)
    name = f"{escape(label)} \u2713" if is_chosen else escape(label)
    name = f"<span{link}>{name}</span>" if link else name
    row = '<tr class="chosen">' if is_chosen else "<tr>"
    bar = f'<div class="track" aria-hidden="true"><div class="bar" style="width: {width:.1f}%"></div></div>'
    return f'{row}<th scope="row">{name}</th><td>{bar}</td><td class="number">{probability:.2f}</td></tr>'


def _render_frame(found: Dict[str, Any], frame: Dict[str, Any], least: float, evidence: Evidence) -> str:
    text, place = found["text"], frame["start"]
    sense = f"{escape(frame['sense'])}{_shown(frame['sense_probability'])}" if frame["sense"] else ""
    link = evidence.link(kinds.SENSE, frame["sense"], place) if sense else ""
    segments = [(place, frame["end"], PREDICATE, sense or PREDICATE, True, link)]
    for role in frame["roles"]:
        label = escape(role["role"]) + _shown(role["probability"])
        link = evidence.link(kinds.ARGUMENT, role["role"], role["start"], predicate=place)
        segments.append((role["start"], role["end"], role["role"], label, is_sure(role["probability"], least), link))
    segments.sort()
    start, end = _find_bounds(text, found.get("sentences", ()), segments[0][0], max(segment[1] for segment in segments))
    row: List[str] = []
    position = start
    for first, last, role, label, sure, link in segments:
        row += [escape(text[position:first]), _render_segment(text[first:last], role, label, sure, link)]
        position = last
    row.append(escape(text[position:end]))
    before = ELLIPSIS if text[:start].strip() else ""
    after = ELLIPSIS if text[end:].strip() else ""
    link = evidence.link(kinds.PREDICATE, PREDICATE, place)
    heading = f"<b>{escape(frame['text'])}</b> <span{link}>predicate{_shown(frame['probability'])}</span>"
    sentence = f'<p class="sentence" dir="auto">{before}{"".join(row)}{after}</p>'
    return f'<li><p class="note">{heading}</p>\n{sentence}</li>'


def _render_translation(language: str, translation: Dict[str, Any], evidence: Evidence) -> str:
    linked = evidence.link_translation(language, translation["text"])
    (heading, *words) = [_render_link(*part) for part in linked or [(language, ""), (translation["text"], "")]]
    text = f'<p lang="{escape(language)}" dir="auto"><b>{heading}</b> {"".join(words)}</p>'
    others = [
        f'<li>{escape(one["text"])} <span class="note">{one["score"]:.2f}</span></li>'
        for one in translation["candidates"][1:]
    ]
    if not others:
        return text
    listed = "\n".join(others)
    return f'{text}\n<details><summary>{len(others)} more</summary><ol dir="auto">\n{listed}\n</ol></details>'


def _render_link(text: str, link: str) -> str:
    return f"<span{link}>{escape(text)}</span>" if link else escape(text)


def _render_segment(text: str, role: str, label: str, is_sure: bool, link: str) -> str:
    kind, style = "segment", f' style="background: {choose_colour(role)}"'
    if role in (PREDICATE, f"C-{PREDICATE}"):
        kind, style = "segment predicate", ""
    elif not is_sure:
        kind, style = "segment unsure", ""
    return f'<mark class="{kind}"{style}{link}>{escape(text)}<span class="label">{label}</span></mark>'


def _find_bounds(text: str, sentences: Sequence[Dict[str, int]], start: int, end: int) -> Tuple[int, int]:
    """The part of a text to show for a frame from start to end: its sentences, where they are known, and of these or
    of the whole text no more than some words to either side."""
    left = max((s["start"] for s in sentences if s["start"] <= start), default=0)
    right = min((s["end"] for s in sentences if s["end"] >= end), default=len(text))
    if start - left > CONTEXT:
        left = start - CONTEXT
        # Words are not cut, unless one alone is longer than the context.
        left = next((i for i in range(left, start) if text[i - 1].isspace()), left)
    if right - end > CONTEXT:
        right = end + CONTEXT
        right = next((i for i in range(right, end, -1) if text[i].isspace()), right)
    return left, right


def _shown(probability: Optional[float]) -> str:
    return "" if probability is None else f" {probability:.2f}"
