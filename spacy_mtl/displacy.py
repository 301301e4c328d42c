"""Semantic roles drawn by spaCy's displaCy: as spans over the words, or as arcs from the predicate."""

from html import escape
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from spacy import displacy
from spacy.tokens import Doc

from .errors import Errors
from .frames import PREDICATE, SPANS_KEY, Argument, Frame, get_frames

STYLES = ("span", "arc")
COLOURS = {
    PREDICATE: "#ffd33d",
    "ARG0": "#85c1e9",
    "ARG1": "#a9dfbf",
    "ARG2": "#f5b7b1",
    "ARG3": "#d7bde2",
    "ARG4": "#fad7a0",
}


def render_roles(
    docs: Union[Doc, Iterable[Doc]],
    style: str = "span",
    *,
    spans_key: str = SPANS_KEY,
    min_probability: float = 0.0,
    page: bool = False,
    minify: bool = False,
    jupyter: Optional[bool] = None,
    options: Mapping[str, Any] = {},
) -> str:
    """Draw the frames of Docs, a figure for each predicate, with its sentence.

    docs (Union[Doc, Iterable[Doc]]): The Docs.
    style (str): "span" for labels under the words, "arc" for arcs from the predicate to its arguments.
    spans_key (str): The span group of the frames.
    min_probability (float): Arguments that are less probable are left out; gold ones have no probability and stay.
    page (bool): Whether to give a whole page.
    minify (bool): Whether to leave out white space.
    jupyter (Optional[bool]): As for `spacy.displacy.render`: None to find out whether it is called in a notebook.
    options (Mapping[str, Any]): displaCy's, such as "colors", by role.
    RETURNS (str): The markup; in a notebook it is shown, and None is returned.
    RAISES (ValueError): E020 for another style.
    """
    if style not in STYLES:
        raise ValueError(Errors.E020.format(style=style, expected=", ".join(STYLES)))
    docs = [docs] if isinstance(docs, Doc) else docs
    parse = frame_to_spans if style == "span" else frame_to_arcs
    parsed = [parse(frame, min_probability) for doc in docs for frame in get_frames(doc, spans_key)]
    if style == "arc":
        return displacy.render(
            parsed, "dep", page, minify, jupyter, {"compact": True, "distance": 120, **options}, manual=True
        )
    labels = {span["label"] for found in parsed for span in found["spans"]}
    colours = {**COLOURS, **options.get("colors", {})}
    colours.update({label: colours[PREDICATE] for label in labels if label.startswith(f"{PREDICATE} ")})
    return displacy.render(parsed, "span", page, minify, jupyter, {**options, "colors": colours}, manual=True)


def frame_to_spans(frame: Frame, min_probability: float = 0.0) -> Dict[str, Any]:
    """A frame as displaCy's style "span" takes it by hand.

    frame (Frame): The frame.
    min_probability (float): Arguments that are less probable are left out.
    RETURNS (Dict[str, Any]): "tokens", "spans", "text" and "title".
    """
    start, end = _find_bounds(frame)
    label = f"{PREDICATE} {frame.sense}".strip()
    spans = [(label, frame.predicate), *((found.role, found.span) for found in _choose(frame, min_probability))]
    doc = frame.predicate.doc
    return {
        "text": doc[start:end].text,
        "title": None,
        "tokens": [token.text for token in doc[start:end]],
        "spans": [
            {"start_token": span.start - start, "end_token": span.end - start, "label": escape(name), "kb_id": ""}
            for name, span in spans
        ],
    }


def frame_to_arcs(frame: Frame, min_probability: float = 0.0) -> Dict[str, Any]:
    """A frame as displaCy's style "dep" takes it by hand: the predicate and each argument are one word each.

    frame (Frame): The frame.
    min_probability (float): Arguments that are less probable are left out.
    RETURNS (Dict[str, Any]): "words" and "arcs".
    """
    start, end = _find_bounds(frame)
    doc = frame.predicate.doc
    roles = {found.span.start: found for found in _choose(frame, min_probability)}
    words: List[Dict[str, str]] = []
    places: Dict[int, int] = {}
    i = start
    while i < end:
        span = frame.predicate if i == frame.predicate.start else roles[i].span if i in roles else doc[i : i + 1]
        places[i] = len(words)
        is_predicate = i == frame.predicate.start
        # displaCy escapes words, and neither tags nor labels
        words.append({"text": span.text, "tag": escape(frame.sense or PREDICATE) if is_predicate else ""})
        i = span.end
    predicate = places[frame.predicate.start]
    arcs = []
    for first, found in roles.items():
        ends = sorted([predicate, places[first]])
        direction = "left" if places[first] < predicate else "right"
        arcs.append({"start": ends[0], "end": ends[1], "label": escape(found.role), "dir": direction})
    return {"words": words, "arcs": arcs}


def _choose(frame: Frame, min_probability: float) -> List[Argument]:
    return [found for found in frame.arguments if found.probability is None or found.probability >= min_probability]


def _find_bounds(frame: Frame) -> Tuple[int, int]:
    """The sentence of the predicate, and of arguments that lie outside it."""
    doc = frame.predicate.doc
    whole = frame.predicate.sent if doc.has_annotation("SENT_START") else doc[:]
    spans = [found.span for found in frame.arguments]
    return min([whole.start, *(s.start for s in spans)]), max([whole.end, *(s.end for s in spans)])
