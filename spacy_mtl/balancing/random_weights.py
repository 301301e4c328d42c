"""Random loss weighting: weights that mean nothing, as a baseline for those that do."""

from typing import Any, Dict, Mapping

from thinc.types import Floats2d

from .randomness import BatchRandom
from .report import BatchReport
from .task_weights import TaskWeights, softmax


class RandomLossWeighting(TaskWeights):
    """Lin, Ye, Zhang and Tsang 2021, Reasonable Effectiveness of Random Weighting (https://arxiv.org/abs/2111.10603):
    the weights of a batch are the softmax of one draw of the standard normal distribution for each of its tasks. They
    sum to one."""

    needs_two_tasks = True

    def __init__(self, seed: int = 0, level: str = "representation") -> None:
        """Create the balancer.

        seed (int): 0 or more.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for a negative seed, E422.
        """
        super().__init__(level)
        self._check_setting("seed", seed, seed >= 0, "a whole number, 0 or more")
        self.random = BatchRandom(seed)

    def weigh(self, gradients: Mapping[str, Floats2d], report: BatchReport) -> Dict[str, float]:
        """Draw the weights of the batch.

        gradients (Mapping[str, Floats2d]): By task; one or more, none of them zero.
        report (BatchReport): Not used.
        RETURNS (Dict[str, float]): Weights above zero that sum to one.
        """
        draws = self.random.get_next().standard_normal(len(gradients))
        return dict(zip(gradients, softmax(draws.tolist()).tolist()))

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


def make_random_loss_weighting(seed: int = 0, level: str = "representation") -> RandomLossWeighting:
    """Create the balancer registered as spacy-mtl.RandomLossWeighting.v1.

    seed (int): 0 or more.
    level (str): "representation" or "parameters".
    RETURNS (RandomLossWeighting): The balancer.
    RAISES (ValueError): E421, E422.
    """
    return RandomLossWeighting(seed, level)
