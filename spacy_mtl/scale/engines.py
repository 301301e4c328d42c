"""Where the processes run that annotate: on this machine, or on those of a cluster."""

import os
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, List, Optional, Protocol, Sequence

from .annotating import Settings, Task
from .pipelines import Pipeline
from .sessions import Message
from .workers import LocalWorker


class Worker(Protocol):
    """A process, as seen from the one that has started it."""

    def give(self, task: Task) -> None:
        """Send a task to the worker, which waits for one.

        task (Task): The task.
        """

    def read(self) -> Optional[Message]:
        """RETURNS (Optional[Message]): What the worker says next; None if it is gone."""

    def end(self, *, kill: bool = False) -> Optional[int]:
        """Wait for the end of the process, which has nothing to do.

        kill (bool): Whether it is ended, whatever it does.
        RETURNS (Optional[int]): Its exit code; that of a signal is negative. None if it is not known.
        """


class Engine(Protocol):
    """Starts processes, and hears which of them says something."""

    def start(self) -> Worker:
        """RETURNS (Worker): A process that is being started."""

    def wait(self, workers: Sequence[Any]) -> List[Any]:
        """Wait until a worker says something.

        workers (Sequence[Worker]): The workers.
        RETURNS (List[Worker]): Those that do, or are gone.
        """

    def close(self) -> None:
        """End what was begun for the engine itself."""


class LocalEngine:
    """Processes of this machine."""

    def __init__(self, pipeline: Pipeline, folder: Path, settings: Settings, n_workers: int) -> None:
        """Note what they do.

        pipeline (Pipeline): The pipeline.
        folder (Path): Where files go.
        settings (Settings): How texts are annotated.
        n_workers (int): How many processes share the processors.
        """
        n_threads = 1 if pipeline.single_thread else max(1, (os.cpu_count() or 1) // n_workers)
        self._arguments = pipeline.load, folder, settings, n_threads, pipeline.method

    def start(self) -> LocalWorker:
        """RETURNS (LocalWorker): A process."""
        return LocalWorker(*self._arguments)

    def wait(self, workers: Sequence[LocalWorker]) -> List[LocalWorker]:
        """RETURNS (List[LocalWorker]): Those that say something, or are gone."""
        by_connection: Any = {worker.messages: worker for worker in workers}
        return [by_connection[connection] for connection in wait(list(by_connection))]

    def close(self) -> None:
        """There is nothing to end."""
