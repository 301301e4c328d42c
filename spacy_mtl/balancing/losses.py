"""Reading the report of a batch, where it may have gaps."""

import math
import warnings
from typing import Any, Dict, Mapping, Set

from thinc.types import Floats2d

from ..errors import Warnings
from .report import BatchReport
from .task_weights import TaskWeights


class LossWeights(TaskWeights):
    """Base class of the methods that learn from the losses. A task that reports none has the weight 1."""

    needs_losses = True

    def __init__(self, level: str = "representation") -> None:
        """Create the balancer.

        level (str): "representation" or "parameters".
        RAISES (ValueError): E422.
        """
        super().__init__(level)
        self._warned: Set[str] = set()

    def read_losses(self, gradients: Mapping[str, Floats2d], report: BatchReport) -> Dict[str, float]:
        """The mean losses of a batch. Warns once of each task that reports no loss: W420.

        gradients (Mapping[str, Floats2d]): By task.
        report (BatchReport): The report of the batch.
        RETURNS (Dict[str, float]): The loss of a target, for those of the tasks whose loss is a finite number above
            zero.
        """
        means = {}
        for name, gradient in gradients.items():
            loss = report.losses.get(name)
            if loss is None:
                if name not in self._warned:
                    self._warned.add(name)
                    warnings.warn(Warnings.W420.format(name=name, balancer=type(self).__name__), stacklevel=2)
            elif math.isfinite(loss) and loss > 0:
                means[name] = float(loss) / count_targets(name, gradient, report)
        return means


def count_targets(name: str, gradient: Floats2d, report: BatchReport) -> float:
    """The number of annotated targets of a task in a batch.

    name (str): The task.
    gradient (Floats2d): Its gradient, which is not zero.
    report (BatchReport): The report of the batch.
    RETURNS (float): What is reported, if it is a finite number above zero; else the number of rows of the gradient that
        are not zero, which is 1 at the parameter level.
    """
    reported = report.targets.get(name)
    if reported is not None and math.isfinite(reported) and reported > 0:
        return float(reported)
    rows: Any = gradient
    return float((rows != 0).any(axis=1).sum())
