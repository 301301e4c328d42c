"""What a head has of its own beside the shared encoder: a narrow encoder, or an adapter behind the listener."""

from typing import Any, Callable, List, Mapping, Optional, Tuple

from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Gelu, LayerNorm, Linear, Model, chain, concatenate, residual, with_array, zero_init

from ..errors import Errors
from ..types import TokenVectors

# `spacy debug model` looks for this in the name of a head's `tok2vec`, to run the encoder that it listens to.
LISTENING = "tok2vec-listener"
PRIVATE_PATH = f"private_path({LISTENING})"
ADAPTER = f"adapter({LISTENING})"


def build_private_path(
    shared: Model[List[Doc], TokenVectors], private: Model[List[Doc], TokenVectors]
) -> Model[List[Doc], TokenVectors]:
    """Join what a listener hears with the vectors of a small encoder that belongs to one head, so that a task with
    little annotation keeps features of words that larger tasks would crowd out of the shared embedding.

    It stands in the place of a listener, `model.tok2vec` of any head, ours or spaCy's. (The private spaces of
    shared-private models, Liu, Qiu and Huang 2017, "Adversarial Multi-task Learning for Text Classification"; experts
    of one task beside shared ones, Tang et al. 2020, "Progressive Layered Extraction".)

    shared (Model[List[Doc], List[Floats2d]]): The listener.
    private (Model[List[Doc], List[Floats2d]]): The head's own encoder, such as `spacy.Tok2Vec.v2`, narrow and shallow.
    RETURNS (Model[List[Doc], List[Floats2d]]): Vectors of shape (tokens, shared width + private width) for each Doc.
    RAISES (ValueError): E440 for a private part that listens to an encoder; when it is initialized, for a shared part
        that does not.
    """
    check_does_not_listen(private, "PrivatePath")
    widths = [layer.maybe_get_dim("nO") for layer in (shared, private)]
    model: Model[List[Doc], TokenVectors] = Model(
        PRIVATE_PATH,
        _forward,
        init=_init_private_path,
        layers=[concatenate(shared, private)],
        dims={"nO": None if None in widths else sum(widths)},
        refs={"shared": shared, "private": private},
    )
    return model


def build_adapted_listener(shared: Model[List[Doc], TokenVectors], hidden_width: int) -> Model[List[Doc], TokenVectors]:
    """Put a bottleneck adapter behind a listener: what the head hears of a large shared encoder, bent to its task.

    The vectors x become x + U gelu(D norm(x)), with D of shape (hidden_width, width) and U of shape (width,
    hidden_width), which begins at 0. (Houlsby et al. 2019, "Parameter-Efficient Transfer Learning for NLP", behind the
    last layer only, so that the encoder still runs once for all heads.)

    shared (Model[List[Doc], List[Floats2d]]): The listener.
    hidden_width (int): Width of the bottleneck.
    RETURNS (Model[List[Doc], List[Floats2d]]): Vectors of shape (tokens, width) for each Doc.
    RAISES (ValueError): E440 when it is initialized, if `shared` does not listen.
    """
    bottleneck: Model = chain(LayerNorm(), Gelu(nO=hidden_width), Linear(nI=hidden_width, init_W=zero_init))
    model: Model[List[Doc], TokenVectors] = Model(
        ADAPTER,
        _forward,
        init=_init_adapter,
        layers=[chain(shared, with_array(residual(bottleneck)))],
        dims={"nO": shared.maybe_get_dim("nO")},
        refs={"shared": shared, "bottleneck": bottleneck},
    )
    return model


def find_listener(config: Mapping[str, Any], path: str) -> str:
    """The path of the listener in a component's config, from that of the layer around it: every such layer calls it
    `shared`.

    config (Mapping[str, Any]): The config of the component.
    path (str): The path, such as "model.tok2vec".
    RETURNS (str): The path itself, or that of the listener below it, such as "model.tok2vec.shared".
    """
    section: Any = config
    for part in path.split("."):
        section = section.get(part, {}) if isinstance(section, Mapping) else {}
    while isinstance(section, Mapping) and isinstance(section.get("shared"), Mapping):
        section, path = section["shared"], f"{path}.shared"
    return path


def check_does_not_listen(private: Model, layer: str) -> None:
    """Refuse a private part that is none.

    private (Model): The part.
    layer (str): The name of the layer that it is a part of.
    RAISES (ValueError): E440 if it listens to an encoder.
    """
    if _listens(private):
        raise ValueError(Errors.E440.format(layer=layer, part="private", problem="listens to one"))


def _forward(model: Model, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable]:
    return model.layers[0](docs, is_train)


def _init_private_path(model: Model, X: Optional[List[Doc]] = None, Y: Any = None) -> None:
    shared, private = model.get_ref("shared"), model.get_ref("private")
    _check_listens(shared, "PrivatePath")
    for layer in (shared, private):
        layer.initialize(X=X)
    model.set_dim("nO", shared.get_dim("nO") + private.get_dim("nO"))


def _init_adapter(model: Model, X: Optional[List[Doc]] = None, Y: Any = None) -> None:
    shared, bottleneck = model.get_ref("shared"), model.get_ref("bottleneck")
    _check_listens(shared, "AdaptedListener")
    shared.initialize(X=X)
    width = shared.get_dim("nO")
    norm, down, up = bottleneck.layers
    norm.set_dim("nI", width)
    down.set_dim("nI", width)
    up.set_dim("nO", width)
    bottleneck.initialize()
    model.set_dim("nO", width)


def _check_listens(shared: Model, layer: str) -> None:
    if not _listens(shared):
        raise ValueError(Errors.E440.format(layer=layer, part="shared", problem="listens to none"))


def _listens(model: Model) -> bool:
    return any(isinstance(node, Tok2VecListener) for node in model.walk())
