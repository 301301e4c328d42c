"""The gradients of all parameters, summed over the workers before the optimizer steps."""

import math
import zlib
from typing import Any, Collection, List, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.training import Example
from thinc.api import Model, get_array_module, to_numpy
from thinc.types import Floats1d

from ...errors import Errors
from ...pipeline.tok2vec.parameter_gradients import find_slots
from .group import Group

# Whole numbers below this, and their sums over some hundred workers, are exact in float32.
LIMIT = 1 << 16
# A parameter with more rows for each column is a table.
ROWS_OF_TABLES = 8


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
        self._parameters: List[Any] = []
        self._tables: List[Any] = []
        self._row: Optional[Floats1d] = None

    def add(self, batch: Sequence[Example]) -> None:
        """Give every worker the sum of all workers' gradients. A parameter that no worker has a gradient for gets none:
        an optimizer moves weights by momentum also where the gradient is zero.

        The workers tell each other first what they have, then it is added up in one exchange of one row. Of tables,
        such as embeddings, it has the rows that any worker has learned. The gradients of other parameters stay in it:
        the next backward pass adds to them there, and nothing is copied.

        batch (Sequence[Example]): The whole batch, of which the gradients of this worker are a part.
        RAISES (ValueError): E723 if the workers have different batches.
        RAISES (ConnectionError): E721 if another worker is gone.
        """
        if self._row is None:
            self._row = self._prepare()
        gradients = [slot.get() for slot in self._parameters]
        of_tables = [slot.get() for slot in self._tables]
        is_known, rows = self._ask(gradients, of_tables, _summarize(batch))
        parts = _divide(self._row, [slot.shape for slot in self._parameters])
        size = sum(part.size for part in parts)
        shapes = [(len(chosen), slot.shape[1]) for chosen, slot in zip(rows, self._tables)]
        of_rows = _divide(self._row[size:], shapes)
        size += sum(part.size for part in of_rows)
        for part, gradient in zip(parts, gradients):
            if gradient is None:
                part.fill(0)
            elif not get_array_module(part).may_share_memory(part, gradient):
                part[...] = gradient
        for part, gradient, chosen in zip(of_rows, of_tables, rows):
            part[...] = 0 if gradient is None else gradient[chosen]
        self._group.add(self._row[:size])
        for slot, part, found in zip(self._parameters, parts, is_known):
            if found:
                slot.adopt(part)
        for slot, part, chosen, found in zip(self._tables, of_rows, rows, is_known[len(parts) :]):
            if found:
                if slot.get() is None:
                    slot.set(self._pipes[0].model.ops.alloc(slot.shape))
                slot.get()[chosen] = part

    def _prepare(self) -> Floats1d:
        """RETURNS (Floats1d): Where gradients are added up: those of parameters, then rows of tables."""
        slots = [slot for pipe in self._pipes for slot in find_slots(pipe.model)]
        self._parameters = [slot for slot in slots if not _is_table(slot)]
        self._tables = [slot for slot in slots if _is_table(slot)]
        row: Floats1d = self._pipes[0].model.ops.alloc1f(sum(slot.size for slot in slots))
        return row

    def _ask(self, gradients: Sequence[Any], of_tables: Sequence[Any], summary: List[float]) -> Tuple[List[bool], Any]:
        """Which gradients any worker has, those of tables last, and which rows of each table. E723."""
        xp = self._pipes[0].model.ops.xp
        told = summary + [float(gradient is not None) for gradient in [*gradients, *of_tables]]
        heard: Any = [xp.asarray(told, dtype="float32")]
        for slot, gradient in zip(self._tables, of_tables):
            is_learned = xp.zeros(slot.shape[0], dtype=bool) if gradient is None else gradient.any(axis=1)
            heard.append(is_learned.astype("float32"))
        row = xp.concatenate(heard)
        self._group.add(row)
        counts = to_numpy(row[: len(told)])
        if counts[: len(summary)].tolist() != [number * self._group.size for number in summary]:
            raise ValueError(Errors.E723.format(what="their batches have other texts"))
        flags = _divide(row[len(told) :], [slot.shape[:1] for slot in self._tables])
        return (counts[len(summary) :] > 0).tolist(), [xp.flatnonzero(part) for part in flags]


def _is_table(slot: Any) -> bool:
    """Whether it looks as embeddings do, of which a batch needs a few rows."""
    return len(slot.shape) == 2 and slot.shape[0] > ROWS_OF_TABLES * slot.shape[1]


def _divide(row: Floats1d, shapes: Sequence[Any]) -> List[Any]:
    """Arrays of the given shapes, one after the other in the memory of a row."""
    parts: List[Any] = []
    start = 0
    for shape in shapes:
        size = math.prod(shape)
        parts.append(row[start : start + size].reshape(shape))
        start += size
    return parts


def _summarize(batch: Sequence[Example]) -> List[float]:
    """Numbers by which batches with other texts differ."""
    checksum = 0
    for example in batch:
        checksum = zlib.crc32(example.reference.text.encode(errors="replace"), checksum)
    words = sum(len(example.reference) for example in batch)
    return [float(len(batch) % LIMIT), float(words % LIMIT), float(checksum % LIMIT)]
