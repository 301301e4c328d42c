"""MGDA: the smallest gradient between those of the tasks."""

import math
from typing import Any, Sequence

from .gradient_weights import GradientWeights
from .gramian import scale_gramian
from .torchjd_methods import apply_weighting, import_torchjd


class MGDA(GradientWeights):
    """Desideri 2012, Multiple-gradient descent algorithm for multiobjective optimization, by the Frank-Wolfe solver of
    Sener and Koltun 2018, Multi-Task Learning as Multi-Objective Optimization (https://arxiv.org/abs/1810.04650): the
    weights w minimize |sum_t w_t g_t|, with w_t >= 0 and sum_t w_t = 1.

    Up to the precision of the solver the result conflicts with no task, g_t . d >= |d|^2, and is zero where no step
    serves all of them. It is drawn towards the task with the smallest gradient.
    """

    def __init__(self, epsilon: float = 0.001, max_iterations: int = 100, level: str = "representation") -> None:
        """Create the balancer.

        epsilon (float): The step of the solver below which it stops; finite, above 0.
        max_iterations (int): The steps after which it stops; 1 or more.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for settings out of range, E422.
        RAISES (ImportError): E420 without torchjd.
        """
        super().__init__(level)
        fits = math.isfinite(epsilon) and epsilon > 0
        self._check_setting("epsilon", epsilon, fits, "a finite number above 0")
        self._check_setting("max_iterations", max_iterations, max_iterations >= 1, "a whole number, 1 or more")
        methods = import_torchjd(type(self).__name__)
        self._weighting = methods.MGDAWeighting(epsilon=epsilon, max_iters=max_iterations)

    def solve(self, names: Sequence[str], gramian: Any) -> Any:
        """RETURNS (numpy.ndarray): Weights of 0 or more that sum to one."""
        return apply_weighting(self._weighting, scale_gramian(gramian))


def make_mgda(epsilon: float = 0.001, max_iterations: int = 100, level: str = "representation") -> MGDA:
    """Create the balancer registered as spacy-mtl.MGDA.v1.

    epsilon (float): The step of the solver below which it stops.
    max_iterations (int): The steps after which it stops.
    level (str): "representation" or "parameters".
    RETURNS (MGDA): The balancer.
    RAISES (ValueError): E421, E422.
    RAISES (ImportError): E420.
    """
    return MGDA(epsilon, max_iterations, level)
