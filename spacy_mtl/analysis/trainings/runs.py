"""Trainings that resume: each in a folder of its own, through spaCy's own command, never done twice."""

import time
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence

from ...errors import Errors
from .executors import Executor, LocalExecutor, Run, Training, count_steps, is_done, read_outcome
from .interruption import Interruption
from .locks import check_lock
from .processes import Outcome

POLL_SECONDS = 0.5


def train_runs(
    runs: Sequence[Run],
    *,
    jobs: int = 1,
    gpu_id: int = -1,
    code: Optional[Path] = None,
    executor: Optional[Executor] = None,
    progress: Optional[Callable[[Dict[str, int]], None]] = None,
) -> Dict[str, Outcome]:
    """Train what is not trained yet, some side by side.

    A training that fails is recorded as failed, and the others go on; it is tried again the next time. Ctrl-C, SIGTERM
    and SIGHUP end what runs, and leave what is finished: KeyboardInterrupt is raised once all trainings have ended. A
    second one in the meantime kills those that take their time.

    runs (Sequence[Run]): The trainings.
    jobs (int): How many run at once. With more than one, each gets one thread.
    gpu_id (int): The GPU, with several jobs the first of those that they share out; -1 for the CPU.
    code (Optional[Path]): A Python file with registered functions, as in `spacy train --code`.
    executor (Optional[Executor]): Where they run; None for this machine.
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
    executor = LocalExecutor(jobs, gpu_id, code) if executor is None else executor
    steps = {run.name: count_steps(run) for run in runs if run not in waiting}
    running: List[Training] = []
    with Interruption() as interruption:
        try:
            if progress is not None:
                progress(steps)
            while waiting or running:
                # a training that is started must be known to be running, and one that has ended must be recorded
                with interruption.deferred():
                    while waiting and executor.has_room(len(running)):
                        running.append(executor.start(waiting.pop(0)))
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
            executor.stop(running, lambda: interruption.has_come)
    return {name: outcome for name, outcome in outcomes.items() if outcome is not None}
