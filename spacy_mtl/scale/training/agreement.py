"""Whether the workers of a training begin with the same pipeline."""

import hashlib
from typing import Any, List, Tuple

from spacy.language import Language
from thinc.api import Model, to_numpy, torch2xp

from ...errors import Errors
from .checkpoint import read_components, write_components
from .group import Group


def agree(nlp: Language, group: Group) -> None:
    """Let all workers begin with the parameters of the first, which they have already if nothing is left to chance.

    nlp (Language): The pipeline, initialized.
    group (Group): The workers.
    RAISES (ValueError): E723 if their components differ in labels or layers.
    RAISES (ConnectionError): E721 if another worker is gone.
    """
    found = group.gather({name: _describe(pipe) for name, pipe in nlp.components})
    first = found[0]
    for other in found:
        differing = [name for name in {**first, **other} if first.get(name, ((),))[0] != other.get(name, ((),))[0]]
        if differing:
            raise ValueError(Errors.E723.format(what=f"'{differing[0]}' has other labels or layers"))
    if any(other != first for other in found):
        write_components(nlp, group.share(read_components(nlp) if group.is_first else {}))


def _describe(pipe: Any) -> Tuple[List[Any], str]:
    """What must be the same, and a hash of the parameters."""
    shape: List[Any] = [list(map(str, getattr(pipe, "labels", ())))]
    digest = hashlib.sha256()
    for name, value in _find_parameters(getattr(pipe, "model", None)):
        shape.append((name, tuple(value.shape)))
        digest.update(to_numpy(value).tobytes())
    return shape, digest.hexdigest()


def _find_parameters(model: Any) -> Any:
    for node in model.walk() if isinstance(model, Model) else ():
        for name in node.param_names:
            if node.has_param(name):
                yield name, node.get_param(name)
        for shim in node.shims:
            if hasattr(shim._model, "named_parameters"):
                for name, tensor in shim._model.named_parameters():
                    yield name, torch2xp(tensor.data)
