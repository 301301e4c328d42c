"""Shares of the joint gradient by the size of the tasks' gradients, between the plain sum and equal norms."""

import math
from typing import Any, Dict, Mapping, Optional, Sequence

from thinc.types import Floats2d

from ..errors import Errors
from .exact import pack, unpack_floats
from .report import BatchReport
from .task_weights import TaskWeights, find_square


class GradientShares(TaskWeights):
    """Weighs the gradient g_t of task t by the running average m_t of its norm and by a share s_t that is set:

        w_t = c s_t m_t^-alpha,    c = sum_u m_u / sum_u s_u m_u^(1 - alpha),

    so that the sum of the weighted norms stays that of the plain sum, which is the case alpha = 0 with equal shares.
    With alpha = 1 the tasks' norms are in the ratio of the shares, whatever their losses and numbers of targets;
    between them a task with a small gradient gets a part of what it lacks. (Equal norms are what GradNorm, Chen et al.
    2018, begins with; there the ratio follows the losses, here it is set.)

    The norm is that of all rows together, since tasks that label other texts have no row in common. A task that is
    absent from the batch keeps its average.
    """

    needs_two_tasks = True

    def __init__(
        self,
        shares: Optional[Dict[str, float]] = None,
        default: float = 1.0,
        alpha: float = 0.5,
        beta: float = 0.99,
        level: str = "representation",
    ) -> None:
        """Create the balancer.

        shares (Optional[Dict[str, float]]): By task; above 0 and finite.
        default (float): The share of every task that is not named; above 0 and finite.
        alpha (float): From 0, the sizes that the gradients have, to 1, those of the shares.
        beta (float): The decay of the averages over batches, from 0 (this batch only) to below 1.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for settings out of range, E422.
        """
        super().__init__(level)
        for where, share in [*((f"shares.{name}", one) for name, one in (shares or {}).items()), ("default", default)]:
            self._check_setting(where, share, math.isfinite(share) and share > 0, "a finite number above 0")
        self._check_setting("alpha", alpha, 0 <= alpha <= 1, "a number from 0 to 1")
        self._check_setting("beta", beta, 0 <= beta < 1, "a number from 0 to below 1")
        self.shares = dict(shares or {})
        self.default = default
        self.alpha = alpha
        self.beta = beta
        self.norms: Dict[str, float] = {}

    def weigh(self, gradients: Mapping[str, Floats2d], report: BatchReport) -> Dict[str, float]:
        """Average the norms with those of the batch, and weigh the tasks by them.

        gradients (Mapping[str, Floats2d]): By task; one or more, none of them zero.
        report (BatchReport): Not used.
        RETURNS (Dict[str, float]): The weight of each of these tasks.
        """
        for name, gradient in gradients.items():
            norm = math.sqrt(find_square(gradient))
            if math.isfinite(norm):
                self.norms[name] = self.beta * self.norms.get(name, norm) + (1 - self.beta) * norm
        known = {name: norm for name, norm in self.norms.items() if norm > 0}
        pulls = {name: self._get_share(name) * norm**-self.alpha for name, norm in known.items()}
        if not pulls:
            return dict.fromkeys(gradients, 1.0)
        scale = sum(known.values()) / sum(pulls[name] * norm for name, norm in known.items())
        return {name: scale * pulls[name] if name in pulls else 1.0 for name in gradients}

    def validate(self, names: Sequence[str]) -> None:
        """Check that every share belongs to a task.

        names (Sequence[str]): The tasks that can report.
        RAISES (ValueError): E403 for a share without a task, E424 if there is one task.
        """
        unknown = sorted(set(self.shares) - set(names))
        if unknown:
            raise ValueError(Errors.E403.format(unknown=unknown, names=list(names)))
        super().validate(names)

    def get_state(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The averages."""
        return {"norms": pack(self.norms)}

    def set_state(self, state: Dict[str, Any]) -> None:
        """Resume from what `get_state` gave.

        state (Dict[str, Any]): The averages.
        RAISES (ValueError): E423 if it is the state of another method.
        """
        self._check_state(state, ["norms"])
        self.norms = unpack_floats(state["norms"])

    def _get_share(self, name: str) -> float:
        return self.shares.get(name, self.default)


def make_gradient_shares(
    shares: Optional[Dict[str, float]] = None,
    default: float = 1.0,
    alpha: float = 0.5,
    beta: float = 0.99,
    level: str = "representation",
) -> GradientShares:
    """Create the balancer registered as spacy-mtl.GradientShares.v1.

    shares (Optional[Dict[str, float]]): By the name of the component; above 0 and finite.
    default (float): The share of every listening component that is not named.
    alpha (float): From 0, the sizes that the gradients have, to 1, those of the shares.
    beta (float): The decay of the averages over batches, from 0 to below 1.
    level (str): "representation" or "parameters".
    RETURNS (GradientShares): The balancer.
    RAISES (ValueError): E421, E422.
    """
    return GradientShares(shares, default, alpha, beta, level)
