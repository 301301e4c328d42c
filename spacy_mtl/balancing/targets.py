"""Target distribution averaging: one objective, apportioned over the tasks by what is annotated for them."""

import math
from typing import Any, Dict, Mapping

from thinc.types import Floats2d

from .exact import pack, unpack_floats
from .losses import count_targets
from .report import BatchReport
from .task_weights import TaskWeights, softmax

# A share that a large exponent makes vanish must not leave a batch of that task alone without any.
SMALLEST_SHARE = 1e-12


class TargetDistributionAveraging(TaskWeights):
    """The joint objective is N sum_t p_t L_t, with L_t the mean loss over the n_t annotated targets of task t in the
    batch, N = sum_t n_t, and the shares

        q_t = n_t^tau / sum_s n_s^tau,    p_t <- beta p_t + (1 - beta) q_t.

    The gradient of a task is that of its summed loss, n_t L_t, so that its weight is N p_t / n_t. The factor N keeps
    the size of the plain sum, which is the case tau = 1, beta = 0: every target counts alike. With tau = 0 every task
    counts alike; below 1 the rare task is favoured, below 0 even over the frequent one.

    The tasks of a batch may be some of all. Their shares in the batch are averaged on the scale that they have
    together, so that a batch of one task alone changes no average; a task that is absent keeps its average; and the
    weights of the batch follow from the averages of the tasks in it, scaled to sum to one. Where a component reports no
    targets, n_t is the number of rows of its gradient that are not zero.
    """

    def __init__(self, tau: float = 0.5, beta: float = 0.9, level: str = "representation") -> None:
        """Create the balancer.

        tau (float): The exponent of the number of targets; finite.
        beta (float): The decay of the averages, from 0 (this batch only) to below 1.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for settings out of range, E422.
        """
        super().__init__(level)
        self._check_setting("tau", tau, math.isfinite(tau), "a finite number")
        self._check_setting("beta", beta, 0 <= beta < 1, "a number from 0 to below 1")
        self.tau = tau
        self.beta = beta
        self.shares: Dict[str, float] = {}

    def weigh(self, gradients: Mapping[str, Floats2d], report: BatchReport) -> Dict[str, float]:
        """Average the shares with those of the batch, and weigh the tasks by them.

        gradients (Mapping[str, Floats2d]): By task; one or more, none of them zero.
        report (BatchReport): The targets of the batch.
        RETURNS (Dict[str, float]): N p_t / n_t for each task.
        """
        counts = {name: count_targets(name, gradient, report) for name, gradient in gradients.items()}
        found = softmax([self.tau * math.log(count) for count in counts.values()]).tolist()
        self._average({name: max(share, SMALLEST_SHARE) for name, share in zip(counts, found)})
        whole = sum(self.shares[name] for name in counts)
        total = sum(counts.values())
        return {name: total * self.shares[name] / whole / count for name, count in counts.items()}

    def _average(self, found: Mapping[str, float]) -> None:
        known = [name for name in found if name in self.shares]
        scale = sum(self.shares[name] for name in known) / sum(found[name] for name in known) if known else 1.0
        for name, share in found.items():
            if name in self.shares:
                self.shares[name] = self.beta * self.shares[name] + (1 - self.beta) * scale * share
            else:
                self.shares[name] = scale * share
        whole = sum(self.shares.values())
        self.shares = {name: max(share / whole, SMALLEST_SHARE) for name, share in self.shares.items()}

    def get_state(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The averages."""
        return {"shares": pack(self.shares)}

    def set_state(self, state: Dict[str, Any]) -> None:
        """Resume from what `get_state` gave.

        state (Dict[str, Any]): The averages.
        RAISES (ValueError): E423 if it is the state of another method.
        """
        self._check_state(state, ["shares"])
        self.shares = unpack_floats(state["shares"])


def make_target_distribution_averaging(
    tau: float = 0.5, beta: float = 0.9, level: str = "representation"
) -> TargetDistributionAveraging:
    """Create the balancer registered as spacy-mtl.TargetDistributionAveraging.v1.

    tau (float): The exponent of the number of targets: 1 weighs every target alike, 0 every task alike.
    beta (float): The decay of the averages over batches, from 0 to below 1.
    level (str): "representation" or "parameters".
    RETURNS (TargetDistributionAveraging): The balancer.
    RAISES (ValueError): E421, E422.
    """
    return TargetDistributionAveraging(tau, beta, level)
