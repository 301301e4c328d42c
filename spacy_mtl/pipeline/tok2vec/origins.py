"""Which encoder a head has learned from: the vectors of another one mean something else to it."""

import warnings
from typing import Any, Iterable, Iterator, Tuple
from weakref import WeakKeyDictionary, WeakSet, ref

from spacy.pipeline.tok2vec import Tok2Vec, Tok2VecListener
from thinc.api import Model

from ...errors import Warnings

_encoders: "WeakKeyDictionary[Tok2VecListener, ref[Tok2Vec]]" = WeakKeyDictionary()
_named: "WeakKeyDictionary[Tok2VecListener, WeakSet[Tok2Vec]]" = WeakKeyDictionary()


def note_encoder(encoder: Tok2Vec, listeners: Iterable[Tok2VecListener]) -> None:
    """Note that listeners learn from an encoder.

    encoder (Tok2Vec): The encoder.
    listeners (Iterable[Tok2VecListener]): Layers of heads.
    """
    for listener in listeners:
        _encoders[listener] = ref(encoder)


def check_encoder(encoder: Tok2Vec, listeners: Iterable[Tok2VecListener], name: str) -> None:
    """Look whether listeners have learned from the encoder that they are linked to; of those that are linked for the
    first time it is noted. Warns with W425, once of each pair.

    Encoders of one pipeline have different names, so that one of the same name is another pipeline's. Nothing is said
    where one of the two is not initialized, or where they are copies.

    encoder (Tok2Vec): The encoder.
    listeners (Iterable[Tok2VecListener]): What listens to it in a component.
    name (str): The name of the component.
    """
    for listener in listeners:
        noted = _encoders.get(listener)
        former = noted() if noted is not None else None
        if former is None:
            note_encoder(encoder, [listener])
            continue
        is_another = former is not encoder and former.name == encoder.name
        if is_another and encoder not in _named.get(listener, ()) and _differ(former.model, encoder.model):
            _named.setdefault(listener, WeakSet()).add(encoder)
            warnings.warn(Warnings.W425.format(name=name, encoder=encoder.name), stacklevel=3)


def _differ(first: Model, second: Model) -> bool:
    """RETURNS (bool): Whether two models, both initialized, have other parameters."""
    if not (_is_initialized(first) and _is_initialized(second)):
        return False
    arrays, others = list(_list_arrays(first)), list(_list_arrays(second))
    if [(name, array.shape) for name, array in arrays] != [(name, array.shape) for name, array in others]:
        return True
    return not all(bool((array == other).all()) for (_, array), (_, other) in zip(arrays, others))


def _is_initialized(model: Model) -> bool:
    """RETURNS (bool): Whether none of its parameters is still to be made."""
    nodes = list(model.walk())
    is_made = all(node.has_param(name) for node in nodes for name in node.param_names)
    return is_made and all(shim._model is not None for node in nodes for shim in node.shims)


def _list_arrays(model: Model) -> Iterator[Tuple[str, Any]]:
    """RETURNS (Iterator[Tuple[str, Any]]): The parameters of thinc's layers and of torch's, with their names, on the
    host."""
    for node in model.walk():
        for name in node.param_names:
            yield name, node.ops.to_numpy(node.get_param(name))
        for shim in node.shims:
            state = shim._model.state_dict() if hasattr(shim._model, "state_dict") else {}
            # those of quantized layers may be other things than tensors
            yield from ((name, value.cpu()) for name, value in state.items() if hasattr(value, "cpu"))
