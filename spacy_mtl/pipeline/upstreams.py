"""Which encoders the components of a pipeline listen to."""

import warnings
from types import MappingProxyType
from typing import Dict, Mapping, Sequence, Set

from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2VecListener
from thinc.api import Model

from ..errors import Warnings


def find_upstreams(nlp: Language) -> Dict[str, Set[str]]:
    """Which encoders the components of a pipeline listen to, disabled components included.

    nlp (Language): The pipeline.
    RETURNS (Dict[str, Set[str]]): The upstream names of the listeners, by the name of the component. "*" stands for any
        encoder; components without a listener are left out.
    """
    upstreams: Dict[str, Set[str]] = {}
    for name, component in nlp.components:
        model = getattr(component, "model", None)
        for node in model.walk() if isinstance(model, Model) else ():
            if isinstance(node, Tok2VecListener):
                upstreams.setdefault(name, set()).add(node.upstream_name)
    return upstreams


def warn_unheard(
    encoder: str, components: Sequence[str] = (), upstreams: Mapping[str, Set[str]] = MappingProxyType({})
) -> bool:
    """Warn of an encoder to which no component listens, W422.

    encoder (str): Its name.
    components (Sequence[str]): The names of the components of its pipeline, as far as they are known.
    upstreams (Mapping[str, Set[str]]): Those of them that listen, as `find_upstreams` gives them.
    RETURNS (bool): Whether there is no listener.
    """
    behind = components[components.index(encoder) + 1 :] if encoder in components else []
    if any(upstreams.get(name, set()) & {"*", encoder} for name in behind):
        return False
    found = f"{', '.join(behind) or 'no component'} behind it" if components else "none"
    warnings.warn(Warnings.W422.format(name=encoder, found=found), stacklevel=3)
    return True
