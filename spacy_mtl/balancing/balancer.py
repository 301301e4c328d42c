"""What a balancer is: the one place where the gradients of the tasks become one gradient for the shared encoder."""

from typing import Any, Collection, Dict, Mapping, Optional, Sequence, Tuple, Type, TypeVar

from thinc.types import Floats2d

from ..errors import Errors
from ..name_lists import rename
from ..shown import ShowsSettings
from .report import NO_REPORT, BatchReport

LEVELS = ("representation", "parameters")
Made = TypeVar("Made", bound="Balancer")


class Balancer(ShowsSettings):
    """Combines the tasks' gradients. Base class: a method overrides `__call__`, and the rest as far as it needs it.

    level (str): What the rows of a gradient are. "representation": the tokens of the batch, and the gradient is with
        respect to the encoder's output, shape (tokens, width). "parameters": one row, the gradient with respect to all
        parameters of the encoder, shape (1, parameters).
    needs_losses (bool): Whether the method learns from the losses of the batch.
    has_fixed_weights (bool): Whether the weights stay as they are set.
    needs_two_tasks (bool): Whether the method weighs tasks against each other, and has nothing to do for one alone.
    last_weights (Dict[str, float]): The weights of the last batch, by task, for logging; empty for a method that has
        none. A task that is absent from the batch, or whose gradient is zero, need not be in it. Never serialized.
    """

    level: str = "representation"
    needs_losses: bool = False
    has_fixed_weights: bool = False
    needs_two_tasks: bool = False
    last_weights: Dict[str, float] = {}
    _made_with: Tuple[Tuple[Any, ...], Dict[str, Any]]

    def __new__(cls: Type[Made], *arguments: Any, **settings: Any) -> Made:
        balancer = super().__new__(cls)
        balancer._made_with = (arguments, settings)
        return balancer

    def __init__(self, level: Optional[str] = None) -> None:
        """Create the balancer.

        level (Optional[str]): "representation" or "parameters"; None for that of the class.
        RAISES (ValueError): E422 for another level.
        """
        self.level = self.level if level is None else level
        if self.level not in LEVELS:
            raise ValueError(Errors.E422.format(balancer=type(self).__name__, level=self.level, expected=list(LEVELS)))
        self.last_weights = {}

    def __call__(self, gradients: Mapping[str, Floats2d], report: BatchReport = NO_REPORT) -> Floats2d:
        """Combine the gradients of one batch.

        gradients (Mapping[str, Floats2d]): By task, in the order in which the tasks reported; never empty. All arrays
            have one shape, that of the level. A task that is absent from the batch is absent here. The arrays must not
            be changed.
        report (BatchReport): The losses of the batch, for methods that use them.
        RETURNS (Floats2d): A new array of the same shape.
        """
        raise NotImplementedError

    def validate(self, names: Sequence[str]) -> None:
        """Check the settings against the tasks, before training starts.

        names (Sequence[str]): The tasks that can report: the names of the components that listen to the encoder.
        RAISES (ValueError): If the settings do not fit the tasks; E424 if the method needs two tasks and has one.
        """
        if self.needs_two_tasks and len(names) == 1:
            raise ValueError(Errors.E424.format(balancer=type(self).__name__, names=list(names)))

    def get_state(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): What the method has learned, fit for JSON; empty if it keeps nothing."""
        return {}

    def set_state(self, state: Dict[str, Any]) -> None:
        """Resume from what `get_state` gave.

        state (Dict[str, Any]): The state.
        RAISES (ValueError): E423 if it is the state of another method.
        """

    def reset(self) -> None:
        """Forget what the method has learned: its state becomes that of a new balancer with the same settings."""
        arguments, settings = self._made_with
        self.set_state(type(self)(*arguments, **settings).get_state())
        self.last_weights = {}

    def renamed(self: Made, old: str, new: str) -> Made:
        """The balancer for a task that has another name: with the same settings, and with what was learned of it.

        old (str): The name that the task had.
        new (str): Its new name.
        RETURNS (Balancer): A new balancer.
        """
        arguments, settings = self._made_with
        named = {setting: rename(value, old, new) for setting, value in settings.items()}
        balancer = type(self)(*rename(arguments, old, new), **named)
        balancer.set_state({part: rename(value, old, new) for part, value in self.get_state().items()})
        return balancer

    def _check_state(self, state: Mapping[str, Any], expected: Collection[str]) -> None:
        if set(state) != set(expected):
            message = Errors.E423
            raise ValueError(
                message.format(balancer=type(self).__name__, expected=sorted(expected), found=sorted(state))
            )

    def _check_setting(self, setting: str, found: Any, fits: bool, expected: str) -> None:
        if not fits:
            name = type(self).__name__
            raise ValueError(Errors.E421.format(balancer=name, setting=setting, found=found, expected=expected))
