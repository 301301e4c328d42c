"""Trainings on the machines of a Ray cluster, with the records, folders and locks that they have on one machine."""

import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Optional, Sequence

from ..analysis.trainings.executors import Executor, LocalExecutor, Run, read_step, record, start_training
from ..analysis.trainings.fingerprints import fingerprint
from ..analysis.trainings.locks import check_lock
from ..analysis.trainings.processes import Outcome
from ..analysis.trainings.runs import POLL_SECONDS
from ..errors import Errors
from .ray_cluster import Cluster

ENGINES = ("local", "ray")
# A training whose machine is lost begins anew on another one.
MOST_LOSSES = 2
# How long it may take until cancelled trainings are gone.
STOP_SECONDS = 20.0
# What a process was killed by is not known.
KILLED = -9


class RayExecutor:
    """Runs each training as a task of Ray, with a processor, and a GPU if asked. Ray says on which machine. All
    machines must have the corpora and the folders of the trainings under the same paths."""

    def __init__(self, cluster: Cluster, jobs: int = 1, gpu_id: int = -1, code: Optional[Path] = None) -> None:
        """Prepare for trainings.

        cluster (Cluster): The connection.
        jobs (int): How many run at once.
        gpu_id (int): -1 for the CPU; else each training has the GPU that Ray gives it.
        code (Optional[Path]): A Python file with registered functions.
        """
        self._ray = cluster.ray
        self._jobs = jobs
        self._code = None if code is None else code.absolute()
        # a process sees only the GPU that Ray gives it
        self._gpu_id = min(gpu_id, 0)
        needs: Dict[str, Any] = {"num_cpus": 1, "max_retries": MOST_LOSSES}
        if gpu_id >= 0:
            needs["num_gpus"] = 1
        self._task = self._ray.remote(**needs)(train_here)

    def has_room(self, running: int) -> bool:
        """RETURNS (bool): Whether one more training may be started."""
        return running < self._jobs

    def start(self, run: Run) -> "RayTraining":
        """RETURNS (RayTraining): A training that is with Ray."""
        placed = run._replace(folder=run.folder.absolute())
        return RayTraining(self._ray, run, self._task.remote(placed, self._gpu_id, self._code), self._code)

    def stop(self, trainings: Sequence, is_urgent: Callable[[], bool]) -> None:
        """End trainings at once: their processes are killed."""
        for training in trainings:
            self._ray.cancel(training.task, force=True)
        # Ray says that a task is cancelled before its process is gone
        deadline = time.monotonic() + STOP_SECONDS
        while any(map(_is_held, trainings)) and time.monotonic() < deadline and not is_urgent():
            time.sleep(POLL_SECONDS)


def _is_held(training: "RayTraining") -> bool:
    try:
        check_lock(training.run.folder)
    except BlockingIOError:
        return True
    return False


class RayTraining:
    """A training that is with Ray."""

    def __init__(self, ray: Any, run: Run, task: Any, code: Optional[Path]) -> None:
        """ray (module): Ray. run (Run): The training. task (ObjectRef): Its task. code (Optional[Path]): Its code."""
        self.run = run
        self.task = task
        self._ray = ray
        self._code = code

    def poll(self) -> Optional[Outcome]:
        """RETURNS (Optional[Outcome]): What became of it. RAISES (Exception): What kept it from starting."""
        ready, _ = self._ray.wait([self.task], timeout=0)
        if not ready:
            return None
        try:
            found: Outcome = self._ray.get(self.task)
            return found
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except self._ray.exceptions.RayError:
            # its machine is lost, again and again
            outcome = Outcome(KILLED, 0.0, 0.0, 0)
            record(self.run, outcome, fingerprint(self.run.config, self._code))
            return outcome

    def read_step(self) -> int:
        """RETURNS (int): The last step that the log tells of."""
        return read_step(self.run)


def train_here(run: Run, gpu_id: int, code: Optional[Path]) -> Outcome:
    """Train on the machine where this is called, and wait for the end.

    run (Run): The training.
    gpu_id (int): The GPU; -1 for the CPU.
    code (Optional[Path]): A Python file with registered functions.
    RETURNS (Outcome): What became of it.
    RAISES (OSError, ValueError): E726 if another command trains in the folder, E701 if it holds another training.
    """
    started = start_training(run, gpu_id, code, single_thread=True, ends_with_parent=True)
    if isinstance(started, Outcome):
        return started
    outcome = None
    while outcome is None:
        time.sleep(POLL_SECONDS)
        # the most memory that it holds is read at each poll
        outcome = started.poll()
    return outcome


@contextmanager
def make_executor(
    engine: str = "local",
    address: Optional[str] = None,
    *,
    jobs: int = 1,
    gpu_id: int = -1,
    code: Optional[Path] = None,
) -> Iterator[Executor]:
    """Where trainings run, for as long as the block lasts.

    engine (str): "local" for processes of this machine, "ray" for those of a cluster.
    address (Optional[str]): The Ray cluster, as "auto"; None for the one that is connected, or this machine.
    jobs (int): How many run at once.
    gpu_id (int): The GPU; -1 for the CPU.
    code (Optional[Path]): A Python file with registered functions.
    YIELDS (Executor): Runs trainings.
    RAISES (ValueError): E763 for another engine.
    RAISES (ImportError): E749 if Ray is not installed.
    RAISES (OSError): E748 if the cluster is not there.
    """
    if engine not in ENGINES:
        raise ValueError(Errors.E763.format(found=engine, expected=", ".join(ENGINES)))
    if engine == "local":
        yield LocalExecutor(jobs, gpu_id, code)
        return
    with closing(Cluster(address)) as cluster:
        yield RayExecutor(cluster, jobs, gpu_id, code)
