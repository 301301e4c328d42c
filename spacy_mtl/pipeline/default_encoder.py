"""Gives a head whose config names no encoder that of its pipeline, or one of its own."""

from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple
from weakref import ref

from spacy.language import Language
from spacy.pipeline.tok2vec import DEFAULT_TOK2VEC_MODEL, Tok2Vec
from spacy.util import copy_config, registry, replace_model_node
from thinc.api import Model

from ..encoders.default import LISTENER, NAME

DEFAULT_TOK2VEC = {"@architectures": NAME}


class EncoderChoice:
    """Chooses the encoder of a head anew whenever its pipeline changes, until the head's model is initialized.

    The nearest `mtl_tok2vec` or `tok2vec` before the head is the one; without any the head gets an encoder of its own.
    What was chosen stands in the model and in the pipeline's config, as if it had been written there.
    """

    def __init__(self, nlp: Language, nodes: Sequence[Model]) -> None:
        """Keep what there is to choose for.

        nlp (Language): The pipeline.
        nodes (Sequence[Model]): The layers of the head's model that hold the place.
        """
        self._nlp = ref(nlp)
        self._nodes = list(nodes)
        self._paths: Optional[List[Tuple[str, ...]]] = None
        self._block: Dict[str, Any] = {}

    def __reduce__(self) -> Any:
        # a copy of a head belongs to no pipeline, and stays as it is
        return type(None), ()

    def apply(self, head: Any) -> bool:
        """Put what the pipeline as it stands asks for into the head's model and into the config.

        head (Head): The head.
        RETURNS (bool): Whether the choice is still open.
        """
        nlp = self._nlp()
        layers = list(head.model.walk())
        if nlp is None or not all(node in layers for node in self._nodes) or has_params(head.model):
            return False
        names = [name for name, pipe in nlp.components if pipe is head]
        if names:
            self._choose(nlp, names[0], head.model)
        return True

    def _choose(self, nlp: Language, name: str, model: Model) -> None:
        config = nlp.get_pipe_config(name)
        if self._paths is None:
            self._paths = [*_find_paths(config)]
        block = _find_block(nlp, name)
        if block == self._block:
            return
        self._block = block
        for i, node in enumerate(self._nodes):
            self._nodes[i] = registry.resolve({"model": block})["model"]
            replace_model_node(model, node, self._nodes[i])
        for *above, key in self._paths:
            section: Any = config
            for part in above:
                section = section[part]
            section[key] = copy_config(block)


def has_params(model: Model) -> bool:
    """Whether a model is initialized, in part or as a whole.

    model (Model): The model.
    RETURNS (bool): Whether any layer of it has parameters.
    """
    return any(node.has_param(name) for node in model.walk() for name in node.param_names)


def find_places(model: Model) -> List[Model]:
    """The layers of a model that hold the place of an encoder yet to be chosen.

    model (Model): The model.
    RETURNS (List[Model]): The layers; empty if the config names the encoder.
    """
    return [node for node in model.walk() if node.name == NAME]


def _find_block(nlp: Language, name: str) -> Dict[str, Any]:
    before = nlp.components[: nlp.component_names.index(name)]
    encoders = [(upstream, pipe) for upstream, pipe in before if isinstance(pipe, Tok2Vec)]
    if not encoders:
        return dict(DEFAULT_TOK2VEC_MODEL)
    upstream, encoder = encoders[-1]
    width = encoder.model.maybe_get_dim("nO")
    architecture = LISTENER if width is None else "spacy.Tok2VecListener.v1"
    return {"@architectures": architecture, "width": width, "upstream": upstream}


def _find_paths(section: Dict[str, Any], above: Tuple[str, ...] = ()) -> Iterator[Tuple[str, ...]]:
    for key, value in section.items():
        if isinstance(value, dict):
            if value.get("@architectures") == NAME:
                yield (*above, key)
            else:
                yield from _find_paths(value, (*above, key))
