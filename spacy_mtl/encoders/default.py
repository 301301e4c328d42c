"""The vectors of a head of which the config says no more: shared where the pipeline has an encoder, own where not."""

from typing import Callable, List, Optional, Tuple

from spacy.pipeline.tok2vec import DEFAULT_TOK2VEC_MODEL, Tok2VecListener
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Model

from ..types import TokenVectors

NAME = "spacy-mtl.DefaultTok2Vec.v1"
LISTENER = "spacy-mtl.Tok2VecListener.v1"


def build_default_tok2vec() -> Model[List[Doc], TokenVectors]:
    """Build an encoder that holds a place: one of our heads in a pipeline puts a listener there, if an encoder stands
    before it, or an encoder of its own, and writes into the config which it is. Anywhere else it is an encoder like
    `spacy.HashEmbedCNN.v2`.

    RETURNS (Model[List[Doc], List[Floats2d]]): Vectors of shape (tokens, width) for each Doc.
    """
    own = registry.resolve({"model": DEFAULT_TOK2VEC_MODEL})["model"]
    # a head that is built around it must not take its width for that of what may come in its place
    return Model(NAME, _forward, init=_init, layers=[own], dims={"nO": None})


def build_listener(upstream: str = "*", width: Optional[int] = None) -> Tok2VecListener:
    """Build `spacy.Tok2VecListener.v1` with a width that need not be known: that of an encoder that learns its own
    when it is initialized, such as a pretrained one.

    upstream (str): The name of the encoder, or "*" for any.
    width (Optional[int]): The width of its vectors; None to take it from the encoder.
    RETURNS (Tok2VecListener): The listener: vectors of shape (tokens, width) for each Doc.
    """
    return Tok2VecListener(upstream_name=upstream, width=width)  # type: ignore[arg-type]


def _forward(model: Model, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable]:
    return model.layers[0](docs, is_train)


def _init(model: Model, X: Optional[List[Doc]] = None, Y: Optional[TokenVectors] = None) -> None:
    model.layers[0].initialize(X=X, Y=Y)
    model.set_dim("nO", model.layers[0].get_dim("nO"))
