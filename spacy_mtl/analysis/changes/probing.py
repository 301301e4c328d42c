"""What a corpus gives to probe for, by the task of a head."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.pipeline import EntityRecognizer, TextCategorizer
from spacy.tokens import Doc
from thinc.types import Floats2d

from ...frames import read_frame_spans
from ...pipeline.ner.component import MultiTaskNER
from ...pipeline.srl.component import SemanticRoleLabeller
from ...pipeline.textcat.component import MultiTaskTextCategorizer
from .probes import NONE

Place = Tuple[Tuple[int, int], ...]


class Probed(NamedTuple):
    """What a probe reads, and the label that it is to find.

    places (List[Place]): One or more spans of tokens of all texts together; a span is read by the mean of its vectors,
        several spans by these one after the other.
    labels (List[str]): For each a label.
    texts (List[int]): For each the text that it is of.
    """

    places: List[Place]
    labels: List[str]
    texts: List[int]

    def read(self, vectors: Floats2d) -> Floats2d:
        """RETURNS (Floats2d): What the probe reads, shape (labels, width). vectors (Floats2d): Of all tokens."""
        sums = numpy.vstack([numpy.zeros((1, vectors.shape[1])), numpy.cumsum(vectors, axis=0, dtype="f8")])
        bounds = numpy.asarray(self.places)  # [labels, spans, 2]
        lengths = (bounds[:, :, 1] - bounds[:, :, 0])[:, :, None]
        means = (sums[bounds[:, :, 1]] - sums[bounds[:, :, 0]]) / lengths
        return means.reshape(len(means), -1)


def find_probed(task: str, pipe: Any, docs: Sequence[Doc]) -> Dict[str, Probed]:
    """Find what can be probed for.

    task (str): The name of the head.
    pipe (Any): The head.
    docs (Sequence[Doc]): The annotated texts, each with a word.
    RETURNS (Dict[str, Probed]): By a name: a text's category, each token's entity, whether each token is a predicate,
        the role of each argument from the means of its own and its predicate's vectors. Without what has no annotation.
    """
    key: Any = getattr(pipe, "cfg", {}).get("spans_key")
    found: Dict[str, Probed] = {}
    start = 0
    for number, doc in enumerate(docs):

        def add(name: str, label: str, *spans: Tuple[int, int], number: int = number, start: int = start) -> None:
            probed = found.setdefault(f"{task}: {name}", Probed([], [], []))
            probed.places.append(tuple((start + first, start + end) for first, end in spans))
            probed.labels.append(label)
            probed.texts.append(number)

        if isinstance(pipe, (MultiTaskTextCategorizer, TextCategorizer)):
            label = _find_category(doc, pipe.labels)
            if label is not None:
                add("category", label, (0, len(doc)))
        elif isinstance(pipe, SemanticRoleLabeller) and key in doc.spans:
            frames = read_frame_spans(doc, key)
            heads = {frame.start for frame in frames}
            for token in doc:
                add("predicate", "predicate" if token.i in heads else NONE, (token.i, token.i + 1))
            for frame in frames:
                for role in frame.roles:
                    add("role", role.role, (role.start, role.end), (frame.start, frame.end))
        elif isinstance(pipe, (MultiTaskNER, EntityRecognizer)) and key is None and doc.has_annotation("ENT_IOB"):
            for token in doc:
                add("entity", token.ent_type_ or NONE, (token.i, token.i + 1))
        start += len(doc)
    return found


def _find_category(doc: Doc, labels: Sequence[str]) -> Optional[str]:
    return next((label for label in labels if doc.cats.get(label, 0.0) >= 0.5), None)
