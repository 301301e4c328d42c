"""Workers that are threads of this process."""

import copy
import threading
from concurrent.futures import ThreadPoolExecutor

from spacy_mtl.scale.training.group import Group

SECONDS = 30


class ThreadGroup(Group):
    """What one of several threads tells the others."""

    def __init__(self, rank, size, barrier, told):
        self.rank, self.size = rank, size
        self._barrier, self._told = barrier, told

    def gather(self, value):
        self._told[self.rank] = copy.deepcopy(value)
        self._barrier.wait(SECONDS)
        found = list(self._told)
        self._barrier.wait(SECONDS)
        return found

    def share(self, value):
        return self.gather(value)[0]

    def add(self, row):
        row[:] = sum(self.gather(row))

    def collect(self, rows):
        return self.gather(rows)


def run_together(work, size=2):
    """RETURNS: what `work(group)` returns in each of as many threads."""
    barrier, told = threading.Barrier(size), [None] * size

    failures = []

    def run(rank):
        try:
            return work(ThreadGroup(rank, size, barrier, told))
        except Exception as error:
            # the others find the barrier broken
            failures.append(error)
            barrier.abort()

    with ThreadPoolExecutor(size) as pool:
        found = list(pool.map(run, range(size)))
    for error in failures:
        raise error
    return found
