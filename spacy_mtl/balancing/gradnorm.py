"""GradNorm: gradients of like size, larger for the tasks that have learned less."""

import math
from typing import Any, Dict, Mapping

import numpy
from thinc.types import Floats2d

from .exact import pack, unpack_floats
from .gramian import compute_gramian, find_norms
from .losses import LossWeights
from .report import BatchReport


class GradNorm(LossWeights):
    """Chen, Badrinarayanan, Lee and Rabinovich 2018, GradNorm: Gradient Normalization for Adaptive Loss Balancing in
    Deep Multitask Networks (https://arxiv.org/abs/1711.02257). With g_t the gradient of task t summed over its rows,
    and L_t its mean loss, the weights w_t follow the gradient of

        sum_t | w_t |g_t| - G r_t^alpha |,    G = mean_t w_t |g_t|,    r_t = (L_t / L_t(0)) / mean_s (L_s / L_s(0))

    with G and r_t held constant; L_t(0) is the task's first loss. After every step the weights are scaled to sum to the
    number of tasks. Two things differ from the paper. The step is taken on log w_t, so that no weight leaves the
    positive numbers, and in units of G, so that the learning rate does not hang on the size of the gradients:

        log w_t <- log w_t - learning_rate (w_t |g_t| / G) sign(w_t |g_t| / G - r_t^alpha)

    A batch moves the weights of its own tasks only, and their sum stays what it was. The weights of a batch are those
    from before it.
    """

    needs_two_tasks = True

    def __init__(self, alpha: float = 1.5, learning_rate: float = 0.025, level: str = "representation") -> None:
        """Create the balancer.

        alpha (float): How strongly the tasks that have learned less are favoured; finite, 0 or more.
        learning_rate (float): The step of the weights; finite, above 0.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for settings out of range, E422.
        """
        super().__init__(level)
        self._check_setting("alpha", alpha, math.isfinite(alpha) and alpha >= 0, "a finite number, 0 or more")
        fits = math.isfinite(learning_rate) and learning_rate > 0
        self._check_setting("learning_rate", learning_rate, fits, "a finite number above 0")
        self.alpha = alpha
        self.learning_rate = learning_rate
        self.weights: Dict[str, float] = {}
        self.first_losses: Dict[str, float] = {}

    def weigh(self, gradients: Mapping[str, Floats2d], report: BatchReport) -> Dict[str, float]:
        """Weigh the tasks, then take a step with the norms and losses of the batch.

        gradients (Mapping[str, Floats2d]): By task; one or more, none of them zero.
        report (BatchReport): The losses of the batch.
        RETURNS (Dict[str, float]): w_t for each task; 1 for one without losses.
        """
        current = {name: self.weights.get(name, 1.0) for name in gradients}
        losses = self.read_losses(gradients, report)
        for name, loss in losses.items():
            self.weights.setdefault(name, 1.0)
            self.first_losses.setdefault(name, loss)
        norms = {name: float(find_norms(compute_gramian([gradients[name]]))[0]) for name in losses}
        norms = {name: norm for name, norm in norms.items() if math.isfinite(norm) and norm > 0}
        if len(norms) > 1:
            self._step(norms, losses)
        return current

    def _step(self, norms: Mapping[str, float], losses: Mapping[str, float]) -> None:
        weights = numpy.asarray([self.weights[name] for name in norms])
        ratios = numpy.asarray([losses[name] / self.first_losses[name] for name in norms])
        targets = (ratios / ratios.mean()) ** self.alpha
        sizes = weights * numpy.asarray(list(norms.values()))
        sizes = sizes / sizes.mean()
        stepped = weights * numpy.exp(-self.learning_rate * sizes * numpy.sign(sizes - targets))
        self.weights.update(zip(norms, (stepped * (weights.sum() / stepped.sum())).tolist()))

    def get_state(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The weights and the first losses."""
        return {"weights": pack(self.weights), "first_losses": pack(self.first_losses)}

    def set_state(self, state: Dict[str, Any]) -> None:
        """Resume from what `get_state` gave.

        state (Dict[str, Any]): The weights and the first losses.
        RAISES (ValueError): E423 if it is the state of another method.
        """
        self._check_state(state, ["weights", "first_losses"])
        self.weights = unpack_floats(state["weights"])
        self.first_losses = unpack_floats(state["first_losses"])


def make_gradnorm(alpha: float = 1.5, learning_rate: float = 0.025, level: str = "representation") -> GradNorm:
    """Create the balancer registered as spacy-mtl.GradNorm.v1.

    alpha (float): How strongly the tasks that have learned less are favoured.
    learning_rate (float): The step of the weights.
    level (str): "representation" or "parameters".
    RETURNS (GradNorm): The balancer.
    RAISES (ValueError): E421, E422.
    """
    return GradNorm(alpha, learning_rate, level)
