"""Random numbers of workers: those of the data are the same for all, those of dropout are not."""

import random
from typing import Any, Dict, Iterable, Iterator, List, Optional

import numpy
from spacy.util import fix_random_seed
from thinc.compat import has_torch, has_torch_cuda_gpu, torch

State = Dict[str, Any]


def differ(seed: Optional[int], rank: int) -> None:
    """Give a worker random numbers of its own; the first one has those of a process alone.

    seed (Optional[int]): The seed of the training; None for any.
    rank (int): The number of the worker.
    """
    if seed is not None and rank:
        # far from the seeds that people take
        fix_random_seed((seed + rank * 1_000_003) % 2**31)


class OwnRandom:
    """Goes through something with a state of Python's random numbers that nobody else changes."""

    def __init__(self, items: Iterable[Any], state: List[Any]) -> None:
        """items (Iterable[Any]): What to go through. state (List[Any]): From `read_python_state`."""
        self._items = iter(items)
        self._state = _unpack(state)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        others = random.getstate()
        random.setstate(self._state)
        try:
            return next(self._items)
        finally:
            self._state = random.getstate()
            random.setstate(others)


def read_python_state() -> List[Any]:
    """RETURNS (List[Any]): Where Python's random numbers are, fit for msgpack."""
    version, numbers, following = random.getstate()
    return [version, list(numbers), following]


def read_state() -> State:
    """RETURNS (State): Where the random numbers of this process are, but for cupy's; fit for msgpack."""
    kind, keys, position, has_gauss, gauss = numpy.random.get_state()
    state: State = {"random": read_python_state(), "numpy": [kind, keys, position, has_gauss, gauss]}
    if has_torch:
        state["torch"] = torch.get_rng_state().numpy()
    if has_torch_cuda_gpu:
        state["cuda"] = torch.cuda.get_rng_state().numpy()
    return state


def restore_state(state: State) -> None:
    """Go on with random numbers. state (State): From `read_state`."""
    random.setstate(_unpack(state["random"]))
    numpy.random.set_state(tuple(state["numpy"]))
    for name, restore in (("torch", has_torch), ("cuda", has_torch_cuda_gpu)):
        if restore and name in state:
            # a copy: what msgpack gives cannot be written to
            numbers = torch.from_numpy(numpy.array(state[name]))
            (torch if name == "torch" else torch.cuda).set_rng_state(numbers)


def choose_state(states: List[State], rank: int) -> Optional[State]:
    """RETURNS (Optional[State]): That of a worker; None if there were fewer."""
    return states[rank] if rank < len(states) else None


def _unpack(state: List[Any]) -> Any:
    version, numbers, following = state
    return version, tuple(numbers), following
