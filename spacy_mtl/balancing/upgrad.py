"""UPGrad: every gradient projected to where it conflicts with none, then averaged."""

from typing import Any, Sequence

from thinc.api import xp2torch

from .gradient_weights import GradientWeights
from .gramian import find_cosines, find_norms
from .torchjd_methods import apply_weighting, import_torchjd

# Added to a diagonal of about 1 / number of tasks, for the solver's sake; torchjd's own 1e-4 drowns small conflicts.
REGULARIZATION = 1e-8


class UPGrad(GradientWeights):
    """Quinton and Rey 2024, Jacobian Descent for Multi-Objective Optimization (https://arxiv.org/abs/2406.16232): each
    gradient is projected onto the directions that conflict with no task, {d : g_t . d >= 0 for all t}, and the result
    is the mean of the projections. It conflicts with no task; without conflict it is the mean of the gradients.

    The projection does not hang on the lengths of the gradients; it is computed from their cosines, so that a task with
    a small gradient is not lost beside the rounding of a large one.
    """

    def __init__(self, level: str = "representation") -> None:
        """Create the balancer.

        level (str): "representation" or "parameters".
        RAISES (ValueError): E422.
        RAISES (ImportError): E420 without torchjd or its solver.
        """
        super().__init__(level)
        methods = import_torchjd(type(self).__name__, "quadprog", ["qpsolvers", "quadprog"])
        from torchjd.linalg import QuadprogProjector

        self._weighting = methods.UPGradWeighting(projector=QuadprogProjector(reg_eps=REGULARIZATION))

    def solve(self, names: Sequence[str], gramian: Any) -> Any:
        """RETURNS (numpy.ndarray): How much of each gradient is in the mean of the projections; 1 / tasks or more."""
        lengths = find_norms(gramian) / find_norms(gramian).mean()
        self._weighting.pref_vector = xp2torch(lengths / len(lengths), device="cpu")
        return apply_weighting(self._weighting, find_cosines(gramian)) / lengths


def make_upgrad(level: str = "representation") -> UPGrad:
    """Create the balancer registered as spacy-mtl.UPGrad.v1.

    level (str): "representation" or "parameters".
    RETURNS (UPGrad): The balancer.
    RAISES (ValueError): E422.
    RAISES (ImportError): E420.
    """
    return UPGrad(level)
