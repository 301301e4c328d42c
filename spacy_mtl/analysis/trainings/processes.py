"""Commands that run in processes of their own: what they use up, and how they are ended."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Callable, Mapping, NamedTuple, Optional, Sequence

from .measuring import read_peak_memory

GRACE_SECONDS = 10.0
STOP_POLL_SECONDS = 0.05


class Outcome(NamedTuple):
    """What became of a process.

    exit_code (int): 0 if it finished.
    seconds (float): Wall time; of a training, with evaluation on the development part.
    processor_seconds (float): Time of the processor, in all threads.
    peak_memory (int): Most memory that the process held, in bytes. On Linux it is read at each poll, so that what is
        taken only after the last one is missed. Elsewhere, and for a process that ends before the first poll, it is
        what the system reports at the end; of such a short process Linux reports no less than what its parent held.
    """

    exit_code: int
    seconds: float
    processor_seconds: float
    peak_memory: int

    @property
    def is_finished(self) -> bool:
        """RETURNS (bool): Whether the process came to its end."""
        return self.exit_code == 0


class Process:
    """A command that runs in a session of its own: Ctrl-C reaches who has started it alone."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        environment: Optional[Mapping[str, str]] = None,
        inherited: Sequence[int] = (),
    ) -> None:
        """Start it.

        command (Sequence[str]): The command.
        log (Path): The file for all that it prints.
        environment (Optional[Mapping[str, str]]): Its environment; None for that of this process.
        inherited (Sequence[int]): Descriptors of files that stay open in it.
        """
        self._outcome: Optional[Outcome] = None
        self._peak = 0
        self._began = time.perf_counter()
        with log.open("wb") as file_:
            self._process = self._start(command, file_, environment, inherited)

    def _start(
        self, command: Sequence[str], log: IO[bytes], environment: Optional[Mapping[str, str]], inherited: Sequence[int]
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=inherited,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """RETURNS (int): The number of the process, and of its session."""
        return self._process.pid

    def poll(self, *, wait: bool = False) -> Optional[Outcome]:
        """What became of it.

        wait (bool): Whether to wait for its end.
        RETURNS (Optional[Outcome]): None while it runs.
        """
        if self._outcome is None:
            self._peak = max(self._peak, read_peak_memory(self.pid) or 0)
            ended, status, usage = os.wait4(self.pid, 0 if wait else os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                # the process is collected already; without this, Popen would look for it again
                self._process.returncode = code
                # kilobytes on Linux, bytes on macOS
                peak = self._peak or usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
                seconds = round(time.perf_counter() - self._began, 3)
                self._outcome = Outcome(code, seconds, round(usage.ru_utime + usage.ru_stime, 3), peak)
        return self._outcome

    def send(self, number: int) -> None:
        """Send a signal to it and to the processes that it has started, if it runs still.

        number (int): The signal.
        """
        if self._outcome is None:
            # macOS refuses to signal a process that has ended and is not collected
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)


def stop_processes(
    processes: Sequence[Process], *, grace: float = GRACE_SECONDS, is_urgent: Callable[[], bool] = lambda: False
) -> None:
    """End processes: ask all of them first, then wait, and kill those that do not end.

    processes (Sequence[Process]): The processes.
    grace (float): Seconds that they have for it, all together.
    is_urgent (Callable[[], bool]): Asked meanwhile; with True they are killed at once.
    """
    for process in processes:
        process.send(signal.SIGTERM)
    deadline = time.monotonic() + grace
    running = list(processes)
    while running and time.monotonic() < deadline and not is_urgent():
        time.sleep(STOP_POLL_SECONDS)
        running = [process for process in running if process.poll() is None]
    for process in running:
        process.send(signal.SIGKILL)
    for process in processes:
        process.poll(wait=True)
