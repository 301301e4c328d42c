"""The model of the text categorizer: token vectors, pooled, to one score for each label."""

from typing import Any, Callable, List, Optional, Tuple

from spacy.tokens import Doc
from thinc.api import Dropout, LayerNorm, Linear, Maxout, Model, Ops, add, chain, list2ragged, zero_init
from thinc.types import Floats2d

from ...errors import Errors
from ...setting_checks import PROBABILITY, check_setting, check_size
from .pooling import pool

NAME = "spacy-mtl.TextCat.v1"
_OUTPUT_LAYERS = ("softmax_activation", "logistic", "softmax", "sigmoid")


def build_textcat_model(
    tok2vec: Model[List[Doc], List[Floats2d]],
    pooling: List[str] = ["attention", "mean", "max"],  # noqa: B006
    hidden_width: int = 0,
    attention_width: int = 64,
    dropout: Optional[float] = None,
    linear_model: Optional[Model[List[Doc], Floats2d]] = None,
    nO: Optional[int] = None,
) -> Model[List[Doc], Floats2d]:
    """Score a Doc as a whole. The scores are logits: whether labels exclude each other is up to the component.

    tok2vec (Model[List[Doc], List[Floats2d]]): The encoder or a listener.
    pooling (List[str]): How token vectors become one: any of "attention", "mean", "max", "first", "last", side by side.
    hidden_width (int): The width of a hidden layer (maxout of three pieces, normalised); 0 for none.
    attention_width (int): The hidden width of the attention.
    dropout (Optional[float]): The dropout rate of the pooled vector; None for that of `[training]`.
    linear_model (Optional[Model[List[Doc], Floats2d]]): A model whose logits are added, such as `spacy.TextCatBOW.v3`
        with `no_output_layer = true`.
    nO (Optional[int]): The number of labels; set by the component at initialization.
    RETURNS (Model[List[Doc], Floats2d]): From docs to logits, shape (docs, labels).
    RAISES (ValueError): E301 for a wrong `pooling`, E302 for a `linear_model` that gives probabilities, E409
        for a wrong size or rate.
    """
    check_size(NAME, "hidden_width", hidden_width, least=0, otherwise=" (0 for no hidden layer)")
    check_size(NAME, "attention_width", attention_width)
    check_setting(NAME, "dropout", dropout, dropout is None or 0 <= dropout < 1, f"{PROBABILITY}, or null")
    check_size(NAME, "nO", nO, otherwise=", or null")
    hidden = [Maxout(nO=hidden_width, nP=3), LayerNorm(nI=hidden_width)] if hidden_width else []
    output_layer: Model[Floats2d, Floats2d] = Linear(nO=nO, init_W=zero_init)
    drop = Dropout(0.0) if dropout is None else fixed_dropout(dropout)
    pooling_layer = pool(pooling, attention_width)
    model: Model[List[Doc], Floats2d] = chain(tok2vec, list2ragged(), pooling_layer, drop, *hidden, output_layer)
    if linear_model is not None:
        refused = [node.name for node in linear_model.walk() if node.name in _OUTPUT_LAYERS]
        if refused:
            raise ValueError(Errors.E302.format(model=linear_model.name, layer=refused[0]))
        model = add(model, skip_empty_docs(linear_model))
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("pooling", pooling_layer)
    model.set_ref("output_layer", output_layer)
    return model


def fixed_dropout(rate: float) -> Model[Floats2d, Floats2d]:
    """Dropout whose rate stays: thinc's own takes whatever rate the training sets for the whole pipeline.

    rate (float): The share of values set to zero in training.
    RETURNS (Model[Floats2d, Floats2d]): Same shape out as in.
    """
    return Model("fixed_dropout", _drop, attrs={"rate": rate})


def _drop(model: Model[Floats2d, Floats2d], X: Floats2d, is_train: bool) -> Tuple[Floats2d, Callable]:
    if not is_train or not model.attrs["rate"]:
        return X, lambda dY: dY
    mask = model.ops.get_dropout_mask(X.shape, model.attrs["rate"])
    return X * mask, lambda dY: dY * mask


def skip_empty_docs(layer: Model[List[Doc], Floats2d]) -> Model[List[Doc], Floats2d]:
    """Spare a layer the Docs without tokens, which spaCy's n-grams cannot take: they get zeros, and no gradient.

    layer (Model[List[Doc], Floats2d]): The layer, from docs to (docs, width).
    RETURNS (Model[List[Doc], Floats2d]): The same for any Docs.
    """
    return Model("skip_empty_docs", _skip_empty_docs, init=_init_skip_empty_docs, layers=[layer], dims={"nO": None})


def exclusive_loss(ops: Ops, scores: Floats2d, target: Floats2d, known: Floats2d) -> Tuple[float, Floats2d]:
    """Softmax cross-entropy summed over the docs, for labels of which exactly one is true.

    The mass that the target leaves over, all of it if only negatives are known, lies somewhere on the unknown labels
    U, and the loss is marginal: -sum_l target_l log p_l - (1 - sum_l target_l) log sum_(l in U) p_l. A target of more
    than one, or of less without any unknown label, is scaled to one. A doc without a known label has no part in it.

    ops (Ops): The array module of the scores.
    scores (Floats2d): Logits, shape (docs, labels).
    target (Floats2d): Gold values in [0, 1], zero where unknown, shape (docs, labels).
    known (Floats2d): 1 where the gold value is known, else 0, shape (docs, labels).
    RETURNS (Tuple[float, Floats2d]): The loss, and its gradient in the shape of the scores.
    """
    xp: Any = ops.xp
    unknown = known == 0
    annotated = ~unknown.all(axis=1, keepdims=True)  # [docs, 1]
    total = target.sum(axis=1, keepdims=True)
    whole = (total > 1) | ~unknown.any(axis=1, keepdims=True)
    target = xp.where(whole, target / xp.where(total > 0, total, 1), target)
    rest = xp.where(whole, 0, 1 - total)  # [docs, 1]
    log_p = scores - _log_sum_exp(xp, scores)
    log_open = xp.where(unknown, log_p, -xp.inf)
    log_mass = _log_sum_exp(xp, log_open)  # [docs, 1]
    expected = target + rest * xp.exp(log_open - log_mass)
    losses = -(target * log_p).sum(axis=1, keepdims=True) - rest * log_mass
    gradient = xp.where(annotated, xp.exp(log_p) - expected, 0).astype(scores.dtype)
    return float(xp.where(annotated, losses, 0).sum()), gradient


def independent_loss(ops: Ops, scores: Floats2d, target: Floats2d, known: Floats2d) -> Tuple[float, Floats2d]:
    """Sigmoid cross-entropy summed over the known labels of the docs, for labels that are true or not each by itself.

    ops (Ops): The array module of the scores.
    scores (Floats2d): Logits, shape (docs, labels).
    target (Floats2d): Gold values in [0, 1], zero where unknown, shape (docs, labels).
    known (Floats2d): 1 where the gold value is known, else 0, shape (docs, labels).
    RETURNS (Tuple[float, Floats2d]): The loss, and its gradient in the shape of the scores.
    """
    xp = ops.xp
    tail = xp.log1p(xp.exp(-xp.abs(scores)))
    losses = xp.maximum(scores, 0) - scores * target + tail
    p = xp.exp(-xp.maximum(-scores, 0) - tail)
    return float((losses * known).sum()), ((p - target) * known).astype(scores.dtype)


def _skip_empty_docs(model: Model, docs: List[Doc], is_train: bool) -> Tuple[Floats2d, Callable]:
    ops = model.ops
    filled = [i for i, doc in enumerate(docs) if len(doc)]
    Y = ops.alloc2f(len(docs), model.get_dim("nO"))
    if not filled:
        return Y, lambda dY: []
    rows = ops.asarray1i(filled)
    Y_filled, backprop_filled = model.layers[0]([docs[i] for i in filled], is_train)
    Y[rows] = Y_filled
    return Y, lambda dY: backprop_filled(ops.as_contig(dY[rows]))


def _init_skip_empty_docs(model: Model, X: Optional[List[Doc]] = None, Y: Optional[Floats2d] = None) -> None:
    filled = [doc for doc in X if len(doc)] if X is not None else None
    model.layers[0].initialize(X=filled, Y=Y)
    if Y is not None:
        model.set_dim("nO", Y.shape[1])


def _log_sum_exp(xp: Any, values: Any) -> Floats2d:
    """Of each row; 0 for a row without a finite value."""
    largest = values.max(axis=1, keepdims=True)
    largest = xp.where(xp.isfinite(largest), largest, 0)
    total = xp.exp(values - largest).sum(axis=1, keepdims=True)
    return largest + xp.log(xp.where(total > 0, total, 1))
