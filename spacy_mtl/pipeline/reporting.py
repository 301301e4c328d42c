"""How a head tells the encoder that it listens to what its gradient was measured on."""

from typing import Iterable, Optional

from spacy.pipeline.tok2vec import Tok2VecListener
from thinc.api import Model

KEY = "n_targets"


def report_targets(model: Model, count: int) -> None:
    """Leave the number of annotated targets with the listeners of a model, before it is backpropagated.

    model (Model): The model of a component.
    count (int): The number of annotated targets in the batch.
    """
    for node in model.walk():
        if isinstance(node, Tok2VecListener):
            setattr(node, KEY, count)


def take_targets(listeners: Iterable[Tok2VecListener]) -> Optional[int]:
    """Read what was left with the listeners of a component, once.

    listeners (Iterable[Tok2VecListener]): Its listeners.
    RETURNS (Optional[int]): The number of targets; None if the component tells none, as spaCy's own.
    """
    found = None
    for listener in listeners:
        # listeners are no part of what is serialized, and their attributes neither
        found = listener.__dict__.pop(KEY, found)
    return found
