"""What teachers say of a text, as it is kept in the user data of its Doc."""

from functools import lru_cache
from typing import Any, Dict, List, Optional, Sequence, Tuple
from zlib import crc32

import numpy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.types import Ints1d

from ...annotation import LESSONS_KEY, TEXT_SHOWN
from ...errors import Errors

Lesson = Dict[str, Any]
"""What a teacher says of a text for one component: names of labels, and arrays. `labels` are their names in one
string, `temperature` is what the teacher's scores were divided by; the rest is the component's."""

SEPARATOR = "\n"


def write_lessons(reference: Doc, predicted: Doc, lessons: Dict[str, List[Lesson]]) -> None:
    """Keep what teachers say.

    reference (Doc): The Doc that is to have it.
    predicted (Doc): The tokens that the teachers have read.
    lessons (Dict[str, List[Lesson]]): By the name of the component a lesson of each teacher.
    """
    reference.user_data[LESSONS_KEY] = {"tokens": _number_tokens(predicted), "lessons": lessons}


def read_lessons(example: Example, name: str) -> List[Lesson]:
    """What teachers say of a text for a component.

    example (Example): The Example.
    name (str): The name of the component.
    RETURNS (List[Lesson]): Their lessons; empty without teachers.
    RAISES (ValueError): E459 if the teachers have read other tokens than those of the predicted Doc.
    """
    kept = example.reference.user_data.get(LESSONS_KEY)
    if kept is None or not len(example.predicted):
        return []
    found = kept["lessons"].get(name, [])
    if found and kept["tokens"] != _number_tokens(example.predicted):
        raise ValueError(Errors.E459.format(name=name, text=example.reference.text[:TEXT_SHOWN]))
    return list(found)


def join_labels(labels: Sequence[str]) -> str:
    """labels (Sequence[str]): The labels. RETURNS (str): As a lesson keeps them."""
    return SEPARATOR.join(labels)


@lru_cache(maxsize=256)
def split_labels(joined: str) -> Tuple[str, ...]:
    """joined (str): What `join_labels` gave. RETURNS (Tuple[str, ...]): The labels."""
    return tuple(joined.split(SEPARATOR)) if joined else ()


@lru_cache(maxsize=256)
def find_places(labels: Tuple[str, ...], own: Tuple[str, ...], otherwise: Optional[int] = None) -> Ints1d:
    """Where the labels of a teacher are among a component's own.

    labels (Tuple[str, ...]): The teacher's.
    own (Tuple[str, ...]): The component's.
    otherwise (Optional[int]): The place for labels that it does not have; -1 if None.
    RETURNS (Ints1d): A place for each of the teacher's labels.
    """
    index = {label: i for i, label in enumerate(own)}
    return numpy.asarray([index.get(label, -1 if otherwise is None else otherwise) for label in labels], dtype="int64")


def _number_tokens(doc: Doc) -> int:
    return crc32(doc.to_array("ORTH").tobytes())
