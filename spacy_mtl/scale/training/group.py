"""The workers of a training, and how they tell each other what they have found."""

import os
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Iterator, List, Optional

from thinc.api import get_array_module, xp2torch
from thinc.types import Floats1d, Floats3d

from ...errors import Errors

# as torchrun sets them
RANK, SIZE, LOCAL_RANK, LOCAL_SIZE = "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"
# the others wait while the first worker saves a pipeline
PATIENCE = timedelta(minutes=30)


class Group:
    """The workers of a training, of which this process is one. This class is a worker alone.

    Every worker must call the same methods in the same order.

    rank (int): The number of this worker, from 0.
    size (int): How many workers there are.
    """

    rank = 0
    size = 1

    @property
    def is_first(self) -> bool:
        """RETURNS (bool): Whether this is the worker that writes and prints."""
        return self.rank == 0

    def gather(self, value: Any) -> List[Any]:
        """Tell all workers something.

        value (Any): An object that can be pickled.
        RETURNS (List[Any]): Those of all workers, in their order.
        """
        return [value]

    def share(self, value: Any) -> Any:
        """Take over what the first worker has.

        value (Any): An object that can be pickled; that of the others does not matter.
        RETURNS (Any): That of the first worker.
        """
        return value

    def add(self, row: Floats1d) -> None:
        """Add up arrays.

        row (Floats1d): An array of one size for all workers; changed in place to the sum over all of them.
        """

    def collect(self, rows: Floats3d) -> List[Floats3d]:
        """Tell all workers the numbers of an array.

        rows (Floats3d): An array of one shape for all workers.
        RETURNS (List[Floats3d]): Those of all workers, in their order.
        """
        return [rows]

    def close(self) -> None:
        """Leave the others."""


class TorchGroup(Group):
    """Workers that `torch.distributed` connects: by gloo on processors, by nccl on GPUs."""

    def __init__(self, uses_gpu: bool) -> None:
        """Wait for the other workers, which the environment tells of as torchrun sets it.

        uses_gpu (bool): Whether arrays lie on a GPU, which is this worker's own.
        RAISES (ConnectionError): E721 if they do not come.
        """
        import torch.distributed

        self._torch = torch.distributed
        with _coded():
            self._torch.init_process_group("cpu:gloo,cuda:nccl" if uses_gpu else "gloo", timeout=PATIENCE)
            # objects are pickled on the host
            self._host: Any = self._torch.new_group(backend="gloo", timeout=PATIENCE) if uses_gpu else None
        self.rank = self._torch.get_rank()
        self.size = self._torch.get_world_size()

    def gather(self, value: Any) -> List[Any]:
        """RETURNS (List[Any]): As `Group.gather`. RAISES (ConnectionError): E721 if another worker is gone."""
        found: List[Any] = [None] * self.size
        with _coded():
            self._torch.all_gather_object(found, value, group=self._host)
        return found

    def share(self, value: Any) -> Any:
        """RETURNS (Any): As `Group.share`. RAISES (ConnectionError): E721 if another worker is gone."""
        found = [value if self.is_first else None]
        with _coded():
            self._torch.broadcast_object_list(found, src=0, group=self._host)
        return found[0]

    def add(self, row: Floats1d) -> None:
        """Add up arrays, as `Group.add`. RAISES (ConnectionError): E721 if another worker is gone."""
        with _coded():
            # the tensor has the memory of the array
            self._torch.all_reduce(xp2torch(row))

    def collect(self, rows: Floats3d) -> List[Floats3d]:
        """RETURNS (List[Floats3d]): As `Group.collect`. RAISES (ConnectionError): E721 if another worker is gone."""
        found: List[Any] = [get_array_module(rows).empty_like(rows) for _ in range(self.size)]
        with _coded():
            self._torch.all_gather([xp2torch(part) for part in found], xp2torch(rows))
        return found

    def close(self) -> None:
        """Leave the others."""
        self._torch.destroy_process_group()


def count_started() -> Optional[int]:
    """RETURNS (Optional[int]): How many workers torchrun, or `launch`, has started with this one; None without."""
    return int(os.environ[SIZE]) if RANK in os.environ and SIZE in os.environ else None


def join(uses_gpu: bool) -> Group:
    """Join the workers that were started together.

    uses_gpu (bool): Whether they use GPUs.
    RETURNS (Group): The workers; a worker alone if none were started.
    RAISES (ConnectionError): E721 if the others do not come.
    """
    return TorchGroup(uses_gpu) if (count_started() or 1) > 1 else Group()


@contextmanager
def _coded() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise ConnectionError(Errors.E721.format(problem=str(error).splitlines()[0])) from error
