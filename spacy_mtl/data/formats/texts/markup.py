"""Starter markup: plain text with labels, bracketed entities and one line for each frame.

    # doc reviews-01

    positive | [PER Ana Ruiz] gave [ORG Nimbus] five stars.
      | [ARG0 Ana Ruiz] [give.01 gave] [ARG2 Nimbus] [ARG1 five stars].

Blank lines keep sentences apart. A frame repeats its sentence; the predicate is the token whose label is a roleset, or
"V" where the roleset is not known. A sentence may have several labels, with commas between them, or none. All three
layers count as annotated, also where a sentence has nothing of them, unless a line says which are:

    # layers frames

    | [PER Ana Ruiz] gave [ORG Nimbus] five stars.
"""

import warnings
from pathlib import Path
from typing import Dict, FrozenSet, Iterator, Optional, Sequence, Set, Union

from spacy.language import Language
from spacy.tokens import Doc

from ....errors import Errors, Warnings
from ....frames import PREDICATE, set_frames
from ....types import FrameSpans, RoleSpan
from ..categories import choose, collect_labels
from ..docs import check_text, find_tokens, set_text_entities
from ..lines import BLANKS, Place, read_lines
from ..remarks import Remarks
from .markup_lines import (
    DOCUMENT_ID,
    DOCUMENT_LINE,
    ENTITIES,
    FRAME_LINE,
    FRAMES,
    LAYERS,
    LAYERS_LINE,
    SENTIMENTS,
    MarkupFrame,
    MarkupSentence,
    add_frame,
    parse_layers,
    parse_sentence,
)


def read_markup(
    path: Union[str, Path], *, labels: Optional[Sequence[str]] = None, remarks: Optional[Remarks] = None
) -> Iterator[MarkupSentence]:
    """The sentences of a file in starter markup.

    path (Union[str, Path]): The file.
    labels (Optional[Sequence[str]]): All labels of the corpus. If it is not given, labels that are partly the starter
        corpus's and partly others are refused, since one that is mistyped could not be told from another.
    remarks (Optional[Remarks]): Takes sentences that are left out.
    YIELDS (MarkupSentence): One sentence.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E130 for an encoding or a damaged file; E127, E131-E137 for what breaks the format.
    """
    reading = _Reading(Path(path), remarks or Remarks())
    for number, line in read_lines(path):
        finished = reading.take(number, line.rstrip(BLANKS))
        if finished is not None:
            if labels is None:
                reading.check_labels(finished)
            yield finished
    if reading.sentence is not None:
        if labels is None:
            reading.check_labels(reading.sentence)
        yield reading.sentence


def read_markup_labels(path: Union[str, Path], *, remarks: Optional[Remarks] = None) -> Iterator[MarkupSentence]:
    """The sentences of a file, for their labels: where they are the starter corpus's, a last one has all of these.

    path (Union[str, Path]): The file.
    remarks (Optional[Remarks]): Takes sentences that are left out.
    YIELDS (MarkupSentence): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_markup`.
    """
    found: Set[str] = set()
    for sentence in read_markup(path, remarks=remarks):
        found.update(sentence.chosen or ())
        yield sentence
    if found and found <= set(SENTIMENTS):
        yield sentence._replace(chosen=list(SENTIMENTS))


def read_markup_docs(
    path: Union[str, Path],
    nlp: Language,
    *,
    labels: Optional[Sequence[str]] = None,
    remarks: Optional[Remarks] = None,
) -> Iterator[Doc]:
    """The sentences of a file in starter markup as Docs.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the tokenizer and the vocabulary.
    labels (Optional[Sequence[str]]): All labels of the corpus; by default those of the file, or the three of the
        starter corpus if the file has no others.
    remarks (Optional[Remarks]): Takes sentences that are left out.
    YIELDS (Doc): One sentence; see `markup_to_doc`.
    RAISES (FileNotFoundError, ValueError): As `read_markup` and `markup_to_doc`.
    """
    remarks = remarks or Remarks()
    if labels is None:
        labels = sorted(collect_labels(read_markup_labels(path, remarks=Remarks(remarks.skip_bad))))
    # in the order that they have in the starter corpus
    labels = SENTIMENTS if set(labels) == set(SENTIMENTS) else labels
    sentences = list(read_markup(path, labels=labels, remarks=remarks))
    _warn_of_empty_layers(path, sentences)
    for sentence in sentences:
        with remarks.skipping():
            yield markup_to_doc(sentence, nlp, labels)


def markup_to_doc(sentence: MarkupSentence, nlp: Language, labels: Sequence[str] = SENTIMENTS) -> Doc:
    """A Doc with the sentence's annotation: all labels in `doc.cats`, entities, frames, and the id of the document in
    `doc.user_data["doc_id"]`. A sentence without entities or frames is annotated as having none, if its layers say so.

    sentence (MarkupSentence): The sentence.
    nlp (Language): Gives the tokenizer and the vocabulary.
    labels (Sequence[str]): All labels of the corpus.
    RETURNS (Doc): The Doc.
    RAISES (ValueError): E126 for a text that is too long, E138 for a bracket that cuts through a token, E134 for a
        predicate of several tokens, E142 for a label that is not among `labels`.
    """
    place = sentence.place.at(sentence.place.line)
    check_text(sentence.text, nlp, place)
    doc = nlp.make_doc(sentence.text)
    doc.cats = {} if sentence.chosen is None else choose(sentence.chosen, labels, place)
    doc.user_data[DOCUMENT_ID] = sentence.document
    if ENTITIES in sentence.layers:
        set_text_entities(doc, sentence.entities, place)
    if FRAMES in sentence.layers:
        set_frames(doc, [_to_frame(doc, frame, sentence.place.at(frame.line)) for frame in sentence.frames])
    return doc


class _Reading:
    """A file while it is read: the document, the layers and the sentence that the next lines belong to."""

    def __init__(self, path: Path, remarks: Remarks) -> None:
        self.path = path
        self.remarks = remarks
        self.document = ""
        self.documents: Dict[str, int] = {}
        self.layers: Optional[FrozenSet[str]] = None
        self.sentence: Optional[MarkupSentence] = None
        self.left_out = False
        self.labels: Dict[str, Place] = {}

    def take(self, number: int, line: str) -> Optional[MarkupSentence]:
        """Read a line, and give the sentence that it ends."""
        place = Place(self.path, number, self.document)
        if line.startswith(FRAME_LINE):
            self._take_frame(place, line)
            return None
        finished, self.sentence, self.left_out = self.sentence, None, False
        if line.startswith(DOCUMENT_LINE):
            self.document = line[len(DOCUMENT_LINE) :].strip()
            if self.document in self.documents:
                first = self.documents[self.document]
                raise ValueError(Errors.E137.format(place=place.at(number), found=self.document, first=first))
            self.documents[self.document] = number
        elif line.startswith(LAYERS_LINE):
            self.layers = parse_layers(place, line)
        elif line:
            self.left_out = True
            with self.remarks.skipping():
                self.sentence = parse_sentence(place, line, self.layers)
                self.left_out = False
        return finished

    def check_labels(self, sentence: MarkupSentence) -> None:
        """Refuse a label of another kind than the ones before."""
        for label in sentence.chosen or ():
            self.labels.setdefault(label, sentence.place)
        others = [label for label in self.labels if label not in SENTIMENTS]
        if others and len(others) < len(self.labels):
            place = self.labels[others[0]]
            expected = ", ".join(SENTIMENTS)
            raise ValueError(Errors.E135.format(place=place.at(place.line), expected=expected, found=others[0]))

    def _take_frame(self, place: Place, line: str) -> None:
        if self.sentence is None and self.left_out:
            return
        sentence, self.sentence, self.left_out = self.sentence, None, True
        with self.remarks.skipping():
            if sentence is None:
                expected = "a sentence above its frame"
                raise ValueError(Errors.E136.format(place=place.at(place.line), expected=expected, found=line))
            add_frame(sentence, place.line, line[len(FRAME_LINE) :])
            self.sentence, self.left_out = sentence, False


def _warn_of_empty_layers(path: Union[str, Path], sentences: Sequence[MarkupSentence]) -> None:
    """Say if a layer counts as annotated that no line shows, and that no line has named."""
    if not sentences or any(sentence.layers != frozenset(LAYERS) for sentence in sentences):
        return
    shown = {ENTITIES: any(s.entities for s in sentences), FRAMES: any(s.frames for s in sentences)}
    for layer, found in shown.items():
        if not found:
            warnings.warn(Warnings.W112.format(path=path, layer=layer, n=len(sentences)), stacklevel=3)


def _to_frame(doc: Doc, frame: MarkupFrame, place: str) -> FrameSpans:
    predicate = find_tokens(doc, frame.predicate, place)
    if len(predicate) > 1:
        raise ValueError(Errors.E134.format(place=place, found=f"one on the {len(predicate)} tokens '{predicate}'"))
    arguments = [find_tokens(doc, role, place) for role in frame.roles]
    roles = tuple(RoleSpan(argument.label_, argument.start, argument.end) for argument in arguments)
    sense = "" if frame.predicate.label == PREDICATE else frame.predicate.label
    return FrameSpans(predicate.start, predicate.end, sense, roles)
