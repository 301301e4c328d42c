"""GradDrop: for every element one sign is drawn, and what has the other is dropped."""

from typing import Any, Dict, Mapping

from thinc.api import get_array_module, torch2xp, xp2torch
from thinc.backends import get_array_ops
from thinc.types import Floats2d

from .balancer import Balancer
from .presence import find_present
from .randomness import BatchRandom
from .report import NO_REPORT, BatchReport
from .torchjd_methods import import_torchjd


class GradDrop(Balancer):
    """Chen et al. 2020, Just Pick a Sign: Optimizing Deep Multitask Models with Gradient Sign Dropout
    (https://arxiv.org/abs/2010.06808): for every element of the gradient, with U drawn evenly from [0, 1),

        P = (1 + sum_t g_t / sum_t |g_t|) / 2,    m_t = [P > U and g_t > 0] + [P < U and g_t < 0],
        d = sum_t (leak + (1 - leak) m_t) g_t.

    It works on the full gradients, token by token at the representation level, and not on their sums: where tasks label
    different texts no two meet in an element, and the result is the plain sum. The paper's sum over the batch, for
    which the gradient is multiplied by the sign of the input, is left out. No task has a weight.
    """

    needs_two_tasks = True

    def __init__(self, leak: float = 0.0, seed: int = 0, level: str = "representation") -> None:
        """Create the balancer.

        leak (float): The share of every gradient that is not subject to dropping, from 0 to 1.
        seed (int): Of the drawn signs; 0 or more.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for settings out of range, E422.
        RAISES (ImportError): E420 without torchjd.
        """
        super().__init__(level)
        self._check_setting("leak", leak, 0 <= leak <= 1, "a number from 0 to 1")
        self._check_setting("seed", seed, seed >= 0, "a whole number, 0 or more")
        self._aggregator = import_torchjd(type(self).__name__).GradDrop()
        self.leak = leak
        self.random = BatchRandom(seed)

    def __call__(self, gradients: Mapping[str, Floats2d], report: BatchReport = NO_REPORT) -> Floats2d:
        """Draw a sign for every element, and add what has it. The gradient of one task is passed on as it is.

        gradients (Mapping[str, Floats2d]): By task, all of one shape.
        report (BatchReport): Not used.
        RETURNS (Floats2d): A new array of the same shape.
        """
        present = list(find_present(gradients).values())
        first = next(iter(gradients.values()))
        if len(present) < 2:
            return present[0].copy() if present else first.copy()
        import torch

        stacked = get_array_module(first).stack([gradient.ravel() for gradient in present])
        matrix = xp2torch(stacked)  # [tasks, elements]
        self._aggregator.leak = torch.full((len(present),), self.leak, dtype=matrix.dtype, device=matrix.device)
        with torch.no_grad(), self.random.seed_torch(matrix):
            combined = self._aggregator(matrix)
        result: Any = torch2xp(combined, ops=get_array_ops(first))
        return result.reshape(first.shape)

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


def make_graddrop(leak: float = 0.0, seed: int = 0, level: str = "representation") -> GradDrop:
    """Create the balancer registered as spacy-mtl.GradDrop.v1.

    leak (float): The share of every gradient that is not subject to dropping, from 0 to 1.
    seed (int): Of the drawn signs.
    level (str): "representation" or "parameters".
    RETURNS (GradDrop): The balancer.
    RAISES (ValueError): E421, E422.
    RAISES (ImportError): E420.
    """
    return GradDrop(leak, seed, level)
