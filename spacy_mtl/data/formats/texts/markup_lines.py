"""The lines of starter markup: what each of them says."""

import re
from os.path import commonprefix
from typing import FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from ....errors import Errors
from ....frames import PREDICATE
from ..docs import TextSpan
from ..lines import Place

SENTIMENTS = ("positive", "negative", "neutral")
CATEGORIES, ENTITIES, FRAMES = LAYERS = ("categories", "entities", "frames")
DOCUMENT_ID = "doc_id"
DOCUMENT_LINE = "# doc "
LAYERS_LINE = "# layers "
FRAME_LINE = "  | "
NO_LABEL = "| "
SEPARATOR = " | "
RESERVED = re.compile(r"[\[\]|\n\r]")
_CONTEXT = 10
_BRACKET = re.compile(r"\[([^\s\[\]]+) ([^\[\]]+)\]")


class MarkupFrame(NamedTuple):
    """A frame line.

    line (int): Its number in the file.
    predicate (TextSpan): The predicate, with the roleset as label, or "V".
    roles (List[TextSpan]): The arguments, in the order of the text.
    """

    line: int
    predicate: TextSpan
    roles: List[TextSpan]


class MarkupSentence(NamedTuple):
    """A sentence with its annotation, in characters.

    place (Place): File, line and id of the document.
    document (str): The id of the document.
    chosen (Optional[List[str]]): Its labels; None if the sentence does not say.
    text (str): The sentence without brackets.
    entities (List[TextSpan]): The entities, in the order of the text.
    frames (List[MarkupFrame]): The frames, in the order of their lines.
    layers (FrozenSet[str]): Which of `LAYERS` are annotated.
    """

    place: Place
    document: str
    chosen: Optional[List[str]]
    text: str
    entities: List[TextSpan]
    frames: List[MarkupFrame]
    layers: FrozenSet[str] = frozenset(LAYERS)


def is_roleset(label: str) -> bool:
    """RETURNS (bool): Whether a label is a lemma, a dot and a sense; roles have no dot."""
    lemma, _, sense = label.rpartition(".")
    return bool(lemma and sense)


def parse_layers(place: Place, line: str) -> FrozenSet[str]:
    """The layers that a line names.

    place (Place): Where it stands.
    line (str): The line, which begins with `LAYERS_LINE`.
    RETURNS (FrozenSet[str]): Some of `LAYERS`.
    RAISES (ValueError): E136 for another name.
    """
    layers = line[len(LAYERS_LINE) :].replace(",", " ").split()
    if not layers or not set(layers) <= set(LAYERS):
        expected = f"'{LAYERS_LINE}' and some of {', '.join(LAYERS)}"
        raise ValueError(Errors.E136.format(place=place.at(place.line), expected=expected, found=line))
    return frozenset(layers)


def parse_sentence(place: Place, line: str, layers: Optional[FrozenSet[str]]) -> MarkupSentence:
    """A sentence without its frames.

    place (Place): Where it stands, with the id of the document.
    line (str): The line.
    layers (Optional[FrozenSet[str]]): What is annotated; None if no line has said so.
    RETURNS (MarkupSentence): The sentence.
    RAISES (ValueError): E127, E131, E132, E136.
    """
    where = place.at(place.line)
    label, separator, marked = line.partition(SEPARATOR)
    if line.startswith(NO_LABEL):
        label, separator, marked = "", SEPARATOR, line[len(NO_LABEL) :]
    if not separator or line.startswith("#"):
        raise ValueError(Errors.E131.format(place=where, found=line))
    if not place.sentence:
        raise ValueError(Errors.E136.format(place=where, expected="'# doc ID' above a sentence", found=line))
    chosen = [part.strip() for part in label.split(",")] if label else None
    if chosen is not None and not all(chosen):
        raise ValueError(Errors.E136.format(place=where, expected="a label, or several with commas", found=label))
    if chosen is None and layers is None:
        expected, found = f"a label, or '{LAYERS_LINE}' above, which says what is annotated", "none of them"
        advice = f"Write '{LAYERS_LINE}' and those that are: {', '.join(LAYERS)}."
        raise ValueError(Errors.E127.format(place=where, expected=expected, found=found, advice=advice))
    text, entities = _take_brackets(where, marked)
    layers = frozenset(LAYERS) if layers is None else layers
    shown = {CATEGORIES: chosen, ENTITIES: entities}
    _check_layers(where, [layer for layer, found in shown.items() if found], layers)
    return MarkupSentence(place, place.sentence, chosen, text, entities, [], layers)


def _check_layers(place: str, shown: Sequence[str], layers: FrozenSet[str]) -> None:
    """Refuse annotation of a layer that is said not to be annotated."""
    for layer in shown:
        if layer not in layers:
            found = f"'{LAYERS_LINE}' with {', '.join(sorted(layers))}"
            advice = f"Name {layer} there, or take them out here."
            expected = f"the layer {layer} of this line among those that are annotated"
            raise ValueError(Errors.E127.format(place=place, expected=expected, found=found, advice=advice))


def add_frame(sentence: MarkupSentence, number: int, marked: str) -> None:
    """Add a frame to its sentence.

    sentence (MarkupSentence): The sentence.
    number (int): The number of the frame's line.
    marked (str): The sentence again, with the brackets of the frame.
    RAISES (ValueError): E127, E132-E134.
    """
    place = sentence.place.at(number)
    text, spans = _take_brackets(place, marked)
    _check_layers(place, [FRAMES], sentence.layers)
    if text != sentence.text:
        same = len(commonprefix([text, sentence.text]))
        found = text[max(same - _CONTEXT, 0) :]
        raise ValueError(Errors.E133.format(place=place, sentence_line=sentence.place.line, found=found))
    predicates = [span for span in spans if is_roleset(span.label)]
    predicates = predicates or [span for span in spans if span.label == PREDICATE]
    if len(predicates) != 1:
        found = ", ".join(f"[{span.label} {text[span.start : span.end]}]" for span in predicates)
        raise ValueError(Errors.E134.format(place=place, found=found or "none"))
    roles = [span for span in spans if span is not predicates[0]]
    if any(role.label == PREDICATE for role in roles):
        raise ValueError(Errors.E134.format(place=place, found=f"a bracket '{PREDICATE}'"))
    if any(frame.predicate.start == predicates[0].start for frame in sentence.frames):
        raise ValueError(Errors.E134.format(place=place, found="one that has a frame line already"))
    sentence.frames.append(MarkupFrame(number, predicates[0], roles))


def _take_brackets(place: str, marked: str) -> Tuple[str, List[TextSpan]]:
    """The text without brackets, and what was in them."""
    parts: List[str] = []
    spans = []
    length = last = 0
    for match in _BRACKET.finditer(marked):
        parts += [marked[last : match.start()], match[2]]
        start = length + len(parts[-2])
        length = start + len(match[2])
        spans.append(TextSpan(match[1], start, length))
        last = match.end()
    text = "".join([*parts, marked[last:]])
    if RESERVED.search(text):
        raise ValueError(Errors.E132.format(place=place, found=text))
    return text, spans
