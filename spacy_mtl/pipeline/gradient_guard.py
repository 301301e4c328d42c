"""Keeps gradients that are not finite from the shared encoder."""

import warnings
from typing import Any, Dict

from thinc.api import get_array_module

from ..errors import Errors, Warnings

# A learning rate that is too high gives such batches for good; a freak batch, or a loss scale that is too high, few.
MOST_IN_A_ROW = 20


class GradientGuard:
    """Counts, for each task, the batches in a row whose gradient was not finite."""

    def __init__(self, encoder: str, most: int = MOST_IN_A_ROW) -> None:
        """Create the guard.

        encoder (str): The name of the encoder, for messages.
        most (int): How many such batches in a row stop the training.
        """
        self._encoder = encoder
        self._most = most
        self._streaks: Dict[str, int] = {}

    def admit(self, name: str, gradient: Any) -> bool:
        """Whether a gradient may go on to the encoder. Warns with W403 if not.

        name (str): The task.
        gradient (FloatsXd): Its gradient.
        RETURNS (bool): Whether all of it is finite.
        RAISES (ValueError): E416 if it is one too many in a row.
        """
        if bool(get_array_module(gradient).isfinite(gradient).all()):
            return True
        self._streaks[name] = self._streaks.get(name, 0) + 1
        if self._streaks[name] >= self._most:
            raise ValueError(Errors.E416.format(name=name, encoder=self._encoder, batches=self._most))
        warnings.warn(Warnings.W403.format(name=name, encoder=self._encoder), stacklevel=2)
        return False

    def reset(self, name: str) -> None:
        """Begin to count anew.

        name (str): A task whose gradient was finite.
        """
        self._streaks.pop(name, None)
