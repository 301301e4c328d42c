"""Trainings as copies of this process, in which everything is imported, where new ones would import it for seconds."""

import os
import signal
import sys
import traceback

from spacy.cli._util import setup_cli

from spacy_mtl.analysis.trainings.processes import Process


class Fork(Process):
    """Runs `python -m spacy ...` in a copy of this process."""

    def _start(self, command, log, environment, inherited):
        assert command[:3] == [sys.executable, "-m", "spacy"]
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                become(log, environment, inherited)
                code = run_spacy(command[3:])
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)
        return Child(pid)


class Child:
    """As much of `subprocess.Popen` as is used."""

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None


def become(log, environment, inherited):
    """What a new program begins with: its session, signals, files and environment."""
    os.setsid()
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    for target in (1, 2):
        os.dup2(log.fileno(), target)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    first = 3
    for kept in [*sorted(inherited), os.sysconf("SC_OPEN_MAX")]:
        os.closerange(first, kept)
        first = kept + 1
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1, closefd=False)
    os.environ.clear()
    os.environ.update(environment)


def run_spacy(arguments):
    """RETURNS: the code with which the command ends."""
    sys.argv = ["spacy", *arguments]
    try:
        setup_cli()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
