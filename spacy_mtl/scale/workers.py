"""Processes of this machine that annotate shards, one at a time each."""

import contextlib
import multiprocessing
import os
import pickle
import queue
import signal
import threading
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Callable, Optional

from spacy.language import Language

from ..analysis.trainings.interruption import SIGNALS
from .annotating import Settings, Task
from .sessions import Message, Session

STOP = b""


class LocalWorker:
    """A process of this machine, as seen from the one that has started it."""

    def __init__(
        self, load: Callable[[], Language], folder: Path, settings: Settings, n_threads: int, method: Optional[str]
    ) -> None:
        """Start the process.

        load (Callable[[], Language]): Gives the pipeline; called in the process.
        folder (Path): Where files go.
        settings (Settings): How texts are annotated.
        n_threads (int): Its share of the processors.
        method (Optional[str]): How it is started, as "spawn"; None for the system's way.
        """
        context: Any = multiprocessing.get_context(method)
        tasks, self._tasks = context.Pipe(duplex=False)
        self.messages, messages = context.Pipe(duplex=False)
        arguments = (load, folder, settings, tasks, messages, n_threads)
        self.process = context.Process(target=work, args=arguments, daemon=False)
        self.process.start()
        # only the worker has these ends: they are closed when it is gone
        tasks.close()
        messages.close()

    def give(self, task: Task) -> None:
        """Send a task to the worker, which waits for one.

        task (Task): The task.
        """
        # that it is gone is seen when its messages are read
        with contextlib.suppress(OSError):
            self._tasks.send_bytes(pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL))

    def read(self) -> Optional[Message]:
        """RETURNS (Optional[Message]): What the worker says next; None if it is gone."""
        try:
            return self.messages.recv()
        except (EOFError, OSError):
            return None

    def end(self, *, kill: bool = False) -> Optional[int]:
        """Wait for the end of the process, which has nothing to do.

        kill (bool): Whether it is ended, whatever it does.
        RETURNS (Optional[int]): Its exit code; that of a signal is negative.
        """
        if kill:
            self.process.kill()
        with contextlib.suppress(OSError):
            # other processes may hold a copy of this end, so that closing it would not be seen
            self._tasks.send_bytes(STOP)
        self._tasks.close()
        self.process.join()
        self.messages.close()
        return self.process.exitcode


def work(
    load: Callable[[], Language],
    folder: Path,
    settings: Settings,
    tasks: Connection,
    messages: Connection,
    n_threads: int,
) -> None:
    """Annotate shards until there are no more, the parent is gone, or the process has grown too much.

    load (Callable[[], Language]): Gives the pipeline.
    folder (Path): Where files go.
    settings (Settings): How texts are annotated.
    tasks (Connection): Gives pickled Tasks.
    messages (Connection): Takes Messages.
    n_threads (int): The share of the processors.
    """
    for number in SIGNALS:
        # Ctrl-C reaches all processes of a terminal; who has started this one decides
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    received: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(tasks, received), daemon=True).start()
    session = Session(load, folder, settings, n_threads)
    messages.send(session.begin())
    while data := received.get():
        for message in session.annotate(pickle.loads(data)):
            messages.send(message)
        if message.is_last:
            return


def _receive(tasks: Connection, received: "queue.SimpleQueue[bytes]") -> None:
    parent: Any = multiprocessing.parent_process()
    while True:
        if parent.sentinel in wait([tasks, parent.sentinel]):
            # it may have been killed: nobody waits for what is being annotated
            os._exit(1)
        try:
            received.put(tasks.recv_bytes())
        except (EOFError, OSError):
            received.put(STOP)
            return
