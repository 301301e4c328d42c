"""Uncertainty weighting: the noisier a task, the less it counts."""

import math
from typing import Any, Dict, Mapping

from thinc.types import Floats2d

from .exact import pack, unpack_floats
from .losses import LossWeights
from .report import BatchReport

# Keeps exp in bounds where a loss is near zero or has run away: weights from 2e-9 to 5e8.
LIMIT = 20.0


class UncertaintyWeighting(LossWeights):
    """Kendall, Gal and Cipolla 2018, Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry and
    Semantics (https://arxiv.org/abs/1705.07115): the joint objective is the negative log likelihood of all annotated
    targets, in the paper's form for classification

        sum_t n_t (exp(-s_t) L_t + s_t / 2)

    with n_t the targets of the batch, L_t their mean loss, and s_t the log of the task's variance. Its gradient by the
    encoder is that of the summed losses n_t L_t, as the heads give it, times the weight exp(-s_t). s_t is learned
    together with the encoder, by steps for the mean of its targets, so that they do not hang on the size of the batch:

        s_t <- s_t - learning_rate (1/2 - exp(-s_t) L_t).

    It comes to rest where exp(-s_t) = 1 / (2 L_t). Every target counts as one observation: a task with many still
    outweighs one with few. (Where each task has one target a text, as in the paper, n_t does not matter.) The weight is
    1 at first; the weights of a batch are those from before it. A task that is absent, or whose loss is zero, keeps its
    s_t.
    """

    def __init__(self, learning_rate: float = 0.01, level: str = "representation") -> None:
        """Create the balancer.

        learning_rate (float): The step of the log variances; finite, above 0.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for a learning rate out of range, E422.
        """
        super().__init__(level)
        fits = math.isfinite(learning_rate) and learning_rate > 0
        self._check_setting("learning_rate", learning_rate, fits, "a finite number above 0")
        self.learning_rate = learning_rate
        self.log_variances: Dict[str, float] = {}

    def weigh(self, gradients: Mapping[str, Floats2d], report: BatchReport) -> Dict[str, float]:
        """Weigh the tasks by their variances, then take a step with these.

        gradients (Mapping[str, Floats2d]): By task; one or more, none of them zero.
        report (BatchReport): The losses of the batch.
        RETURNS (Dict[str, float]): exp(-s_t) for each task; 1 for one without losses.
        """
        weights = {name: math.exp(-self.log_variances.get(name, 0.0)) for name in gradients}
        for name, loss in self.read_losses(gradients, report).items():
            step = self.learning_rate * (0.5 - weights[name] * loss)
            self.log_variances[name] = min(LIMIT, max(-LIMIT, self.log_variances.get(name, 0.0) - step))
        return weights

    def get_state(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The log variances."""
        return {"log_variances": pack(self.log_variances)}

    def set_state(self, state: Dict[str, Any]) -> None:
        """Resume from what `get_state` gave.

        state (Dict[str, Any]): The log variances.
        RAISES (ValueError): E423 if it is the state of another method.
        """
        self._check_state(state, ["log_variances"])
        self.log_variances = unpack_floats(state["log_variances"])


def make_uncertainty_weighting(learning_rate: float = 0.01, level: str = "representation") -> UncertaintyWeighting:
    """Create the balancer registered as spacy-mtl.UncertaintyWeighting.v1.

    learning_rate (float): The step of the log variances.
    level (str): "representation" or "parameters".
    RETURNS (UncertaintyWeighting): The balancer.
    RAISES (ValueError): E421, E422.
    """
    return UncertaintyWeighting(learning_rate, level)
