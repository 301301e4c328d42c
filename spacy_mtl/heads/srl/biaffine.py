"""A deep biaffine scorer of role tags (Dozat and Manning, 2017; for roles Cai et al., 2018)."""

from typing import Callable, List, Optional, Tuple

import numpy
from thinc.api import Model, Ops, glorot_uniform_init, normal_init, zero_init
from thinc.types import Floats2d, Ints1d

from ..windows import Windows
from .argument_input import ArgumentInput
from .arguments import check_sizes, dropout_mask, signed_distances


def build_biaffine_arguments(
    hidden_width: int = 64, max_distance: int = 32, nO: Optional[int] = None, nI: Optional[int] = None
) -> Model[ArgumentInput, Floats2d]:
    """Score pairs by a bilinear form for each tag, plus a score of the signed distance for each tag.

    t = relu(W_t h_t + b_t), p = relu(W_p h_p + b_p), both with a constant 1 appended;
    score of tag k = t U_k p + d_k(distance).

    hidden_width (int): Width of t and p.
    max_distance (int): Distances beyond it share one vector.
    nO (Optional[int]): Number of tags, set at initialization.
    nI (Optional[int]): Width of the vectors, set at initialization.
    RETURNS (Model[ArgumentInput, Floats2d]): Scores of shape (R, tags).
    RAISES (ValueError): E409 for a size that is too small.
    """
    check_sizes("spacy-mtl.BiaffineArguments.v1", hidden_width, max_distance, nO, nI)
    return Model(
        "biaffine_arguments",
        _forward,
        init=_init,
        dims={"nO": nO, "nI": nI, "nH": hidden_width, "nD": 2 * max_distance + 1},
        params=dict.fromkeys(["token_W", "token_b", "predicate_W", "predicate_b", "U", "distance"]),
        attrs={"dropout_rate": 0.0, "max_distance": max_distance},
    )


def _init(model: Model, X: Optional[ArgumentInput] = None, Y: Optional[Floats2d] = None) -> None:
    ops = model.ops
    width, hidden, tags = model.get_dim("nI"), model.get_dim("nH"), model.get_dim("nO")
    for side in ("token", "predicate"):
        model.set_param(f"{side}_W", glorot_uniform_init(ops, (hidden, width)))
        model.set_param(f"{side}_b", zero_init(ops, (hidden,)))
    model.set_param("U", normal_init(ops, (tags * (hidden + 1), hidden + 1), mean=0.0) * 0.01)
    model.set_param("distance", zero_init(ops, (model.get_dim("nD"), tags)))


def _forward(model: Model, inputs: ArgumentInput, is_train: bool) -> Tuple[Floats2d, Callable]:
    ops, xp = model.ops, model.ops.xp
    vectors, windows = inputs
    tags, hidden = model.get_dim("nO"), model.get_dim("nH")
    tokens, owners = ops.asarray1i(windows.tokens), ops.asarray1i(windows.owners)
    predicates = ops.asarray1i(windows.predicates)
    rate = model.attrs["dropout_rate"] if is_train else 0.0
    token_side, backprop_token = _project(model, "token", vectors, rate)
    predicate_side, backprop_predicate = _project(model, "predicate", vectors[predicates], rate)
    U = model.get_param("U")
    # (P, tags, hidden + 1): each predicate makes a linear scorer of tokens
    scorers = (predicate_side @ U.T).reshape((len(predicates), tags, hidden + 1))
    distances = signed_distances(xp, tokens, predicates[owners], model.attrs["max_distance"])
    # the rows of one predicate after those of another, where each is a slice: they go to their places at once
    rows, parts = _group_rows(ops, windows)
    products = ops.alloc2f(len(windows.tokens), tags, zeros=False)
    for scorer, (window, part) in zip(scorers, parts):
        xp.matmul(token_side[window], scorer.T, out=products[part])
    scores = model.get_param("distance")[distances]
    scores[rows] += products

    def backprop(d_scores: Floats2d) -> Floats2d:
        d_distance = ops.alloc2f(*model.get_param("distance").shape)
        ops.scatter_add(d_distance, distances, d_scores)
        model.inc_grad("distance", d_distance)
        d_token_side = ops.alloc2f(*token_side.shape)
        d_scorers = xp.empty_like(scorers)
        d_products = d_scores[rows]
        for i, (window, part) in enumerate(parts):
            d_token_side[window] += d_products[part] @ scorers[i]
            d_scorers[i] = d_products[part].T @ token_side[window]
        flat = d_scorers.reshape((len(predicates), -1))
        model.inc_grad("U", flat.T @ predicate_side)
        d_vectors = backprop_token(d_token_side)
        ops.scatter_add(d_vectors, predicates, backprop_predicate(flat @ U))
        return d_vectors

    return scores, backprop


def _group_rows(ops: Ops, windows: Windows) -> Tuple[Ints1d, List[Tuple[slice, slice]]]:
    """RETURNS (Tuple[Ints1d, List[Tuple[slice, slice]]]): The rows of the windows, predicate by predicate, shape (R,);
    and for each predicate the tokens of its window, and the place of its rows among these."""
    lengths = windows.lengths().tolist()
    ends = numpy.cumsum(lengths, dtype="int64").tolist()
    rows = windows.rows_of(range(len(lengths)))
    parts = [
        (slice(start, start + length), slice(end - length, end))
        for start, length, end in zip(windows.starts.tolist(), lengths, ends)
    ]
    return ops.asarray1i(numpy.concatenate(rows) if rows else numpy.zeros(0, dtype="int64")), parts


def _project(model: Model, side: str, vectors: Floats2d, rate: float) -> Tuple[Floats2d, Callable]:
    """A relu layer with a constant appended to its output: shape (n, hidden + 1)."""
    ops, xp = model.ops, model.ops.xp
    W, b = model.get_param(f"{side}_W"), model.get_param(f"{side}_b")
    hidden = xp.maximum(vectors @ W.T + b, 0)
    kept = dropout_mask(ops, hidden, rate)
    if kept is not None:
        hidden = hidden * kept
    output = xp.concatenate([hidden, xp.ones((len(hidden), 1), dtype=hidden.dtype)], axis=1)

    def backprop(d_output: Floats2d) -> Floats2d:
        d_hidden = d_output[:, :-1] * (hidden > 0)
        if kept is not None:
            d_hidden = d_hidden * kept
        model.inc_grad(f"{side}_W", d_hidden.T @ vectors)
        model.inc_grad(f"{side}_b", d_hidden.sum(axis=0))
        return d_hidden @ W

    return output, backprop
