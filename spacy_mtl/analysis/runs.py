"""Trainings that resume: each in a folder of its own, through spaCy's own command, never done twice."""

import contextlib
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set

import srsly
from thinc.api import Config

from .. import __version__
from ..data.writing import whole_file
from ..errors import Errors

RECORD = "run.json"
CONFIG = "config.cfg"
LOG = "log.txt"
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


class Outcome(NamedTuple):
    """What became of a training.

    exit_code (int): 0 if it finished.
    seconds (float): Wall time, evaluation on the development part included.
    processor_seconds (float): Time of the processor, in all threads.
    peak_memory (int): Most memory that the process held, in bytes.
    """

    exit_code: int
    seconds: float
    processor_seconds: float
    peak_memory: int

    @property
    def is_finished(self) -> bool:
        """RETURNS (bool): Whether the training came to its end."""
        return self.exit_code == 0


def fingerprint(config: Config) -> str:
    """What a training depends on: the config, the files that it names, and the version of this package.

    config (Config): The config, without variables.
    RETURNS (str): A hash that changes when one of them does.
    """
    digest = hashlib.sha256(f"{__version__}\n{config.to_str()}".encode())
    for path in _find_files(config):
        digest.update(str(path).encode())
        with path.open("rb") as file_:
            for block in iter(lambda: file_.read(1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()


def read_outcome(run: Run) -> Optional[Outcome]:
    """What became of a training before.

    run (Run): The training.
    RETURNS (Optional[Outcome]): None if it was never ended.
    RAISES (ValueError): E701 if the folder holds a training of another config, or of other data.
    """
    path = run.folder / RECORD
    if not path.exists():
        return None
    record = srsly.read_json(path)
    if record.pop("fingerprint") != fingerprint(run.config):
        raise ValueError(Errors.E701.format(folder=run.folder))
    return Outcome(**record)


def train_runs(
    runs: Sequence[Run],
    *,
    jobs: int = 1,
    gpu_id: int = -1,
    code: Optional[Path] = None,
    progress: Optional[Callable[[Dict[str, int]], None]] = None,
) -> Dict[str, Outcome]:
    """Train what is not trained yet, some side by side.

    A training that fails is recorded as failed, and the others go on; it is tried again the next time. Ctrl-C ends what
    runs, and leaves what is finished.

    runs (Sequence[Run]): The trainings.
    jobs (int): How many run at once. With more than one, each gets one thread.
    gpu_id (int): The GPU; -1 for the CPU.
    code (Optional[Path]): A Python file with registered functions, as in `spacy train --code`.
    progress (Optional[Callable[[Dict[str, int]], None]]): Called now and then with the steps that each training has
        done.
    RETURNS (Dict[str, Outcome]): By the name of the run.
    RAISES (ValueError): E701 before any training starts, if a folder holds a training of another config; E702 for a
        wrong number of jobs, or for names that come twice.
    """
    names = [run.name for run in runs]
    if jobs < 1 or len(set(names)) != len(names):
        raise ValueError(Errors.E702.format(jobs=jobs, names=", ".join(names)))
    outcomes = {run.name: read_outcome(run) for run in runs}
    waiting = [run for run in runs if not getattr(outcomes[run.name], "is_finished", False)]
    steps = {run.name: run.config["training"]["max_steps"] for run in runs if run not in waiting}
    running: List[_Training] = []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(_Training(waiting.pop(0), gpu_id, code, single_thread=jobs > 1))
            time.sleep(POLL_SECONDS)
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
        for training in running:
            training.stop()
    return {name: outcome for name, outcome in outcomes.items() if outcome is not None}


class _Training:
    """A training that is under way in a process of its own."""

    def __init__(self, run: Run, gpu_id: int, code: Optional[Path], single_thread: bool) -> None:
        self.run = run
        run.folder.mkdir(parents=True, exist_ok=True)
        (run.folder / RECORD).unlink(missing_ok=True)
        self._fingerprint = fingerprint(run.config)
        with whole_file(run.folder / CONFIG) as path:
            run.config.to_disk(path)
        command = [sys.executable, "-m", "spacy", "train", str(run.folder / CONFIG), "--output", str(run.folder)]
        command += ["--gpu-id", str(gpu_id)]
        if code is not None:
            command += ["--code", str(code)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if single_thread:
            environment.update(dict.fromkeys(THREADS, "1"))
        self._log = (run.folder / LOG).open("wb")
        self._start = time.perf_counter()
        # a session of its own: Ctrl-C reaches this process alone, which then ends the training
        self._process = subprocess.Popen(
            command, stdout=self._log, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )

    def read_step(self) -> int:
        """The last step that the log tells of."""
        with (self.run.folder / LOG).open("rb") as file_:
            file_.seek(max(0, file_.seek(0, os.SEEK_END) - 4096))
            lines = file_.read().decode("utf8", errors="replace").splitlines()
        found = [match for match in map(STEP.match, lines) if match]
        return int(found[-1].group(1)) if found else 0

    def poll(self) -> Optional[Outcome]:
        """What became of it, once it has ended."""
        ended, status, usage = os.wait4(self._process.pid, os.WNOHANG)
        if not ended:
            return None
        self._log.close()
        code = os.waitstatus_to_exitcode(status)
        # the process is collected already; without this, Popen would look for it again
        self._process.returncode = code
        # kilobytes on Linux, bytes on macOS
        unit = 1 if sys.platform == "darwin" else 1024
        seconds = round(time.perf_counter() - self._start, 3)
        outcome = Outcome(code, seconds, round(usage.ru_utime + usage.ru_stime, 3), usage.ru_maxrss * unit)
        record = {**outcome._asdict(), "fingerprint": self._fingerprint}
        with whole_file(self.run.folder / RECORD) as path:
            srsly.write_json(path, record)
        return outcome

    def stop(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()
        self._log.close()


def _find_files(config: Config) -> List[Path]:
    named = [config.get(section) for section in ("paths", "corpora", "initialize")]
    named += [block.get("source") for block in config.get("components", {}).values()]
    found: Set[Path] = set()
    for value in _walk(named):
        path = Path(value)
        if path.is_dir():
            found.update(part for part in path.rglob("*") if part.is_file())
        elif path.is_file():
            found.add(path)
    return sorted(found)


def _walk(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _walk(part)
    # what is longer is no path, and some systems fail on it
    elif isinstance(value, (str, Path)) and 0 < len(str(value)) < 1000:
        yield str(value)
