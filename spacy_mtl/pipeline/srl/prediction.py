"""Frames from the model's scores."""

from typing import Callable, List, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import minibatch
from thinc.api import Model
from thinc.types import Floats1d, Floats2d, Ints1d

from ...alignment import align_frames
from ...frames import PREDICATE, set_frames
from ...heads.srl.argument_input import ArgumentInput
from ...heads.srl.role_crf import forward_backward, viterbi
from ...heads.srl.role_tags import RoleTagScheme, constrain_predicates, decode_spans
from ...heads.srl.senses import segment_softmax
from ...heads.srl.unique_roles import decode_unique
from ...heads.windows import Windows, argument_bounds, pack_windows, split_by_rows
from ...span_places import copy_doc
from ...types import FrameSpans, RoleSpan
from ..sentences import SentenceFinder
from .senses import NO_SENSE, CandidateTable, make_sense_input

MAX_ROWS = 65536
"""Pairs of predicate and token that are decoded at once: what bounds the memory."""
BATCH_SIZE = 128


class SRLPredictor:
    """Decodes frames. One encoder pass serves all predicates; their windows are decoded a bounded number at a time.

    model (Model): The model, as `spacy-mtl.SRL.v1` builds it.
    scheme (RoleTagScheme): The role tags.
    table (CandidateTable): The rolesets by word form.
    threshold (float): Probability from which a token heads a predicate.
    window (int): Tokens on either side of a predicate; 0 for no limit.
    unique_roles (Sequence[str]): Roles that a predicate has at most once.
    sentences (SentenceFinder): Finds the sentences that arguments stay in.
    temperature (Callable[[str], float]): What to divide the scores of "predicates", "senses" and "arguments" by.
    """

    def __init__(
        self,
        model: Model,
        scheme: RoleTagScheme,
        table: CandidateTable,
        *,
        threshold: float,
        window: int,
        unique_roles: Sequence[str],
        sentences: SentenceFinder,
        temperature: Callable[[str], float],
    ) -> None:
        self.model = model
        self.scheme = scheme
        self.threshold = threshold
        self.window = window
        self.sentences = sentences
        self.temperature = temperature
        self.table = table
        self.predicate_role = scheme.roles.index(PREDICATE)
        self.unique = [i for i, role in enumerate(scheme.roles) if role in unique_roles]

    def predict(
        self, docs: Sequence[Doc], given: Optional[Sequence[Sequence[FrameSpans]]] = None, *, trims: bool = True
    ) -> List[List[FrameSpans]]:
        """Find the frames of Docs.

        docs (Sequence[Doc]): The Docs.
        given (Optional[Sequence[Sequence[FrameSpans]]]): The predicates of each Doc, of which the extent and a sense
            that is not "" are kept; None to find predicates.
        trims (bool): Whether arguments lose white space at their ends, which their probabilities are of.
        RETURNS (List[List[FrameSpans]]): The frames of each Doc, in the order of their predicates.
        """
        frames: List[List[FrameSpans]] = [[] for _ in docs]
        if not any(len(doc) for doc in docs):
            return frames
        ops = self.model.ops
        vectors = ops.flatten(self.model.get_ref("tok2vec").predict(list(docs)))
        if given is None:
            scores = ops.to_numpy(self.model.get_ref("predicates").predict(vectors)[:, 0])
            found = self._choose_predicates(docs, scores)
        else:
            found = [(i, frame) for i, of_doc in enumerate(given) for frame in of_doc]
        if not found:
            return frames
        offsets = numpy.cumsum([0, *(len(doc) for doc in docs)]).tolist()
        senses = self._predict_senses(docs, offsets, found, vectors)
        roles = self._predict_roles(docs, offsets, found, vectors, ends_given=given is not None)
        with_spaces = {i for i in {i for i, _ in found} if docs[i].to_array("IS_SPACE").any()}
        for (i, frame), (best_sense, best_probability), spans in zip(found, senses, roles):
            offset = offsets[i]
            moved = [RoleSpan(r, start - offset, end - offset, p) for r, start, end, p in spans]
            if trims and i in with_spaces:
                moved = [span for span in (trim_span(docs[i], span) for span in moved) if span is not None]
            end = frame.end if given is not None else next(s.end for s in moved if s.role == PREDICATE)
            arguments = tuple(span for span in moved if span.role != PREDICATE)
            sense, sense_probability = frame.sense, frame.sense_probability
            if not sense:
                sense, sense_probability = best_sense, best_probability
            frames[i].append(FrameSpans(frame.start, end, sense, arguments, frame.probability, sense_probability))
        return frames

    def label_gold_predicates(self, examples: Sequence[Example], spans_key: str) -> List[Example]:
        """Label the reference's predicates instead of predicted ones, on copies of the predicted Docs.

        examples (Sequence[Example]): The Examples.
        spans_key (str): The span group of the frames.
        RETURNS (List[Example]): The copies with their frames, and the references.
        """
        labelled = []
        for batch in minibatch(examples, BATCH_SIZE):
            docs = [copy_doc(example.predicted) for example in batch]
            predicates = [
                [FrameSpans(frame.start, frame.end) for frame in align_frames(example, spans_key).frames]
                for example in batch
            ]
            for doc, example, frames in zip(docs, batch, self.predict(docs, predicates)):
                set_frames(doc, frames, spans_key)
                labelled.append(Example(doc, example.reference))
        return labelled

    def _choose_predicates(self, docs: Sequence[Doc], scores: Floats1d) -> List[Tuple[int, FrameSpans]]:
        chosen = _sigmoid(scores) >= self.threshold
        # the threshold is of the uncalibrated probability: calibration changes no prediction
        probabilities = _sigmoid(scores / self.temperature("predicates"))
        found = []
        offset = 0
        for i, doc in enumerate(docs):
            for token in numpy.nonzero(chosen[offset : offset + len(doc)])[0].tolist():
                if not doc[token].is_space:
                    found.append((i, FrameSpans(token, token + 1, probability=float(probabilities[offset + token]))))
            offset += len(doc)
        return found

    def _predict_senses(
        self, docs: Sequence[Doc], offsets: List[int], found: List[Tuple[int, FrameSpans]], vectors: Floats2d
    ) -> List[Tuple[str, Optional[float]]]:
        if not self.table.sense_index:
            # a corpus without senses teaches none: a guess with probability 1 would be a lie
            return [(NO_SENSE, None)] * len(found)
        tokens = [docs[i][frame.start] for i, frame in found]
        candidates = [self.table[token.text, token.lemma_] for token in tokens]
        inputs = make_sense_input([offsets[i] + frame.start for i, frame in found], candidates)
        scores = self.model.ops.to_numpy(self.model.get_ref("senses").predict(inputs._replace(vectors=vectors)))
        probabilities = segment_softmax(scores / self.temperature("senses"), inputs.sizes)
        chosen: List[Tuple[str, Optional[float]]] = []
        first = 0
        for of_predicate in candidates:
            after = first + len(of_predicate.names)
            best = int(probabilities[first:after].argmax()) if after - first > 1 else 0
            sense = of_predicate.names[best]
            # the softmax is over the candidates: they may lack the sense
            probability = float(probabilities[first + best]) * of_predicate.coverage
            chosen.append((sense, probability) if sense != NO_SENSE else (NO_SENSE, None))
            first = after
        return chosen

    def _predict_roles(
        self,
        docs: Sequence[Doc],
        offsets: List[int],
        found: List[Tuple[int, FrameSpans]],
        vectors: Floats2d,
        *,
        ends_given: bool,
    ) -> List[List[RoleSpan]]:
        sentences = {i: self.sentences(docs[i]) for i in {i for i, _ in found}}
        bounds = [argument_bounds(sentences[i], len(docs[i]), frame.start, self.window) for i, frame in found]
        predicates = [offsets[i] + frame.start for i, frame in found]
        starts = [offsets[i] + start for (i, _), (start, _) in zip(found, bounds)]
        ends = [offsets[i] + end for (i, _), (_, end) in zip(found, bounds)]
        roles: List[List[RoleSpan]] = [[] for _ in found]
        for group in split_by_rows(starts, ends, MAX_ROWS):
            windows = pack_windows([predicates[i] for i in group], [starts[i] for i in group], [ends[i] for i in group])
            after = None
            if ends_given:
                after = numpy.asarray([offsets[found[i][0]] + found[i][1].end for i in group])[windows.order]
            for i, spans in zip(group, self._decode(vectors, windows, after)):
                roles[i] = spans
        return roles

    def _decode(self, vectors: Floats2d, windows: Windows, after: Optional[Ints1d]) -> List[List[RoleSpan]]:
        ops = self.model.ops
        scores = ops.to_numpy(self.model.get_ref("arguments").predict(ArgumentInput(vectors, windows)))
        scores /= self.temperature("arguments")
        scores = constrain_predicates(scores, windows, self.predicate_role, after)
        tags, _ = viterbi(scores, windows.sizes)
        self._repair_repetitions(scores, tags, windows)
        return decode_spans(tags, forward_backward(scores, windows.sizes), windows, self.scheme)

    def _repair_repetitions(self, scores: Floats2d, tags: Ints1d, windows: Windows) -> None:
        """Decode again, in place, the predicates whose best tagging begins a unique role twice."""
        if not self.unique:
            return
        begins = numpy.zeros(self.scheme.size, dtype=bool)
        begins[[self.scheme.begin(role) for role in self.unique]] = True
        rows = numpy.nonzero(begins[tags])[0]
        keys = windows.owners[rows].astype("int64") * self.scheme.size + tags[rows]
        values, counts = numpy.unique(keys, return_counts=True)
        repeating = sorted(set((values[counts > 1] // self.scheme.size).tolist()))
        rows_of = windows.rows_of(repeating)
        decoded = decode_unique([scores[rows] for rows in rows_of], [tags[rows] for rows in rows_of], self.unique)
        for rows, repaired in zip(rows_of, decoded):
            tags[rows] = repaired


def _sigmoid(scores: Floats1d) -> Floats1d:
    return 1 / (1 + numpy.exp(-numpy.clip(scores, -50, 50)))


def trim_span(doc: Doc, span: RoleSpan) -> Optional[RoleSpan]:
    """Take white space from the ends of a span.

    doc (Doc): The Doc.
    span (RoleSpan): The span.
    RETURNS (Optional[RoleSpan]): What is left of it; None if nothing is.
    """
    start, end = span.start, span.end
    while start < end and doc[start].is_space:
        start += 1
    while end > start and doc[end - 1].is_space:
        end -= 1
    return span._replace(start=start, end=end) if start < end else None
