"""Which encoders the components of a pipeline listen to, and whether an encoder has whom it needs."""

import warnings
from typing import Dict, Optional, Sequence, Set

from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2VecListener
from thinc.api import Model

from ...balancing.balancer import Balancer
from ...errors import Errors, Warnings


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


class ListenerCheck:
    """Checks, once for each training, what listens to an encoder."""

    def __init__(self) -> None:
        self._is_validated = False
        self._is_counted = False
        self._is_unheard = False

    def at_initialize(
        self, encoder: str, balancer: Balancer, listening: Sequence[str], nlp: Optional[Language] = None
    ) -> None:
        """Check the settings of the balancer, and look for listeners that no encoder hears, and encoders without any.
        Warns with W402 and W422.

        encoder (str): The name of the encoder.
        balancer (Balancer): Its balancer.
        listening (Sequence[str]): The components that listen to it.
        nlp (Optional[Language]): The pipeline.
        RAISES (ValueError): What the balancer's `validate` raises.
        """
        self._is_counted = self._is_unheard = False
        self._is_validated = True
        if nlp is None:
            balancer.validate(listening)
            return
        upstreams = find_upstreams(nlp)
        # The listener map knows no disabled components, and a weight for one of them is no mistake. Those that are
        # frozen or resumed are disabled by `spacy train` while it initializes the others.
        balancer.validate([name for name, found in upstreams.items() if found & {"*", encoder}])
        for name, found in upstreams.items():
            for upstream in sorted(found - {"*", *nlp.component_names}):
                warnings.warn(Warnings.W402.format(name=name, upstream=upstream, encoder=encoder), stacklevel=3)
        behind = nlp.component_names[nlp.component_names.index(encoder) + 1 :]
        if not any(upstreams.get(name, set()) & {"*", encoder} for name in behind):
            self._is_unheard = True
            _warn_unheard(encoder, f"{', '.join(behind) or 'no component'} behind it")

    def at_update(self, encoder: str, balancer: Balancer, listening: Sequence[str]) -> None:
        """The same for a pipeline that was not initialized, but loaded, and that the balancer has what to balance.

        encoder (str): The name of the encoder.
        balancer (Balancer): Its balancer.
        listening (Sequence[str]): The components that listen to it, without disabled ones.
        RAISES (ValueError): What the balancer's `validate` raises; E424 if it needs two tasks and has one.
        """
        if not self._is_validated:
            balancer.validate(listening)
            self._is_validated = True
        if self._is_counted:
            return
        if len(listening) == 1 and getattr(balancer, "needs_two_tasks", False):
            raise ValueError(Errors.E424.format(balancer=type(balancer).__name__, names=listening))
        if not listening and not self._is_unheard:
            _warn_unheard(encoder, "none")
        self._is_counted = True


def _warn_unheard(encoder: str, found: str) -> None:
    warnings.warn(Warnings.W422.format(name=encoder, found=found), stacklevel=4)
