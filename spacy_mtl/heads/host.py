"""Scores that go over to the host, and gradients that go back.

Chains of tags are summed and decoded step by step. On a GPU a step would be a handful of operations on small arrays,
and each takes longer to launch than the host takes for the step: one way there and one back cost less.
"""

from typing import Any, List, Tuple, TypeVar

import numpy
from thinc.api import Ops, get_array_module, to_numpy

PartsT = TypeVar("PartsT", bound=Tuple[Any, ...])


def bring_to_host(parts: PartsT) -> PartsT:
    """Arrays as numpy arrays. Those of a GPU come over together: it is waited for once.

    parts (NamedTuple): Arrays of any shapes; what is on a GPU is float32.
    RETURNS (NamedTuple): The same arrays. Those that were on the host are not copied.
    """
    places = _find_away(parts)
    if not places:
        return parts
    xp = get_array_module(parts[places[0]])
    return _replace(parts, places, to_numpy(xp.concatenate([parts[i].ravel() for i in places])))


def send_back(ops: Ops, gradient: PartsT, scores: PartsT) -> PartsT:
    """The gradient of what `bring_to_host` brought, where that came from. Its arrays go over together.

    ops (Ops): The ops of the model.
    gradient (NamedTuple): For each array of the scores one of its shape, on the host.
    scores (NamedTuple): The scores as the model gave them. What lies on the host stays there.
    RETURNS (NamedTuple): The gradient.
    """
    places = _find_away(scores)
    if not places:
        return gradient
    return _replace(gradient, places, ops.asarray1f(numpy.concatenate([gradient[i].ravel() for i in places])))


def _find_away(parts: Tuple[Any, ...]) -> List[int]:
    """RETURNS (List[int]): Which arrays are not on the host."""
    return [i for i, part in enumerate(parts) if get_array_module(part) is not numpy]


def _replace(parts: Any, places: List[int], flat: Any) -> Any:
    """RETURNS (Any): The arrays, those at some places cut from a flat one."""
    found, end = list(parts), 0
    for i in places:
        start, end = end, end + parts[i].size
        found[i] = flat[start:end].reshape(parts[i].shape)
    return type(parts)(*found)
