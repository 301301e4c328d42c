"""Trainings that resume: each in a folder of its own, through spaCy's own command, never done twice."""

import os
import re
import sys
import time
from pathlib import Path
from typing import IO, Callable, Dict, List, NamedTuple, Optional, Sequence

import srsly
from thinc.api import Config

from ...data.writing import whole_file
from ...errors import Errors
from .fingerprints import fingerprint
from .interruption import Interruption
from .locks import check_lock, lock_folder, name_holder
from .processes import Outcome, Process, stop_processes

RECORD = "run.json"
CONFIG = "config.cfg"
LOG = "log.txt"
# Without these spaCy loads no pipeline.
PIPELINE_FILES = ("model-best/meta.json", "model-best/config.cfg")
# The loggers' rows begin with the epoch and the step.
STEP = re.compile(r"^\s*\d+\s+(\d+)\s")
POLL_SECONDS = 0.5
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
    record = srsly.read_json(path)
    if record.pop("fingerprint") != fingerprint(run.config, code):
        raise ValueError(Errors.E701.format(folder=run.folder))
    return Outcome(**record)


def is_done(run: Run, outcome: Optional[Outcome]) -> bool:
    """Whether a training need not be done again.

    run (Run): The training.
    outcome (Optional[Outcome]): What became of it before.
    RETURNS (bool): Whether it came to its end, and its best pipeline is still there.
    """
    if outcome is None or not outcome.is_finished:
        return False
    return all((run.folder / name).is_file() for name in PIPELINE_FILES)


def train_runs(
    runs: Sequence[Run],
    *,
    jobs: int = 1,
    gpu_id: int = -1,
    code: Optional[Path] = None,
    progress: Optional[Callable[[Dict[str, int]], None]] = None,
) -> Dict[str, Outcome]:
    """Train what is not trained yet, some side by side.

    A training that fails is recorded as failed, and the others go on; it is tried again the next time. Ctrl-C, SIGTERM
    and SIGHUP end what runs, and leave what is finished: KeyboardInterrupt is raised once all trainings have ended. A
    second one in the meantime kills those that take their time.

    runs (Sequence[Run]): The trainings.
    jobs (int): How many run at once. With more than one, each gets one thread.
    gpu_id (int): The GPU; -1 for the CPU.
    code (Optional[Path]): A Python file with registered functions, as in `spacy train --code`.
    progress (Optional[Callable[[Dict[str, int]], None]]): Called before the first training starts, and then now and
        then, with the steps that each training has done.
    RETURNS (Dict[str, Outcome]): By the name of the run.
    RAISES (OSError, ValueError): Before any training starts E701 if a folder holds a training of another config, E702
        for a wrong number of jobs, or for names that come twice, E726 if a folder is in use by another training.
    """
    names = [run.name for run in runs]
    if jobs < 1 or len(set(names)) != len(names):
        raise ValueError(Errors.E702.format(jobs=jobs, names=", ".join(names)))
    outcomes = {run.name: read_outcome(run, code) for run in runs}
    waiting = [run for run in runs if not is_done(run, outcomes[run.name])]
    for run in waiting:
        check_lock(run.folder)
    steps = {run.name: _count_steps(run) for run in runs if run not in waiting}
    running: List[_Training] = []
    with Interruption() as interruption:
        try:
            if progress is not None:
                progress(steps)
            while waiting or running:
                # a training that is started must be known to be running, and one that has ended must be recorded
                with interruption.deferred():
                    while waiting and len(running) < jobs:
                        run = waiting.pop(0)
                        lock = lock_folder(run.folder)
                        known = read_outcome(run, code)
                        # another command may have trained it since
                        if known is not None and is_done(run, known):
                            lock.close()
                            outcomes[run.name], steps[run.name] = known, _count_steps(run)
                        else:
                            running.append(_Training(run, lock, gpu_id, code, single_thread=jobs > 1))
                time.sleep(POLL_SECONDS)
                with interruption.deferred():
                    for training in list(running):
                        # the log is read after the process is asked, or the last steps of one that ends are missed
                        outcome = training.poll()
                        steps[training.run.name] = training.read_step()
                        if outcome is not None:
                            running.remove(training)
                            outcomes[training.run.name] = outcome
                if progress is not None:
                    progress(steps)
        finally:
            interruption.hold()
            stop_processes([training.process for training in running], is_urgent=lambda: interruption.has_come)
            for training in running:
                training.close()
    return {name: outcome for name, outcome in outcomes.items() if outcome is not None}


class _Training:
    """A training that is under way in a process of its own, which holds its folder."""

    def __init__(self, run: Run, lock: IO[str], gpu_id: int, code: Optional[Path], single_thread: bool) -> None:
        self.run = run
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
        self.process = Process(command, run.folder / LOG, environment=environment, inherited=[lock.fileno()])
        name_holder(lock, self.process.pid)

    def read_step(self) -> int:
        """The last step that the log tells of."""
        with (self.run.folder / LOG).open("rb") as file_:
            file_.seek(max(0, file_.seek(0, os.SEEK_END) - 4096))
            lines = file_.read().decode("utf8", errors="replace").splitlines()
        found = [match for match in map(STEP.match, lines) if match]
        return int(found[-1].group(1)) if found else 0

    def poll(self) -> Optional[Outcome]:
        """What became of it, once it has ended, which is also recorded."""
        outcome = self.process.poll()
        if outcome is not None:
            record = {**outcome._asdict(), "fingerprint": self._fingerprint}
            with whole_file(self.run.folder / RECORD) as path:
                srsly.write_json(path, record)
            self.close()
        return outcome

    def close(self) -> None:
        """Give the folder free."""
        self._lock.close()


def _count_steps(run: Run) -> int:
    steps: int = run.config["training"]["max_steps"]
    return steps
