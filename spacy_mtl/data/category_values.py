"""Invalid categories in the Docs of a corpus."""

from pathlib import Path
from typing import Dict, Union

from spacy.tokens import Doc

from ..annotation import read_category
from ..errors import Errors

_SHOWN = 60


def find_bad_categories(doc: Doc, number: int, path: Union[str, Path]) -> str:
    """What is wrong with the categories of a Doc.

    doc (Doc): The Doc.
    number (int): Its number in the corpus, from 1.
    path (Union[str, Path]): The corpus.
    RETURNS (str): E190 for the first label that is no string or whose value is no number from 0 to 1; "" if there is
        none.
    """
    for label, value in doc.cats.items():
        if not isinstance(label, str) or read_category(value) is None:
            text, found = doc.text[:_SHOWN], repr(value)[:_SHOWN]
            return Errors.E190.format(path=path, number=number, text=text, label=repr(label)[:_SHOWN], found=found)
    return ""


def good_categories(doc: Doc) -> Dict[str, float]:
    """The valid categories of a Doc.

    doc (Doc): The Doc.
    RETURNS (Dict[str, float]): The values from 0 to 1 by label.
    """
    values = {label: read_category(value) for label, value in doc.cats.items() if isinstance(label, str)}
    return {label: value for label, value in values.items() if value is not None}
