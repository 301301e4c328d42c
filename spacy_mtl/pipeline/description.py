"""What a component says of itself in a notebook or a debugger."""

from inspect import signature
from typing import Any, List, Sequence

from spacy.pipeline.tok2vec import Tok2Vec, Tok2VecListener


class Described:
    """Shows a component by its factory, its name, and what one looks for first, on one line."""

    def __repr__(self) -> str:
        parts = _describe_encoder(self) if isinstance(self, Tok2Vec) else _describe_head(self)
        return f"<{find_factory(type(self))} {getattr(self, 'name', '')!r}: {', '.join(parts)}>"


def find_factory(kind: type) -> str:
    """The factory of a component.

    kind (type): Its class.
    RETURNS (str): The name that the constructor gives if there is no other, which is that of the factory; without one
        the name of the class.
    """
    parameter = signature(kind).parameters.get("name")
    return parameter.default if parameter is not None and isinstance(parameter.default, str) else kind.__name__


def _describe_head(pipe: Any) -> List[str]:
    # shown in a debugger it may not be made yet
    labels = len(pipe.labels) if getattr(pipe, "cfg", None) else 0
    model = getattr(pipe, "model", None)
    nodes = model.walk() if model is not None else ()
    upstream = dict.fromkeys(node.upstream_name for node in nodes if isinstance(node, Tok2VecListener))
    heard = f"listens to {_enumerate(list(upstream))}" if upstream else "encoder of its own"
    return ["1 label" if labels == 1 else f"{labels or 'no'} labels", heard]


def _describe_encoder(pipe: Any) -> List[str]:
    width = pipe.model.maybe_get_dim("nO") if getattr(pipe, "model", None) is not None else None
    heads = list(getattr(pipe, "listening_components", ()))
    return [
        "width not known" if width is None else f"width {width}",
        f"shared by {_enumerate(heads)}" if heads else "no head listens",
    ]


def _enumerate(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))
