"""From the vectors of a Doc's tokens to one vector for the Doc."""

from typing import Callable, Dict, Optional, Sequence, Tuple, cast

from thinc.api import Model, concatenate, glorot_uniform_init, reduce_first, reduce_last, reduce_max, reduce_mean
from thinc.types import Floats1d, Floats2d, Ints1d, Ragged
from thinc.util import get_width

from ...errors import Errors


def pool(methods: Sequence[str], attention_width: int = 64) -> Model[Ragged, Floats2d]:
    """Pool the tokens of each Doc by several methods and put the results side by side. A Doc without tokens gets zeros.

    methods (Sequence[str]): Any of "attention", "mean", "max", "first", "last", each at most once.
    attention_width (int): The hidden width of the attention.
    RETURNS (Model[Ragged, Floats2d]): From (tokens, width) to (docs, width * methods).
    RAISES (ValueError): E301 for an empty list, an unknown method, or one given twice.
    """
    layers: Dict[str, Callable[[], Model]] = {
        "attention": lambda: attention_pool(attention_width),
        "mean": reduce_mean,
        "max": reduce_max,
        "first": reduce_first,
        "last": reduce_last,
    }
    if not methods or len(set(methods)) < len(methods) or not set(methods) <= set(layers):
        raise ValueError(Errors.E301.format(expected=", ".join(layers), found=list(methods)))
    chosen = [layers[method]() for method in methods]
    return skip_empty(chosen[0] if len(chosen) == 1 else concatenate(*chosen))


def attention_pool(nH: int = 64, nI: Optional[int] = None) -> Model[Ragged, Floats2d]:
    """Mean of a Doc's token vectors, weighted by attention to a learned query (Yang et al. 2016, Hierarchical
    Attention Networks for Document Classification): weight_t = softmax_t(q . tanh(W x_t + b)).

    The query starts at zero, so an untrained layer is the plain mean. Every Doc must have a token: see `skip_empty`.

    nH (int): The hidden width.
    nI (Optional[int]): The width of the token vectors; inferred at initialization if missing.
    RETURNS (Model[Ragged, Floats2d]): From (tokens, nI) to (docs, nI).
    """
    return Model(
        "attention_pool",
        _attend,
        init=_init_attention,
        dims={"nH": nH, "nI": nI, "nO": nI},
        params={"W": None, "b": None, "q": None},
    )


def skip_empty(layer: Model[Ragged, Floats2d]) -> Model[Ragged, Floats2d]:
    """Spare a pooling layer the Docs without tokens: they get zeros, and no gradient.

    layer (Model[Ragged, Floats2d]): The layer, from (tokens, width) to (docs, width out).
    RETURNS (Model[Ragged, Floats2d]): The same for any Docs.
    """
    return Model("skip_empty", _skip_empty, init=_init_skip_empty, layers=[layer], dims={"nO": None})


def _attend(model: Model[Ragged, Floats2d], X: Ragged, is_train: bool) -> Tuple[Floats2d, Callable]:
    ops = model.ops
    W = cast(Floats2d, model.get_param("W"))
    b = cast(Floats1d, model.get_param("b"))
    query = ops.reshape2f(cast(Floats1d, model.get_param("q")), -1, 1)  # [hidden, 1]
    vectors = cast(Floats2d, X.data)  # [tokens, width]
    lengths = X.lengths
    hidden = ops.xp.tanh(ops.gemm(vectors, W, trans2=True) + b)  # [tokens, hidden]
    weights = _softmax_by_doc(model, ops.gemm(hidden, query), lengths)  # [tokens, 1]
    pooled = ops.reduce_sum(vectors * weights, lengths)  # [docs, width]

    def backprop(d_pooled: Floats2d) -> Ragged:
        d_tokens = ops.backprop_reduce_sum(d_pooled, lengths)  # [tokens, width]
        d_weights = (d_tokens * vectors).sum(axis=1, keepdims=True)
        mean = ops.backprop_reduce_sum(ops.reduce_sum(weights * d_weights, lengths), lengths)
        d_scores = weights * (d_weights - mean)  # [tokens, 1]
        model.inc_grad("q", ops.gemm(hidden, d_scores, trans1=True).ravel())
        d_hidden = ops.gemm(d_scores, query, trans2=True) * (1 - hidden**2)
        model.inc_grad("W", ops.gemm(d_hidden, vectors, trans1=True))
        model.inc_grad("b", d_hidden.sum(axis=0))
        return Ragged(d_tokens * weights + ops.gemm(d_hidden, W), lengths)

    return pooled, backprop


def _softmax_by_doc(model: Model, scores: Floats2d, lengths: Ints1d) -> Floats2d:
    """Normalise a column of scores within each Doc. thinc's `softmax_sequences` clips at 20; this does not."""
    ops = model.ops
    largest = ops.reduce_max(scores, lengths)[0]  # [docs, 1]
    exponents = ops.xp.exp(scores - ops.backprop_reduce_sum(largest, lengths))
    return exponents / ops.backprop_reduce_sum(ops.reduce_sum(exponents, lengths), lengths)


def _init_attention(model: Model[Ragged, Floats2d], X: Optional[Ragged] = None, Y: Optional[Floats2d] = None) -> None:
    if X is not None:
        width = get_width(X)
        model.set_dim("nI", width)
        model.set_dim("nO", width)
    nH, nI = model.get_dim("nH"), model.get_dim("nI")
    model.set_param("W", glorot_uniform_init(model.ops, (nH, nI)))
    model.set_param("b", model.ops.alloc1f(nH))
    model.set_param("q", model.ops.alloc1f(nH))


def _skip_empty(model: Model[Ragged, Floats2d], X: Ragged, is_train: bool) -> Tuple[Floats2d, Callable]:
    ops = model.ops
    layer: Model[Ragged, Floats2d] = model.layers[0]
    lengths = X.lengths
    filled = lengths > 0
    # one read; where no Doc is empty, nothing is chosen by a mask, for which a GPU would be waited for
    n_filled = int(filled.sum())
    if n_filled == lengths.shape[0]:
        return layer(X, is_train)
    if not n_filled:
        return ops.alloc2f(lengths.shape[0], model.get_dim("nO")), lambda dY: Ragged(ops.xp.zeros_like(X.data), lengths)
    # Docs without tokens own no rows, so that only the lengths change.
    Y_filled, backprop_filled = layer(Ragged(X.data, lengths[filled]), is_train)
    Y = ops.alloc2f(lengths.shape[0], Y_filled.shape[1])
    Y[filled] = Y_filled

    def backprop(dY: Floats2d) -> Ragged:
        return Ragged(backprop_filled(ops.as_contig(dY[filled])).data, lengths)

    return Y, backprop


def _init_skip_empty(model: Model[Ragged, Floats2d], X: Optional[Ragged] = None, Y: Optional[Floats2d] = None) -> None:
    if X is not None:
        model.layers[0].initialize(X=Ragged(X.data, X.lengths[X.lengths > 0]))
        model.set_dim("nO", get_width(model.predict(X)))
    else:
        model.layers[0].initialize()
