"""The sentences that the arguments of `mtl_srl` stay in."""

import warnings
from typing import Any, Dict, Iterable, Tuple

import numpy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.types import Ints1d

from ...annotation import has_frames, has_same_tokens
from ...errors import Warnings
from ...frames import read_frame_spans
from ...heads.windows import argument_bounds
from ...sentences import has_borders, sentence_starts

BORDERS = ("punctuation", "doc")


class SentenceFinder:
    """Finds sentences by a component's setting `borders`, and warns once of a Doc that has none.

    name (str): The name of the component.
    settings (Dict[str, Any]): The settings of the component.
    """

    def __init__(self, name: str, settings: Dict[str, Any]) -> None:
        self.name = name
        self.settings = settings
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
            warnings.warn(Warnings.W510.format(name=self.name), stacklevel=2)
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

    def count_cut_arguments(self, examples: Iterable[Example], spans_key: str) -> Tuple[int, int]:
        """How many gold arguments do not lie in the sentence of their predicate: training leaves them open.

        examples (Iterable[Example]): The corpus.
        spans_key (str): The span group of the frames.
        RETURNS (Tuple[int, int]): The number of such arguments, and of all.
        """
        cut = total = 0
        for doc in (example.reference for example in examples if has_frames(example, spans_key)):
            frames = [frame for frame in read_frame_spans(doc, spans_key) if frame.roles]
            starts = self(doc) if frames else numpy.zeros(1, dtype="int32")
            for frame in frames:
                start, end = argument_bounds(starts, len(doc), frame.start, window=0)
                total += len(frame.roles)
                cut += sum(role.start < start or role.end > end for role in frame.roles)
        return cut, total
