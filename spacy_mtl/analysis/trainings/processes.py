"""Commands that run in processes of their own: what they use up, and how they are ended."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Callable, Mapping, NamedTuple, Optional, Sequence, Tuple

from .measuring import read_peak_memory
from .windows import read_usage

GRACE_SECONDS = 10.0
STOP_POLL_SECONDS = 0.05
# of Linux's prctl
PR_SET_PDEATHSIG = 1
# what a session of its own is elsewhere
if sys.platform == "win32":
    NEW_GROUP = subprocess.CREATE_NEW_PROCESS_GROUP
else:
    NEW_GROUP = 0


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
        log: Optional[Path],
        *,
        environment: Optional[Mapping[str, str]] = None,
        inherited: Sequence[int] = (),
        ends_with_parent: bool = False,
    ) -> None:
        """Start it.

        command (Sequence[str]): The command.
        log (Optional[Path]): The file for all that it prints; None to print where this process does.
        environment (Optional[Mapping[str, str]]): Its environment; None for that of this process.
        inherited (Sequence[int]): Descriptors of files that stay open in it; on Windows none does.
        ends_with_parent (bool): Whether it is killed when the thread that starts it ends; on Linux alone.
        """
        self._outcome: Optional[Outcome] = None
        self._peak = 0
        self._ends_with_parent = ends_with_parent and sys.platform == "linux"
        self._began = time.perf_counter()
        with contextlib.nullcontext() if log is None else log.open("wb") as file_:
            self._process = self._start(command, file_, environment, inherited)

    def _start(
        self,
        command: Sequence[str],
        log: Optional[IO[bytes]],
        environment: Optional[Mapping[str, str]],
        inherited: Sequence[int],
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=None if log is None else subprocess.STDOUT,
            env=environment,
            pass_fds=() if NEW_GROUP else inherited,
            start_new_session=True,
            creationflags=NEW_GROUP,
            preexec_fn=_end_with_parent if self._ends_with_parent else None,
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
            collected = self._collect(wait)
            if collected is not None:
                code, processor_seconds, peak = collected
                seconds = round(time.perf_counter() - self._began, 3)
                self._outcome = Outcome(code, seconds, round(processor_seconds, 3), self._peak or peak)
        return self._outcome

    def _collect(self, wait: bool) -> Optional[Tuple[int, float, int]]:
        """Exit code, processor seconds and peak memory, once it has ended."""
        if sys.platform == "win32":
            code = self._process.wait() if wait else self._process.poll()
            return None if code is None else (code, *read_usage(int(self._process._handle)))  # type: ignore[attr-defined]
        ended, status, usage = os.wait4(self.pid, 0 if wait else os.WNOHANG)
        if not ended:
            return None
        # the process is collected already; without this, Popen would look for it again
        self._process.returncode = os.waitstatus_to_exitcode(status)
        # kilobytes on Linux, bytes on macOS
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return self._process.returncode, usage.ru_utime + usage.ru_stime, peak

    def end(self, *, kill: bool = False) -> None:
        """Ask it, and the processes that it has started, to end, if it runs still.

        kill (bool): Whether they are killed instead; on Windows it is killed alone.
        """
        if self._outcome is not None:
            return
        # macOS and Windows refuse to signal a process that has ended and is not collected
        with contextlib.suppress(OSError):
            if sys.platform != "win32":
                os.killpg(self.pid, signal.SIGKILL if kill else signal.SIGTERM)
            elif kill:
                self._process.kill()
            else:
                os.kill(self.pid, signal.CTRL_BREAK_EVENT)


def _end_with_parent() -> None:
    """Let the system kill this process when its parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def stop_processes(
    processes: Sequence[Process], *, grace: float = GRACE_SECONDS, is_urgent: Callable[[], bool] = lambda: False
) -> None:
    """End processes: ask all of them first, then wait, and kill those that do not end.

    processes (Sequence[Process]): The processes.
    grace (float): Seconds that they have for it, all together.
    is_urgent (Callable[[], bool]): Asked meanwhile; with True they are killed at once.
    """
    for process in processes:
        process.end()
    deadline = time.monotonic() + grace
    running = list(processes)
    while running and time.monotonic() < deadline and not is_urgent():
        time.sleep(STOP_POLL_SECONDS)
        running = [process for process in running if process.poll() is None]
    for process in running:
        process.end(kill=True)
    for process in processes:
        process.poll(wait=True)
