"""What a labeller of semantic roles says of texts, as lessons for others."""

from typing import Any, List, NamedTuple, Optional, Sequence

import numpy
from spacy.training import Example
from thinc.types import Floats1d, Floats2d

from ...alignment import align_frames
from ...annotation import has_frames
from ...heads.crf.soft_targets import pack_rows
from ...heads.srl.argument_input import ArgumentInput
from ...heads.srl.role_crf import forward_backward
from ...heads.srl.role_tags import constrain_predicates
from ...heads.srl.senses import segment_softmax
from ...heads.windows import argument_bounds, pack_windows, split_by_rows
from ..distillation.lessons import Lesson, join_labels
from .prediction import MAX_ROWS, SRLPredictor
from .senses import Candidates, make_sense_input


class _Predicates(NamedTuple):
    """Predicates of a batch: their tokens and the windows of their arguments, as indices into the batch's tokens, and
    their candidate senses."""

    tokens: List[int]
    starts: List[int]
    ends: List[int]
    candidates: List[Candidates]


def make_frame_lessons(
    predictor: SRLPredictor, examples: Sequence[Example], spans_key: str, temperature: float, top_k: int
) -> List[Optional[Lesson]]:
    """What a labeller says of Docs.

    predictor (SRLPredictor): The decoder of the labeller.
    examples (Sequence[Example]): The Docs, which the encoder has read, and their gold, if there is any: its predicates
        have arguments and senses too.
    spans_key (str): The span group of the gold.
    temperature (float): What scores are divided by.
    top_k (int): How many tags of a token are kept.
    RETURNS (List[Optional[Lesson]]): For each Doc "predicates", the probability of each token heading one; "heads",
        "starts" and "ends", the predicates that are found or known, and their windows; "rows", the role tags of all
        windows as `pack_rows` keeps them; "senses", "sense_sizes" and "sense_values", all candidates. None without
        tokens.
    """
    docs = [example.predicted for example in examples]
    lessons: List[Optional[Lesson]] = [None] * len(docs)
    if not any(len(doc) for doc in docs):
        return lessons
    model: Any = predictor.model
    ops = model.ops
    vectors = ops.flatten(model.get_ref("tok2vec").predict(docs))
    odds = ops.to_numpy(model.get_ref("predicates").predict(vectors)[:, 0]).astype("float64")
    offset = 0
    for i, (doc, example) in enumerate(zip(docs, examples)):
        own = slice(offset, offset + len(doc))
        if len(doc):
            found = _find_predicates(predictor, example, spans_key, odds[own], offset)
            lessons[i] = {
                "labels": join_labels(predictor.scheme.roles),
                "temperature": temperature,
                "predicates": _sigmoid(odds[own] / temperature).astype("float16"),
                "heads": numpy.asarray(found.tokens, dtype="int32") - offset,
                "starts": numpy.asarray(found.starts, dtype="int32") - offset,
                "ends": numpy.asarray(found.ends, dtype="int32") - offset,
                "rows": pack_rows(_find_roles(predictor, vectors, found, temperature), top_k),
                "senses": join_labels([name for of_predicate in found.candidates for name in of_predicate.names]),
                "sense_sizes": numpy.asarray([len(one.names) for one in found.candidates], dtype="uint16"),
                "sense_values": _find_senses(predictor, vectors, found, temperature).astype("float16"),
            }
        offset += len(doc)
    return lessons


def _find_predicates(
    predictor: SRLPredictor, example: Example, spans_key: str, odds: Floats1d, offset: int
) -> _Predicates:
    doc = example.predicted
    chosen = {i for i in numpy.flatnonzero(_sigmoid(odds) >= predictor.threshold).tolist() if not doc[i].is_space}
    if has_frames(example, spans_key):
        chosen.update(frame.start for frame in align_frames(example, spans_key).frames)
    sentences = predictor.sentences.find_gold(example)
    heads = sorted(chosen)
    bounds = [argument_bounds(sentences, len(doc), head, predictor.window) for head in heads]
    return _Predicates(
        [offset + head for head in heads],
        [offset + start for start, _ in bounds],
        [offset + end for _, end in bounds],
        [predictor.table[doc[head].text, doc[head].lemma_] for head in heads],
    )


def _find_roles(predictor: SRLPredictor, vectors: Floats2d, found: _Predicates, temperature: float) -> Floats2d:
    """The probabilities of role tags in the windows of predicates, one window after the other."""
    ops = predictor.model.ops
    rows = [numpy.zeros((0, predictor.scheme.size), dtype="float32")]
    for group in split_by_rows(found.starts, found.ends, MAX_ROWS):
        windows = pack_windows(*([part[i] for i in group] for part in found[:3]))
        scores = predictor.model.get_ref("arguments").predict(ArgumentInput(vectors, windows))
        scores = constrain_predicates(ops.to_numpy(scores) / temperature, windows, predictor.predicate_role)
        marginals = forward_backward(scores, windows.sizes).marginals()
        packed = numpy.argsort(windows.order)
        rows += [marginals[of_window] for of_window in windows.rows_of(packed)]
    return numpy.concatenate(rows)


def _find_senses(predictor: SRLPredictor, vectors: Floats2d, found: _Predicates, temperature: float) -> Floats1d:
    if not found.tokens:
        return numpy.zeros(0, dtype="float32")
    inputs = make_sense_input(found.tokens, found.candidates)._replace(vectors=vectors)
    scores = predictor.model.ops.to_numpy(predictor.model.get_ref("senses").predict(inputs))
    return segment_softmax(scores / temperature, inputs.sizes)


def _sigmoid(odds: Floats1d) -> Floats1d:
    return 1 / (1 + numpy.exp(-numpy.clip(odds, -50, 50)))
