"""Roleset disambiguation: a softmax over the few rolesets that a predicate can have."""

from typing import Callable, NamedTuple, Optional, Tuple

import numpy
from thinc.api import Model, zero_init
from thinc.types import Floats1d, Floats2d, Ints1d

from .arguments import dropout_mask

UNKNOWN = -1


class SenseInput(NamedTuple):
    """What the sense scorer reads, for P predicates with C candidates in all.

    vectors (Floats2d): Vectors of all tokens of the batch, shape (tokens, width).
    predicates (Ints1d): Token of each predicate, shape (P,).
    senses (Ints1d): Candidates of the first predicate, then of the second, ...; UNKNOWN for one never seen, shape (C,).
    sizes (Ints1d): Number of candidates of each predicate, at least one, shape (P,).
    priors (Floats1d): Log prior of each candidate, shape (C,).
    """

    vectors: Floats2d
    predicates: Ints1d
    senses: Ints1d
    sizes: Ints1d
    priors: Floats1d


def build_sense_scorer(nO: Optional[int] = None, nI: Optional[int] = None) -> Model[SenseInput, Floats1d]:
    """Score each candidate by its log prior plus a linear function of the predicate's vector.

    Weights start at zero: before training, and for a roleset that training never saw, the prior decides.

    nO (Optional[int]): Number of rolesets, set at initialization.
    nI (Optional[int]): Width of the vectors, set at initialization.
    RETURNS (Model[SenseInput, Floats1d]): Scores of shape (C,).
    """
    return Model(
        "senses",
        _forward,
        init=_init,
        dims={"nO": nO, "nI": nI},
        params={"W": None, "b": None},
        attrs={"dropout_rate": 0.0},
    )


def _init(model: Model, X: Optional[SenseInput] = None, Y: Optional[Floats1d] = None) -> None:
    # one row more than there are rolesets: UNKNOWN reads it, and it stays zero
    shape = (model.get_dim("nO") + 1, model.get_dim("nI"))
    model.set_param("W", zero_init(model.ops, shape))
    model.set_param("b", zero_init(model.ops, shape[:1]))


def _forward(model: Model, inputs: SenseInput, is_train: bool) -> Tuple[Floats1d, Callable]:
    ops = model.ops
    W, b = model.get_param("W"), model.get_param("b")
    predicates = ops.asarray1i(inputs.predicates)
    owners = ops.asarray1i(numpy.repeat(numpy.arange(len(inputs.sizes), dtype="int32"), inputs.sizes))
    known = ops.asarray1i(inputs.senses)
    senses = ops.xp.where(known == UNKNOWN, W.shape[0] - 1, known).astype("int32")
    vectors = inputs.vectors[predicates]
    kept = dropout_mask(ops, vectors, model.attrs["dropout_rate"]) if is_train else None
    if kept is not None:
        vectors = vectors * kept
    spread = vectors[owners]
    weights = W[senses]
    scores = (weights * spread).sum(axis=1) + b[senses] + ops.asarray1f(inputs.priors)

    def backprop(d_scores: Floats1d) -> Floats2d:
        d_scores = d_scores * (known != UNKNOWN)
        d_W, d_b = ops.alloc2f(*W.shape), ops.alloc2f(W.shape[0], 1)
        ops.scatter_add(d_W, senses, d_scores[:, None] * spread)
        ops.scatter_add(d_b, senses, ops.xp.ascontiguousarray(d_scores[:, None]))
        model.inc_grad("W", d_W)
        model.inc_grad("b", d_b[:, 0])
        d_predicates = ops.alloc2f(*vectors.shape)
        ops.scatter_add(d_predicates, owners, d_scores[:, None] * weights)
        if kept is not None:
            d_predicates *= kept
        d_vectors = ops.alloc2f(*inputs.vectors.shape)
        ops.scatter_add(d_vectors, predicates, d_predicates)
        return d_vectors

    return scores, backprop


def segment_softmax(scores: Floats1d, sizes: Ints1d) -> Floats1d:
    """Softmax within each predicate's candidates, on the host.

    scores (Floats1d): Scores, shape (C,).
    sizes (Ints1d): Number of candidates of each predicate, at least one each, shape (P,).
    RETURNS (Floats1d): Probabilities, shape (C,).
    """
    if not len(sizes):
        return scores
    starts = numpy.concatenate([[0], numpy.cumsum(sizes)[:-1]])
    owners = numpy.repeat(numpy.arange(len(sizes)), sizes)
    powers = numpy.exp(scores - numpy.maximum.reduceat(scores, starts)[owners])
    return powers / numpy.add.reduceat(powers, starts)[owners]
