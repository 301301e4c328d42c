"""`nlp.pipe` by several processes, as seen from the one that asks for it."""

import multiprocessing
import os
import pickle
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Deque, Iterable, Iterator, List, Sequence
from warnings import warn

from spacy.errors import Errors as SpacyErrors
from spacy.errors import Warnings as SpacyWarnings
from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens.underscore import Underscore
from spacy.util import minibatch

from ...errors import Errors
from .wire import unpack
from .workers import pack_task, work

# so that a worker can go on while its last batch is on the way
BATCHES_A_WORKER = 2


def annotate_by_workers(
    nlp: Language,
    texts: Iterable[Any],
    pipes: Sequence[Callable[[Iterable[Doc]], Iterator[Doc]]],
    n_process: int,
    batch_size: int,
) -> Iterator[Doc]:
    """Annotate texts by several processes: the batches and results are those of one process.

    nlp (Language): The pipeline.
    texts (Iterable[Union[str, Doc, WithContext]]): The texts, of which some batches are read ahead.
    pipes (Sequence[Callable[[Iterable[Doc]], Iterator[Doc]]]): The components.
    n_process (int): The number of workers.
    batch_size (int): The number of texts in a batch.
    YIELDS (Doc): The Docs, in the order of the texts.
    RAISES (ValueError): MTL-E431 if there is to be no worker.
    RAISES (RuntimeError): MTL-E430 if a worker is gone.
    """
    if n_process < 1:
        raise ValueError(Errors.E431.format(found=n_process))
    stop, stopping = multiprocessing.Pipe(duplex=False)
    n_threads = max(1, (os.cpu_count() or 1) // n_process)
    workers: List[Worker] = []
    try:
        for _ in range(n_process):
            workers.append(Worker(nlp, pipes, stop, n_threads))
        yield from _hand_out(nlp, workers, minibatch(texts, batch_size))
    finally:
        stopping.send_bytes(b"stop")
        for worker in workers:
            worker.end()
        if any(worker.process.exitcode != 0 for worker in workers):
            warn(SpacyWarnings.W127, stacklevel=2)
        stop.close()
        stopping.close()


def _hand_out(nlp: Language, workers: List["Worker"], batches: Iterator[List[Any]]) -> Iterator[Doc]:
    busy: Deque[Worker] = deque()

    def give(worker: Worker) -> None:
        batch = next(batches, None)
        if batch is not None:
            worker.give(batch)
            busy.append(worker)

    for worker in workers * BATCHES_A_WORKER:
        give(worker)
    while busy:
        worker = busy.popleft()
        data = worker.take()
        give(worker)
        found = pickle.loads(data)
        if isinstance(found, str):
            error = ValueError(SpacyErrors.E871.format(error=found))
            nlp.default_error_handler(None, None, None, error)  # type: ignore[arg-type]
        else:
            yield from unpack(found, nlp.vocab)


class Worker:
    """A process with a way to it and a way back."""

    def __init__(self, nlp: Language, pipes: Sequence[Any], stop: Any, n_threads: int) -> None:
        """Start the process.

        nlp (Language): The pipeline.
        pipes (Sequence[Callable[[Iterable[Doc]], Iterator[Doc]]]): The components.
        stop (Connection): There will be something to be read from it when the process is to end.
        n_threads (int): Its share of the processors.
        """
        tasks, self.tasks = multiprocessing.Pipe(duplex=False)
        self.results, results = multiprocessing.Pipe(duplex=False)
        arguments = (nlp, pipes, tasks, results, stop, Underscore.get_state(), n_threads)
        self.process = multiprocessing.Process(target=work, args=arguments)
        self.process.start()
        # only the worker has these ends: they are closed when it is gone
        tasks.close()
        results.close()
        self.sending = ThreadPoolExecutor(1)

    def give(self, batch: Sequence[Any]) -> None:
        """Send a batch, without waiting until it is taken.

        batch (Sequence[Union[str, Doc, WithContext]]): The texts.
        """
        self.sending.submit(self.tasks.send_bytes, pack_task(batch))

    def take(self) -> bytes:
        """RETURNS (bytes): What the worker makes of the oldest batch that it has."""
        try:
            return self.results.recv_bytes()
        except (EOFError, ConnectionError):
            self.process.join()
            raise RuntimeError(Errors.E430.format(code=self.process.exitcode)) from None

    def end(self) -> None:
        """Wait for the end of the process. What it has not sent yet is dropped."""
        try:
            while True:
                self.results.recv_bytes()
        except (EOFError, ConnectionError):
            self.process.join()
        self.sending.shutdown(cancel_futures=True)
        self.tasks.close()
        self.results.close()
