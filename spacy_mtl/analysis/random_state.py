"""Random numbers that are drawn aside."""

import random
from contextlib import contextmanager
from typing import Any, Iterator, Optional

import numpy
from thinc.compat import cupy, has_cupy_gpu, has_torch, has_torch_cuda_gpu, torch


@contextmanager
def kept_random_state() -> Iterator[None]:
    """What is drawn at random in the block, on the host or a GPU, changes nothing of what is drawn after it."""
    states = random.getstate(), numpy.random.get_state()
    torch_state = torch.get_rng_state() if has_torch else None
    cuda_states = torch.cuda.get_rng_state_all() if has_torch_cuda_gpu else None
    cupy_state: Optional[Any] = None
    if has_cupy_gpu:
        cupy_state = cupy.random.get_random_state()
        cupy.random.set_random_state(cupy.random.RandomState(0))
    try:
        yield
    finally:
        random.setstate(states[0])
        numpy.random.set_state(states[1])
        if torch_state is not None:
            torch.set_rng_state(torch_state)
        if cuda_states is not None:
            torch.cuda.set_rng_state_all(cuda_states)
        if cupy_state is not None:
            cupy.random.set_random_state(cupy_state)
