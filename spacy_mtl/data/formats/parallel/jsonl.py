"""JSONL with a text and its translation in each object."""

from pathlib import Path
from typing import Any, Dict, Iterator, Optional, Sequence

from ....errors import Errors
from ..lines import Place, read_lines
from ..remarks import Remarks
from ..texts.json_fields import shorten
from ..texts.jsonl import parse_object
from .pairs import Pair, is_language

INNER = ("translation", "translations")
_TEXT_NAMES = ("text", "source", "src")
_TARGET_NAMES = ("target", "translation", "tgt", "trg")


def read_json_pairs(
    path: Path, source_lang: str, target_lang: str, *, remarks: Optional[Remarks] = None
) -> Iterator[Pair]:
    """The objects of a JSONL file. The sides are named by their languages ({"en": ..., "de": ...}), also inside of
    "translation", or are "text" or "source", and "target" or "translation".

    path (Path): The file.
    source_lang (str): The language of the texts.
    target_lang (str): The language of the translations.
    remarks (Optional[Remarks]): Takes objects that are left out.
    YIELDS (Pair): One pair an object; a side that is null is empty.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E130 for an encoding or a damaged file; E126, E140 for a line that is no JSON object or
        has half characters; E141 for a side that is no string; E172 for an object without these fields.
    """
    remarks = Remarks() if remarks is None else remarks
    for number, line in read_lines(path):
        if line.strip():
            with remarks.skipping():
                place = Place(path, number).at(number)
                values = parse_object(place, line)
                fields = dict(values)
                for name in INNER:
                    if isinstance(values.get(name), dict):
                        fields.pop(name)
                        fields.update(values[name])
                text = _find(place, fields, source_lang, _TEXT_NAMES)
                target = _find(place, fields, target_lang, _TARGET_NAMES)
                found_id = values.get("id")
                yield Pair(place, text, {target_lang: target}, "" if found_id is None else str(found_id))


def _find(place: str, fields: Dict[str, Any], language: str, usual: Sequence[str]) -> str:
    exact = [name for name in fields if name.lower() == language.lower()]
    found = exact or [name for name in fields if is_language(name, language)]
    found = found or [name for name in usual if name in fields]
    if not found:
        problem = f"the fields are {', '.join(shorten(name) for name in fields) or 'none'}"
        expected = f"a field '{language}' or '{usual[0]}'"
        raise ValueError(Errors.E172.format(path=place, problem=problem, expected=expected))
    value = fields[found[0]]
    if value is not None and not isinstance(value, str):
        found_value = shorten(str(value))
        raise ValueError(Errors.E141.format(place=place, field=found[0], expected="a string", found=found_value))
    return value or ""
