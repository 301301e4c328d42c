"""Which encoders the components of a pipeline listen to."""

from typing import Dict, Set

from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2VecListener
from thinc.api import Model


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
