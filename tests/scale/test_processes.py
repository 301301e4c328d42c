"""Shards shared out to workers, whatever they are."""

from collections import deque

import pytest

from spacy_mtl.scale.annotating import BATCH, DONE, TEXTS
from spacy_mtl.scale.processes import Processes
from spacy_mtl.scale.records import record_of
from spacy_mtl.scale.sessions import READY, Message
from spacy_mtl.scale.shards import make_shards


class Worker:
    def __init__(self, messages):
        self.messages = deque(messages)

    def give(self, task):
        self.messages.extend([Message(BATCH, 0), Message(TEXTS, len(task.shard)), Message(DONE, 0)])

    def read(self):
        return self.messages.popleft()

    def end(self, *, kill=False):
        return None


class Engine:
    """The first workers die before they say that they are ready."""

    def __init__(self, deaths):
        self._deaths = deaths

    def start(self):
        self._deaths -= 1
        return Worker([None] if self._deaths >= 0 else [Message(READY)])

    def wait(self, workers):
        return [worker for worker in workers if worker.messages]


def annotate(number, deaths):
    shards = make_shards((record_of("Ana", i) for i in range(30)), 2, 2)
    return sum(step.texts for step in Processes(Engine(deaths), number).annotate(shards))


@pytest.mark.parametrize("number", [1, 4])
def test_workers_that_are_lost_with_their_machine_end_no_run(number):
    assert annotate(number, number + 1) == 30
    with pytest.raises(RuntimeError, match="E778.*at the beginning"):
        annotate(number, number + 2)
