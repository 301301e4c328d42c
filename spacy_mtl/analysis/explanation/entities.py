"""How sure `mtl_ner` is of an entity."""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

import numpy
from spacy.tokens import Doc
from thinc.types import Array2d, Floats1d, Ints1d

from ...heads.crf.chain import TagScores, cool
from ...heads.crf.forward_backward import Posteriors, forward_backward, segment_probabilities
from ...heads.host import bring_to_host, send_back
from ...heads.ner.tagging_scheme import span_tags
from ...pipeline.ner.component import MultiTaskNER
from ...pipeline.ner.tags import open_tags, select_tokens, solid_tokens
from .tasks import ENTITY, Finding, Measured, Task, log_odds

SMALLEST = 1e-200
"""A probability of less is not read from a product."""


class _Scores(NamedTuple):
    """The scores of copies of a text, and what was summed of them."""

    raw: TagScores
    solid: TagScores
    rows: Any
    sums: Dict[Any, Posteriors]


class Entities(Task):
    """The entities of a text. How sure the component is of one is said by two sums over tag sequences: those in
    which its tokens are just this entity, and all: log p = log Z(this) - log Z(all). The gradient in the scores is the
    difference of their marginals, divided by 1 - p for the log-odds.
    """

    def __init__(self, name: str, pipe: MultiTaskNER, doc: Doc) -> None:
        """See `Task`."""
        self.pipe, self.tags = pipe, pipe.tag_set
        self.kept = solid_tokens(doc)
        is_around = pipe.cfg["spans_key"] is None and not pipe.cfg["overwrite"]
        allowed = open_tags([doc], [self.kept], self.tags, keep_entities=is_around)
        shape = (len(self.kept), len(self.tags.tags))
        self.allowed: Array2d = numpy.ones(shape, dtype="bool") if allowed is None else allowed
        predictions = pipe.predict([doc])
        pipe.set_annotations([doc], predictions)
        self.findings = [
            Finding(name, ENTITY, label, start, end, None, float(p or 0.0)) for label, start, end, p in predictions[0]
        ]

    def score(self, docs: List[Doc]) -> Tuple[_Scores, Callable]:
        """RETURNS (Tuple[_Scores, Callable]): The scores, and the callback."""
        raw, backprop = self.pipe.model(docs, False)
        solid, rows = select_tokens(
            cool(bring_to_host(raw), self.pipe.temperature("entities")), [self.kept] * len(docs)
        )
        return _Scores(raw, solid, rows, {}), backprop

    def list_rivals(self, finding: Finding) -> List[str]:
        """RETURNS (List[str]): The other labels."""
        return [label for label in self.pipe.labels if label != finding.label]

    def measure(self, finding: Finding, scores: _Scores, copies: int, against: Optional[str]) -> Measured:
        """See `Task`. RETURNS (Measured): How sure."""
        values, slopes = self._log_p(scores, copies, finding, finding.label), numpy.ones(copies)
        if against is None:
            values, slopes = log_odds(values)
        else:
            values = values - self._log_p(scores, copies, finding, against)
        temperature = self.pipe.temperature("entities")

        def gradient(weights: Floats1d) -> TagScores:
            this = self._sum(scores, copies, finding, finding.label)
            other = self._sum(scores, copies, finding if against else None, against)
            difference = this.marginals - other.marginals
            by_row = (numpy.repeat(slopes * weights, len(self.kept)) / temperature)[:, None]
            emissions, _, *others = (numpy.zeros(part.shape, dtype="float32") for part in scores.raw)
            emissions[scores.rows] = difference * by_row
            gradient = TagScores(emissions, scores.raw.lengths, *others)
            return send_back(self.pipe.model.ops, gradient, scores.raw)

        return Measured(values, gradient)

    def _log_p(self, scores: _Scores, copies: int, finding: Finding, label: str) -> Floats1d:
        """The log of the probability that the tokens of a finding are just this entity: from the sum over all tag
        sequences, or by a sum of its own where that would be a small difference of large numbers."""
        free = self._sum(scores, copies, None, None)
        place, tags = self._find_path(finding, label)
        if self.tags.scheme == "biluo" and self._is_open(place, tags):
            starts: Ints1d = place + len(self.kept) * numpy.arange(copies)
            p = segment_probabilities(scores.solid, free, starts, [tags] * copies)
            if p.min() > SMALLEST:
                return numpy.log(p)
        return self._sum(scores, copies, finding, label).log_partition - free.log_partition

    def _find_path(self, finding: Finding, label: str) -> Tuple[int, Ints1d]:
        """The first of the kept tokens of a finding, and their tags if it is an entity of a label."""
        places = numpy.flatnonzero((self.kept >= finding.start) & (self.kept < finding.end))
        tags = span_tags(self.tags.scheme, label, len(places))
        return int(places[0]), numpy.array([self.tags.tags.index(tag) for tag in tags])

    def _is_open(self, place: int, tags: Ints1d) -> bool:
        """Whether what was there before leaves a path the choice."""
        return bool(self.allowed[numpy.arange(place, place + len(tags)), tags].all())

    def _sum(self, scores: _Scores, copies: int, finding: Optional[Finding], label: Optional[str]) -> Posteriors:
        """Over all tag sequences, or over those in which the tokens of a finding are an entity of a label."""
        key = None if finding is None else (finding.start, finding.end, label)
        if key not in scores.sums:
            allowed = self.allowed if finding is None else self._allow(finding, str(label))
            tiled = numpy.tile(allowed, (copies, 1))
            scores.sums[key] = forward_backward(scores.solid, self.tags.legal, tiled, is_double=True)
        return scores.sums[key]

    def _allow(self, finding: Finding, label: str) -> Array2d:
        place, tags = self._find_path(finding, label)
        places: Ints1d = place + numpy.arange(len(tags))
        # against another label it is weighed also where what was there before left it no choice
        allowed = self.allowed.copy()
        allowed[places] = False
        allowed[places, tags] = True
        behind = places[-1] + 1
        if self.tags.scheme == "bio" and behind < len(allowed):
            allowed[behind, self.tags.tags.index(f"I-{label}")] = False
        return allowed
