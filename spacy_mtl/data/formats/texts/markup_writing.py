"""Docs as starter markup, which can be corrected with an editor and converted again."""

import re
from typing import Iterable, List, Sequence

from spacy.tokens import Doc

from ....errors import Errors
from ....frames import PREDICATE, SPANS_KEY, read_frame_spans
from ..docs import TextSpan
from .markup_lines import (
    DOCUMENT_ID,
    DOCUMENT_LINE,
    FRAME_LINE,
    LAYERS,
    LAYERS_LINE,
    NO_LABEL,
    RESERVED,
    SEPARATOR,
    is_roleset,
)

_RESERVED_IN_LABELS = re.compile(r"[\[\]|\s]")


def format_markup(doc: Doc) -> str:
    """The lines of a sentence and its frames: the reverse of `markup_to_doc`, without the lines of document and layers.

    doc (Doc): A Doc. What it is not annotated for is not in the lines; `format_markup_file` says so above them.
    RETURNS (str): The lines, each with a line end.
    RAISES (ValueError): E139 for what markup cannot hold: other values of categories than 0 and 1, or 0 alone;
        predicates of several tokens; labels with blanks or brackets; reserved characters in the text.
    """
    chosen = [label for label, value in doc.cats.items() if value == 1.0]
    if doc.cats and (not chosen or not set(doc.cats.values()) <= {0.0, 1.0}):
        raise ValueError(_refuse(doc, f"doc.cats is {doc.cats}", "the value 1.0 for one label or more, else 0.0"))
    if any("," in label or RESERVED.search(label) or label != label.strip() for label in chosen):
        raise ValueError(_refuse(doc, f"the labels {chosen}", "labels without commas, brackets and '|'"))
    if RESERVED.search(doc.text) or doc.text != doc.text.strip() or not doc.text:
        raise ValueError(_refuse(doc, "of its text", "one line of text, without brackets, '|' and blanks around it"))
    entities = [TextSpan(entity.label_, entity.start_char, entity.end_char) for entity in doc.ents]
    label = f"{', '.join(chosen)}{SEPARATOR}" if chosen else NO_LABEL
    lines = [f"{label}{_insert_brackets(doc, entities)}\n"]
    for frame in read_frame_spans(doc):
        if frame.end != frame.start + 1 or (frame.sense and not is_roleset(frame.sense)):
            problem = f"its predicate '{doc[frame.start : frame.end]}' has the roleset '{frame.sense}'"
            raise ValueError(_refuse(doc, problem, "predicates of one token with a roleset such as 'give.01'"))
        if any(is_roleset(role.role) for role in frame.roles):
            raise ValueError(_refuse(doc, "a role looks like a roleset", "roles without a dot, such as 'ARG0'"))
        spans = [(frame.sense or PREDICATE, frame.start, frame.end), *(role[:3] for role in frame.roles)]
        marked = [TextSpan(label, doc[start].idx, doc[start:end].end_char) for label, start, end in spans]
        lines.append(f"{FRAME_LINE}{_insert_brackets(doc, sorted(marked, key=lambda span: span.start))}\n")
    return "".join(lines)


def format_markup_file(docs: Iterable[Doc]) -> str:
    """The text of a file in starter markup: lines of the document and the layers wherever they change, then sentences.

    docs (Iterable[Doc]): Docs with the id of their document in `doc.user_data["doc_id"]`, document by document.
    RETURNS (str): The text of the file.
    RAISES (ValueError): E139 as `format_markup`, and for a Doc without the id of a document or any layer.
    """
    parts = []
    document = ""
    layers = list(LAYERS)
    for doc in docs:
        found = doc.user_data.get(DOCUMENT_ID, "")
        if not found:
            raise ValueError(_refuse(doc, "it names no document", f"its id in doc.user_data['{DOCUMENT_ID}']"))
        if found != document:
            parts.append(f"{DOCUMENT_LINE}{found}\n")
            document = found
        if _find_layers(doc) != layers:
            layers = _find_layers(doc)
            if not layers:
                raise ValueError(_refuse(doc, "it is not annotated", f"one of {', '.join(LAYERS)}"))
            parts.append(f"{LAYERS_LINE}{', '.join(layers)}\n")
        parts.append(format_markup(doc))
    return "\n".join(parts)


def _find_layers(doc: Doc) -> List[str]:
    annotated = (bool(doc.cats), doc.has_annotation("ENT_IOB"), SPANS_KEY in doc.spans)
    return [layer for layer, found in zip(LAYERS, annotated) if found]


def _insert_brackets(doc: Doc, spans: Sequence[TextSpan]) -> str:
    parts = []
    last = 0
    for label, start, end in spans:
        if not label or _RESERVED_IN_LABELS.search(label):
            raise ValueError(_refuse(doc, f"the label '{label}'", "labels without blanks, brackets and '|'"))
        parts.append(f"{doc.text[last:start]}[{label} {doc.text[start:end]}]")
        last = end
    return "".join(parts) + doc.text[last:]


def _refuse(doc: Doc, problem: str, expected: str) -> str:
    return Errors.E139.format(doc=doc[:12].text, problem=problem, expected=expected)
