"""What lies between a predicate and a token: learned counts of the tokens there, such as of commas, verbs or "that"."""

from typing import Callable, Optional, Tuple

from thinc.api import Model, glorot_uniform_init
from thinc.types import Floats2d

from .argument_input import ArgumentInput

# as weights of a token before any is learned: a count of one in seven or eight
FIRST_BIAS = -2.0


def build_between(counts: int, nI: Optional[int] = None) -> Model[ArgumentInput, Floats2d]:
    """Count, for each pair of predicate and token, what lies between them, in several ways that are learned.

    A token x counts as c_k(x) = sigmoid(w_k x + b_k), from 0 to 1, and a pair has log(1 + sum of c_k over the tokens
    strictly between), in one place where the token is behind the predicate and in another where it is before. Sums are
    differences of running totals, so that a pair costs the same however far apart it is. (A learned relative of the
    numbers of verbs, commas and phrases on the path, which roles were once found by: Gildea and Jurafsky 2002,
    Xue and Palmer 2004.)

    counts (int): How many ways of counting there are, K.
    nI (Optional[int]): Width of the vectors, set at initialization.
    RETURNS (Model[ArgumentInput, Floats2d]): Features of shape (R, 2 K): K for tokens behind, then K for those before.
    """
    return Model(
        "between", _forward, init=_init, dims={"nO": 2 * counts, "nI": nI, "nK": counts}, params={"W": None, "b": None}
    )


def _init(model: Model, X: Optional[ArgumentInput] = None, Y: Optional[Floats2d] = None) -> None:
    counts = model.get_dim("nK")
    model.set_param("W", glorot_uniform_init(model.ops, (counts, model.get_dim("nI"))))
    model.set_param("b", model.ops.alloc1f(counts) + FIRST_BIAS)


def _forward(model: Model, inputs: ArgumentInput, is_train: bool) -> Tuple[Floats2d, Callable]:
    ops, xp = model.ops, model.ops.xp
    vectors, windows = inputs
    tokens, owners = ops.asarray1i(windows.tokens), ops.asarray1i(windows.owners)
    predicates = ops.asarray1i(windows.predicates)[owners]
    W = model.get_param("W")
    counted = ops.sigmoid(vectors @ W.T + model.get_param("b"))  # [tokens, counts]
    # totals[i]: of the tokens before i, in double precision, or the end of a batch would be less exact than its start
    totals = xp.zeros((len(vectors) + 1, counted.shape[1]), dtype="float64")
    xp.cumsum(counted, axis=0, out=totals[1:], dtype="float64")
    first = xp.minimum(tokens, predicates) + 1
    after = xp.maximum(xp.maximum(tokens, predicates), first)
    sums = (totals[after] - totals[first]).astype("float32")
    is_behind = (tokens > predicates)[:, None]
    logs = xp.log1p(sums)
    features = xp.hstack([logs * is_behind, logs * ~is_behind])

    def backprop(d_features: Floats2d) -> Floats2d:
        width = counted.shape[1]
        d_sums = xp.where(is_behind, d_features[:, :width], d_features[:, width:]) / (1 + sums)
        d_totals = ops.alloc2f(*totals.shape)
        ops.scatter_add(d_totals, xp.ascontiguousarray(after.astype("int32")), d_sums)
        ops.scatter_add(d_totals, xp.ascontiguousarray(first.astype("int32")), -d_sums)
        # a token is in all totals behind it
        d_counted = xp.cumsum(d_totals[:0:-1], axis=0, dtype="float64")[::-1].astype("float32")
        d_raw = d_counted * counted * (1 - counted)
        model.inc_grad("W", d_raw.T @ vectors)
        model.inc_grad("b", d_raw.sum(axis=0))
        return d_raw @ W

    return features, backprop
