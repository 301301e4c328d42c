"""CAGrad: near the mean gradient, the one that serves the worst served task best."""

from typing import Any, Sequence

import numpy

from .gradient_weights import GradientWeights
from .gramian import scale_gramian
from .torchjd_methods import apply_weighting, import_torchjd


class CAGrad(GradientWeights):
    """Liu, Liu, Jin, Stone and Liu 2021, Conflict-Averse Gradient Descent for Multi-task Learning
    (https://arxiv.org/abs/2110.14048): with g_0 the mean of the gradients, the result d maximizes min_t g_t . d within
    |d - g_0| <= c |g_0|. In its dual form d = g_0 + c |g_0| g_w / |g_w|, g_w = sum_t w_t g_t, where w minimizes

        g_w . g_0 + c |g_0| |g_w|    with w_t >= 0 and sum_t w_t = 1.

    With c = 0 it is the mean, and so it is where the weights make nothing of the gradients (g_w = 0: no step serves all
    tasks). The paper asks for c below 1, under which the steps lead to a minimum of the mean loss.
    """

    def __init__(self, c: float = 0.5, level: str = "representation") -> None:
        """Create the balancer.

        c (float): How far from the mean the result may lie, from 0 to below 1.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for c out of range, E422.
        RAISES (ImportError): E420 without torchjd or its solver.
        """
        super().__init__(level)
        self._check_setting("c", c, 0 <= c < 1, "a number from 0 to below 1")
        methods = import_torchjd(type(self).__name__, "cagrad", ["cvxpy", "clarabel"])
        from cvxpy.error import SolverError

        self._weighting = methods.CAGradWeighting(c=c)
        self.solver_errors = (*GradientWeights.solver_errors, SolverError)

    def solve(self, names: Sequence[str], gramian: Any) -> Any:
        """RETURNS (numpy.ndarray): 1 / number of tasks + c |g_0| w_t / |g_w|."""
        weights = apply_weighting(self._weighting, scale_gramian(gramian))
        # torchjd gives zeros where |g_w| is next to nothing
        return weights if weights.any() else numpy.full(len(names), 1 / len(names))


def make_cagrad(c: float = 0.5, level: str = "representation") -> CAGrad:
    """Create the balancer registered as spacy-mtl.CAGrad.v1.

    c (float): How far from the mean the result may lie, from 0 to below 1.
    level (str): "representation" or "parameters".
    RETURNS (CAGrad): The balancer.
    RAISES (ValueError): E421, E422.
    RAISES (ImportError): E420.
    """
    return CAGrad(c, level)
