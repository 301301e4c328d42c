"""The sum of the tasks' gradients under fixed weights."""

import math
from typing import Dict, Mapping, Sequence

from thinc.types import Floats2d

from ..errors import Errors
from .balancer import Balancer
from .report import NO_REPORT, BatchReport
from .task_weights import add_weighted


class Weighted(Balancer):
    """Multiplies the gradient of each task by a constant and adds them up.

    The weights decide the mix in the shared encoder. They do not reach the heads' own parameters.
    """

    has_fixed_weights = True

    def __init__(self, weights: Dict[str, float], default: float = 1.0, level: str = "representation") -> None:
        """Create the balancer.

        weights (Dict[str, float]): By task; finite and not negative. A weight of 0.0 keeps a task from the encoder.
        default (float): The weight of every task that is not named.
        level (str): "representation" or "parameters". The sum is the same at both.
        RAISES (ValueError): E401 for a weight that is negative or not finite, E402 if every weight is zero, E422.
        """
        super().__init__(level)
        for where, weight in [*((f"weights.{name}", weight) for name, weight in weights.items()), ("default", default)]:
            if not (math.isfinite(weight) and weight >= 0):
                raise ValueError(Errors.E401.format(where=where, weight=weight))
        if default == 0 and not any(weights.values()):
            raise ValueError(Errors.E402.format(weights=weights, default=default, names="any task"))
        self.weights = dict(weights)
        self.default = default

    def __call__(self, gradients: Mapping[str, Floats2d], report: BatchReport = NO_REPORT) -> Floats2d:
        """Add the weighted gradients in the order of the mapping.

        gradients (Mapping[str, Floats2d]): By task, all of one shape. A weight of zero shuts a task out also where its
            gradient is not finite.
        report (BatchReport): Not used.
        RETURNS (Floats2d): Their weighted sum, of the same shape.
        """
        self.last_weights = {name: float(self.weights.get(name, self.default)) for name in gradients}
        return add_weighted(gradients, self.last_weights)

    def validate(self, names: Sequence[str]) -> None:
        """Check that every weight belongs to a task, and that some task has a weight.

        names (Sequence[str]): The tasks that can report.
        RAISES (ValueError): E403 for a weight without a task, E402 if every task has the weight zero.
        """
        unknown = sorted(set(self.weights) - set(names))
        if unknown:
            raise ValueError(Errors.E403.format(unknown=unknown, names=list(names)))
        if names and not any(self.weights.get(name, self.default) for name in names):
            raise ValueError(Errors.E402.format(weights=self.weights, default=self.default, names=list(names)))


def make_weighted(weights: Dict[str, float], default: float = 1.0, level: str = "representation") -> Weighted:
    """Create the balancer registered as spacy-mtl.Weighted.v1.

    weights (Dict[str, float]): By the name of the component; finite and not negative.
    default (float): The weight of every listening component that is not named.
    level (str): "representation" or "parameters".
    RETURNS (Weighted): The balancer.
    RAISES (ValueError): E401, E402, E422.
    """
    return Weighted(weights, default, level)
