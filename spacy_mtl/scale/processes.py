"""Shards shared out to processes. What a process that dies had to do is done again by another one."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Counter as CounterType
from typing import Deque, Dict, Iterable, Iterator, List, NamedTuple, Optional

from ..errors import Errors
from .annotating import ALONE, BATCH, DONE, TEXTS, Task
from .engines import Engine, Worker
from .sessions import FAILED, READY, Message
from .shards import Shard

# A process may die by no fault of the texts, more than once. So a shard is tried again, then the texts of the batch
# that was last begun one by one, and what ends a process alone as well, and again, is set aside.
DEATHS_TO_TRIAL = 2
DEATHS_TO_ALONE = 5
DEATHS_TO_END = 8
DEATHS_ALONE = 2
# A machine that is lost takes all workers along that it had begun to start; so many more may die before they annotate.
FRUITLESS_STARTS = 2


class Progress(NamedTuple):
    """What has been done of a shard.

    shard (Shard): The shard.
    texts (int): The number of texts that were annotated since it was told last.
    failed (Optional[int]): When the shard is whole, how many of its texts were set aside.
    """

    shard: Shard
    texts: int
    failed: Optional[int] = None


@dataclass
class Job:
    """A task, and how often it was in vain.

    task (Task): The task.
    told (int): The number of texts that were told as annotated.
    done (int): The number of texts that the process at work has annotated.
    batch (Optional[int]): The index of the batch that was begun last.
    text (Optional[int]): The number of the text that was begun last, if it was alone.
    batch_deaths (Counter[int]): By batch, how many processes it ended.
    text_deaths (Counter[int]): By text alone.
    """

    task: Task
    told: int = 0
    done: int = 0
    batch: Optional[int] = None
    text: Optional[int] = None
    batch_deaths: CounterType[int] = field(default_factory=Counter)
    text_deaths: CounterType[int] = field(default_factory=Counter)

    def bury(self, code: Optional[int]) -> None:
        """Note that the process has died, and choose how the texts are tried again.

        code (Optional[int]): Its exit code.
        RAISES (RuntimeError): E778 if it dies however they are tried.
        """
        task = self.task
        if self.text is not None:
            self.text_deaths[self.text] += 1
            task.trial_start = self.text
            if self.text_deaths[self.text] == DEATHS_ALONE:
                task.killers[self.text] = Errors.E745.format(code=code)
        elif self.batch is not None:
            self.batch_deaths[self.batch] += 1
            deaths = self.batch_deaths[self.batch]
            if deaths >= DEATHS_TO_END:
                raise RuntimeError(Errors.E778.format(code=code, place=task.shard.name))
            if deaths >= DEATHS_TO_ALONE:
                task.alone.add(self.batch)
            elif deaths % DEATHS_TO_TRIAL == 0:
                task.trial, task.trial_start = self.batch, 0
        self.batch = self.text = None
        self.done = 0


class Processes:
    """Processes that annotate shards, and start anew when they die."""

    def __init__(self, engine: Engine, number: int) -> None:
        """engine (Engine): Starts processes. number (int): How many are at work at once, at most."""
        self._engine = engine
        self._number = number
        self._workers: List[Worker] = []
        self._jobs: Dict[Worker, Job] = {}
        self._idle: Deque[Worker] = deque()
        self._fruitless = 0

    def annotate(self, shards: Iterable[Shard]) -> Iterator[Progress]:
        """Annotate shards.

        shards (Iterable[Shard]): The shards, of which one is read ahead.
        YIELDS (Progress): What has been done.
        RAISES (OSError): E777 if a file cannot be written, and others that come up where a process starts.
        RAISES (RuntimeError): E778 if processes die before or whatever they annotate.
        """
        left = (Job(Task(shard)) for shard in shards)
        waiting: Deque[Job] = deque()
        try:
            while True:
                if not waiting and (job := next(left, None)) is not None:
                    waiting.append(job)
                if not waiting and not self._jobs:
                    break
                if waiting and self._idle:
                    worker = self._idle.popleft()
                    self._jobs[worker] = waiting.popleft()
                    worker.give(self._jobs[worker].task)
                    continue
                if waiting and len(self._workers) < self._number:
                    self._workers.append(self._engine.start())
                for worker in self._engine.wait(self._workers):
                    yield from self._hear(worker, worker.read(), waiting)
        finally:
            self._end()

    def _hear(self, worker: Worker, message: Optional[Message], waiting: Deque[Job]) -> Iterator[Progress]:
        job = self._jobs.get(worker)
        if message is None:
            self._bury(worker, waiting)
        elif message.kind == FAILED:
            raise message.error or RuntimeError(Errors.E779.format(error=message.text))
        elif message.kind == READY:
            self._idle.append(worker)
        elif job is None:
            return
        elif message.kind == BATCH:
            self._fruitless = 0
            job.batch, job.text = message.number, None
        elif message.kind == ALONE:
            self._fruitless = 0
            job.text = message.number
        elif message.kind == TEXTS:
            job.done += message.number
            job.text = None
            # what was told before a process died is not told twice
            if job.done > job.told:
                yield Progress(job.task.shard, job.done - job.told)
                job.told = job.done
        elif message.kind == DONE:
            del self._jobs[worker]
            if message.is_last:
                self._workers.remove(worker)
                worker.end()
            else:
                self._idle.append(worker)
            if job.task.trial is not None:
                job.task.trial = None
                job.batch = job.text = None
                waiting.appendleft(job)
            else:
                yield Progress(job.task.shard, 0, message.number)

    def _bury(self, worker: Worker, waiting: Deque[Job]) -> None:
        self._workers.remove(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        code = worker.end()
        job = self._jobs.pop(worker, None)
        if job is None or job.batch is None and job.text is None:
            self._fruitless += 1
            if self._fruitless == self._number + FRUITLESS_STARTS:
                raise RuntimeError(Errors.E778.format(code=code, place="the beginning"))
        if job is not None:
            job.bury(code)
            waiting.appendleft(job)

    def _end(self) -> None:
        for worker in self._workers:
            worker.end(kill=worker not in self._idle)
        self._workers.clear()
