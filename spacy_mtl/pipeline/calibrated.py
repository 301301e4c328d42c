"""Heads whose probabilities mean what they say, after calibration on held-out annotation."""

from typing import Any, Callable, Dict, List, Sequence

from spacy.training import Example
from spacy.util import minibatch

from .calibration import Calibration, calibrate


class Calibrated:
    """Base of heads: keeps a temperature for each kind of probability that the component gives.

    A head gives `held_out_losses`, and divides its scores by `temperature`.
    """

    name: Any
    cfg: Dict[str, Any]
    own_examples: Any
    has_tokens: Any

    def held_out_losses(self, examples: Sequence[Example]) -> Dict[str, Callable[[float], float]]:
        """The loss of each kind of probability that the component gives, as a function of its temperature.

        examples (Sequence[Example]): A batch of held-out Examples whose predicted Docs the encoder has read.
        RETURNS (Dict[str, Callable[[float], float]]): Name of the probability to loss.
        """
        raise NotImplementedError

    def calibrate(self, examples: Sequence[Example], *, batch_size: int = 128) -> Dict[str, Calibration]:
        """Fit the temperatures of the component's probabilities on held-out annotation, and keep them. What is
        predicted stays the same; how sure the component says it is changes.

        examples (Sequence[Example]): Held-out Examples whose predicted Docs the encoder has read.
        batch_size (int): Examples scored at once.
        RETURNS (Dict[str, Calibration]): Name of the probability to what was found.
        RAISES (ValueError): E010 if the loss is not finite.
        """
        losses: Dict[str, List[Callable[[float], float]]] = {}
        for batch in minibatch(self.own_examples(examples), batch_size):
            if self.has_tokens([example.predicted for example in batch]):
                for name, loss in self.held_out_losses(batch).items():
                    losses.setdefault(name, []).append(loss)
        found = {name: calibrate(parts, self.name) for name, parts in losses.items()}
        found = {name: calibration for name, calibration in found.items() if calibration.loss_before > 0}
        self.cfg["temperatures"] = {name: calibration.temperature for name, calibration in found.items()}
        return found

    def temperature(self, name: str) -> float:
        """RETURNS (float): The temperature of a kind of probability; 1 before `calibrate`."""
        return self.cfg.get("temperatures", {}).get(name, 1.0)
