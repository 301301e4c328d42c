"""IMTL-G: a step that is as long towards every task."""

from typing import Any, Sequence

from .gradient_weights import GradientWeights
from .gramian import scale_gramian
from .torchjd_methods import apply_weighting, import_torchjd


class IMTLG(GradientWeights):
    """Liu et al. 2021, Towards Impartial Multi-task Learning (https://openreview.net/forum?id=IMPnRXEWpvr): the result
    has the same projection on the direction of every task,

        d . g_t / |g_t| = d . g_s / |g_s|.

    With G the inner products of the gradients, and n_t = |g_t|, the weights are proportional to w = G^+ n. A weight can
    be negative. In the paper they are divided by their sum. Where that is negative the step would go uphill for every
    task, and where it is near zero it would have any length; here the absolute values sum to one, so that the
    projection is always positive. Where no weight is negative this is the published method.
    """

    def __init__(self, level: str = "representation") -> None:
        """Create the balancer.

        level (str): "representation" or "parameters".
        RAISES (ValueError): E422.
        RAISES (ImportError): E420 without torchjd.
        """
        super().__init__(level)
        self._weighting = import_torchjd(type(self).__name__).IMTLGWeighting()

    def solve(self, names: Sequence[str], gramian: Any) -> Any:
        """RETURNS (numpy.ndarray): Weights whose absolute values sum to one; zeros where there are none."""
        scaled = scale_gramian(gramian)
        weights = apply_weighting(self._weighting, scaled)
        total = abs(weights).sum()
        uphill = (scaled @ weights).sum() < 0
        return weights / (-total if uphill else total) if total > 0 else weights


def make_imtlg(level: str = "representation") -> IMTLG:
    """Create the balancer registered as spacy-mtl.IMTLG.v1.

    level (str): "representation" or "parameters".
    RETURNS (IMTLG): The balancer.
    RAISES (ValueError): E422.
    RAISES (ImportError): E420.
    """
    return IMTLG(level)
