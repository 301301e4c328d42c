"""Where trainings run, and in what: here in processes of this machine."""

import os
import re
import sys
from pathlib import Path
from typing import IO, Callable, List, NamedTuple, Optional, Protocol, Sequence, Union

from thinc.api import Config
from thinc.compat import has_torch_cuda_gpu, torch

from ...data.writing import whole_file
from ...errors import Errors
from ...json_files import read_json, write_json
from .fingerprints import fingerprint
from .locks import lock_folder, name_holder
from .processes import Outcome, Process, stop_processes

RECORD = "run.json"
CONFIG = "config.cfg"
LOG = "log.txt"
# Without these spaCy loads no pipeline.
PIPELINE_FILES = ("model-best/meta.json", "model-best/config.cfg")
# The loggers' rows begin with the epoch and the step.
STEP = re.compile(r"^\s*\d+\s+(\d+)\s")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


class Run(NamedTuple):
    """A training.

    name (str): Its name, for people.
    config (Config): The config, complete and without variables.
    folder (Path): Where its pipelines, log and record go.
    """

    name: str
    config: Config
    folder: Path


class Training(Protocol):
    """A training that is under way.

    run (Run): What is trained.
    """

    run: Run

    def poll(self) -> Optional[Outcome]:
        """RETURNS (Optional[Outcome]): What became of it, which is then recorded; None while it runs."""

    def read_step(self) -> int:
        """RETURNS (int): The updates that it has made."""


class Executor(Protocol):
    """Runs trainings."""

    def has_room(self, running: int) -> bool:
        """running (int): How many trainings run. RETURNS (bool): Whether one more may be started."""

    def start(self, run: Run) -> Training:
        """run (Run): A training that is not done. RETURNS (Training): The same, started."""

    def stop(self, trainings: Sequence, is_urgent: Callable[[], bool]) -> None:
        """End trainings and wait for their end.

        trainings (Sequence[Training]): Those that run.
        is_urgent (Callable[[], bool]): Asked meanwhile; with True they are given no more time.
        """


class LocalExecutor:
    """Runs trainings in processes of this machine."""

    def __init__(self, jobs: int = 1, gpu_id: int = -1, code: Optional[Path] = None) -> None:
        """jobs (int): How many run at once; with more than one each gets one thread. gpu_id (int): The GPU, with
        several jobs the first of those that are shared out; -1 for the CPU. code (Optional[Path]): A Python file with
        registered functions."""
        self._jobs = jobs
        self._gpus = find_gpus(gpu_id) if jobs > 1 else [gpu_id]
        self._used: List[int] = []
        self._code = code

    def has_room(self, running: int) -> bool:
        """RETURNS (bool): Whether one more training may be started."""
        return running < self._jobs

    def start(self, run: Run) -> Training:
        """RETURNS (Training): A training in a process of its own, or one that another command has done meanwhile."""
        gpu_id = min(self._gpus, key=self._used.count)
        started = start_training(run, gpu_id, self._code, single_thread=self._jobs > 1)
        if isinstance(started, Outcome):
            return DoneTraining(run, started)
        self._used.append(gpu_id)
        started.at_end = lambda: self._used.remove(gpu_id)
        return started

    def stop(self, trainings: Sequence, is_urgent: Callable[[], bool]) -> None:
        """Ask trainings to end, and kill those that take their time."""
        running = [training for training in trainings if isinstance(training, LocalTraining)]
        stop_processes([training.process for training in running], is_urgent=is_urgent)
        for training in running:
            training.close()


class DoneTraining:
    """A training that another command has done."""

    def __init__(self, run: Run, outcome: Outcome) -> None:
        """run (Run): The training. outcome (Outcome): What became of it."""
        self.run = run
        self._outcome = outcome

    def poll(self) -> Outcome:
        """RETURNS (Outcome): What became of it."""
        return self._outcome

    def read_step(self) -> int:
        """RETURNS (int): The updates that it has made."""
        return count_steps(self.run)


class LocalTraining:
    """A training that is under way in a process of its own, which holds its folder."""

    def __init__(
        self,
        run: Run,
        lock: IO[str],
        gpu_id: int,
        code: Optional[Path],
        single_thread: bool,
        ends_with_parent: bool = False,
    ) -> None:
        """Start it.

        run (Run): The training.
        lock (IO[str]): Holds its folder.
        gpu_id (int): The GPU; -1 for the CPU.
        code (Optional[Path]): A Python file with registered functions.
        single_thread (bool): Whether it gets one thread.
        ends_with_parent (bool): Whether the process is killed when the thread that starts it ends; on Linux alone.
        """
        self.run = run
        self.at_end: Callable[[], None] = lambda: None
        self._lock = lock
        (run.folder / RECORD).unlink(missing_ok=True)
        self._fingerprint = fingerprint(run.config, code)
        with whole_file(run.folder / CONFIG) as path:
            run.config.to_disk(path)
        command = [sys.executable, "-m", "spacy", "train", str(run.folder / CONFIG), "--output", str(run.folder)]
        command += ["--gpu-id", str(gpu_id)]
        if code is not None:
            command += ["--code", str(code)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if single_thread:
            environment.update(dict.fromkeys(THREADS, "1"))
        # the lock goes with the process: one that outlives who started it keeps it
        settings = {"ends_with_parent": True} if ends_with_parent else {}
        log = run.folder / LOG
        self.process = Process(command, log, environment=environment, inherited=[lock.fileno()], **settings)
        name_holder(lock, self.process.pid)

    def read_step(self) -> int:
        """RETURNS (int): The last step that the log tells of."""
        return read_step(self.run)

    def poll(self, *, wait: bool = False) -> Optional[Outcome]:
        """RETURNS (Optional[Outcome]): What became of it, once it has ended, which is also recorded."""
        outcome = self.process.poll(wait=wait)
        if outcome is not None:
            record(self.run, outcome, self._fingerprint)
            self.close()
        return outcome

    def close(self) -> None:
        """Give the folder free."""
        if not self._lock.closed:
            self._lock.close()
            self.at_end()


def start_training(
    run: Run, gpu_id: int, code: Optional[Path], single_thread: bool, ends_with_parent: bool = False
) -> Union[Outcome, LocalTraining]:
    """Start a training in a process of this machine, unless another command has done it since it was planned.

    run (Run): The training.
    gpu_id (int): The GPU; -1 for the CPU.
    code (Optional[Path]): A Python file with registered functions.
    single_thread (bool): Whether it gets one thread.
    ends_with_parent (bool): Whether it is killed when this thread ends; on Linux alone.
    RETURNS (Union[Outcome, LocalTraining]): The training, or what became of it.
    RAISES (OSError, ValueError): E726 if another command trains in the folder, E701 if it holds another training.
    """
    lock = lock_folder(run.folder)
    known = read_outcome(run, code)
    if known is not None and is_done(run, known):
        lock.close()
        return known
    return LocalTraining(run, lock, gpu_id, code, single_thread, ends_with_parent)


def read_outcome(run: Run, code: Optional[Path] = None) -> Optional[Outcome]:
    """What became of a training before.

    run (Run): The training.
    code (Optional[Path]): A Python file with registered functions, as in `spacy train --code`.
    RETURNS (Optional[Outcome]): None if it was never ended.
    RAISES (ValueError): E701 if the folder holds a training of another config, of other data, or by other code.
    """
    path = run.folder / RECORD
    if not path.exists():
        return None
    saved = read_json(path)
    if saved.pop("fingerprint") != fingerprint(run.config, code):
        raise ValueError(Errors.E701.format(folder=run.folder))
    return Outcome(**saved)


def record(run: Run, outcome: Outcome, found: str) -> None:
    """Write down what became of a training.

    run (Run): The training.
    outcome (Outcome): What became of it.
    found (str): The fingerprint of what it was made from.
    """
    with whole_file(run.folder / RECORD) as path:
        write_json(path, {**outcome._asdict(), "fingerprint": found})


def is_done(run: Run, outcome: Optional[Outcome]) -> bool:
    """Whether a training need not be done again.

    run (Run): The training.
    outcome (Optional[Outcome]): What became of it before.
    RETURNS (bool): Whether it came to its end, and its best pipeline is still there.
    """
    if outcome is None or not outcome.is_finished:
        return False
    return all((run.folder / name).is_file() for name in PIPELINE_FILES)


def read_step(run: Run) -> int:
    """How far a training is.

    run (Run): The training.
    RETURNS (int): The last step that its log tells of; 0 without a log.
    """
    path = run.folder / LOG
    if not path.exists():
        return 0
    with path.open("rb") as file_:
        file_.seek(max(0, file_.seek(0, os.SEEK_END) - 4096))
        lines = file_.read().decode("utf8", errors="replace").splitlines()
    found = [match for match in map(STEP.match, lines) if match]
    return int(found[-1].group(1)) if found else 0


def count_steps(run: Run) -> int:
    """RETURNS (int): The updates that a training makes."""
    steps: int = run.config["training"]["max_steps"]
    return steps


def find_gpus(gpu_id: int) -> List[int]:
    """The GPUs that trainings side by side share out.

    gpu_id (int): The first; -1 for the CPU.
    RETURNS (List[int]): Those from there on; the first alone where their number is not known.
    """
    count = torch.cuda.device_count() if gpu_id >= 0 and has_torch_cuda_gpu else 0
    return list(range(gpu_id, count)) or [gpu_id]
