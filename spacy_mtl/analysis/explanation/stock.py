"""How sure spaCy's own components are: read from what they predict, without gradients."""

from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy
from spacy.pipeline import EntityRecognizer, SpanCategorizer, Tagger, TextCategorizer
from spacy.tokens import Doc
from thinc.types import Floats1d, Floats2d, Ints1d

from .tasks import ENTITY, SPAN, TAG, Finding, Measured, Task, find_categories

BEAM_WIDTH = 8
NEAREST = 1e-6
"""Probabilities in single precision are not told from 0 and 1 when they are nearer."""


class StockTask(Task):
    """A component of spaCy's. A subclass gives `probabilities`."""

    has_gradient = False

    def score(self, docs: List[Doc]) -> Tuple[Any, Optional[Callable]]:
        """RETURNS (Tuple[Any, None]): What the model predicts."""
        return self.pipe.model.predict(docs), None

    def list_rivals(self, finding: Finding) -> List[str]:
        """RETURNS (List[str]): The other labels."""
        return [label for label in self.pipe.labels if label != finding.label]

    def measure(self, finding: Finding, scores: Any, copies: int, against: Optional[str]) -> Measured:
        """See `Task`. RETURNS (Measured): How sure."""
        p = numpy.clip(self.probabilities(finding, finding.label, scores, copies), NEAREST, 1 - NEAREST)
        other = 1 - p
        if against is not None:
            other = numpy.clip(self.probabilities(finding, against, scores, copies), NEAREST, 1 - NEAREST)
        return Measured(numpy.log(p) - numpy.log(other))

    def probabilities(self, finding: Finding, label: str, scores: Any, copies: int) -> Floats1d:
        """How probable a label is in the place of a finding.

        finding (Finding): The finding.
        label (str): The label.
        scores (Any): What the model predicts for copies of the text.
        copies (int): How many.
        RETURNS (Floats1d): Shape (copies,), in double precision on the host.
        """
        raise NotImplementedError


class StockCategories(StockTask):
    """The categories of `textcat` and `textcat_multilabel`."""

    def __init__(self, name: str, pipe: TextCategorizer, doc: Doc) -> None:
        """See `Task`."""
        self.pipe = pipe
        pipe(doc)
        found = {label: doc.cats[label] for label in pipe.labels}
        self.findings = find_categories(name, pipe, doc, found)

    def probabilities(self, finding: Finding, label: str, scores: Floats2d, copies: int) -> Floats1d:
        """See `StockTask`."""
        return self.pipe.model.ops.to_numpy(scores)[:, self.pipe.labels.index(label)].astype("float64")


class StockEntities(StockTask):
    """The entities of `ner`. It decides step by step, and knows no probability of an entity: the share of the best
    parses of a beam in which it is found stands in for one."""

    def __init__(self, name: str, pipe: EntityRecognizer, doc: Doc) -> None:
        """See `Task`."""
        self.pipe = pipe
        before = {(span.label_, span.start, span.end) for span in doc.ents}
        scores = self.score([doc])[0]
        pipe(doc)
        found = [(span.label_, span.start, span.end) for span in doc.ents]
        self.findings = [
            Finding(name, ENTITY, *place, None, float(scores[0].get((*place[1:], place[0]), 0.0)))
            for place in found
            if place not in before
        ]

    def score(self, docs: List[Doc]) -> Tuple[List[Dict[Tuple[int, int, str], float]], None]:
        """RETURNS (Tuple[List[Dict], None]): For each copy the entities that the beam has, with their shares."""
        pipe: Any = self.pipe
        return pipe.scored_ents(pipe.beam_parse(docs, beam_width=BEAM_WIDTH)), None

    def probabilities(self, finding: Finding, label: str, scores: Any, copies: int) -> Floats1d:
        """See `StockTask`."""
        return numpy.array([shares.get((finding.start, finding.end, label), 0.0) for shares in scores])


class StockTags(StockTask):
    """The tags of `tagger`. There is one for each token: they are explained where somebody asks."""

    by_default = False

    def __init__(self, name: str, pipe: Tagger, doc: Doc) -> None:
        """See `Task`."""
        self.pipe = pipe
        rows = self._normalize(self.score([doc])[0])[0]
        pipe(doc)
        places = [(token.i, token.tag_) for token in doc if token.tag_ in pipe.labels]
        self.findings = [
            Finding(name, TAG, tag, i, i + 1, None, float(rows[i, pipe.labels.index(tag)])) for i, tag in places
        ]

    def probabilities(self, finding: Finding, label: str, scores: List[Floats2d], copies: int) -> Floats1d:
        """See `StockTask`."""
        place = self.pipe.labels.index(label)
        return numpy.array([rows[finding.start, place] for rows in self._normalize(scores)])

    def _normalize(self, scores: List[Floats2d]) -> List[Floats2d]:
        rows = [self.pipe.model.ops.to_numpy(of_doc).astype("float64") for of_doc in scores]
        output = next((node for node in self.pipe.model.walk() if node.name == "softmax"), None)
        if output is None or output.attrs["softmax_normalize"]:
            return rows
        powers = [numpy.exp(of_doc - of_doc.max(axis=1, keepdims=True)) for of_doc in rows]
        return [of_doc / of_doc.sum(axis=1, keepdims=True) for of_doc in powers]


class StockSpans(StockTask):
    """The spans of `spancat`, of which the suggester proposes the places."""

    def __init__(self, name: str, pipe: SpanCategorizer, doc: Doc) -> None:
        """See `Task`."""
        self.pipe = pipe
        self.places: List[List[int]] = self._suggest([doc]).data.tolist()
        rows = self.score([doc])[0]
        pipe(doc)
        self.findings = []
        for span in doc.spans.get(pipe.key, ()):
            place = self.places.index([span.start, span.end])
            p = float(rows[place, pipe.labels.index(span.label_)])
            self.findings.append(Finding(name, SPAN, span.label_, span.start, span.end, None, p))

    def score(self, docs: List[Doc]) -> Tuple[Floats2d, None]:
        """RETURNS (Tuple[Floats2d, None]): The scores of all places, one copy after the other."""
        return self.pipe.model.ops.to_numpy(self.pipe.model.predict((docs, self._suggest(docs)))), None

    def probabilities(self, finding: Finding, label: str, scores: Floats2d, copies: int) -> Floats1d:
        """See `StockTask`."""
        rows: Ints1d = numpy.arange(copies) * len(self.places)
        place = self.places.index([finding.start, finding.end])
        return scores[rows + place, self.pipe.labels.index(label)].astype("float64")

    def _suggest(self, docs: List[Doc]) -> Any:
        return self.pipe.suggester(docs, ops=self.pipe.model.ops)
