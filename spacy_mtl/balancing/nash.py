"""Nash-MTL: the tasks bargain over the step."""

import math
from typing import Any, Dict, Mapping, Sequence

import numpy
from thinc.types import Floats2d

from .gradient_weights import GradientWeights
from .gramian import find_cosines, find_norms
from .task_weights import add_weighted, find_square

# Bounds the weights where no step serves all tasks, and the equation has no solution.
REGULARIZATION = 1e-8
MAX_STEPS = 200
TOLERANCE = 1e-9


class NashMTL(GradientWeights):
    """Navon et al. 2022, Multi-Task Learning as a Bargaining Game (https://arxiv.org/abs/2202.01017): the bargaining
    solution of Nash, the step d = sum_t w_t g_t that maximizes sum_t log g_t . d among those of one length. Its weights
    solve, with G the inner products of the gradients,

        G w = 1 / w    (element by element),    w > 0.

    The result conflicts with no task, and its direction does not hang on the lengths of the gradients. As published its
    length is always the root of the number of tasks; here it is multiplied by the root mean square of the lengths of
    the gradients, so that batches of one task, which pass as they are, and of several are of one size. Lengths are
    those of the full gradients: of two that point apart at different tokens nothing cancels, whatever their sums do.

    The equation says where the convex function w . G w / 2 - sum_t log w_t is smallest, which damped steps of Newton's
    method find for any set of tasks and from any start. The authors' solver, which torchjd has too, goes from one
    convex problem to the next, from the weights of the batch before; it is slower, and does not always arrive.
    """

    def __init__(self, max_norm: float = 0.0, level: str = "representation") -> None:
        """Create the balancer.

        max_norm (float): The length that the result is cut down to; 0 for no limit. The authors' code has 1; an
            optimizer that clips by norm makes it unnecessary.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for a limit out of range, E422.
        """
        super().__init__(level)
        fits = math.isfinite(max_norm) and max_norm >= 0
        self._check_setting("max_norm", max_norm, fits, "a finite number, 0 or more")
        self.max_norm = max_norm

    def solve(self, names: Sequence[str], gramian: Any) -> Any:
        """RETURNS (numpy.ndarray): The weights; all above zero."""
        lengths = find_norms(gramian)
        return solve_bargain(find_cosines(gramian)) / lengths * math.sqrt((lengths**2).mean())

    def adjust(self, gradients: Mapping[str, Floats2d], weights: Dict[str, float]) -> Dict[str, float]:
        """Give the result its length.

        gradients (Mapping[str, Floats2d]): By task.
        weights (Dict[str, float]): The solution of the equation.
        RETURNS (Dict[str, float]): The same, multiplied by one number.
        """
        squares = {name: find_square(gradient) for name, gradient in gradients.items()}
        whole = sum(squares.values())
        square = find_square(add_weighted(gradients, weights))
        # the share that regularization has in the equation keeps opposite gradients from becoming a step
        bound = square + REGULARIZATION * sum(weights[name] ** 2 * squares[name] for name in squares)
        if math.isfinite(whole) and math.isfinite(bound) and bound > 0:
            scale = math.sqrt(whole / bound)
            length = scale * math.sqrt(square)
            if 0 < self.max_norm < length:
                scale *= self.max_norm / length
            weights = {name: scale * weight for name, weight in weights.items()}
        return weights


def solve_bargain(cosines: Any) -> Any:
    """Find w > 0 with C w = 1 / w.

    cosines (numpy.ndarray): C, the inner products of vectors of the length 1, shape (tasks, tasks).
    RETURNS (numpy.ndarray): w, shape (tasks,).
    """
    matrix = cosines + REGULARIZATION * numpy.eye(len(cosines))
    weights = numpy.ones(len(cosines))
    for _ in range(MAX_STEPS):
        slope = matrix @ weights - 1 / weights
        step = numpy.linalg.solve(matrix + numpy.diag(weights**-2), slope)
        # the function is self-concordant: divided like this no step leaves the positive numbers
        decrement = math.sqrt(max(0.0, float(slope @ step)))
        weights = weights - step / (1 + decrement)
        if decrement < TOLERANCE:
            break
    return weights


def make_nash_mtl(max_norm: float = 0.0, level: str = "representation") -> NashMTL:
    """Create the balancer registered as spacy-mtl.NashMTL.v1.

    max_norm (float): The length that the result is cut down to; 0 for no limit.
    level (str): "representation" or "parameters".
    RETURNS (NashMTL): The balancer.
    RAISES (ValueError): E421, E422.
    """
    return NashMTL(max_norm, level)
