"""The folder that annotated texts are written to: what it was made from, which of its shards are whole, and who writes
to it."""

import contextlib
import os
import time
from pathlib import Path
from typing import IO, Any, Dict, Iterator, Optional

from ..analysis.trainings.locks import LOCK, lock_folder, name_holder
from ..data.writing import check_folder
from ..errors import Errors
from ..json_files import read_json
from .shards import Shard
from .writers import save_json

MANIFEST = "_manifest.json"
FAILED = "_failed"
SHARDS = "_shards"
VERSION = 1
# how long the workers of a run that was killed are given to see that it is gone
PATIENCE_SECONDS = 10.0
_POLL_SECONDS = 0.1


class OutputFolder:
    """A folder of shards, which one run writes to at a time. `opened` makes one."""

    def __init__(self, path: Path) -> None:
        """path (Path): The folder."""
        self.path = path

    def find(self, shard: Shard) -> Optional[Dict[str, Any]]:
        """Whether a shard is whole.

        shard (Shard): The shard.
        RETURNS (Optional[Dict[str, Any]]): The number of its texts, and of those that were set aside; None if it is to
            be written.
        RAISES (ValueError): E757 if it was made from other texts.
        """
        try:
            mark = read_json(self.path / SHARDS / f"{shard.name}.json")
        except (OSError, ValueError):
            return None
        if mark["input"] != shard.fingerprint():
            first = shard.batches[0][0]
            place = f"{first.source}, line {first.line}" if first.source else f"text {first.line}"
            raise ValueError(Errors.E757.format(folder=self.path, shard=shard.name, place=place))
        return mark

    def finish(self, manifest: Dict[str, Any], counts: Dict[str, int]) -> None:
        """Note that all is there.

        manifest (Dict[str, Any]): What the folder was made from.
        counts (Dict[str, int]): How much there is.
        RAISES (ValueError): E757 for shards of texts that the input does not have.
        """
        extra = sorted(path.stem for path in (self.path / SHARDS).glob("part-*.json"))[counts["shards"] :]
        if extra:
            raise ValueError(Errors.E757.format(folder=self.path, shard=extra[0], place="the end of the input"))
        save_json(self.path / MANIFEST, {**manifest, "finished": counts})


@contextlib.contextmanager
def opened(path: Path, manifest: Dict[str, Any]) -> Iterator[OutputFolder]:
    """A folder to write to, which is locked meanwhile, and free of what a run that was killed had begun.

    path (Path): The folder, which is made if it is missing.
    manifest (Dict[str, Any]): What its content depends on.
    YIELDS (OutputFolder): The folder.
    RAISES (OSError): E192 for a place where no folder can be, E758 for a folder with something else, E777 for one that
        cannot be written to.
    RAISES (BlockingIOError): E726 if another run writes to it.
    RAISES (ValueError): E756 if it was begun by another pipeline or with other settings.
    """
    check_folder(path)
    begun = path / MANIFEST
    if not begun.exists() and path.exists():
        found = sorted(part.name for part in path.iterdir() if part.name != SHARDS and not _is_temporary(part))
        if found:
            raise FileExistsError(Errors.E758.format(folder=path, found=", ".join(found[:5])))
    try:
        lock = _lock(path / SHARDS)
    except BlockingIOError:
        raise
    except OSError as error:
        raise OSError(Errors.E777.format(path=path, problem=error)) from error
    with contextlib.closing(lock):
        name_holder(lock, os.getpid())
        if begun.exists():
            _compare(path, begun, manifest)
        remove_temporary(path)
        try:
            if not begun.exists():
                save_json(begun, manifest)
            yield OutputFolder(path)
        finally:
            remove_temporary(path)


def remove_temporary(path: Path) -> None:
    """Remove what was being written when its process was ended.

    path (Path): The folder.
    """
    for folder in (path, path / SHARDS, path / FAILED):
        for part in folder.iterdir() if folder.is_dir() else ():
            if _is_temporary(part):
                part.unlink(missing_ok=True)


def _is_temporary(path: Path) -> bool:
    return path.name.startswith((".part-", f".{MANIFEST}."))


def _compare(path: Path, begun: Path, manifest: Dict[str, Any]) -> None:
    try:
        found = read_json(begun)
    except (OSError, ValueError) as error:
        raise FileExistsError(Errors.E758.format(folder=path, found=f"a damaged {MANIFEST}")) from error
    found = found if isinstance(found, dict) else {}
    changed = [f"{name} (then {found.get(name)}, now {value})" for name, value in manifest.items()]
    changed = [text for text, (name, value) in zip(changed, manifest.items()) if found.get(name) != value]
    if changed:
        raise ValueError(Errors.E756.format(folder=path, changed="; ".join(changed)))


def _lock(folder: Path) -> IO[str]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return lock_folder(folder)
        except BlockingIOError:
            if time.monotonic() > deadline or _holder_lives(folder):
                raise
            time.sleep(_POLL_SECONDS)


def _holder_lives(folder: Path) -> bool:
    """Whether the process that took the lock is there; its workers may outlive it for a moment."""
    try:
        process = int((folder / LOCK).read_text(encoding="utf8").split()[-1])
        os.kill(process, 0)
    except (OSError, ValueError, IndexError):
        return False
    return True
