"""ConFIG: the direction that has the same cosine with every gradient."""

from typing import Any, Sequence

import numpy

from .gradient_weights import GradientWeights
from .gramian import find_norms, find_rows, scale_gramian
from .torchjd_methods import apply_weighting, import_torchjd


class ConFIG(GradientWeights):
    """Liu, Chu and Thuerey 2024, ConFIG: Towards Conflict-free Training of Physics Informed Neural Networks
    (https://arxiv.org/abs/2408.11104): with u_t = g_t / |g_t| the rows of U,

        v = U^+ 1,    d = (sum_t g_t . v / |v|) v / |v|.

    Where the gradients are linearly independent d has the same cosine with all of them, above zero. It lies in what
    they span: the weights are the smallest coefficients a with sum_t a_t u_t = d, each divided by |g_t|, found by least
    squares in a basis of the span. torchjd is given the gradients in that basis, which has at most as many columns as
    there are tasks.
    """

    def __init__(self, level: str = "representation") -> None:
        """Create the balancer.

        level (str): "representation" or "parameters".
        RAISES (ValueError): E422.
        RAISES (ImportError): E420 without torchjd.
        """
        super().__init__(level)
        self._aggregator = import_torchjd(type(self).__name__).ConFIG()

    def solve(self, names: Sequence[str], gramian: Any) -> Any:
        """RETURNS (numpy.ndarray): The weights. One can be negative."""
        scaled = scale_gramian(gramian)
        rows = find_rows(scaled)  # [tasks, rank]
        lengths = find_norms(scaled)
        direction = apply_weighting(self._aggregator, rows)  # [rank]
        units = rows / lengths[:, None]
        return numpy.linalg.lstsq(units.T, direction, rcond=None)[0] / lengths


def make_config(level: str = "representation") -> ConFIG:
    """Create the balancer registered as spacy-mtl.ConFIG.v1.

    level (str): "representation" or "parameters".
    RETURNS (ConFIG): The balancer.
    RAISES (ValueError): E422.
    RAISES (ImportError): E420.
    """
    return ConFIG(level)
