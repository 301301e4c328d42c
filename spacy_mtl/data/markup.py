"""Starter markup: plain text with a sentiment, bracketed entities and one line for each frame.

    # doc reviews-01

    positive | [PER Ana Ruiz] gave [ORG Nimbus] five stars.
      | [ARG0 Ana Ruiz] [give.01 gave] [ARG2 Nimbus] [ARG1 five stars].

Blank lines keep sentences apart. A frame repeats its sentence; the predicate is the token whose label is a roleset.
"""

import re
from os.path import commonprefix
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from ..frames import PREDICATE, SPANS_KEY, read_frame_spans, set_frames
from ..types import FrameSpans, RoleSpan
from .docs import TextSpan, find_tokens, set_text_entities
from .lines import Place, read_text

SENTIMENTS = ("positive", "negative", "neutral")
DOCUMENT_ID = "doc_id"
_DOCUMENT = "# doc "
_FRAME = "  | "
_SEPARATOR = " | "
_CONTEXT = 10
_BRACKET = re.compile(r"\[([^\s\[\]]+) ([^\[\]]+)\]")
_RESERVED = re.compile(r"[\[\]|\n\r]")
_RESERVED_IN_LABELS = re.compile(r"[\[\]|\s]")


class MarkupFrame(NamedTuple):
    """A frame line.

    line (int): Its number in the file.
    predicate (TextSpan): The predicate, with the roleset as label.
    roles (List[TextSpan]): The arguments, in the order of the text.
    """

    line: int
    predicate: TextSpan
    roles: List[TextSpan]


class MarkupSentence(NamedTuple):
    """A sentence with its annotation, in characters.

    place (Place): File, line and id of the document.
    document (str): The id of the document.
    sentiment (str): One of `SENTIMENTS`.
    text (str): The sentence without brackets.
    entities (List[TextSpan]): The entities, in the order of the text.
    frames (List[MarkupFrame]): The frames, in the order of their lines.
    """

    place: Place
    document: str
    sentiment: str
    text: str
    entities: List[TextSpan]
    frames: List[MarkupFrame]


def read_markup(path: Union[str, Path]) -> Iterator[MarkupSentence]:
    """The sentences of a file in starter markup.

    path (Union[str, Path]): The file.
    YIELDS (MarkupSentence): One sentence.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E130 for an encoding or a damaged file; E131-E137 for what breaks the format.
    """
    path = Path(path)
    document = ""
    documents: Dict[str, int] = {}
    sentence: Optional[MarkupSentence] = None
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        line = line.rstrip()
        place = Place(path, number, document)
        if line.startswith(_FRAME):
            if sentence is None:
                message = Errors.E136.format(place=place.at(number), expected="a sentence above its frame", found=line)
                raise ValueError(message)
            _add_frame(sentence, number, line[len(_FRAME) :])
            continue
        if sentence is not None:
            yield sentence
            sentence = None
        if line.startswith(_DOCUMENT):
            document = line[len(_DOCUMENT) :].strip()
            if document in documents:
                first = documents[document]
                raise ValueError(Errors.E137.format(place=place.at(number), found=document, first=first))
            documents[document] = number
        elif line:
            sentence = _parse_sentence(place, line)
    if sentence is not None:
        yield sentence


def read_markup_docs(path: Union[str, Path], nlp: Language) -> Iterator[Doc]:
    """The sentences of a file in starter markup as Docs.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the tokenizer and the vocabulary.
    YIELDS (Doc): One sentence; see `markup_to_doc`.
    RAISES (FileNotFoundError, ValueError): As `read_markup` and `markup_to_doc`.
    """
    for sentence in read_markup(path):
        yield markup_to_doc(sentence, nlp)


def markup_to_doc(sentence: MarkupSentence, nlp: Language) -> Doc:
    """A Doc with the sentence's annotation: all three sentiments in `doc.cats`, entities, frames, and the id of the
    document in `doc.user_data["doc_id"]`. A sentence without entities or frames is annotated as having none.

    sentence (MarkupSentence): The sentence.
    nlp (Language): Gives the tokenizer and the vocabulary.
    RETURNS (Doc): The Doc.
    RAISES (ValueError): E138 for a bracket that cuts through a token, E134 for a predicate of several tokens.
    """
    doc = nlp.make_doc(sentence.text)
    doc.cats = {label: float(label == sentence.sentiment) for label in SENTIMENTS}
    doc.user_data[DOCUMENT_ID] = sentence.document
    set_text_entities(doc, sentence.entities, sentence.place.at(sentence.place.line))
    frames = []
    for frame in sentence.frames:
        place = sentence.place.at(frame.line)
        predicate = find_tokens(doc, frame.predicate, place)
        if len(predicate) > 1:
            raise ValueError(Errors.E134.format(place=place, found=f"one on the {len(predicate)} tokens '{predicate}'"))
        arguments = [find_tokens(doc, role, place) for role in frame.roles]
        roles = tuple(RoleSpan(argument.label_, argument.start, argument.end) for argument in arguments)
        frames.append(FrameSpans(predicate.start, predicate.end, frame.predicate.label, roles))
    set_frames(doc, frames)
    return doc


def format_markup(doc: Doc) -> str:
    """The lines of a sentence and its frames: the reverse of `markup_to_doc`, without the line of the document.

    doc (Doc): A Doc with one sentiment, annotated for entities and frames.
    RETURNS (str): The lines, each with a line end.
    RAISES (ValueError): E139 for what markup cannot hold: no sentiment or several, a missing layer, predicates of
        several tokens or without a roleset, labels with blanks or brackets, reserved characters in the text.
    """
    sentiment = [label for label in SENTIMENTS if doc.cats.get(label) == 1.0]
    if len(sentiment) != 1:
        expected = f"the value 1.0 for exactly one of {', '.join(SENTIMENTS)}"
        raise ValueError(_refuse(doc, f"doc.cats is {doc.cats}", expected))
    if SPANS_KEY not in doc.spans or not doc.has_annotation("ENT_IOB"):
        raise ValueError(_refuse(doc, "it is not annotated", "entities and frames, or empty ones where there are none"))
    if _RESERVED.search(doc.text) or doc.text != doc.text.strip() or not doc.text:
        raise ValueError(_refuse(doc, "of its text", "one line of text, without brackets, '|' and blanks around it"))
    entities = [TextSpan(entity.label_, entity.start_char, entity.end_char) for entity in doc.ents]
    lines = [f"{sentiment[0]}{_SEPARATOR}{_insert_brackets(doc, entities)}\n"]
    for frame in read_frame_spans(doc):
        if frame.end != frame.start + 1 or not _is_roleset(frame.sense):
            problem = f"its predicate '{doc[frame.start : frame.end]}' has the roleset '{frame.sense}'"
            raise ValueError(_refuse(doc, problem, "predicates of one token with a roleset such as 'give.01'"))
        if any(_is_roleset(role.role) for role in frame.roles):
            raise ValueError(_refuse(doc, "a role looks like a roleset", "roles without a dot, such as 'ARG0'"))
        spans = [(frame.sense, frame.start, frame.end), *(role[:3] for role in frame.roles)]
        marked = [TextSpan(label, doc[start].idx, doc[start:end].end_char) for label, start, end in spans]
        lines.append(f"{_FRAME}{_insert_brackets(doc, sorted(marked, key=lambda span: span.start))}\n")
    return "".join(lines)


def format_markup_file(docs: Iterable[Doc]) -> str:
    """The text of a file in starter markup: a line of the document wherever it changes, then its sentences.

    docs (Iterable[Doc]): Docs with the id of their document in `doc.user_data["doc_id"]`, document by document.
    RETURNS (str): The text of the file.
    RAISES (ValueError): E139 as `format_markup`, and for a Doc without the id of a document.
    """
    parts = []
    document = ""
    for doc in docs:
        found = doc.user_data.get(DOCUMENT_ID, "")
        if not found:
            raise ValueError(_refuse(doc, "it names no document", f"its id in doc.user_data['{DOCUMENT_ID}']"))
        if found != document:
            parts.append(f"{_DOCUMENT}{found}\n")
            document = found
        parts.append(format_markup(doc))
    return "\n".join(parts)


def _parse_sentence(place: Place, line: str) -> MarkupSentence:
    sentiment, separator, marked = line.partition(_SEPARATOR)
    if not separator or line.startswith("#"):
        raise ValueError(Errors.E131.format(place=place.at(place.line), found=line))
    if sentiment not in SENTIMENTS:
        message = Errors.E135.format(place=place.at(place.line), expected=", ".join(SENTIMENTS), found=sentiment)
        raise ValueError(message)
    if not place.sentence:
        message = Errors.E136.format(place=place.at(place.line), expected="'# doc ID' above a sentence", found=line)
        raise ValueError(message)
    text, entities = _take_brackets(place.at(place.line), marked)
    return MarkupSentence(place, place.sentence, sentiment, text, entities, [])


def _add_frame(sentence: MarkupSentence, number: int, marked: str) -> None:
    place = sentence.place.at(number)
    text, spans = _take_brackets(place, marked)
    if text != sentence.text:
        same = len(commonprefix([text, sentence.text]))
        found = text[max(same - _CONTEXT, 0) :]
        raise ValueError(Errors.E133.format(place=place, sentence_line=sentence.place.line, found=found))
    predicates = [span for span in spans if _is_roleset(span.label)]
    if len(predicates) != 1:
        found = ", ".join(f"[{span.label} {text[span.start : span.end]}]" for span in predicates)
        raise ValueError(Errors.E134.format(place=place, found=found or "none"))
    roles = [span for span in spans if span is not predicates[0]]
    if any(role.label == PREDICATE for role in roles):
        raise ValueError(Errors.E134.format(place=place, found=f"a bracket '{PREDICATE}'"))
    if any(frame.predicate.start == predicates[0].start for frame in sentence.frames):
        raise ValueError(Errors.E134.format(place=place, found="one that has a frame line already"))
    sentence.frames.append(MarkupFrame(number, predicates[0], roles))


def _is_roleset(label: str) -> bool:
    """A roleset is a lemma, a dot and a sense; roles have no dot."""
    lemma, _, sense = label.rpartition(".")
    return bool(lemma and sense)


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
    if _RESERVED.search(text):
        raise ValueError(Errors.E132.format(place=place, found=text))
    return text, spans


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
