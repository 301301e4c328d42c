"""Methods whose result is the sum of the tasks' gradients under weights that they choose anew for every batch."""

from typing import Any, Dict, Mapping, Sequence

import numpy
from thinc.api import get_array_module
from thinc.types import Floats2d

from .balancer import Balancer
from .presence import find_present
from .report import NO_REPORT, BatchReport


class TaskWeights(Balancer):
    """Gives each task of a batch one weight. Base class: a method overrides `weigh`.

    A task whose gradient is zero, because nothing in the batch is annotated for it, counts as absent: a method that
    looked for a compromise with it would find standing still.
    """

    def __call__(self, gradients: Mapping[str, Floats2d], report: BatchReport = NO_REPORT) -> Floats2d:
        """Weigh the tasks, and add their gradients in the order of the mapping.

        gradients (Mapping[str, Floats2d]): By task, all of one shape.
        report (BatchReport): The losses of the batch.
        RETURNS (Floats2d): The weighted sum, of the same shape.
        """
        present = find_present(gradients)
        self.last_weights = self.weigh(present, report) if present else {}
        return add_weighted(gradients, self.last_weights)

    def weigh(self, gradients: Mapping[str, Floats2d], report: BatchReport) -> Dict[str, float]:
        """Choose the weights of one batch, and learn from it.

        gradients (Mapping[str, Floats2d]): By task; one or more, none of them zero.
        report (BatchReport): The losses of the batch.
        RETURNS (Dict[str, float]): The weight of each of these tasks.
        """
        raise NotImplementedError


def add_weighted(gradients: Mapping[str, Floats2d], weights: Mapping[str, float]) -> Floats2d:
    """Add gradients under weights, from zeros and in the order of the mapping.

    gradients (Mapping[str, Floats2d]): By task, all of one shape; never empty.
    weights (Mapping[str, float]): By task. A task without a weight, or with the weight zero, is left out, also where
        its gradient is not finite.
    RETURNS (Floats2d): A new array of the same shape and type.
    """
    first = next(iter(gradients.values()))
    total = get_array_module(first).zeros_like(first)
    for name, gradient in gradients.items():
        weight = float(weights.get(name, 0.0))
        if weight != 0:
            total += weight * gradient
    return total


def find_square(gradient: Floats2d) -> float:
    """The squared length of a gradient, over all rows.

    gradient (Floats2d): The gradient.
    RETURNS (float): The sum of its squares, in float64.
    """
    return float((gradient**2).sum(dtype="float64"))


def softmax(logits: Sequence[float]) -> Any:
    """Shares that sum to one.

    logits (Sequence[float]): One or more finite numbers.
    RETURNS (numpy.ndarray): exp(logit) / sum of all exp(logit), without overflow.
    """
    powers = numpy.exp(numpy.asarray(logits, dtype="float64") - max(logits))
    return powers / powers.sum()
