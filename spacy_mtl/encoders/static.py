"""Static vectors where the vocabulary has some, so that one config serves with and without them."""

from typing import Callable, List, Optional, Tuple

from spacy.ml.staticvectors import StaticVectors
from spacy.tokens import Doc
from thinc.api import Model, concatenate
from thinc.types import Ragged

NAME = "with_optional_vectors"


def with_optional_vectors(tables: Model[List[Doc], Ragged], width: int) -> Model[List[Doc], Ragged]:
    """Put `spacy.StaticVectors.v2` beside another embedding, if the vocabulary has vectors.

    Which it is, is decided when the model is initialized, and stays: a pipeline that was trained with vectors needs
    them.

    tables (Model[List[Doc], Ragged]): The other embedding.
    width (int): The width that the static vectors are projected to.
    RETURNS (Model[List[Doc], Ragged]): Vectors of shape (tokens, tables' width + width), or (tokens, tables' width).
    """
    both: Model[List[Doc], Ragged] = concatenate(tables, StaticVectors(width, dropout=0.0))
    return Model(NAME, _forward, init=_init, layers=[both], attrs={"given": False})


def uses_static_vectors(model: Model) -> bool:
    """Whether a model reads static vectors. Layers that may do without and found none do not.

    model (Model): The model.
    RETURNS (bool): Whether a layer of it reads them.
    """
    optional = [node for node in model.walk() if node.name == NAME and not node.attrs["given"]]
    idle = {id(layer) for node in optional for layer in node.walk()}
    return any(node.name == "static_vectors" and id(node) not in idle for node in model.walk())


def _get_embedding(model: Model) -> Model[List[Doc], Ragged]:
    both = model.layers[0]
    return both if model.attrs["given"] else both.layers[0]


def _init(model: Model, X: Optional[List[Doc]] = None, Y: Optional[Ragged] = None) -> None:
    model.attrs["given"] = bool(X and len(X[0].vocab.vectors))
    _get_embedding(model).initialize(X=X, Y=Y)
    if not model.attrs["given"]:
        # whoever goes through the parameters of a trained pipeline expects each to be there
        model.layers[0].layers[1].set_param("W", model.ops.alloc2f(0, 0))


def _forward(model: Model, docs: List[Doc], is_train: bool) -> Tuple[Ragged, Callable]:
    return _get_embedding(model)(docs, is_train)
