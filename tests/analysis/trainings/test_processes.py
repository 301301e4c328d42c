"""Commands in processes of their own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spacy_mtl.analysis.trainings.processes import Process, stop_processes

from ...systems import needs_signals

STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
READY = "print('ready', flush=True); "
SLEEP = "import time; time.sleep(600)"


def start(folder, program, name="log.txt", **settings):
    return Process([sys.executable, "-c", program], folder / name, **settings)


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def start_ready(folder, program, name):
    process = start(folder, program, name)
    wait_until(lambda: (folder / name).read_text() == "ready\n")
    return process


def is_gone(pid):
    if sys.platform == "win32":
        listed = subprocess.run(["tasklist", "/FI", f"PID eq {pid}"], capture_output=True, text=True, check=True)
        return str(pid) not in listed.stdout
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_what_it_used_up(tmp_path):
    program = "import sys, time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass\nsys.exit(7)"
    process = start(tmp_path, f"print('told')\n{program}")
    wait_until(lambda: process.poll() is not None)
    outcome = process.poll()
    assert outcome.exit_code == 7 and not outcome.is_finished
    assert outcome.seconds >= outcome.processor_seconds >= 0.3
    assert (tmp_path / "log.txt").read_text() == "told\n"
    assert process.poll(wait=True) is outcome and is_gone(process.pid)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system has no /proc")
def test_memory_of_the_parent_does_not_count(tmp_path):
    held = b"x" * 300_000_000
    process = start(tmp_path, f"list(b'x' * 5_000_000); {READY}{SLEEP}")
    wait_until(lambda: (tmp_path / "log.txt").read_text() == "ready\n")
    assert process.poll() is None
    stop_processes([process])
    assert 40e6 < process.poll().peak_memory < 100e6 < len(held)


def test_a_process_too_short_to_be_polled_has_a_peak(tmp_path):
    process = start(tmp_path, "")
    time.sleep(1)
    assert process.poll(wait=True).peak_memory > 1e6


@needs_signals
def test_the_environment_is_given_and_files_are_inherited(tmp_path):
    file_ = (tmp_path / "open").open("w")
    program = f"import os; os.write({file_.fileno()}, os.environ['NAME'].encode())"
    process = start(tmp_path, program, environment={**os.environ, "NAME": "Ana"}, inherited=[file_.fileno()])
    file_.close()
    assert process.poll(wait=True).is_finished
    assert (tmp_path / "open").read_text() == "Ana"


@needs_signals
def test_all_are_asked_to_end_and_who_does_not_is_killed(tmp_path):
    stubborn = [start_ready(tmp_path, f"{STUBBORN}{READY}{SLEEP}", f"stubborn{i}") for i in range(3)]
    polite = start_ready(tmp_path, f"{READY}{SLEEP}", "polite")
    begin = time.monotonic()
    stop_processes([*stubborn, polite], grace=1.0)
    assert 1.0 <= time.monotonic() - begin < 2.5, "the time is for all of them together"
    assert [process.poll().exit_code for process in stubborn] == [-signal.SIGKILL] * 3
    assert polite.poll().exit_code == -signal.SIGTERM
    assert all(is_gone(process.pid) for process in [*stubborn, polite])


@needs_signals
def test_it_can_be_urgent(tmp_path):
    process = start_ready(tmp_path, f"{STUBBORN}{READY}{SLEEP}", "stubborn")
    asked = []
    begin = time.monotonic()
    stop_processes([process], grace=60, is_urgent=lambda: bool(asked) or asked.append(True))
    assert time.monotonic() - begin < 10 and process.poll().exit_code == -signal.SIGKILL


@needs_signals
def test_what_it_has_started_ends_too(tmp_path):
    started = f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', '{SLEEP}'])\n"
    process = start(tmp_path, f"{started}print(child.pid, flush=True)\n{SLEEP}")
    wait_until(lambda: (tmp_path / "log.txt").read_text().endswith("\n"))
    pid = int((tmp_path / "log.txt").read_text())
    stop_processes([process])

    def has_ended():
        # a process that nobody collects is there still, as a zombie
        return is_gone(pid) or Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"

    wait_until(has_ended)


@needs_signals
def test_what_has_ended_is_not_signalled(tmp_path, monkeypatch):
    process = start(tmp_path, "")
    process.poll(wait=True)
    monkeypatch.setattr(os, "killpg", lambda pid, number: pytest.fail("the number may be that of another by now"))
    stop_processes([process])
    assert process.poll().is_finished
