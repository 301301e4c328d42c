"""Trainings as Ray's tasks leave what those of this machine leave."""

import sys

import pytest

from spacy_mtl.analysis.trainings import executors
from spacy_mtl.analysis.trainings.executors import LocalExecutor, read_outcome
from spacy_mtl.analysis.trainings.locks import check_lock, lock_folder
from spacy_mtl.analysis.trainings.runs import train_runs
from spacy_mtl.scale.ray_trainings import make_executor

from ..analysis.trainings.test_processes import is_gone, wait_until
from ..analysis.trainings.test_runs import corpus, make_run, read_pid  # noqa: F401


@pytest.mark.slow
def test_trainings_are_done_once(corpus, tmp_path):  # noqa: F811
    pytest.importorskip("ray")
    good = make_run(corpus, tmp_path)
    bad = make_run(corpus, tmp_path, name="bad", dev_corpus="corpora.missing")
    busy = make_run(corpus, tmp_path, name="busy")
    seen = {}
    with make_executor("ray", jobs=2) as executor:
        outcomes = train_runs([bad, good], executor=executor, progress=seen.update)
        assert outcomes["ner"].is_finished, (good.folder / "log.txt").read_text()
        assert not outcomes["bad"].is_finished
        assert outcomes["ner"] == read_outcome(good) and outcomes["bad"] == read_outcome(bad)
        assert outcomes["ner"].processor_seconds > 0 and outcomes["ner"].peak_memory > 20e6
        assert seen["ner"] == 2
        assert "missing" in (bad.folder / "log.txt").read_text()
        # done already, for either engine
        assert train_runs([good], executor=executor) == train_runs([good]) == {"ner": outcomes["ner"]}
        lock = lock_folder(busy.folder)
        with pytest.raises(BlockingIOError, match="MTL-E726"):
            executor_poll(executor, busy)
        lock.close()


@pytest.mark.slow
def test_interruption_ends_what_runs(corpus, tmp_path):  # noqa: F811
    pytest.importorskip("ray")
    runs = [make_run(corpus, tmp_path, name=name, steps=100_000) for name in ("one", "other")]

    pids = []

    def interrupt(steps):
        locks = [run.folder / "run.lock" for run in runs]
        if all(lock.exists() and lock.read_text().endswith("\n") for lock in locks):
            pids.extend(map(read_pid, runs))
            raise KeyboardInterrupt

    with make_executor("ray", jobs=2) as executor:
        with pytest.raises(KeyboardInterrupt):
            train_runs(runs, executor=executor, progress=interrupt)
        # before Ray itself is ended
        for run in runs:
            assert read_outcome(run) is None
            check_lock(run.folder)
        assert len(pids) == 2
        # whoever takes their place as a parent collects them a little later
        wait_until(lambda: all(map(is_gone, pids)), 10)


def executor_poll(executor, run):
    training = executor.start(run)
    while training.poll() is None:
        pass


def test_engines_that_are_not_there(monkeypatch):
    with pytest.raises(ValueError, match="MTL-E763.*local, ray"), make_executor("dask"):
        pass
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match=r"E749.*spacy-mtl\[ray\]"), make_executor("ray"):
        pass


def test_trainings_side_by_side_share_gpus_out(corpus, tmp_path, monkeypatch):  # noqa: F811
    commands = []

    class Started:
        pid = 1

        def __init__(self, command, log, **settings):
            commands.append(command[command.index("--gpu-id") + 1])

        def poll(self, wait=False):
            return None

    monkeypatch.setattr(executors, "Process", Started)
    monkeypatch.setattr(executors, "find_gpus", lambda gpu_id: [1, 2])
    executor = LocalExecutor(jobs=3, gpu_id=1)
    started = [executor.start(make_run(corpus, tmp_path, name=name)) for name in "abc"]
    started[1].close()
    executor.start(make_run(corpus, tmp_path, name="d"))
    assert commands == ["1", "2", "1", "2"]
    assert executor.has_room(2) and not executor.has_room(3)
    for training in started:
        training.close()
