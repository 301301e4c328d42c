"""Methods that weigh the tasks by how their gradients lie to each other."""

import warnings
from typing import Any, Dict, Mapping, Sequence, Tuple, Type

import numpy
from thinc.types import Floats2d

from ..errors import Warnings
from .gramian import compute_gramian, find_norms
from .report import BatchReport
from .task_weights import TaskWeights


class GradientWeights(TaskWeights):
    """Base class of the methods that compare the tasks' directions. A method overrides `solve`.

    Directions are compared by the gradients summed over their rows (`spacy_mtl.balancing.gramian`); the weights that
    follow are put on the full gradients. At the parameter level this is the published method. A batch with the gradient
    of one task passes it on as it is. A gradient whose sum over the rows is zero has no direction: it has the weight 1
    and no say. If a gradient is not finite, all weights are 1, and what looks after such steps without a balancer does
    so here. Where a solver gives up, the batch is weighed by the mean, with the warning W421.
    """

    needs_two_tasks = True
    solver_errors: Tuple[Type[Exception], ...] = (ArithmeticError, RuntimeError, TypeError, ValueError)

    def __init__(self, level: str = "representation") -> None:
        """Create the balancer.

        level (str): "representation" or "parameters".
        RAISES (ValueError): E422.
        """
        super().__init__(level)
        self._has_warned = False

    def solve(self, names: Sequence[str], gramian: Any) -> Any:
        """Find the weights of two or more tasks.

        names (Sequence[str]): The tasks.
        gramian (numpy.ndarray): The inner products of their summed gradients, float64, shape (tasks, tasks); all are
            finite, those of the diagonal above zero.
        RETURNS (numpy.ndarray): The weights, shape (tasks,).
        """
        raise NotImplementedError

    def weigh(self, gradients: Mapping[str, Floats2d], report: BatchReport) -> Dict[str, float]:
        """Find the weights of the tasks of a batch.

        gradients (Mapping[str, Floats2d]): By task; one or more, none of them zero.
        report (BatchReport): Not used.
        RETURNS (Dict[str, float]): The weight of each task.
        """
        weights = dict.fromkeys(gradients, 1.0)
        if len(weights) == 1:
            return weights
        gramian = compute_gramian(list(gradients.values()))
        if not numpy.isfinite(gramian).all():
            return weights
        directed = numpy.flatnonzero(find_norms(gramian) > 0)
        if len(directed) > 1:
            names = [list(gradients)[index] for index in directed]
            found = self._solve(names, gramian[numpy.ix_(directed, directed)])
            compared = {name: gradients[name] for name in names}
            weights.update(self.adjust(compared, found) if found else dict.fromkeys(names, 1.0 / len(names)))
        return weights

    def adjust(self, gradients: Mapping[str, Floats2d], weights: Dict[str, float]) -> Dict[str, float]:
        """Change the weights by what the full gradients are like. A method may override it; here they stay.

        gradients (Mapping[str, Floats2d]): By task, of those that `solve` found weights for.
        weights (Dict[str, float]): These weights.
        RETURNS (Dict[str, float]): The weights.
        """
        return weights

    def _solve(self, names: Sequence[str], gramian: Any) -> Dict[str, float]:
        """The weights; empty if the solver gives up."""
        try:
            found = [float(weight) for weight in self.solve(names, gramian)]
            reason = "" if numpy.isfinite(found).all() else f"weights {found}"
        except self.solver_errors as error:
            reason = f"{type(error).__name__}: {error}"
        if reason:
            if not self._has_warned:
                self._has_warned = True
                warnings.warn(Warnings.W421.format(balancer=type(self).__name__, reason=reason), stacklevel=2)
            return {}
        return dict(zip(names, found))
