"""JSONL: one JSON object a line, with a text or its tokens, and annotation under the names that tools give it."""

import json
import re
from pathlib import Path
from typing import Any, Dict, Iterator, NamedTuple, Optional, Sequence, Union

from spacy.language import Language
from spacy.tokens import Doc

from ....errors import Errors, Warnings
from ..categories import LabelledText, collect_labels, make_docs, with_votes
from ..lines import Place, read_lines
from ..remarks import Remarks
from .json_fields import Fields, has_span, shorten

_SURROGATE = re.compile("[\ud800-\udfff]")


class _Object(NamedTuple):
    """A line's object: its number, and its fields."""

    number: int
    fields: Dict[str, Any]


def read_jsonl(path: Union[str, Path], *, remarks: Optional[Remarks] = None) -> Iterator[LabelledText]:
    """The objects of a JSONL file. Fields that are null count as absent; others than these are passed over.

    text (str): The text; without it the tokens, joined by blanks.
    tokens (list): The words, or objects with the word as "text" or with its "start" and "end".
    label (str): The one label that holds.
    label, labels (list): The labels that hold; or entities, as doccano writes them.
    cats (dict): Labels with values from 0 to 1, or true and false; nothing is known about others.
    votes (dict, list): Labels with the numbers of annotators who gave them, or a label for each vote: a label has the
        share of its votes, and others of the file have none.
    spans, entities, ents (list): Entities in characters, as objects with "start", "end", "label" (or "start_offset",
        "end_offset") or as lists of the three.
    accept, options (list): Of a choice in Prodigy: the labels that hold, and all that were offered.
    answer (str): Prodigy's "accept", "reject" or "ignore". What is not accepted is left out; only of a single label
        that was asked about (`_view_id` "classification") a rejection says that it does not hold. In the view "ner" an
        accepted entity says nothing about the other tokens, nor does it where `_is_binary` is true; in "ner_manual" an
        accepted text without spans has none.
    translations (dict): Languages with the translation into each.
    id: Anything; written as a string.

    An empty list in "label" or "labels" means no entities if other lines of the file have entities there, and no
    categories otherwise. A line may also be a list of a text and an object with the other fields.

    path (Union[str, Path]): The file.
    remarks (Optional[Remarks]): Takes objects that are left out.
    YIELDS (LabelledText): One object.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E130 for an encoding or a damaged file; E126 for half a character; E137 for an id that is
        there twice; E140 for a line that is no JSON object or has neither text nor annotation; E141, E143, E154 for
        fields of another type or value.
    """
    path = Path(path)
    remarks = remarks or Remarks()
    objects = list(_read_objects(path, remarks))
    listed = [value for item in objects for value in (item.fields.get("label"), item.fields.get("labels"))]
    lists_of_spans = any(isinstance(value, list) and has_span(value) for value in listed)
    lines_by_id: Dict[str, int] = {}
    for number, values in objects:
        with remarks.skipping():
            found_id = _get_id(path, number, values)
            place = Place(path, number, found_id).at(number)
            if found_id in lines_by_id:
                raise ValueError(Errors.E137.format(place=place, found=found_id, first=lines_by_id[found_id]))
            if found_id:
                lines_by_id[found_id] = number
            fields = Fields(place, values, lists_of_spans=lists_of_spans)
            for name in fields.list_unread():
                remarks.count(Warnings.W174, f"'{name}' ({place})")
            if fields.is_answered():
                yield _to_text(fields, found_id)
            else:
                remarks.leave_out(f'"answer": "{values["answer"]}"', place)


def read_jsonl_docs(
    path: Union[str, Path],
    nlp: Language,
    *,
    labels: Optional[Sequence[str]] = None,
    split_words: bool = False,
    remarks: Optional[Remarks] = None,
) -> Iterator[Doc]:
    """The objects of a JSONL file as Docs; see `read_jsonl` for the fields.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary, and the tokenizer for texts without tokens.
    labels (Optional[Sequence[str]]): All labels of the corpus; by default those of the file.
    split_words (bool): Whether to split texts at white space instead of tokenizing them.
    remarks (Optional[Remarks]): Takes objects that are left out.
    YIELDS (Doc): One Doc an object.
    RAISES (FileNotFoundError, ValueError): As `read_jsonl` and `make_docs`.
    """
    texts = list(read_jsonl(path, remarks=remarks))
    known = sorted(collect_labels(texts)) if labels is None else labels
    return make_docs(texts, nlp, known, split_words=split_words, remarks=remarks)


def _read_objects(path: Path, remarks: Remarks) -> Iterator[_Object]:
    for number, line in read_lines(path):
        if line.strip():
            with remarks.skipping():
                yield _Object(number, parse_object(Place(path, number).at(number), line))


def parse_object(place: str, line: str) -> Dict[str, Any]:
    """The fields of a line.

    place (str): File and line, for messages.
    line (str): The line.
    RETURNS (Dict[str, Any]): The fields of its object.
    RAISES (ValueError): E140 for a line that is no JSON object, E126 for half a character.
    """
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            Errors.E140.format(place=place, expected="JSON", found=f"'{shorten(line)}' ({error})")
        ) from error
    if isinstance(fields, list) and [type(part) for part in fields] == [str, dict]:
        fields = {**fields[1], "text": fields[0]}
    if not isinstance(fields, dict):
        raise ValueError(Errors.E140.format(place=place, expected="a JSON object", found=f"'{shorten(line)}'"))
    # half of a pair of UTF-16: JSON can hold it, a Doc cannot
    if "\\u" in line and _SURROGATE.search(json.dumps(fields, ensure_ascii=False)):
        found = f"half of one, as in '{shorten(line)}'"
        advice = "Write the file again, with whole characters."
        raise ValueError(Errors.E126.format(place=place, expected="characters", found=found, advice=advice))
    return fields


def _get_id(path: Path, number: int, values: Dict[str, Any]) -> str:
    found = values.get("id")
    if found is None:
        return ""
    return found if isinstance(found, str) else shorten(json.dumps(found))


def _to_text(fields: Fields, found_id: str) -> LabelledText:
    text = fields.get_text()
    chosen, values = fields.get_categories()
    spans = fields.get_spans()
    if chosen is None and not values and spans is None and not fields.has_annotation():
        raise ValueError(fields.refuse_unannotated())
    words = fields.get_words(text)
    complete, translations = fields.is_complete(), fields.get_translations()
    read = LabelledText(fields.place, text, words, chosen, values, spans, found_id, complete, translations)
    return with_votes(read, fields.get_votes())
