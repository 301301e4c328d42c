"""One pass of the shared encoder over a batch, and what the heads report for it."""

import warnings
from functools import partial
from typing import Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Set

from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Ops, Optimizer
from thinc.types import Floats2d

from ...balancing.report import BatchReport
from ...errors import Errors, Warnings
from ...types import TokenVectors
from ..gradient_guard import is_finite
from ..reporting import GuardedReport, take_targets


class EncodedBatch:
    """The vectors of a batch, handed to the listeners, and the gradients that come back, kept apart by component."""

    def __init__(
        self, docs: Sequence[Doc], vectors: TokenVectors, backprop: Callable, ops: Ops, losses: Dict[str, float]
    ) -> None:
        """Create a batch.

        docs (Sequence[Doc]): The Docs of the batch.
        vectors (TokenVectors): What the encoder made of them, one array a Doc, shape (tokens, width).
        backprop (Callable[[TokenVectors], Any]): The encoder's callback, called by `backpropagate`.
        ops (Ops): The encoder's.
        losses (Dict[str, float]): The running sums that all components of the pipeline add their losses to.
        """
        self.docs = docs
        self.vectors = vectors
        self.ops = ops
        self.optimizer: Optional[Optimizer] = None
        self.gradients: Dict[str, Floats2d] = {}
        self.listening: List[str] = []
        self.is_open = True
        self._backprop = backprop
        self._losses = losses
        self._losses_before = dict(losses)
        self._targets: Dict[str, int] = {}
        self._listeners: Dict[str, List[Tok2VecListener]] = {}
        self._waiting: Set[int] = set()

    @property
    def is_complete(self) -> bool:
        """RETURNS (bool): Whether every listener has reported."""
        return not self._waiting

    @property
    def has_tokens(self) -> bool:
        """RETURNS (bool): Whether there was anything to encode."""
        return any(len(doc) for doc in self.docs)

    def holds(self, docs: Iterable[Doc]) -> bool:
        """Whether all of these are Docs of the batch: the same objects, not the same text.

        docs (Iterable[Doc]): The Docs.
        RETURNS (bool): Whether they are.
        """
        own = {id(doc) for doc in self.docs}
        return all(id(doc) in own for doc in docs)

    def send(
        self,
        listener_map: Mapping[str, Sequence[Tok2VecListener]],
        collect: Callable[["EncodedBatch", str, TokenVectors], TokenVectors],
        *,
        is_guarded: bool = False,
        give_up: Optional[Callable[[BaseException], None]] = None,
    ) -> None:
        """Hand the vectors to the listeners, each with a callback of its own.

        listener_map (Mapping[str, Sequence[Tok2VecListener]]): By the name of the component.
        collect (Callable[[EncodedBatch, str, TokenVectors], TokenVectors]): Called when a listener reports.
        is_guarded (bool): Whether what is reported may be NaN: a component then says so in this way, and does not warn.
        give_up (Optional[Callable[[BaseException], None]]): Called when a component that knows of it fails.
        """
        batch_id = Tok2VecListener.get_batch_id(self.docs)
        for name, listeners in listener_map.items():
            self.listening.append(name)
            for listener in listeners:
                self._waiting.add(id(listener))
                self._listeners.setdefault(name, []).append(listener)
                report: Callable = partial(self._report, name, id(listener), collect)
                listener.receive(batch_id, self.vectors, GuardedReport(report, give_up) if is_guarded else report)

    def _report(self, name: str, listener: int, collect: Callable, d_vectors: TokenVectors) -> TokenVectors:
        self._waiting.discard(listener)
        return collect(self, name, d_vectors)

    def add(self, name: str, d_vectors: TokenVectors) -> Floats2d:
        """Keep what a component reports. What it reports in several parts is summed under its name.

        name (str): The component.
        d_vectors (TokenVectors): The gradient, one array a Doc, shape (tokens, width).
        RETURNS (Floats2d): The same as one array, shape (tokens of the batch, width).
        RAISES (ValueError): E404 if the batch is closed, E405 for a gradient of another shape.
        """
        if not self.is_open:
            raise ValueError(Errors.E404.format(name=name))
        expected = [tuple(rows.shape) for rows in self.vectors]
        found = [tuple(rows.shape) for rows in d_vectors]
        if expected != found:
            raise ValueError(Errors.E405.format(name=name, expected=expected, found=found))
        gradient = self.ops.asarray2f(self.ops.xp.concatenate(d_vectors))
        targets = take_targets(self._listeners.get(name, ()))
        if targets is not None:
            self._targets[name] = targets
        if name in self.gradients:
            self.gradients[name] = self.gradients[name] + gradient
        else:
            self.gradients[name] = gradient
        return gradient

    def split(self, rows: Floats2d) -> TokenVectors:
        """Cut an array over the tokens of the batch into one a Doc.

        rows (Floats2d): Shape (tokens of the batch, width).
        RETURNS (TokenVectors): Views of it, one a Doc, shape (tokens, width).
        """
        parts = []
        start = 0
        for vectors in self.vectors:
            parts.append(rows[start : start + vectors.shape[0]])
            start += vectors.shape[0]
        return parts

    def close(self) -> None:
        """Take the vectors and callbacks back from the listeners: a callback that stays behind cannot be pickled."""
        self.is_open = False
        for listeners in self._listeners.values():
            take_targets(listeners)
            for listener in listeners:
                listener.receive(None, None, None)  # type: ignore[arg-type]

    def report(self, names: Iterable[str]) -> BatchReport:
        """What components that have reported tell of their losses and targets.

        names (Iterable[str]): The components.
        RETURNS (BatchReport): What each has added to the losses since the batch was made, left out where that is
            nothing; the targets that a head told, or else the number of rows of its gradient that are not zero.
        """
        names = list(names)
        losses = {name: self._loss(name) for name in names}
        targets = {name: self._targets.get(name, _count_rows(self.gradients[name])) for name in names}
        return BatchReport({name: loss for name, loss in losses.items() if loss != 0}, targets)

    @property
    def awaits_losses(self) -> bool:
        """RETURNS (bool): Whether a component has reported a gradient, and no loss yet: spaCy's own components add
        their losses after they backpropagate. One that is not finite may never have any."""
        waiting = [gradient for name, gradient in self.gradients.items() if self._loss(name) == 0]
        return any(bool(gradient.any()) and is_finite(gradient) for gradient in waiting)

    def _loss(self, name: str) -> float:
        return float(self._losses.get(name, 0.0)) - float(self._losses_before.get(name, 0.0))

    def warn_dropped(self, encoder: str, error: Optional[BaseException]) -> None:
        """Warn with W423 that nothing is learned from the batch.

        encoder (str): The name of the encoder.
        error (Optional[BaseException]): What kept components from reporting, if it is known.
        """
        missing = [name for name in self.listening if name not in self.gradients]
        reason = "they were not updated" if error is None else repr(error)
        dropped = list(self.gradients) or "nothing"
        message = Warnings.W423.format(name=encoder, missing=missing, reason=reason, dropped=dropped)
        warnings.warn(message, stacklevel=4)

    def backpropagate(self, gradient: Floats2d) -> None:
        """Send a gradient through the encoder.

        gradient (Floats2d): Shape (tokens of the batch, width).
        """
        self._backprop(self.split(gradient))


def _count_rows(gradient: Floats2d) -> int:
    return int((gradient != 0).any(axis=1).sum())
