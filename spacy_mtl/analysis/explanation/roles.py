"""How sure `mtl_srl` is of predicates, senses and arguments."""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

import numpy
from spacy.tokens import Doc
from thinc.types import Array2d, Floats1d, Floats2d, Ints1d

from ...frames import PREDICATE as PREDICATE_LABEL
from ...frames import read_frame_spans
from ...heads.srl.argument_input import ArgumentInput
from ...heads.srl.role_crf import ILLEGAL, Lattice, forward_backward, sum_span
from ...heads.srl.role_tags import constrain_predicates
from ...heads.windows import Windows, argument_bounds, pack_windows
from ...pipeline.srl.component import SemanticRoleLabeller
from ...pipeline.srl.prediction import trim_span
from ...pipeline.srl.senses import make_sense_input
from ...types import FrameSpans
from .tasks import ARGUMENT, PREDICATE, SENSE, Finding, Measured, Task, log_odds


class _Arguments(NamedTuple):
    """The scores of one predicate's role tags in copies of a text: of one copy where its window is as in the first.

    start (int): The first token of the window.
    windows (Windows): The windows of the copies that are scored, all of one length.
    scores (Floats2d): The scores.
    backprop (Callable): Takes their gradient, and gives that in the vectors of all copies.
    free (Lattice): The sum over all taggings.
    source (Ints1d): For each copy of the text, which of those that are scored is like it, shape (copies,).
    """

    start: int
    windows: Windows
    scores: Floats2d
    backprop: Callable
    free: Lattice
    source: Ints1d


class _Scores(NamedTuple):
    """The vectors of copies of a text, one copy after the other, and what was scored of them."""

    vectors: Floats2d
    arguments: Dict[int, _Arguments]


class Roles(Task):
    """The frames of a text. An argument is weighed as an entity is, in the window of its predicate: log Z of the
    taggings with just this span and role, less log Z of all. What is asked of an argument or a sense takes its
    predicate as given. The probability of a sense is that among the candidates, times the probability that it is one of
    them.
    """

    def __init__(self, name: str, pipe: SemanticRoleLabeller, doc: Doc) -> None:
        """See `Task`."""
        self.pipe, self.predictor, self.length = pipe, pipe.predictor, len(doc)
        self.scheme = self.predictor.scheme
        self.starts = self.predictor.sentences(doc)
        self.words = [(token.text, token.lemma_) for token in doc]
        self.ends: Dict[int, int] = {}
        self.spans: Dict[Finding, Tuple[int, int]] = {}
        self.findings = []
        trimmed = []
        for frame in self._predict(doc):
            found = (
                (PREDICATE, PREDICATE_LABEL, frame.probability),
                (SENSE, frame.sense, frame.sense_probability),
            )
            for kind, label, p in found:
                if p is not None:
                    self.findings.append(Finding(name, kind, label, frame.start, frame.start + 1, None, p))
            roles = []
            for role in frame.roles:
                shown, p = trim_span(doc, role), float(role.probability or 0.0)
                if shown is not None:
                    finding = Finding(name, ARGUMENT, role.role, shown.start, shown.end, frame.start, p)
                    self.findings.append(finding)
                    self.spans[finding] = role.start, role.end
                    roles.append(shown)
            trimmed.append(frame._replace(roles=tuple(roles)))
        if self.is_annotated:
            pipe.set_annotations([doc], [trimmed])

    def _predict(self, doc: Doc) -> List[FrameSpans]:
        """The frames, with the white space at the ends of arguments that their probabilities are of."""
        key, self.is_annotated = self.pipe.cfg["spans_key"], True
        if self.pipe.cfg["predicates"] == "predict":
            return self.predictor.predict([doc], trims=False)[0]
        if key not in doc.spans:
            self.is_annotated = False
            return []
        given = read_frame_spans(doc, key)
        self.ends = {frame.start: frame.end for frame in given}
        return self.predictor.predict([doc], [given], trims=False)[0]

    def score(self, docs: List[Doc]) -> Tuple[_Scores, Callable]:
        """RETURNS (Tuple[_Scores, Callable]): The vectors, to be scored as far as is asked, and the callback."""
        ops = self.pipe.model.ops
        by_copy, backprop = self.pipe.model.get_ref("tok2vec")(docs, False)

        def backprop_vectors(d_vectors: Floats2d) -> Any:
            return backprop(ops.unflatten(ops.as_contig(d_vectors), [self.length] * len(docs)))

        return _Scores(ops.flatten(by_copy), {}), backprop_vectors

    def list_rivals(self, finding: Finding) -> List[str]:
        """RETURNS (List[str]): The other roles, or the other candidates for the sense; none for a predicate."""
        if finding.kind == ARGUMENT:
            return [role for role in self.scheme.roles if role not in (finding.label, PREDICATE_LABEL)]
        if finding.kind == SENSE:
            names = self.predictor.table[self.words[finding.start]].names
            return [name for name in names if name not in (finding.label, "")]
        return []

    def measure(self, finding: Finding, scores: _Scores, copies: int, against: Optional[str]) -> Measured:
        """See `Task`. RETURNS (Measured): How sure."""
        if finding.kind == PREDICATE:
            return self._measure_predicate(finding, scores, copies)
        if finding.kind == SENSE:
            return self._measure_sense(finding, scores, copies, against)
        return self._measure_argument(finding, scores, copies, against)

    def _tokens(self, token: int, copies: int) -> Any:
        """The place of a token in each copy."""
        return token + self.length * numpy.arange(copies)

    def _measure_predicate(self, finding: Finding, scores: _Scores, copies: int) -> Measured:
        ops, temperature = self.pipe.model.ops, self.predictor.temperature("predicates")
        rows = ops.asarray1i(self._tokens(finding.start, copies))
        found, backprop = self.pipe.model.get_ref("predicates")(scores.vectors[rows], False)

        def gradient(weights: Floats1d) -> Floats2d:
            d_vectors = ops.alloc2f(*scores.vectors.shape)
            d_vectors[rows] = backprop(ops.asarray2f((weights / temperature)[:, None].astype("f")))
            return d_vectors

        return Measured(ops.to_numpy(found)[:, 0].astype("float64") / temperature, gradient)

    def _measure_sense(self, finding: Finding, scores: _Scores, copies: int, against: Optional[str]) -> Measured:
        ops, temperature = self.pipe.model.ops, self.predictor.temperature("senses")
        candidates = self.predictor.table[self.words[finding.start]]
        inputs = make_sense_input(self._tokens(finding.start, copies), [candidates] * copies)
        found, backprop = self.pipe.model.get_ref("senses")(inputs._replace(vectors=scores.vectors), False)
        z = ops.to_numpy(found).astype("float64").reshape((copies, -1)) / temperature
        place = candidates.names.index(finding.label)
        shares = numpy.exp(z - z.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        slopes = -shares
        slopes[:, place] += 1
        values, factors = log_odds(numpy.log(shares[:, place] * candidates.coverage))
        slopes *= factors[:, None]
        if against is not None:
            other = candidates.names.index(against)
            values = z[:, place] - z[:, other]
            slopes = numpy.zeros_like(z)
            slopes[:, place], slopes[:, other] = 1, -1

        def gradient(weights: Floats1d) -> Floats2d:
            return backprop(ops.asarray1f((slopes * weights[:, None] / temperature).astype("f").ravel()))

        return Measured(values, gradient)

    def _measure_argument(self, finding: Finding, scores: _Scores, copies: int, against: Optional[str]) -> Measured:
        predicate = int(finding.predicate or 0)
        if predicate not in scores.arguments:
            scores.arguments[predicate] = self._score_arguments(scores.vectors, predicate, copies)
        found, span = scores.arguments[predicate], self.spans[finding]
        values = self._log_p(found, span, finding.label)
        slopes = numpy.ones_like(values)
        if against is None:
            values, slopes = log_odds(values)
        else:
            values = values - self._log_p(found, span, against)
        temperature = self.predictor.temperature("arguments")

        def gradient(weights: Floats1d) -> Floats2d:
            this = self._sum(found, span, finding.label)
            other = found.free if against is None else self._sum(found, span, against)
            of_scored = slopes * numpy.bincount(found.source, weights, len(slopes)) / temperature
            difference = (this.marginals() - other.marginals()) * of_scored[found.windows.owners][:, None]
            return found.backprop(self.pipe.model.ops.asarray2f(difference.astype("f")))

        return Measured(values[found.source], gradient)

    def _score_arguments(self, vectors: Floats2d, predicate: int, copies: int) -> _Arguments:
        ops = self.pipe.model.ops
        start, end = argument_bounds(self.starts, self.length, predicate, self.predictor.window)
        seen = ops.reshape3f(vectors, copies, self.length, -1)[:, start:end]  # [copies, window, width]
        differs = ops.to_numpy((seen != seen[:1]).any(axis=(1, 2)))
        differs[0] = True
        scored = ops.asarray1i(numpy.flatnonzero(differs))
        firsts = (end - start) * numpy.arange(len(scored))
        places = (firsts + predicate - start, firsts, firsts + end - start)
        windows = pack_windows(*(one.tolist() for one in places))
        flat = ops.reshape2f(seen[scored], -1, seen.shape[2])
        raw, backprop = self.pipe.model.get_ref("arguments")(ArgumentInput(flat, windows), False)
        scores = ops.to_numpy(raw).astype("float64") / self.predictor.temperature("arguments")
        given = None
        if predicate in self.ends:
            given = firsts + self.ends[predicate] - start
        scores = constrain_predicates(scores, windows, self.predictor.predicate_role, given)

        def backprop_vectors(d_scores: Floats2d) -> Floats2d:
            d_vectors = ops.alloc3f(copies, self.length, seen.shape[2])
            d_vectors[scored, start:end] = ops.reshape3f(backprop(d_scores), len(scored), end - start, -1)
            return ops.reshape2f(d_vectors, *vectors.shape)

        free = forward_backward(scores, windows.sizes)
        return _Arguments(start, windows, scores, backprop_vectors, free, numpy.where(differs, differs.cumsum() - 1, 0))

    def _log_p(self, found: _Arguments, span: Tuple[int, int], label: str) -> Floats1d:
        """The log of the probability that a span has just this role."""
        start, end = (token - found.start for token in span)
        values = sum_span(found.free, found.windows.sizes, start, end, self.scheme.roles.index(label))
        return values if numpy.isfinite(values).all() else self._sum(found, span, label).log_z - found.free.log_z

    def _sum(self, found: _Arguments, span: Tuple[int, int], label: str) -> Lattice:
        """Over the taggings in which a span has just this role."""
        windows, role = found.windows, self.scheme.roles.index(label)
        tokens = found.start + windows.tokens - windows.starts[windows.owners]
        allowed: Array2d = numpy.ones(found.scores.shape, dtype="bool")
        inside, first = (tokens >= span[0]) & (tokens < span[1]), tokens == span[0]
        allowed[inside] = False
        allowed[first, self.scheme.begin(role)] = True
        allowed[inside & ~first, self.scheme.inside(role)] = True
        allowed[tokens == span[1], self.scheme.inside(role)] = False
        return forward_backward(numpy.where(allowed, found.scores, ILLEGAL), windows.sizes)
