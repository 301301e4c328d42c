"""How a head tells the encoder that it listens to what its gradient was measured on, and that it has none."""

from contextlib import contextmanager
from typing import Any, Callable, Iterable, Iterator, Optional

from spacy.pipeline.tok2vec import Tok2VecListener
from thinc.api import Model

from ..types import TokenVectors

KEY = "n_targets"


class GuardedReport:
    """The callback of a listener whose encoder keeps gradients away that are not finite, and counts them."""

    def __init__(
        self, report: Callable[[TokenVectors], Any], give_up: Optional[Callable[[BaseException], None]] = None
    ) -> None:
        """Mark a callback.

        report (Callable[[TokenVectors], Any]): Takes the gradient, one array a Doc, shape (tokens, width).
        give_up (Optional[Callable[[BaseException], None]]): Takes the exception that left it without one.
        """
        self._report = report
        self.give_up = give_up

    def __call__(self, d_vectors: TokenVectors) -> Any:
        """Report a gradient.

        d_vectors (TokenVectors): The gradient, one array a Doc, shape (tokens, width).
        RETURNS (Any): What the encoder gives back.
        """
        return self._report(d_vectors)


def report_targets(model: Model, count: int) -> None:
    """Leave the number of annotated targets with the listeners of a model, before it is backpropagated.

    model (Model): The model of a component.
    count (int): The number of annotated targets in the batch.
    """
    for node in model.walk():
        if isinstance(node, Tok2VecListener):
            setattr(node, KEY, count)


def report_failure(model: Model) -> bool:
    """Tell the encoders that a model listens to that it found no gradient: NaN to one that counts such batches, zeros
    to another, which may wait for a report and adds up all that it gets.

    model (Model): The model of a component, after its forward pass over a batch.
    RETURNS (bool): Whether there is an encoder that counts them.
    """
    is_counted = False
    for node in model.walk():
        if isinstance(node, Tok2VecListener) and node._batch_id is not None:
            counts = isinstance(node._backprop, GuardedReport)
            value = float("nan") if counts else 0.0
            report: Any = node._backprop
            vectors: Any = node._outputs
            report([node.ops.xp.full_like(of_doc, value) for of_doc in vectors])
            is_counted = is_counted or counts
    return is_counted


@contextmanager
def given_up_on_error(model: Model) -> Iterator[None]:
    """Tell the encoders that a model listens to of an exception in the block: they learn nothing from the batch.

    model (Model): The model of a component.
    """
    try:
        yield
    except BaseException as error:
        for node in model.walk():
            report = node._backprop if isinstance(node, Tok2VecListener) else None
            if isinstance(report, GuardedReport) and report.give_up is not None:
                report.give_up(error)
        raise


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
