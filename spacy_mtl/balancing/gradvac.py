"""GradVac: gradients are turned towards each other until they agree as they usually do."""

from typing import Any, Dict, Sequence

import numpy
from thinc.api import NumpyOps, torch2xp, xp2torch

from .exact import pack, unpack_floats
from .gradient_weights import GradientWeights
from .gramian import scale_gramian
from .randomness import BatchRandom
from .torchjd_methods import apply_weighting, import_torchjd


class GradVac(GradientWeights):
    """Wang, Tsvetkov, Firat and Cao 2021, Gradient Vaccine: Investigating and Improving Multi-task Optimization in
    Massively Multilingual Models (https://arxiv.org/abs/2010.05874): for each task i, and all others j in random order,
    with phi the cosine of g_i and g_j, and a_ij its running average for the pair, 0 at first,

        g_i <- g_i + g_j |g_i| (a_ij sqrt(1 - phi^2) - phi sqrt(1 - a_ij^2)) / (|g_j| sqrt(1 - a_ij^2))
        where phi < a_ij;  then  a_ij <- (1 - beta) a_ij + beta phi.

    The result is the sum of the g_i. The averages are kept by pairs of tasks; a batch in which one of a pair is absent
    leaves it as it is.
    """

    def __init__(self, beta: float = 0.01, seed: int = 0, level: str = "representation") -> None:
        """Create the balancer.

        beta (float): How much a batch moves the averages, from 0 to 1.
        seed (int): Of the order of the tasks; 0 or more.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for settings out of range, E422.
        RAISES (ImportError): E420 without torchjd.
        """
        super().__init__(level)
        self._check_setting("beta", beta, 0 <= beta <= 1, "a number from 0 to 1")
        self._check_setting("seed", seed, seed >= 0, "a whole number, 0 or more")
        self._weighting = import_torchjd(type(self).__name__).GradVacWeighting(beta=beta)
        self.beta = beta
        self.random = BatchRandom(seed)
        self.averages: Dict[str, Dict[str, float]] = {}

    def solve(self, names: Sequence[str], gramian: Any) -> Any:
        """RETURNS (numpy.ndarray): How much of each gradient is in the sum of the turned ones; 1 or more."""
        averages = numpy.asarray([[self.averages.get(a, {}).get(b, 0.0) for b in names] for a in names])
        # torchjd keeps the averages of one set of tasks, and has no public way to change it
        self._weighting._phi_t = xp2torch(averages, device="cpu")
        self._weighting._state_key = (len(names), self._weighting._phi_t.dtype)
        with self.random.seed_torch():
            weights = apply_weighting(self._weighting, scale_gramian(gramian))
        averages = torch2xp(self._weighting._phi_t, ops=NumpyOps())
        for a, row in zip(names, averages.tolist()):
            self.averages.setdefault(a, {}).update((b, average) for b, average in zip(names, row) if b != a)
        return weights

    def get_state(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The averages, and where the random numbers are."""
        return {"averages": pack(self.averages), "random": self.random.get_state()}

    def set_state(self, state: Dict[str, Any]) -> None:
        """Resume from what `get_state` gave.

        state (Dict[str, Any]): The averages, and where the random numbers are.
        RAISES (ValueError): E423 if it is the state of another method.
        """
        self._check_state(state, ["averages", "random"])
        self.averages = {name: unpack_floats(row) for name, row in state["averages"].items()}
        self.random.set_state(state["random"])


def make_gradvac(beta: float = 0.01, seed: int = 0, level: str = "representation") -> GradVac:
    """Create the balancer registered as spacy-mtl.GradVac.v1.

    beta (float): How much a batch moves the averages, from 0 to 1.
    seed (int): Of the order of the tasks.
    level (str): "representation" or "parameters".
    RETURNS (GradVac): The balancer.
    RAISES (ValueError): E421, E422.
    RAISES (ImportError): E420.
    """
    return GradVac(beta, seed, level)
