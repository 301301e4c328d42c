"""Folders that one process writes to at a time, also when what has started it is gone."""

import contextlib
from pathlib import Path
from typing import IO

from ...errors import Errors

try:
    import fcntl
except ImportError:
    # Windows
    fcntl = None  # type: ignore[assignment]

LOCK = "run.lock"


def lock_folder(folder: Path) -> IO[str]:
    """Lock a folder for as long as the file that is returned is open, here or in a process that inherits it.

    Without effect on systems and file systems that have no such locks.

    folder (Path): The folder, which is made if it is missing.
    RETURNS (IO[str]): The file that holds the lock.
    RAISES (BlockingIOError): E726 if another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / LOCK).open("a+", encoding="utf8")
    if fcntl is not None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "not known"
            lock.close()
            raise BlockingIOError(Errors.E726.format(folder=folder, process=holder)) from error
        except OSError:
            # network file systems may know no locks
            return lock
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
        with contextlib.closing(lock_folder(folder)):
            pass
