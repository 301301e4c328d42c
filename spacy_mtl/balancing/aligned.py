"""Aligned-MTL: the gradients made orthogonal and of one length, then averaged."""

from typing import Any, Sequence

from .gradient_weights import GradientWeights
from .gramian import scale_gramian
from .torchjd_methods import apply_weighting, import_torchjd

SCALES = ("min", "median", "rmse")


class AlignedMTL(GradientWeights):
    """Senushkin, Patakin, Kuznetsov and Konushin 2023, Independent Component Alignment for Multi-Task Learning
    (https://arxiv.org/abs/2305.19000): of the gradients' matrix all singular values are set to one value, the smallest,
    and the rows that this leaves are averaged. With the inner products G = V diag(l) V^T the weights are

        sqrt(l_min) V diag(1 / sqrt(l)) V^T 1 / T.

    The rows so aligned are orthogonal. The result can still conflict with one of the gradients as they were.
    """

    def __init__(self, scale: str = "min", level: str = "representation") -> None:
        """Create the balancer.

        scale (str): In place of the smallest eigenvalue: "min" (as in the paper), "median", or "rmse" for the mean.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for another scale, E422.
        RAISES (ImportError): E420 without torchjd.
        """
        super().__init__(level)
        self._check_setting("scale", scale, scale in SCALES, f"one of {list(SCALES)}")
        self._weighting = import_torchjd(type(self).__name__).AlignedMTLWeighting(scale_mode=scale)

    def solve(self, names: Sequence[str], gramian: Any) -> Any:
        """RETURNS (numpy.ndarray): The weights."""
        return apply_weighting(self._weighting, scale_gramian(gramian))


def make_aligned_mtl(scale: str = "min", level: str = "representation") -> AlignedMTL:
    """Create the balancer registered as spacy-mtl.AlignedMTL.v1.

    scale (str): "min", "median" or "rmse".
    level (str): "representation" or "parameters".
    RETURNS (AlignedMTL): The balancer.
    RAISES (ValueError): E421, E422.
    RAISES (ImportError): E420.
    """
    return AlignedMTL(scale, level)
