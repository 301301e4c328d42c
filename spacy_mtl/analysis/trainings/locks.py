"""Folders that one process writes to at a time, also when what has started it is gone."""

import contextlib
import time
from pathlib import Path
from typing import IO, Tuple

from ...errors import Errors

try:
    import fcntl
except ImportError:
    # Windows
    fcntl = None  # type: ignore[assignment]

LOCK = "run.lock"
# Who looks at a lock holds it for a moment, and who is being killed holds it a little longer.
PATIENCE_SECONDS = 1.0
_POLL_SECONDS = 0.02


def lock_folder(folder: Path) -> IO[str]:
    """Lock a folder for as long as the file that is returned is open, here or in a process that inherits it.

    Without effect on systems and file systems that have no such locks.

    folder (Path): The folder, which is made if it is missing.
    RETURNS (IO[str]): The file that holds the lock.
    RAISES (BlockingIOError): E726 if another process holds it, and does not give it up within a second.
    """
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            lock, is_held = _open_lock(folder, shared=False)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)
    if is_held:
        # a process that held it before is not the one to name
        lock.truncate(0)
    return lock


def name_holder(lock: IO[str], process: int) -> None:
    """Write down who holds a lock, for the message to those who want it.

    lock (IO[str]): The file that holds the lock.
    process (int): The process.
    """
    # the lock holds without it
    with contextlib.suppress(OSError):
        lock.write(f"{process}\n")
        lock.flush()


def check_lock(folder: Path) -> None:
    """Check that no process holds a folder.

    folder (Path): The folder, which need not exist.
    RAISES (BlockingIOError): E726 if one does.
    """
    if (folder / LOCK).exists():
        # those who only look do not keep each other out
        lock, _ = _open_lock(folder, shared=True)
        lock.close()


def _open_lock(folder: Path, *, shared: bool) -> Tuple[IO[str], bool]:
    """Lock a folder, for one alone or for any number.

    RETURNS (Tuple[IO[str], bool]): The file, and whether it holds a lock, which some file systems do not know.
    RAISES (BlockingIOError): E726 if it is not to be had.
    """
    lock = (folder / LOCK).open("a+", encoding="utf8")
    if fcntl is None:
        return lock, False
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read().strip() or "not known"
        lock.close()
        raise BlockingIOError(Errors.E726.format(folder=folder, process=holder)) from error
    except OSError:
        # network file systems may know no locks
        return lock, False
    return lock, True
