"""JSONL: one JSON object a line, with a text or its tokens, categories and entities."""

import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Union

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from .categories import LabelledText, collect_labels, make_docs
from .docs import TextSpan
from .lines import Place, read_text

_ANNOTATION = ("label", "labels", "cats", "spans", "entities")
_SHOWN = 40


def read_jsonl(path: Union[str, Path]) -> Iterator[LabelledText]:
    """The objects of a JSONL file. Fields that are null count as absent; others than these are passed over.

    text (str): The text; without it the tokens, joined by blanks.
    tokens (list): The words, or objects with the word as "text".
    label (str): The one label that holds.
    labels (list): The labels that hold.
    cats (dict): Labels with values from 0 to 1, or true and false; nothing is known about others.
    spans, entities (list): Entities in characters, as objects with "start", "end", "label" or as lists of the three.
    id: Anything; written as a string.

    path (Union[str, Path]): The file.
    YIELDS (LabelledText): One object.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E130 for an encoding or a damaged file; E137 for an id that is there twice; E140 for a
        line that is no JSON object or has neither text nor annotation; E141, E143 for fields of another type or value.
    """
    path = Path(path)
    lines_by_id: Dict[str, int] = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        place = Place(path, number).at(number)
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            message = Errors.E140.format(place=place, expected="JSON", found=f"'{_shown(line)}' ({error})")
            raise ValueError(message) from error
        if not isinstance(fields, dict):
            raise ValueError(Errors.E140.format(place=place, expected="a JSON object", found=f"'{_shown(line)}'"))
        fields = {name: value for name, value in fields.items() if value is not None}
        found_id = str(fields.get("id", ""))
        place = Place(path, number, found_id).at(number)
        if found_id in lines_by_id:
            raise ValueError(Errors.E137.format(place=place, found=found_id, first=lines_by_id[found_id]))
        if found_id:
            lines_by_id[found_id] = number
        yield _to_text(place, fields, found_id)


def read_jsonl_docs(
    path: Union[str, Path], nlp: Language, *, labels: Optional[Sequence[str]] = None, split_words: bool = False
) -> Iterator[Doc]:
    """The objects of a JSONL file as Docs; see `read_jsonl` for the fields.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary, and the tokenizer for texts without tokens.
    labels (Optional[Sequence[str]]): All labels of the corpus; by default those of the file.
    split_words (bool): Whether to split texts at white space instead of tokenizing them.
    YIELDS (Doc): One Doc an object.
    RAISES (FileNotFoundError, ValueError): As `read_jsonl` and `make_docs`.
    """
    texts = list(read_jsonl(path))
    known = sorted(collect_labels(texts)) if labels is None else labels
    return make_docs(texts, nlp, known, split_words=split_words)


def _to_text(place: str, fields: Dict[str, Any], found_id: str) -> LabelledText:
    words = _get_words(place, fields)
    text = fields.get("text", " ".join(words or ()))
    if not isinstance(text, str):
        raise ValueError(_wrong(place, "text", "a string", text))
    if not text.strip():
        raise ValueError(Errors.E140.format(place=place, expected="a 'text' or 'tokens'", found="neither"))
    if not any(name in fields for name in _ANNOTATION):
        expected = "one of the fields " + ", ".join(f"'{name}'" for name in _ANNOTATION)
        found = "the fields " + ", ".join(f"'{name}'" for name in fields)
        raise ValueError(Errors.E140.format(place=place, expected=expected, found=found))
    return LabelledText(
        place, text, words, _get_chosen(place, fields), _get_values(place, fields), _get_spans(place, fields), found_id
    )


def _get_words(place: str, fields: Dict[str, Any]) -> Optional[List[str]]:
    if "tokens" not in fields:
        return None
    words = []
    for token in _get_list(place, fields, "tokens"):
        word = token.get("text") if isinstance(token, dict) else token
        if not isinstance(word, str) or not word:
            raise ValueError(_wrong(place, "tokens", "a list of words", token))
        words.append(word)
    return words


def _get_chosen(place: str, fields: Dict[str, Any]) -> Optional[List[str]]:
    if "labels" in fields:
        chosen = _get_list(place, fields, "labels")
        if not all(isinstance(label, (str, int)) for label in chosen):
            raise ValueError(_wrong(place, "labels", "a list of strings", chosen))
    elif "label" in fields:
        chosen = [fields["label"]]
        if not isinstance(chosen[0], (str, int)) or chosen[0] == "":
            raise ValueError(_wrong(place, "label", "a string", chosen[0]))
    else:
        return None
    return [str(label) for label in chosen]


def _get_values(place: str, fields: Dict[str, Any]) -> Dict[str, float]:
    values = fields.get("cats", {})
    if not isinstance(values, dict):
        raise ValueError(_wrong(place, "cats", "an object with labels and their values", values))
    for label, value in values.items():
        if not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise ValueError(Errors.E143.format(place=place, label=label, found=value))
    return {label: float(value) for label, value in values.items()}


def _get_spans(place: str, fields: Dict[str, Any]) -> Optional[List[TextSpan]]:
    name = "spans" if "spans" in fields else "entities"
    if name not in fields:
        return None
    spans = []
    for span in _get_list(place, fields, name):
        parts = span
        if isinstance(span, dict):
            parts = [span.get(key) for key in ("start", "end", "label")]
        if not isinstance(parts, list) or [type(part) for part in parts] != [int, int, str] or not parts[2]:
            raise ValueError(_wrong(place, name, "a list of spans with 'start', 'end', 'label'", span))
        spans.append(TextSpan(parts[2], parts[0], parts[1]))
    return spans


def _get_list(place: str, fields: Dict[str, Any], name: str) -> List[Any]:
    if not isinstance(fields[name], list):
        raise ValueError(_wrong(place, name, "a list", fields[name]))
    return fields[name]


def _wrong(place: str, field: str, expected: str, found: Any) -> str:
    return Errors.E141.format(place=place, field=field, expected=expected, found=_shown(json.dumps(found)))


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."
