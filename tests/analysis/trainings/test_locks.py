"""Folders that one process writes to at a time."""

import sys

import pytest

from spacy_mtl.analysis.trainings import locks
from spacy_mtl.analysis.trainings.locks import check_lock, lock_folder, name_holder
from spacy_mtl.analysis.trainings.processes import Process, stop_processes

pytest.importorskip("fcntl")


def test_a_folder_is_locked_until_the_file_is_closed(tmp_path):
    folder = tmp_path / "new" / "folder"
    check_lock(folder)
    assert not (tmp_path / "new").exists(), "to look makes nothing"
    lock = lock_folder(folder)
    for call in (check_lock, lock_folder):
        with pytest.raises(BlockingIOError, match=r"MTL-E726.*new.folder .*process not known"):
            call(folder)
    name_holder(lock, 4321)
    with pytest.raises(BlockingIOError, match="MTL-E726.*process 4321:"):
        check_lock(folder)
    lock.close()
    check_lock(folder)
    with lock_folder(folder), pytest.raises(BlockingIOError, match="not known"):
        check_lock(folder)


def test_who_inherits_a_lock_keeps_it(tmp_path):
    lock = lock_folder(tmp_path)
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    heir = Process(command, tmp_path / "log.txt", inherited=[lock.fileno()])
    other = Process(command, tmp_path / "log.txt")
    name_holder(lock, heir.pid)
    lock.close()
    with pytest.raises(BlockingIOError, match=f"process {heir.pid}:"):
        check_lock(tmp_path)
    stop_processes([heir])
    check_lock(tmp_path)
    stop_processes([other])


def test_who_only_looks_keeps_no_other_from_looking(tmp_path, monkeypatch):
    lock_folder(tmp_path).close()
    flock, met = locks.fcntl.flock, []

    def meet(file_, how):
        flock(file_, how)
        if not met:
            met.append(how)
            check_lock(tmp_path)

    monkeypatch.setattr(locks.fcntl, "flock", meet)
    check_lock(tmp_path)
    assert met


@pytest.mark.parametrize("how", ["LOCK_SH", "LOCK_EX"])
def test_a_lock_that_is_just_given_up_is_waited_for(tmp_path, monkeypatch, how):
    # by one who only looks, or by a process that is being killed
    holder = (tmp_path / locks.LOCK).open("a+")
    locks.fcntl.flock(holder, getattr(locks.fcntl, how))
    monkeypatch.setattr(locks.time, "sleep", lambda seconds: holder.close())
    with lock_folder(tmp_path):
        assert holder.closed


def test_without_locks_nothing_is_refused(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise OSError("no locks available")

    monkeypatch.setattr(locks.fcntl, "flock", refuse)
    with lock_folder(tmp_path):
        check_lock(tmp_path)
    monkeypatch.setattr(locks, "fcntl", None)
    with lock_folder(tmp_path):
        check_lock(tmp_path)
