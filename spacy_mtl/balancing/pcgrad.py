"""PCGrad: what conflicts with another task is projected away."""

from typing import Any, Dict, Sequence

from .gradient_weights import GradientWeights
from .gramian import scale_gramian
from .randomness import BatchRandom
from .torchjd_methods import apply_weighting, import_torchjd


class PCGrad(GradientWeights):
    """Yu et al. 2020, Gradient Surgery for Multi-Task Learning (https://arxiv.org/abs/2001.06782): for each task i, and
    all others j in random order,

        g_i <- g_i - (g_i . g_j / |g_j|^2) g_j    where g_i . g_j < 0, with the gradient g_j as it was;

    the result is the sum of the g_i. Without conflict it is the plain sum.
    """

    def __init__(self, seed: int = 0, level: str = "representation") -> None:
        """Create the balancer.

        seed (int): Of the order of the projections; 0 or more.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for a negative seed, E422.
        RAISES (ImportError): E420 without torchjd.
        """
        super().__init__(level)
        self._check_setting("seed", seed, seed >= 0, "a whole number, 0 or more")
        self._weighting = import_torchjd(type(self).__name__).PCGradWeighting()
        self.random = BatchRandom(seed)

    def solve(self, names: Sequence[str], gramian: Any) -> Any:
        """RETURNS (numpy.ndarray): How much of each gradient is in the sum of the projected ones; 1 or more."""
        with self.random.seed_torch():
            return apply_weighting(self._weighting, scale_gramian(gramian))

    def get_state(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): Where the random numbers are."""
        return {"random": self.random.get_state()}

    def set_state(self, state: Dict[str, Any]) -> None:
        """Resume from what `get_state` gave.

        state (Dict[str, Any]): Where the random numbers are.
        RAISES (ValueError): E423 if it is the state of another method.
        """
        self._check_state(state, ["random"])
        self.random.set_state(state["random"])


def make_pcgrad(seed: int = 0, level: str = "representation") -> PCGrad:
    """Create the balancer registered as spacy-mtl.PCGrad.v1.

    seed (int): Of the order of the projections.
    level (str): "representation" or "parameters".
    RETURNS (PCGrad): The balancer.
    RAISES (ValueError): E421, E422.
    RAISES (ImportError): E420.
    """
    return PCGrad(seed, level)
