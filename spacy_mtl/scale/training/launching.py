"""Starts the workers of a training on this machine, and ends them all when one is gone."""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List, Optional, Sequence

from ...analysis.trainings.executors import THREADS
from ...analysis.trainings.interruption import Interruption
from ...analysis.trainings.processes import Outcome, Process, stop_processes
from ...errors import Errors
from .group import LOCAL_RANK, LOCAL_SIZE, RANK, SIZE

HOST = "127.0.0.1"
# The exit code of a worker that has lost another one: it is not to blame.
LOST = 75
POLL_SECONDS = 0.2
# How long those that are left have to notice it themselves.
GRACE_SECONDS = 5.0


def launch(command: Sequence[str], workers: int) -> None:
    """Start workers, and wait for their end. The first prints here; of another what it has printed is shown if it is to
    blame.

    command (Sequence[str]): The command of each, which finds in its environment what torchrun would tell it.
    workers (int): How many.
    RAISES (ImportError): E728 without torch.
    RAISES (RuntimeError): E722 if one fails. Then all have ended.
    RAISES (KeyboardInterrupt): After Ctrl-C, SIGTERM or SIGHUP, when all have ended.
    """
    try:
        from torch.distributed import TCPStore
    except ImportError as error:
        raise ImportError(Errors.E728.format(problem=error)) from error
    # where they find each other; it goes on when the first of them is gone
    store = TCPStore(HOST, 0, is_master=True, wait_for_workers=False)
    processes: List[Process] = []
    with Interruption() as interruption, tempfile.TemporaryDirectory() as folder:
        logs = [None if rank == 0 else Path(folder) / f"{rank}.txt" for rank in range(workers)]
        try:
            for rank, log in enumerate(logs):
                with interruption.deferred():
                    environment = _make_environment(rank, workers, store.port)
                    processes.append(Process(command, log, environment=environment))
            outcomes = _wait(processes)
        finally:
            interruption.hold()
            stop_processes(processes, is_urgent=lambda: interruption.has_come)
        failed = {rank: outcome for rank, outcome in enumerate(outcomes) if outcome and not outcome.is_finished}
        if failed:
            rank = min(failed, key=lambda rank: (failed[rank].exit_code == LOST, rank))
            log = logs[rank]
            if log is not None:
                sys.stderr.write(log.read_text(encoding="utf8", errors="replace"))
            raise RuntimeError(Errors.E722.format(rank=rank, workers=workers, code=failed[rank].exit_code))


def _wait(processes: Sequence[Process]) -> List[Optional[Outcome]]:
    """Wait until all have ended well, or one has not and the others have had time to notice."""
    deadline = None
    while True:
        outcomes = [process.poll() for process in processes]
        if all(outcomes):
            return outcomes
        if deadline is None and any(outcome is not None and not outcome.is_finished for outcome in outcomes):
            deadline = time.monotonic() + GRACE_SECONDS
        if deadline is not None and time.monotonic() > deadline:
            return outcomes
        time.sleep(POLL_SECONDS)


def _make_environment(rank: int, workers: int, port: int) -> Dict[str, str]:
    n_threads = str(max(1, (os.cpu_count() or 1) // workers))
    return {
        **dict.fromkeys(THREADS, n_threads),
        # sets of labels would have another order in each
        "PYTHONHASHSEED": "0",
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        RANK: str(rank),
        LOCAL_RANK: str(rank),
        SIZE: str(workers),
        LOCAL_SIZE: str(workers),
        "MASTER_ADDR": HOST,
        "MASTER_PORT": str(port),
        # the store is not the first worker's
        "TORCHELASTIC_USE_AGENT_STORE": "True",
    }
