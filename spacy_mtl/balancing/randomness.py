"""Random numbers that belong to one balancer, and that a stopped training can go on with."""

from contextlib import contextmanager
from typing import Any, Dict, Iterator

import numpy


class BatchRandom:
    """A generator of its own for every batch, made from a seed and the number of the batch: the number is all the
    state there is, and no other generator is read or moved."""

    def __init__(self, seed: int) -> None:
        """Create the random numbers.

        seed (int): 0 or more.
        """
        self.seed = seed
        self.batches = 0

    def get_next(self) -> numpy.random.Generator:
        """RETURNS (numpy.random.Generator): The generator of the next batch."""
        generator = numpy.random.default_rng([self.seed, self.batches])
        self.batches += 1
        return generator

    @contextmanager
    def seed_torch(self, tensor: Any = None) -> Iterator[None]:
        """Let torch draw the numbers of the next batch within a context, and leave its generators as they were.

        tensor (Optional[torch.Tensor]): A tensor of the device that the numbers are drawn on; None for the CPU.
        """
        import torch

        seed = int(self.get_next().integers(2**63))
        devices = [tensor.device] if tensor is not None and tensor.is_cuda else []
        with torch.random.fork_rng(devices=devices):
            torch.default_generator.manual_seed(seed)
            for device in devices:
                with torch.cuda.device(device):
                    torch.cuda.manual_seed(seed)
            yield

    def get_state(self) -> Dict[str, int]:
        """RETURNS (Dict[str, int]): The number of batches that are drawn."""
        return {"batches": self.batches}

    def set_state(self, state: Dict[str, int]) -> None:
        """Go on from a state.

        state (Dict[str, int]): From `get_state`, under the same seed.
        """
        self.batches = int(state["batches"])
