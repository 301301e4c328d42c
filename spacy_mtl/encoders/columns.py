"""Several encoders side by side: each gives a column of the vectors, of the same width."""

from functools import reduce
from operator import add
from typing import Any, Callable, List, Optional, Sequence, Tuple, TypeVar

from spacy.tokens import Doc
from thinc.api import Model, Ops
from thinc.types import Floats2d

from ..errors import Errors
from ..setting_checks import check_size
from ..types import TokenVectors
from .torch_layer import renew_modules

EXPERTS = "spacy-mtl.Experts.v1"
# Of a layer: how many columns its vectors have.
COLUMNS = "vector_columns"
In = TypeVar("In", List[Doc], List[Floats2d])


def build_experts(expert: Model[In, TokenVectors], experts: int) -> Model[In, TokenVectors]:
    """Build several encoders that read the same and learn on their own, for heads that mix their vectors by a gate.

    In the slot `encode` of `spacy.Tok2Vec.v2` the experts share an embedding, as in the papers; around a whole
    `spacy.Tok2Vec.v2` each has one of its own. (Ma et al. 2018, "Modeling Task Relationships in Multi-task Learning
    with Multi-gate Mixture-of-Experts"; the gates are `spacy-mtl.ExpertGate.v1`.)

    expert (Model[List[Doc] | List[Floats2d], List[Floats2d]]): One expert, any encoder or `encode` layer; the others
        are copies of it that begin with other weights.
    experts (int): How many there are.
    RETURNS (Model[List[Doc] | List[Floats2d], List[Floats2d]]): Vectors of shape (tokens, experts * width) for each
        Doc, those of the first expert first.
    RAISES (ValueError): E409 for less than one expert, E463 for a pretrained encoder.
    """
    check_size(EXPERTS, "experts", experts)
    width = expert.maybe_get_dim("nO")
    return Model(
        EXPERTS,
        _forward_experts,
        init=_init_experts,
        layers=copy_layer(expert, experts),
        attrs={COLUMNS: experts},
        dims={"nO": None if width is None else experts * width},
    )


def side_by_side(layers: List[Model[In, TokenVectors]]) -> Model[In, TokenVectors]:
    """Give all layers the same, and join their vectors. (thinc's `concatenate` has no gradient for lists of arrays.)

    layers (List[Model]): The layers.
    RETURNS (Model[List[Doc] | List[Floats2d], List[Floats2d]]): Vectors of shape (tokens, sum of the widths).
    """
    return Model("side_by_side", _forward_experts, init=_init_experts, layers=layers, dims={"nO": None})


def by_column(layers: List[Model[TokenVectors, TokenVectors]]) -> Model[TokenVectors, TokenVectors]:
    """Give each layer its own column of the vectors.

    layers (List[Model[List[Floats2d], List[Floats2d]]]): A layer for each column.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): Vectors of shape (tokens, sum of the widths), from such.
    """
    return Model("by_column", _forward_by_column, init=_init_by_column, layers=layers)


def copy_layer(layer: Model, number: int) -> List[Model]:
    """Make several of a layer that is not initialized.

    layer (Model): The layer.
    number (int): How many there are to be.
    RETURNS (List[Model]): The layer, and copies that share nothing with it and begin with other weights.
    RAISES (ValueError): E463 for a pretrained encoder.
    """
    copies = []
    for _ in range(number - 1):
        copied = layer.copy()
        renew_modules(copied)
        _copy_refs(layer, copied)
        copies.append(copied)
    return [layer, *copies]


def find_columns(model: Model) -> int:
    """How many columns the vectors of an encoder have.

    model (Model): The encoder, or layers around it.
    RETURNS (int): The number; 1 for an encoder that says nothing of columns.
    """
    return next((node.attrs[COLUMNS] for node in model.walk() if COLUMNS in node.attrs), 1)


def find_column_width(layer: str, part: str, width: int, columns: int) -> int:
    """The width of a column.

    layer (str): The registered name of the layer that reads it, for the message.
    part (str): The part that has the columns.
    width (int): The width of its vectors.
    columns (int): How many columns it has.
    RETURNS (int): The width of each.
    RAISES (ValueError): E461 if they cannot be of one width.
    """
    if width % columns:
        raise ValueError(Errors.E461.format(layer=layer, part=part, found=width, expected=f"a multiple of {columns}"))
    return width // columns


def _copy_refs(layer: Model, copied: Model) -> None:
    """What thinc leaves out of a copy."""
    twins = dict(zip(map(id, layer.walk()), copied.walk()))
    for node, twin in zip(list(layer.walk()), list(copied.walk())):
        for name in node.ref_names:
            twin.set_ref(name, twins.get(id(node.maybe_get_ref(name))))


def _forward_experts(model: Model, X: Any, is_train: bool) -> Tuple[TokenVectors, Callable]:
    outputs, callbacks = zip(*(layer(X, is_train) for layer in model.layers))
    takes_docs = bool(X) and isinstance(X[0], Doc)

    def backprop(d_joined: TokenVectors) -> TokenVectors:
        parts = _cut(model, d_joined, [layer.get_dim("nO") for layer in model.layers])
        gradients = [callback(part) for callback, part in zip(callbacks, parts)]
        return [] if takes_docs else _join(model.ops, gradients, _add)

    return _join(model.ops, outputs, model.ops.xp.hstack), backprop


def _init_experts(model: Model, X: Any = None, Y: Any = None) -> None:
    for layer in model.layers:
        layer.initialize(X=X)
    model.set_dim("nO", sum(layer.get_dim("nO") for layer in model.layers))


def _forward_by_column(model: Model, X: TokenVectors, is_train: bool) -> Tuple[TokenVectors, Callable]:
    columns = _cut_evenly(model, X)
    outputs, callbacks = zip(*(layer(column, is_train) for layer, column in zip(model.layers, columns)))

    def backprop(d_joined: TokenVectors) -> TokenVectors:
        parts = _cut(model, d_joined, [layer.get_dim("nO") for layer in model.layers])
        gradients = [callback(part) for callback, part in zip(callbacks, parts)]
        return _join(model.ops, gradients, model.ops.xp.hstack)

    return _join(model.ops, outputs, model.ops.xp.hstack), backprop


def _init_by_column(model: Model, X: Optional[TokenVectors] = None, Y: Any = None) -> None:
    columns = _cut_evenly(model, X) if X else [None for _ in model.layers]
    for layer, column in zip(model.layers, columns):
        layer.initialize(X=column)


def _cut_evenly(model: Model, X: TokenVectors) -> List[TokenVectors]:
    number = len(model.layers)
    return _cut(model, X, [X[0].shape[1] // number if X else 0] * number)


def _cut(model: Model, X: TokenVectors, widths: List[int]) -> List[TokenVectors]:
    """By column, then by Doc. Columns are cut from all Docs at once, or a GPU would be asked Doc by Doc."""
    if not X:
        return [[] for _ in widths]
    ends = [sum(widths[: i + 1]) for i in range(len(widths))]
    joined, lengths = model.ops.xp.concatenate(X), [len(of_doc) for of_doc in X]
    columns = (model.ops.xp.ascontiguousarray(joined[:, end - width : end]) for width, end in zip(widths, ends))
    return [model.ops.unflatten(column, lengths) for column in columns]


def _join(ops: Ops, parts: Sequence[TokenVectors], join: Callable) -> TokenVectors:
    """One array a Doc from what several layers give, all Docs at once."""
    lengths = [len(of_doc) for of_doc in parts[0]]
    return ops.unflatten(join([ops.xp.concatenate(part) for part in parts]), lengths) if lengths else []


def _add(parts: List[Floats2d]) -> Floats2d:
    return reduce(add, parts)
