"""Which encoder a head has listened to: the vectors of another one, of the same name, mean something else to it."""

import warnings
import weakref
from typing import Any, Iterator, List, Tuple
from weakref import WeakKeyDictionary

from spacy.pipeline.tok2vec import Tok2Vec, Tok2VecListener
from thinc.api import Model

from ...errors import Warnings

_encoders: "WeakKeyDictionary[Tok2VecListener, weakref.ref[Tok2Vec]]" = WeakKeyDictionary()


def note_encoder(encoder: Tok2Vec, listeners: List[Tok2VecListener], name: str) -> None:
    """Note that listeners belong to an encoder now. Warns with W425 if they have come from another one.

    Encoders of one pipeline have different names, so that one of the same name is another pipeline's. Nothing is said
    where one of the two is not initialized, or where they are copies.

    encoder (Tok2Vec): The encoder.
    listeners (List[Tok2VecListener]): What listens to it in a component.
    name (str): The name of the component.
    """
    former = {_encoders[listener]() for listener in listeners if listener in _encoders} - {None, encoder}
    for listener in listeners:
        _encoders[listener] = weakref.ref(encoder)
    if any(other.name == encoder.name and _differ(other.model, encoder.model) for other in former if other):
        warnings.warn(Warnings.W425.format(name=name, encoder=encoder.name), stacklevel=2)


def _differ(first: Model, second: Model) -> bool:
    """RETURNS (bool): Whether two models, both initialized, have other parameters."""
    if not (_is_initialized(first) and _is_initialized(second)):
        return False
    arrays, others = list(_list_arrays(first)), list(_list_arrays(second))
    if [(name, array.shape) for name, array in arrays] != [(name, array.shape) for name, array in others]:
        return True
    return not all(bool((array == other).all()) for (_, array), (_, other) in zip(arrays, others))


def _is_initialized(model: Model) -> bool:
    return all(node.has_param(name) for node in model.walk() for name in node.param_names)


def _list_arrays(model: Model) -> Iterator[Tuple[str, Any]]:
    """RETURNS (Iterator[Tuple[str, Any]]): The parameters of thinc's layers and of torch's, with their names."""
    for node in model.walk():
        for name in node.param_names:
            yield name, node.get_param(name)
        for shim in node.shims:
            if hasattr(shim._model, "state_dict"):
                yield from shim._model.state_dict().items()
