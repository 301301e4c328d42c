"""Scorers of role tags: the vectors of a token and of a predicate in, one score a tag out.

Both are `Model[ArgumentInput, Floats2d]` and never look at a whole Doc: what is done for each predicate is only what
depends on the pair.
"""

from typing import Callable, Optional, Tuple

from thinc.api import Model, Ops, glorot_uniform_init, normal_init, zero_init
from thinc.types import Floats2d, Ints1d

from ...setting_checks import check_size, set_input_width
from .argument_input import ArgumentInput
from .between import build_between


def check_sizes(name: str, hidden_width: int, max_distance: int, nO: Optional[int], nI: Optional[int]) -> None:
    """Refuse sizes that no scorer of role tags can have.

    name (str): The registered name of the scorer.
    hidden_width (int): Width of its hidden layer.
    max_distance (int): Distances beyond it share one vector.
    nO (Optional[int]): Number of tags.
    nI (Optional[int]): Width of the vectors.
    RAISES (ValueError): E409 for a size that is too small.
    """
    check_size(name, "hidden_width", hidden_width)
    check_size(name, "max_distance", max_distance, least=0)
    check_size(name, "nO", nO, otherwise=", or null")
    check_size(name, "nI", nI, otherwise=", or null")


def build_concat_arguments(
    hidden_width: int = 128,
    max_distance: int = 32,
    between: int = 0,
    nO: Optional[int] = None,
    nI: Optional[int] = None,
) -> Model[ArgumentInput, Floats2d]:
    """Score pairs by a hidden layer over token, predicate and signed distance, each multiplied on its own.

    hidden = relu(W_t h_t + W_p h_p + r_distance + V f_between + b); scores = U hidden + c. The first two products cost
    one pass over the tokens and one over the predicates; only the sum, V, the relu and U are done for each pair.

    hidden_width (int): Width of the hidden layer.
    max_distance (int): Distances beyond it share one vector.
    between (int): In how many ways the tokens between predicate and token are counted, see `build_between`; 0 for none.
    nO (Optional[int]): Number of tags, set at initialization.
    nI (Optional[int]): Width of the vectors, set at initialization.
    RETURNS (Model[ArgumentInput, Floats2d]): Scores of shape (R, tags).
    RAISES (ValueError): E409 for a size that is too small.
    """
    check_sizes("spacy-mtl.ConcatArguments.v1", hidden_width, max_distance, nO, nI)
    check_size("spacy-mtl.ConcatArguments.v1", "between", between, least=0)
    params = ["token_W", "predicate_W", "distance", "b", "output_W", "output_b"]
    return Model(
        "concat_arguments",
        _concat_forward,
        init=_concat_init,
        layers=[build_between(between)] if between else [],
        dims={"nO": nO, "nI": nI, "nH": hidden_width, "nD": 2 * max_distance + 1},
        params=dict.fromkeys([*params, "between_W"] if between else params),
        attrs={"dropout_rate": 0.0, "max_distance": max_distance},
    )


def _concat_init(model: Model, X: Optional[ArgumentInput] = None, Y: Optional[Floats2d] = None) -> None:
    width, hidden, tags = model.get_dim("nI"), model.get_dim("nH"), model.get_dim("nO")
    model.set_param("token_W", glorot_uniform_init(model.ops, (hidden, width)))
    model.set_param("predicate_W", glorot_uniform_init(model.ops, (hidden, width)))
    model.set_param("distance", normal_init(model.ops, (model.get_dim("nD"), hidden), mean=0.0) * 0.1)
    for layer in model.layers:
        set_input_width(layer, width)
        layer.initialize()
        model.set_param("between_W", normal_init(model.ops, (hidden, layer.get_dim("nO")), mean=0.0) * 0.1)
    model.set_param("b", zero_init(model.ops, (hidden,)))
    model.set_param("output_W", zero_init(model.ops, (tags, hidden)))
    model.set_param("output_b", zero_init(model.ops, (tags,)))


def _concat_forward(model: Model, inputs: ArgumentInput, is_train: bool) -> Tuple[Floats2d, Callable]:
    ops, xp = model.ops, model.ops.xp
    vectors, windows = inputs
    tokens, owners = ops.asarray1i(windows.tokens), ops.asarray1i(windows.owners)
    predicates = ops.asarray1i(windows.predicates)
    token_W, predicate_W = model.get_param("token_W"), model.get_param("predicate_W")
    output_W = model.get_param("output_W")
    predicate_vectors = vectors[predicates]
    by_token = vectors @ token_W.T
    by_predicate = predicate_vectors @ predicate_W.T + model.get_param("b")
    distances = signed_distances(xp, tokens, predicates[owners], model.attrs["max_distance"])
    hidden = by_token[tokens]
    hidden += by_predicate[owners]
    hidden += model.get_param("distance")[distances]
    counted = [layer(inputs, is_train) for layer in model.layers]
    for features, _ in counted:
        hidden += features @ model.get_param("between_W").T
    xp.maximum(hidden, 0, out=hidden)
    kept = dropout_mask(ops, hidden, model.attrs["dropout_rate"]) if is_train else None
    if kept is not None:
        hidden *= kept
    scores = hidden @ output_W.T
    scores += model.get_param("output_b")

    def backprop(d_scores: Floats2d) -> Floats2d:
        model.inc_grad("output_W", d_scores.T @ hidden)
        model.inc_grad("output_b", d_scores.sum(axis=0))
        d_hidden = d_scores @ output_W
        d_hidden *= hidden > 0
        if kept is not None:
            d_hidden *= kept
        d_distance = ops.alloc2f(*model.get_param("distance").shape)
        ops.scatter_add(d_distance, distances, d_hidden)
        d_by_token = ops.alloc2f(*by_token.shape)
        ops.scatter_add(d_by_token, tokens, d_hidden)
        d_by_predicate = ops.alloc2f(*by_predicate.shape)
        ops.scatter_add(d_by_predicate, owners, d_hidden)
        model.inc_grad("distance", d_distance)
        model.inc_grad("b", d_by_predicate.sum(axis=0))
        model.inc_grad("token_W", d_by_token.T @ vectors)
        model.inc_grad("predicate_W", d_by_predicate.T @ predicate_vectors)
        d_vectors = d_by_token @ token_W
        ops.scatter_add(d_vectors, predicates, d_by_predicate @ predicate_W)
        for features, backprop_features in counted:
            model.inc_grad("between_W", d_hidden.T @ features)
            d_vectors += backprop_features(d_hidden @ model.get_param("between_W"))
        return d_vectors

    return scores, backprop


def signed_distances(xp, tokens: Ints1d, predicates: Ints1d, limit: int) -> Ints1d:
    """Token minus predicate, clipped to the limit and shifted to start at zero.

    xp (module): numpy or cupy.
    tokens (Ints1d): Token of each row.
    predicates (Ints1d): Predicate token of each row.
    limit (int): The largest distance told apart.
    RETURNS (Ints1d): Values in [0, 2 * limit].
    """
    return xp.ascontiguousarray((xp.clip(tokens - predicates, -limit, limit) + limit).astype("int32"))


def dropout_mask(ops: Ops, like: Floats2d, rate: float) -> Optional[Floats2d]:
    """RETURNS (Optional[Floats2d]): Zeros and 1 / (1 - rate) in the shape of an array; None if nothing is dropped."""
    if rate <= 0:
        return None
    return ops.get_dropout_mask(like.shape, rate)
