"""What a head hears of an encoder with columns: one of them, or a mixture of all."""

from typing import Any, Callable, List, Optional, Tuple

from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Linear, Model, chain, with_array, zero_init
from thinc.types import Floats2d

from ..errors import Errors
from ..setting_checks import check_setting, check_size
from ..types import TokenVectors
from .columns import find_column_width, find_columns, side_by_side
from .private_path import LISTENING, check_does_not_listen

COLUMN = "spacy-mtl.Column.v1"
EXPERT_GATE = "spacy-mtl.ExpertGate.v1"
# Of a layer around a listener: how many columns it takes the encoder to have.
READS_COLUMNS = "read_columns"


def build_column(shared: Model[List[Doc], TokenVectors], column: int, columns: int) -> Model[List[Doc], TokenVectors]:
    """Take one column of the vectors of an encoder such as `spacy-mtl.CrossStitch.v1`.

    It stands in the place of a listener, `model.tok2vec` of any head, ours or spaCy's.

    shared (Model[List[Doc], List[Floats2d]]): The listener.
    column (int): The column, the first being 0.
    columns (int): How many columns the encoder has.
    RETURNS (Model[List[Doc], List[Floats2d]]): Vectors of shape (tokens, width of a column) for each Doc.
    RAISES (ValueError): E409 for a column that there is not, E461 for vectors that cannot be cut into columns, E460,
        when it is in a pipeline, for an encoder with another number of them.
    """
    check_size(COLUMN, "columns", columns)
    check_setting(COLUMN, "column", column, 0 <= column < columns, f"a number from 0 to {columns - 1}")
    width = shared.maybe_get_dim("nO")
    return Model(
        f"{COLUMN}({LISTENING})",
        _forward_column,
        init=_init_column,
        layers=[shared],
        attrs={READS_COLUMNS: columns, "column": column},
        dims={"nO": None if width is None else find_column_width(COLUMN, "shared", width, columns)},
        refs={"shared": shared},
    )


def build_expert_gate(
    shared: Model[List[Doc], TokenVectors], experts: int, private: Optional[Model[List[Doc], TokenVectors]] = None
) -> Model[List[Doc], TokenVectors]:
    """Mix the vectors of experts, token by token, by a gate that belongs to one head.

    With e_1 ... e_n the experts' vectors of a token and e all of them one after another, it gives

        g = softmax(W e + b),  sum over i of g_i e_i.

    W and b begin at 0, so that all experts count alike. (The gate of Ma et al. 2018, "Modeling Task Relationships in
    Multi-task Learning with Multi-gate Mixture-of-Experts", and with `private` of Tang et al. 2020, "Progressive
    Layered Extraction", with one level. There the gate reads what the experts read, which a head does not see.)

    It stands in the place of a listener, `model.tok2vec` of any head, ours or spaCy's.

    shared (Model[List[Doc], List[Floats2d]]): The listener to an encoder such as `spacy-mtl.Experts.v1`.
    experts (int): How many experts that has.
    private (Optional[Model[List[Doc], List[Floats2d]]]): Experts of the head's own beside them: an encoder as wide as
        one expert, or as several.
    RETURNS (Model[List[Doc], List[Floats2d]]): Vectors of shape (tokens, width of an expert) for each Doc.
    RAISES (ValueError): E409 for less than one expert, E440 for a private part that listens, E461 for widths that do
        not fit, E460, when it is in a pipeline, for an encoder with another number of experts.
    """
    check_size(EXPERT_GATE, "experts", experts)
    if private is not None:
        check_does_not_listen(private, "ExpertGate")
    width = shared.maybe_get_dim("nO")
    if width is not None:
        width = find_column_width(EXPERT_GATE, "shared", width, experts)
        _count_own(private, width)
    gate: Model = Linear(init_W=zero_init)
    mixture: Model = Model("expert_mixture", _forward_mixture, layers=[gate])
    heard = shared if private is None else side_by_side([shared, private])
    model: Model[List[Doc], TokenVectors] = Model(
        f"{EXPERT_GATE}({LISTENING})",
        _forward_gate,
        init=_init_gate,
        layers=[chain(heard, with_array(mixture))],
        attrs={READS_COLUMNS: experts},
        dims={"nO": width},
        refs={"shared": shared, "private": private, "gate": gate},
    )
    return model


def _forward_column(model: Model, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable]:
    vectors, backprop_vectors = model.layers[0](docs, is_train)
    width, column = model.get_dim("nO"), model.attrs["column"]
    own = slice(column * width, (column + 1) * width)

    if not vectors:
        return [], backprop_vectors
    ops, lengths = model.ops, [len(of_doc) for of_doc in vectors]

    def backprop(d_column: TokenVectors) -> Any:
        d_vectors = ops.alloc2f(sum(lengths), vectors[0].shape[1])
        d_vectors[:, own] = ops.xp.concatenate(d_column)
        return backprop_vectors(ops.unflatten(d_vectors, lengths))

    # all Docs at once, or a GPU would be asked Doc by Doc
    return ops.unflatten(ops.xp.ascontiguousarray(ops.xp.concatenate(vectors)[:, own]), lengths), backprop


def _init_column(model: Model, X: Optional[List[Doc]] = None, Y: Any = None) -> None:
    model.set_dim("nO", _init_shared(model, COLUMN, X))


def _forward_gate(model: Model, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable]:
    return model.layers[0](docs, is_train)


def _init_gate(model: Model, X: Optional[List[Doc]] = None, Y: Any = None) -> None:
    private, gate = model.maybe_get_ref("private"), model.get_ref("gate")
    width = _init_shared(model, EXPERT_GATE, X)
    if private is not None:
        private.initialize(X=X)
    experts = model.attrs[READS_COLUMNS] + _count_own(private, width)
    gate.set_dim("nI", experts * width)
    gate.set_dim("nO", experts)
    gate.initialize()
    if private is not None:
        model.layers[0].layers[0].set_dim("nO", experts * width)
    model.set_dim("nO", width)


def _init_shared(model: Model, layer: str, X: Optional[List[Doc]]) -> int:
    """RETURNS (int): The width of a column."""
    shared, columns = model.get_ref("shared"), model.attrs[READS_COLUMNS]
    # of what a listener hears the pipeline knows
    if not isinstance(shared, Tok2VecListener) and find_columns(shared) != columns:
        found = f"its part `shared` has {find_columns(shared)}"
        raise ValueError(Errors.E460.format(layer=layer, expected=columns, found=found))
    shared.initialize(X=X)
    return find_column_width(layer, "shared", shared.get_dim("nO"), columns)


def _count_own(private: Optional[Model], width: int) -> int:
    """RETURNS (int): How many experts a head has of its own; 0 also where their width is not known yet."""
    total = None if private is None else private.maybe_get_dim("nO")
    if total is None:
        return 0
    if total % width:
        expected = f"{width}, as an expert, or a multiple of it"
        raise ValueError(Errors.E461.format(layer=EXPERT_GATE, part="private", found=total, expected=expected))
    return total // width


def _forward_mixture(model: Model, X: Floats2d, is_train: bool) -> Tuple[Floats2d, Callable]:
    gate = model.layers[0]
    scores, backprop_scores = gate(X, is_train)
    shares = model.ops.softmax(scores)  # [tokens, experts]
    number = gate.get_dim("nO")
    experts = X.reshape((len(X), number, X.shape[1] // number))  # [tokens, experts, width]

    def backprop(d_mixed: Floats2d) -> Floats2d:
        d_shares = (experts @ d_mixed[:, :, None])[:, :, 0]
        d_scores = model.ops.backprop_softmax(shares, d_shares)
        d_experts = (shares[:, :, None] * d_mixed[:, None, :]).reshape(X.shape)
        return d_experts + backprop_scores(d_scores)

    return (shares[:, None, :] @ experts)[:, 0], backprop
