"""Dynamic weight averaging: the slower a task's loss falls, the more it counts."""

import math
from typing import Any, Dict, Mapping, Optional, Tuple

from thinc.types import Floats2d

from .exact import pack
from .losses import LossWeights
from .report import BatchReport
from .task_weights import softmax


class DynamicWeightAveraging(LossWeights):
    """Liu, Johns and Davison 2019, End-to-End Multi-Task Learning with Attention (https://arxiv.org/abs/1803.10704):

        w_t = K exp(r_t / temperature) / sum_s exp(r_s / temperature),    r_t = L_t(last) / L_t(the one before)

    over the K tasks that have reported a loss so far, so that the weights sum to K. The paper averages the losses over
    epochs; here L_t is the average of the task's mean losses over `window` batches in which it is present. Until two
    windows are full, r_t is 1, as in the paper. The weights of a batch are those from before it.
    """

    needs_two_tasks = True

    def __init__(self, window: int = 100, temperature: float = 2.0, level: str = "representation") -> None:
        """Create the balancer.

        window (int): The batches that a loss is averaged over, 1 or more.
        temperature (float): The higher, the more alike the weights; finite, above 0.
        level (str): "representation" or "parameters".
        RAISES (ValueError): E421 for settings out of range, E422.
        """
        super().__init__(level)
        self._check_setting("window", window, window >= 1, "a number of batches, 1 or more")
        fits = math.isfinite(temperature) and temperature > 0
        self._check_setting("temperature", temperature, fits, "a finite number above 0")
        self.window = window
        self.temperature = temperature
        self._open: Dict[str, Tuple[float, int]] = {}
        self._averages: Dict[str, Tuple[Optional[float], Optional[float]]] = {}

    def weigh(self, gradients: Mapping[str, Floats2d], report: BatchReport) -> Dict[str, float]:
        """Weigh the tasks by how their losses have fallen, then record those of the batch.

        gradients (Mapping[str, Floats2d]): By task; one or more, none of them zero.
        report (BatchReport): The losses of the batch.
        RETURNS (Dict[str, float]): w_t for each task; 1 for one without losses.
        """
        losses = self.read_losses(gradients, report)
        for name in losses:
            self._averages.setdefault(name, (None, None))
        weights = self._find_weights()
        for name, loss in losses.items():
            total, batches = self._open.get(name, (0.0, 0))
            total, batches = total + loss, batches + 1
            if batches >= self.window:
                self._averages[name] = (self._averages[name][1], total / batches)
                total, batches = 0.0, 0
            self._open[name] = (total, batches)
        return {name: weights.get(name, 1.0) for name in gradients}

    def _find_weights(self) -> Dict[str, float]:
        if not self._averages:
            return {}
        rates = [1.0 if before is None or last is None else last / before for before, last in self._averages.values()]
        shares = softmax([rate / self.temperature for rate in rates])
        return dict(zip(self._averages, (len(rates) * shares).tolist()))

    def get_state(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The averages of the last two windows, and the sums of the open one."""
        return {"averages": pack(self._averages), "open": pack(self._open)}

    def set_state(self, state: Dict[str, Any]) -> None:
        """Resume from what `get_state` gave.

        state (Dict[str, Any]): The averages and sums.
        RAISES (ValueError): E423 if it is the state of another method.
        """
        self._check_state(state, ["averages", "open"])
        self._averages = {
            name: (None if before is None else float(before), None if last is None else float(last))
            for name, (before, last) in state["averages"].items()
        }
        self._open = {name: (float(total), int(batches)) for name, (total, batches) in state["open"].items()}


def make_dynamic_weight_averaging(
    window: int = 100, temperature: float = 2.0, level: str = "representation"
) -> DynamicWeightAveraging:
    """Create the balancer registered as spacy-mtl.DynamicWeightAveraging.v1.

    window (int): The batches that a loss is averaged over.
    temperature (float): The higher, the more alike the weights.
    level (str): "representation" or "parameters".
    RETURNS (DynamicWeightAveraging): The balancer.
    RAISES (ValueError): E421, E422.
    """
    return DynamicWeightAveraging(window, temperature, level)
