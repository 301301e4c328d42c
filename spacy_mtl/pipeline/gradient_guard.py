"""Keeps gradients that are not finite from what would learn from them."""

import warnings
from typing import Any, Callable, Dict, Iterator, List

from thinc.api import get_array_module

from ..errors import Errors, Warnings

# A learning rate that is too high gives such batches for good; a freak batch, or a loss scale that is too high, few.
MOST_IN_A_ROW = 20
# Of larger values the squares, which optimizers and balancers add up, leave the range of float32.
LARGEST = 1e15


class GradientGuard:
    """Counts, for each task, the batches in a row whose gradient was not finite. Batches that say nothing of the task,
    whose gradient is zero, are left out of the count: they neither lengthen nor end a row."""

    def __init__(self, learner: str, most: int = MOST_IN_A_ROW) -> None:
        """Create the guard.

        learner (str): What is guarded, for messages.
        most (int): How many such batches in a row stop the training.
        """
        self._learner = learner
        self._most = most
        self._streaks: Dict[str, int] = {}

    def admit(self, name: str, gradient: Any) -> bool:
        """Whether a gradient may go on. Counts it and warns with W403 if not.

        name (str): The task.
        gradient (FloatsXd): Its gradient, or a tuple with its parts.
        RETURNS (bool): Whether all of it is finite, and no larger than can be learned from.
        RAISES (ValueError): E416 if it is one too many in a row.
        """
        if is_usable(gradient):
            return True
        self.reject(name)
        return False

    def reject(self, name: str) -> None:
        """Count a batch whose gradient is not finite. Warns with W403.

        name (str): The task.
        RAISES (ValueError): E416 if it is one too many in a row.
        """
        self._streaks[name] = self._streaks.get(name, 0) + 1
        if self._streaks[name] >= self._most:
            raise ValueError(Errors.E416.format(name=name, learner=self._learner, batches=self._most))
        warnings.warn(Warnings.W403.format(name=name, learner=self._learner), stacklevel=2)

    def reset(self, name: str, gradient: Any) -> None:
        """Begin to count anew, unless the gradient is zero.

        name (str): A task.
        gradient (FloatsXd): Its gradient, all of it finite, or a tuple with its parts.
        """
        if name in self._streaks and any(bool(part.any()) for part in _find_floats(gradient)):
            self.forget(name)

    def forget(self, name: str) -> None:
        """Begin to count anew. name (str): A task."""
        self._streaks.pop(name, None)


def is_finite(values: Any) -> bool:
    """Whether scores or gradients are numbers.

    values (FloatsXd): An array, or a tuple of arrays, of which those of whole numbers are not looked at.
    RETURNS (bool): Whether no element is infinite or NaN.
    """
    return _hold(list(_find_floats(values)), lambda part: get_array_module(part).isfinite(part).all())


def is_usable(gradient: Any) -> bool:
    """Whether a gradient can be learned from.

    gradient (FloatsXd): An array, or a tuple of arrays, of which those of whole numbers are not looked at.
    RETURNS (bool): Whether each element is a number, and at most LARGEST in size.
    """
    # without a copy: a NaN is the largest and the smallest
    parts = [part for part in _find_floats(gradient) if part.size]
    return _hold(parts, lambda part: (part.min() >= -LARGEST) & (part.max() <= LARGEST))


def _hold(parts: List[Any], condition: Callable[[Any], Any]) -> bool:
    """Whether a condition holds of all arrays. The answers are read together: a GPU is waited for once."""
    return not parts or bool(get_array_module(parts[0]).stack(list(map(condition, parts))).all())


def _find_floats(values: Any) -> Iterator[Any]:
    if isinstance(values, (tuple, list)):
        for part in values:
            yield from _find_floats(part)
    elif values.dtype.kind == "f":
        yield values
