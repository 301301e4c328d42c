"""FAMO: all losses fall at like rates, at the cost of a weighted sum."""

import math
from typing import Any, Dict, Mapping

import numpy
from thinc.types import Floats2d

from .exact import pack, unpack_floats
from .losses import LossWeights
from .report import BatchReport
from .task_weights import softmax


class FAMO(LossWeights):
    """Liu, Feng, Stone and Liu 2023, FAMO: Fast Adaptive Multitask Optimization (https://arxiv.org/abs/2306.03792).
    With z = softmax(logits) over the tasks of the batch, the encoder learns from the weighted logs of the losses,

        c sum_t z_t grad log L_t,    c = 1 / sum_t (z_t / L_t)

    so that the weight of a task's gradient is c z_t / L_t, with L_t its loss in the batch, summed as the gradient is.
    The weights sum to one. The logits take a step against the change of the log losses d_t = log L_t(before) -
    log L_t(after), with weight decay gamma:

        logits <- logits - learning_rate (J^T d + gamma logits),    J the Jacobian of the softmax.

    The paper measures L_t(after) on the same batch, once the parameters are updated. Here only the next batch is to be
    had: d_t compares the mean losses of the last two batches in which the task is present, and is the noisier for it.
    """

    needs_two_tasks = True

    def __init__(self, learning_rate: float = 0.025, gamma: float = 0.001, level: str = "representation") -> None:
        """Create the balancer.

        learning_rate (float): The step of the logits; finite, above 0.
        gamma (float): Their weight decay; finite, 0 or more.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for settings out of range, E422.
        """
        super().__init__(level)
        fits = math.isfinite(learning_rate) and learning_rate > 0
        self._check_setting("learning_rate", learning_rate, fits, "a finite number above 0")
        self._check_setting("gamma", gamma, math.isfinite(gamma) and gamma >= 0, "a finite number, 0 or more")
        self.learning_rate = learning_rate
        self.gamma = gamma
        self.logits: Dict[str, float] = {}
        self.last_losses: Dict[str, float] = {}

    def weigh(self, gradients: Mapping[str, Floats2d], report: BatchReport) -> Dict[str, float]:
        """Learn from how the losses changed since they were last seen, then weigh the tasks.

        gradients (Mapping[str, Floats2d]): By task; one or more, none of them zero.
        report (BatchReport): The losses of the batch.
        RETURNS (Dict[str, float]): c z_t / L_t for each task; 1 for one without losses.
        """
        losses = self.read_losses(gradients, report)
        self._step({name: loss for name, loss in losses.items() if name in self.last_losses})
        self.last_losses.update(losses)
        weights = dict.fromkeys(gradients, 1.0)
        if losses:
            shares = softmax([self.logits.setdefault(name, 0.0) for name in losses])
            shares = shares / numpy.asarray([report.losses[name] for name in losses])
            weights.update(zip(losses, (shares / shares.sum()).tolist()))
        return weights

    def _step(self, losses: Mapping[str, float]) -> None:
        if not losses:
            return
        logits = numpy.asarray([self.logits[name] for name in losses])
        falls = numpy.asarray([math.log(self.last_losses[name]) - math.log(loss) for name, loss in losses.items()])
        shares = softmax(logits.tolist())
        slope = shares * (falls - shares @ falls)
        stepped = logits - self.learning_rate * (slope + self.gamma * logits)
        self.logits.update(zip(losses, stepped.tolist()))

    def get_state(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The logits and the last losses."""
        return {"logits": pack(self.logits), "last_losses": pack(self.last_losses)}

    def set_state(self, state: Dict[str, Any]) -> None:
        """Resume from what `get_state` gave.

        state (Dict[str, Any]): The logits and the last losses.
        RAISES (ValueError): E423 if it is the state of another method.
        """
        self._check_state(state, ["logits", "last_losses"])
        self.logits = unpack_floats(state["logits"])
        self.last_losses = unpack_floats(state["last_losses"])


def make_famo(learning_rate: float = 0.025, gamma: float = 0.001, level: str = "representation") -> FAMO:
    """Create the balancer registered as spacy-mtl.FAMO.v1.

    learning_rate (float): The step of the logits.
    gamma (float): Their weight decay.
    level (str): "representation" or "parameters".
    RETURNS (FAMO): The balancer.
    RAISES (ValueError): E421, E422.
    """
    return FAMO(learning_rate, gamma, level)
