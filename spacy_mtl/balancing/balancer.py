"""What a balancer is: the one place where the gradients of the tasks become one gradient for the shared encoder."""

from typing import Any, Dict, Mapping, Sequence

from thinc.types import Floats2d


class Balancer:
    """Combines the tasks' gradients. Base class: a method overrides `__call__`, and the rest as far as it needs it.

    level (str): What the rows of a gradient are. "representation": the tokens of the batch, and the gradient is with
        respect to the encoder's output.
    """

    level: str = "representation"

    def __call__(self, gradients: Mapping[str, Floats2d]) -> Floats2d:
        """Combine the gradients of one batch.

        gradients (Mapping[str, Floats2d]): By task, in the order in which the tasks reported; never empty. Every array
            has the shape (tokens of the batch, width). A task that is absent from the batch is absent here. The arrays
            must not be changed.
        RETURNS (Floats2d): A new array of the same shape.
        """
        raise NotImplementedError

    def validate(self, names: Sequence[str]) -> None:
        """Check the settings against the tasks, before training starts. By default every set of tasks will do.

        names (Sequence[str]): The tasks that can report: the names of the components that listen to the encoder.
        RAISES (ValueError): If the settings do not fit the tasks.
        """

    def get_state(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): What the method has learned, fit for JSON; empty if it keeps nothing."""
        return {}

    def set_state(self, state: Dict[str, Any]) -> None:
        """Resume from what `get_state` gave.

        state (Dict[str, Any]): The state.
        """
