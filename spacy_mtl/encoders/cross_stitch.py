"""An encoder for each task, and units between their layers that learn how much each takes from the others."""

from typing import Any, Callable, List, Optional, Tuple

from spacy.tokens import Doc
from thinc.api import Model, Ops, chain, with_array
from thinc.types import Floats2d

from ..errors import Errors
from ..setting_checks import check_setting, check_size
from ..types import TokenVectors
from .columns import COLUMNS, by_column, copy_layer, side_by_side

NAME = "spacy-mtl.CrossStitch.v1"


def build_cross_stitch(
    embed: Model[List[Doc], TokenVectors],
    encode: Model[TokenVectors, TokenVectors],
    columns: int,
    depth: int = 2,
    own_share: float = 0.9,
) -> Model[List[Doc], TokenVectors]:
    """Build an encoder with a column for each task, and cross-stitch units behind its embeddings and each layer.

    With x_j the vectors of column j, of which c is one element, a unit gives column k

        y_k[c] = sum over j of a[k, j, c] * x_j[c],

    with a learned beside all else. It begins with a[k, k, c] = own_share, and what is left in equal parts for the other
    columns. (Misra et al. 2016, "Cross-stitch Networks for Multi-task Learning", with one unit a channel as there. A
    head takes its column by `spacy-mtl.Column.v1`.)

    embed (Model[List[Doc], List[Floats2d]]): The embedding of one column; each column has a copy of its own.
    encode (Model[List[Floats2d], List[Floats2d]]): One layer of one column, as wide as the embedding.
    columns (int): How many columns there are.
    depth (int): Layers of each column.
    own_share (float): What a column begins with of its own vectors, from 0 to 1; 1 keeps the columns apart at first.
    RETURNS (Model[List[Doc], List[Floats2d]]): Vectors of shape (tokens, columns * width) for each Doc, those of the
        first column first.
    RAISES (ValueError): E409 for a wrong setting, E461 for an embedding of another width than the layer.
    """
    check_size(NAME, "columns", columns)
    check_size(NAME, "depth", depth)
    check_setting(NAME, "own_share", own_share, 0 <= own_share <= 1, "a share from 0 to 1")
    width = encode.maybe_get_dim("nO")
    _check_width(embed, width)
    total = None if width is None else columns * width
    layers: List[Model] = [side_by_side(copy_layer(embed, columns)), _stitch(columns, own_share, total)]
    for layer in copy_layer(encode, depth):
        layers += [by_column(copy_layer(layer, columns)), _stitch(columns, own_share, total)]
    return Model(
        NAME,
        _forward,
        init=_init,
        layers=[chain(*layers)],
        attrs={COLUMNS: columns},
        dims={"nO": total},
    )


def _stitch(columns: int, own_share: float, total: Optional[int]) -> Model[TokenVectors, TokenVectors]:
    unit: Model = Model(
        "cross_stitch",
        _forward_stitch,
        init=_init_stitch,
        attrs={"columns": columns, "own_share": own_share if columns > 1 else 1.0},
        dims={"nO": total},
        params={"W": None},
    )
    return with_array(unit)


def _forward(model: Model, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable]:
    return model.layers[0](docs, is_train)


def _init(model: Model, X: Optional[List[Doc]] = None, Y: Any = None) -> None:
    embed, *layers = model.layers[0].layers
    embed.initialize(X=X)
    if model.has_dim("nO"):
        _check_width(embed.layers[0], model.get_dim("nO") // model.attrs[COLUMNS])
    vectors = embed.predict(X) if X else None
    for layer in layers:
        layer.initialize(X=vectors)
        vectors = layer.predict(vectors) if vectors else None
    model.set_dim("nO", layers[-1].get_dim("nO"))


def _check_width(embed: Model, width: Optional[int]) -> None:
    found = embed.maybe_get_dim("nO")
    if None not in (width, found) and width != found:
        raise ValueError(Errors.E461.format(layer=NAME, part="embed", found=found, expected=f"{width}, as `encode`"))


def _forward_stitch(model: Model, X: Floats2d, is_train: bool) -> Tuple[Floats2d, Callable]:
    einsum = model.ops.xp.einsum
    weights = model.get_param("W")
    number = model.attrs["columns"]
    columns = X.reshape((len(X), number, X.shape[1] // number))  # [tokens, columns, width]

    def backprop(d_mixed: Floats2d) -> Floats2d:
        d_columns = d_mixed.reshape(columns.shape)
        model.inc_grad("W", einsum("tkc,tjc->kjc", d_columns, columns))
        return einsum("kjc,tkc->tjc", weights, d_columns).reshape(X.shape)

    return einsum("kjc,tjc->tkc", weights, columns).reshape(X.shape), backprop


def _init_stitch(model: Model, X: Optional[Floats2d] = None, Y: Any = None) -> None:
    if X is not None:
        model.set_dim("nO", X.shape[1])
    columns, own_share = model.attrs["columns"], model.attrs["own_share"]
    others = (1 - own_share) / max(columns - 1, 1)
    mixing = model.ops.xp.full((columns, columns), others) + (own_share - others) * model.ops.xp.eye(columns)
    width = model.get_dim("nO") // columns
    model.set_param("W", _repeat(model.ops, mixing, width))


def _repeat(ops: Ops, mixing: Floats2d, width: int) -> Any:
    return ops.asarray3f(ops.xp.repeat(mixing[:, :, None], width, axis=2).astype("float32"))
