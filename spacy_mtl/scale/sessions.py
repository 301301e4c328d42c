"""What a process does that annotates shards, wherever it runs, and what it says of it."""

import gc
import os
from pathlib import Path
from typing import Callable, Iterator, NamedTuple, Optional

from spacy.language import Language

from ..pipeline.language.workers import limit_threads
from .annotating import DONE, Settings, ShardAnnotator, Task

# what a process says, beside the steps of a shard
READY, FAILED = "ready", "failed"
# a process that has grown by more than that makes place for a new one: a vocabulary keeps all words that it has seen
GROWTH_BYTES = 120_000_000
_STATM = Path("/proc/self/statm")


class Message(NamedTuple):
    """What a process says.

    kind (str): READY before its first task, FAILED after an error, or that of a Step.
    number (int): That of a Step.
    text (str): What went wrong, in words.
    error (Optional[Exception]): The same, where it is one of those that a user can do something about.
    is_last (bool): Whether the process takes no more tasks.
    """

    kind: str
    number: int = 0
    text: str = ""
    error: Optional[Exception] = None
    is_last: bool = False


class Session:
    """Annotates the shards that a process is given."""

    def __init__(self, load: Callable[[], Language], folder: Path, settings: Settings, n_threads: int) -> None:
        """Note what is to be done.

        load (Callable[[], Language]): Gives the pipeline.
        folder (Path): Where files go.
        settings (Settings): How texts are annotated.
        n_threads (int): The share of the processors.
        """
        self._load = load
        self._folder = folder
        self._settings = settings
        self._n_threads = n_threads
        self._annotator: Optional[ShardAnnotator] = None
        self._before = 0

    def begin(self) -> Message:
        """Load the pipeline. RETURNS (Message): READY or FAILED."""
        try:
            limit_threads(self._n_threads)
            self._annotator = ShardAnnotator(self._load(), self._folder, self._settings)
        except Exception as error:
            return _describe(error)
        # what the parent made is neither searched for garbage nor, for that, copied
        gc.freeze()
        self._before = read_memory()
        return Message(READY)

    def annotate(self, task: Task) -> Iterator[Message]:
        """Annotate a shard.

        task (Task): The shard.
        YIELDS (Message): Its steps, or FAILED.
        """
        assert self._annotator is not None
        try:
            for kind, number in self._annotator.annotate(task):
                is_last = kind == DONE and read_memory() - self._before > GROWTH_BYTES
                yield Message(kind, number, is_last=is_last)
        except Exception as error:
            yield _describe(error)


def read_memory() -> int:
    """RETURNS (int): The bytes that this process holds; 0 where the system has no /proc."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0


def _describe(error: Exception) -> Message:
    is_known = isinstance(error, (OSError, ImportError))
    return Message(FAILED, 0, f"{type(error).__name__}: {error}", error if is_known else None, is_last=True)
