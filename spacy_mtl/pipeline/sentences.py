"""The sentences that roles and trees stay in."""

import warnings
from typing import Any, Dict

import numpy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.types import Ints1d

from ..annotation import has_same_tokens
from ..errors import Warnings
from ..sentences import has_borders, sentence_starts

BORDERS = ("punctuation", "doc")


class SentenceFinder:
    """Finds sentences by a component's setting `borders`, and warns once of a Doc that has none.

    name (str): The name of the component.
    settings (Dict[str, Any]): The settings of the component.
    warning (str): The code of the warning.
    """

    def __init__(self, name: str, settings: Dict[str, Any], warning: str = "W510") -> None:
        self.name = name
        self.settings = settings
        self.warning = warning
        self.has_warned = False

    def __call__(self, doc: Doc) -> Ints1d:
        """Where the sentences of a Doc begin.

        doc (Doc): The Doc, left as it is.
        RETURNS (Ints1d): The first token of each sentence.
        """
        if self.settings["borders"] != "doc" or has_borders(doc):
            return sentence_starts(doc)
        if not self.has_warned:
            self.has_warned = True
            warnings.warn(getattr(Warnings, self.warning).format(name=self.name), stacklevel=2)
        return numpy.zeros(1, dtype="int32")

    def find_gold(self, example: Example) -> Ints1d:
        """Where the sentences of a predicted Doc begin for training: where the reference says, if it does.

        example (Example): The Example.
        RETURNS (Ints1d): The first token of each sentence.
        """
        reference = example.reference
        if not has_borders(reference):
            return self(example.predicted)
        starts = sentence_starts(reference)
        if has_same_tokens(example):
            return starts
        touched = (example.alignment.y2x[start : start + 1] for start in starts.tolist())
        return numpy.unique(numpy.asarray([0, *(int(first[0]) for first in touched if len(first))], dtype="int32"))
