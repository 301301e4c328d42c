"""Trainings that resume."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import spacy
from spacy.tokens import Doc
from thinc.api import Config

from spacy_mtl.analysis.trainings.executors import Run, is_done, read_outcome
from spacy_mtl.analysis.trainings.fingerprints import fingerprint
from spacy_mtl.analysis.trainings.locks import check_lock, lock_folder
from spacy_mtl.analysis.trainings.runs import train_runs
from spacy_mtl.data.writing import write_docs

from ...systems import needs_signals
from .test_processes import is_gone, wait_until


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    vocab = spacy.blank("en").vocab
    docs = []
    for words in (["Ana", "sleeps"], ["Tom", "reads", "."]):
        doc = Doc(vocab, words=words)
        doc.ents = [doc.char_span(0, 3, label="PER")]
        docs.append(doc)
    path = tmp_path_factory.mktemp("corpus") / "corpus.spacy"
    write_docs(docs, path)
    return path


def make_config(corpus, steps=2, **training):
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_ner")
    config = Config(nlp.config).copy()
    config["paths"].update({"train": str(corpus), "dev": str(corpus)})
    config["corpora"]["train"]["path"] = config["corpora"]["dev"]["path"] = str(corpus)
    config["training"].update({"max_steps": steps, "eval_frequency": steps, **training})
    config["training"]["logger"] = {"@loggers": "spacy-mtl.ConsoleLogger.v1"}
    return config.interpolate()


def make_run(corpus, folder, name="ner", **settings):
    return Run(name, make_config(corpus, **settings), folder / name)


def test_a_finished_training_is_not_done_again(corpus, tmp_path, request):
    run = make_run(corpus, tmp_path)
    seen = {}
    first = train_runs([run], progress=seen.update)["ner"]
    assert first.is_finished and first.seconds > 0 and first.processor_seconds > 0
    assert 20e6 < first.peak_memory < 8e9
    assert seen["ner"] == 2
    assert spacy.load(run.folder / "model-last").pipe_names == ["mtl_ner"]
    written = (run.folder / "model-last" / "meta.json").stat().st_mtime_ns
    assert train_runs([run])["ner"] == first == read_outcome(run)
    assert (run.folder / "model-last" / "meta.json").stat().st_mtime_ns == written
    # without its best pipeline it is of no use
    shutil.rmtree(run.folder / "model-best")
    assert not is_done(run, read_outcome(run))
    request.getfixturevalue("quick_trainings")
    again = train_runs([run])["ner"]
    assert again.is_finished and again != first and is_done(run, again)
    assert spacy.load(run.folder / "model-best").pipe_names == ["mtl_ner"]
    check_lock(run.folder)


def test_another_config_or_other_data_are_noticed(corpus, tmp_path):
    run = make_run(corpus, tmp_path)
    run.folder.mkdir()
    record = {"exit_code": 0, "seconds": 1.0, "processor_seconds": 1.0, "peak_memory": 1}
    (run.folder / "run.json").write_text(json.dumps({**record, "fingerprint": fingerprint(run.config)}))
    assert read_outcome(run).is_finished
    with pytest.raises(ValueError, match="MTL-E701"):
        train_runs([make_run(corpus, tmp_path, steps=3)])
    copied = tmp_path / "copied.spacy"
    copied.write_bytes(corpus.read_bytes())
    before = fingerprint(make_config(copied))
    copied.write_bytes(corpus.read_bytes() + b" ")
    assert fingerprint(make_config(copied)) != before


@pytest.mark.usefixtures("quick_trainings")
def test_a_failed_training_stops_no_other_and_is_tried_again(corpus, tmp_path):
    good = make_run(corpus, tmp_path)
    bad = make_run(corpus, tmp_path, name="bad", dev_corpus="corpora.missing")
    outcomes = train_runs([bad, good], jobs=2)
    assert not outcomes["bad"].is_finished and outcomes["ner"].is_finished
    assert "missing" in (bad.folder / "log.txt").read_text()
    before = (bad.folder / "run.json").stat().st_mtime_ns
    train_runs([bad, good])
    assert (bad.folder / "run.json").stat().st_mtime_ns > before


def read_pid(run):
    return int((run.folder / "run.lock").read_text())


@needs_signals
@pytest.mark.usefixtures("quick_trainings")
def test_interruption_ends_what_runs(corpus, tmp_path):
    runs = [make_run(corpus, tmp_path, name=name, steps=100_000) for name in ("one", "other")]
    pids = []

    def interrupt(steps):
        if all((run.folder / "log.txt").exists() and (run.folder / "log.txt").stat().st_size for run in runs):
            pids.extend(map(read_pid, runs))
            assert not any(map(is_gone, pids))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_runs(runs, jobs=2, progress=interrupt)
    assert len(set(pids)) == 2 and all(map(is_gone, pids))
    for run in runs:
        assert read_outcome(run) is None
        check_lock(run.folder)


def start_command(run):
    """The same training as by another command, in a process of its own."""
    path = run.folder.parent / "given.cfg"
    run.config.to_disk(path)
    program = (
        "import sys; from pathlib import Path; from thinc.api import Config\n"
        "from spacy_mtl.analysis.trainings.executors import Run\n"
        "from spacy_mtl.analysis.trainings.runs import train_runs\n"
        "try:\n    train_runs([Run(sys.argv[3], Config().from_disk(sys.argv[1]), Path(sys.argv[2]))])\n"
        "except KeyboardInterrupt:\n    sys.exit(33)"
    )
    command = subprocess.Popen([sys.executable, "-c", program, str(path), str(run.folder), run.name])
    lock = run.folder / "run.lock"
    wait_until(lambda: lock.exists() and lock.read_text().endswith("\n"), 120)
    return command


@needs_signals
def test_a_command_that_is_ended_ends_its_training(corpus, tmp_path):
    run = make_run(corpus, tmp_path, steps=100_000)
    command = start_command(run)
    pid = read_pid(run)
    assert not is_gone(pid)
    command.send_signal(signal.SIGTERM)
    assert command.wait(30) == 33
    assert is_gone(pid) and read_outcome(run) is None


@needs_signals
def test_a_training_whose_command_was_killed_keeps_others_away(corpus, tmp_path):
    run = make_run(corpus, tmp_path, steps=100_000)
    other = make_run(corpus, tmp_path, name="other")
    command = start_command(run)
    pid = read_pid(run)
    try:
        command.kill()
        command.wait(30)
        with pytest.raises(BlockingIOError, match=f"MTL-E726.*process {pid}:"):
            train_runs([other, run])
        assert not is_gone(pid) and not other.folder.exists(), "nothing is started"
    finally:
        os.killpg(pid, signal.SIGKILL)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            check_lock(run.folder)
            break
        except BlockingIOError:
            time.sleep(0.1)
    check_lock(run.folder)


def test_what_another_command_has_trained_meanwhile_is_not_trained_again(corpus, tmp_path):
    run = make_run(corpus, tmp_path)

    def finish(steps):
        if not run.folder.exists():
            (run.folder / "model-best").mkdir(parents=True)
            for name in ("meta.json", "config.cfg"):
                (run.folder / "model-best" / name).touch()
            record = {"exit_code": 0, "seconds": 1.0, "processor_seconds": 1.0, "peak_memory": 1}
            (run.folder / "run.json").write_text(json.dumps({**record, "fingerprint": fingerprint(run.config)}))

    assert train_runs([run], progress=finish)["ner"].peak_memory == 1
    assert not (run.folder / "log.txt").exists()
    lock_folder(run.folder).close()


def test_other_code_is_noticed(corpus, tmp_path):
    run = make_run(corpus, tmp_path)
    code = tmp_path / "code.py"
    code.write_text("RATE = 1")
    run.folder.mkdir()
    record = {"exit_code": 0, "seconds": 1.0, "processor_seconds": 1.0, "peak_memory": 1}
    (run.folder / "run.json").write_text(json.dumps({**record, "fingerprint": fingerprint(run.config, code)}))
    assert read_outcome(run, code).is_finished
    code.write_text("RATE = 2")
    for given in (code, None):
        with pytest.raises(ValueError, match="MTL-E701"):
            train_runs([run], code=given)


@pytest.mark.parametrize("jobs, names", [(0, ["a"]), (1, ["a", "a"])])
def test_wrong_arguments(corpus, tmp_path, jobs, names):
    with pytest.raises(ValueError, match="MTL-E702"):
        train_runs([make_run(corpus, tmp_path, name=name) for name in names], jobs=jobs)
