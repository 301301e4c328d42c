"""The model of semantic role labelling: predicates, their senses and their arguments from one pass of the encoder."""

from typing import Callable, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy
from spacy.tokens import Doc
from thinc.api import Linear, Maxout, Model, chain
from thinc.types import Floats1d, Floats2d

from ...setting_checks import check_size, set_input_width
from ...types import TokenVectors
from ..windows import Windows, argument_bounds, pack_windows
from .argument_input import ArgumentInput
from .senses import SenseInput, build_sense_scorer

WINDOW = 100
"""Tokens on either side of a predicate where the model is given no windows."""


class SRLInput(NamedTuple):
    """A batch for training: the Docs, and the gold predicates of which arguments and senses are learned.

    docs (List[Doc]): The Docs.
    windows (Windows): The gold predicates and where their arguments may lie, over the tokens of all Docs.
    senses (SenseInput): Their candidates; its vectors are not read.
    """

    docs: List[Doc]
    windows: Windows
    senses: SenseInput


class SRLScores(NamedTuple):
    """Scores, or their gradients, of a batch of N tokens, R rows of K tags and C candidate senses.

    predicates (Floats1d): Log odds of each token heading a predicate, shape (N,).
    arguments (Floats2d): Score of each role tag, shape (R, K).
    senses (Floats1d): Score of each candidate sense, shape (C,).
    """

    predicates: Floats1d
    arguments: Floats2d
    senses: Floats1d


def build_srl_model(
    tok2vec: Model[List[Doc], TokenVectors],
    arguments: Model[ArgumentInput, Floats2d],
    predicate_width: int = 64,
) -> Model[SRLInput, SRLScores]:
    """Build the model of `mtl_srl`.

    tok2vec (Model[List[Doc], TokenVectors]): The encoder, or a listener to a shared one. It runs once a batch.
    arguments (Model[ArgumentInput, Floats2d]): Scores role tags for pairs of predicate and token.
    predicate_width (int): Width of the hidden layer that finds predicates.
    RETURNS (Model[SRLInput, SRLScores]): The model, with the parts as refs: "tok2vec", "predicates", "arguments",
        "senses". As spaCy's tools expect of every model, it takes Docs alone as well: then it scores the arguments of
        the predicates that it finds itself, and no senses, whose candidates are the component's.
    RAISES (ValueError): E409 for a width that is too small.
    """
    check_size("spacy-mtl.SRL.v1", "predicate_width", predicate_width)
    predicates: Model[Floats2d, Floats2d] = chain(
        Maxout(nO=predicate_width, nP=2, normalize=True, dropout=0.0), Linear(nO=1, nI=predicate_width)
    )
    senses = build_sense_scorer()
    return Model(
        "srl",
        _forward,
        init=_init,
        layers=[tok2vec, predicates, arguments, senses],
        refs={"tok2vec": tok2vec, "predicates": predicates, "arguments": arguments, "senses": senses},
        dims={"nO": None},
    )


def _init(model: Model, X: Optional[List[Doc]] = None, Y: Optional[SRLScores] = None) -> None:
    tok2vec = model.get_ref("tok2vec")
    tok2vec.initialize(X=X)
    width = tok2vec.get_dim("nO") if tok2vec.has_dim("nO") else tok2vec.predict(X)[0].shape[1]
    predicates = model.get_ref("predicates")
    predicates.initialize(X=model.ops.alloc2f(1, width), Y=model.ops.alloc2f(1, 1))
    for name in ("arguments", "senses"):
        part = model.get_ref(name)
        set_input_width(part, width)
        part.initialize()


def _forward(model: Model, inputs: Union[SRLInput, Sequence[Doc]], is_train: bool) -> Tuple[SRLScores, Callable]:
    tok2vec = model.get_ref("tok2vec")
    docs = inputs.docs if isinstance(inputs, SRLInput) else list(inputs)
    by_doc, backprop_tok2vec = tok2vec(docs, is_train)
    lengths = [len(vectors) for vectors in by_doc]
    vectors = model.ops.flatten(by_doc)
    predicates, backprop_predicates = model.get_ref("predicates")(vectors, is_train)
    if not isinstance(inputs, SRLInput):
        inputs = _find_predicates(docs, model.ops.to_numpy(predicates[:, 0]))
    arguments, backprop_arguments = model.get_ref("arguments")(ArgumentInput(vectors, inputs.windows), is_train)
    senses, backprop_senses = model.get_ref("senses")(inputs.senses._replace(vectors=vectors), is_train)

    def backprop(d_scores: SRLScores) -> List[Doc]:
        d_vectors = backprop_predicates(d_scores.predicates.reshape((-1, 1)))
        if len(d_scores.arguments):
            d_vectors += backprop_arguments(d_scores.arguments)
        if len(d_scores.senses):
            d_vectors += backprop_senses(d_scores.senses)
        return backprop_tok2vec(model.ops.unflatten(d_vectors, lengths))

    return SRLScores(predicates[:, 0], arguments, senses), backprop


def _find_predicates(docs: List[Doc], scores: Floats1d) -> SRLInput:
    """The tokens that are predicates more likely than not, with the tokens around them."""
    predicates, starts, ends = [], [], []
    offset = 0
    for doc in docs:
        for token in numpy.flatnonzero(scores[offset : offset + len(doc)] > 0).tolist():
            start, end = argument_bounds(numpy.zeros(1, dtype="int32"), len(doc), token, WINDOW)
            predicates.append(offset + token)
            starts.append(offset + start)
            ends.append(offset + end)
        offset += len(doc)
    nothing = numpy.zeros(0, dtype="int32")
    no_floats = numpy.zeros(0, dtype="float32")
    senses = SenseInput(no_floats.reshape((0, 0)), nothing, nothing, nothing, no_floats)
    return SRLInput(docs, pack_windows(predicates, starts, ends), senses)
