"""Components of one kind that write to the same place: what one loses to the other is said once."""

import warnings
from itertools import combinations
from typing import Any, List, NamedTuple, Optional, Protocol, Set, Tuple, runtime_checkable

from ..errors import Warnings

SPANS_KEY_ADVICE = "Give each a spans_key of its own"


class Loss(NamedTuple):
    """What is lost where two components write to one place.

    place (str): The place.
    lost (str): What happens there.
    advice (str): What to set.
    """

    place: str
    lost: str
    advice: str


@runtime_checkable
class Competes(Protocol):
    """A component that knows what it takes from another of its kind."""

    def find_loss(self, before: Any) -> Optional[Loss]:
        """RETURNS (Optional[Loss]): What is lost because the other one stands before; None if nothing."""
        ...


def warn_of_losses(components: List[Tuple[str, Any]], named: Set[Tuple[str, str]]) -> None:
    """Warn with W432 of each pair of components that write to the same place.

    components (List[Tuple[str, Any]]): The components of a pipeline, with their names, in their order.
    named (Set[Tuple[str, str]]): The pairs that were named already; those named now are added.
    """
    competing = [(name, pipe) for name, pipe in components if isinstance(pipe, Competes)]
    for (first, before), (second, after) in combinations(competing, 2):
        loss = after.find_loss(before) if type(before) is type(after) and (first, second) not in named else None
        if loss is not None:
            named.add((first, second))
            warnings.warn(Warnings.W432.format(first=first, second=second, **loss._asdict()), stacklevel=4)
