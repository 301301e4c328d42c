"""The gradients of all parameters, summed over the workers before the optimizer steps."""

import zlib
from typing import Any, Collection, List, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.training import Example
from thinc.api import Model, to_numpy
from thinc.types import Floats1d

from ...errors import Errors
from ...pipeline.tok2vec.parameter_gradients import find_slots
from .group import Group

# Whole numbers below this, and their sums over some hundred workers, are exact in float32.
LIMIT = 1 << 16


def find_learning(nlp: Language, frozen: Collection[str] = ()) -> List[Any]:
    """The components that `spacy train` updates.

    nlp (Language): The pipeline.
    frozen (Collection[str]): The names of those that are left as they are.
    RETURNS (List[Any]): The components in their order.
    """
    pipes: List[Tuple[str, Any]] = nlp.pipeline
    return [
        pipe
        for name, pipe in pipes
        if name not in frozen and getattr(pipe, "is_trainable", False) and isinstance(pipe.model, Model)
    ]


class GradientSum:
    """Sums gradients over the workers.

    The losses of spaCy's and of our components are sums over what is annotated. So the gradient of a batch is the sum
    of those of its parts, and there is nothing to divide by.
    """

    def __init__(self, pipes: Sequence[Any], group: Group) -> None:
        """Prepare for components.

        pipes (Sequence[Any]): The components that learn, one or more.
        group (Group): The workers.
        """
        self._pipes = pipes
        self._group = group
        self._slots: List[Any] = []
        self._row: Optional[Floats1d] = None

    def add(self, batch: Sequence[Example]) -> None:
        """Give every worker the sum of all workers' gradients, in one exchange of one row. A parameter that no worker
        has a gradient for gets none: an optimizer moves weights by momentum also where the gradient is zero.

        batch (Sequence[Example]): The whole batch, of which the gradients of this worker are a part.
        RAISES (ValueError): E723 if the workers have different batches.
        RAISES (ConnectionError): E721 if another worker is gone.
        """
        ops = self._pipes[0].model.ops
        summary = _summarize(batch)
        if self._row is None:
            self._slots = [slot for pipe in self._pipes for slot in find_slots(pipe.model)]
            n_parameters = sum(slot.size for slot in self._slots)
            # after the gradients which of them there are, and what the batch is
            self._row = ops.alloc1f(n_parameters + len(self._slots) + len(summary))
        row: Any = self._row
        gradients = [slot.get() for slot in self._slots]
        start = 0
        for slot, gradient in zip(self._slots, gradients):
            row[start : start + slot.size] = 0 if gradient is None else gradient.ravel()
            start += slot.size
        told = [float(gradient is not None) for gradient in gradients] + summary
        row[start:] = ops.asarray1f(numpy.asarray(told, dtype="float32"))
        self._group.add(row)
        heard = to_numpy(row[start:])
        if heard[len(gradients) :].tolist() != [number * self._group.size for number in summary]:
            raise ValueError(Errors.E723.format(what="their batches have other texts"))
        start = 0
        for slot, gradient, found in zip(self._slots, gradients, heard):
            part = row[start : start + slot.size].reshape(slot.shape)
            if gradient is not None:
                gradient[...] = part
            elif found:
                slot.set(part)
            start += slot.size


def _summarize(batch: Sequence[Example]) -> List[float]:
    """Numbers by which batches with other texts differ."""
    checksum = 0
    for example in batch:
        checksum = zlib.crc32(example.reference.text.encode(errors="replace"), checksum)
    words = sum(len(example.reference) for example in batch)
    return [float(len(batch) % LIMIT), float(words % LIMIT), float(checksum % LIMIT)]
