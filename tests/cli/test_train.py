"""`spacy mtl train` with processes that share out every batch."""

import os
import signal
import sys
import threading
import time
from io import StringIO

import numpy
import pytest
import spacy
from spacy.cli._util import import_code
from typer.testing import CliRunner

from spacy_mtl.analysis.trainings.processes import Process
from spacy_mtl.cli.app import app
from spacy_mtl.scale.training.checkpoint import NAME
from spacy_mtl.scale.training.train import train

from ..analysis.trainings.test_processes import is_gone, wait_until
from ..pipeline.shared_encoder import build
from ..scale.training.trainings import make_config, read_parameters, write_corpus
from ..systems import needs_signals


def run(*arguments):
    result = CliRunner().invoke(app, ["train", *map(str, arguments)])
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize(
    "arguments, environment, code",
    [
        (["--workers", "0"], {}, "E750"),
        (["--workers", "2"], {"RANK": "0", "WORLD_SIZE": "3"}, "E725"),
        (["--workers", "2"], {}, "E780"),
    ],
)
def test_wrong_arguments(arguments, environment, code, tmp_path, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found, output = run(tmp_path / "no.cfg", *arguments)
    assert found == 1 and code in output


def test_torch_is_not_installed(tmp_path, monkeypatch):
    build(initialize=False).config.to_disk(tmp_path / "my.cfg")
    monkeypatch.setitem(sys.modules, "torch.distributed", None)
    code, output = run(tmp_path / "my.cfg", "--workers", "2")
    assert code == 1 and "E728" in output and "spacy-mtl[torch]" in output


CODE = """
import os, time
from pathlib import Path
import spacy

@spacy.registry.callbacks("my.wait.v1")
def make_wait():
    def wait(nlp, told):
        while told["step"] == 3 and os.environ.get("RANK") == "1" and not Path(__file__).with_name("go").exists():
            time.sleep(0.1)
    return wait
"""


@needs_signals
@pytest.mark.slow
def test_a_worker_that_dies_ends_the_training_which_goes_on_later(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    workers = []

    class Worker(Process):
        def __init__(self, *arguments, **settings):
            super().__init__(*arguments, **settings)
            workers.append(self)

    monkeypatch.setattr("spacy_mtl.scale.training.launching.Process", Worker)
    out, code = tmp_path / "out", tmp_path / "code.py"
    code.write_text(CODE)
    config = make_config(write_corpus(tmp_path / "corpus.spacy"), dropout=0.0, max_steps=6)
    config["training"]["before_update"] = {"@callbacks": "my.wait.v1"}
    config.to_disk(tmp_path / "my.cfg")
    arguments = [tmp_path / "my.cfg", "--output", out, "--workers", 2, "--code", code]

    def kill():
        wait_until((out / NAME).exists, 200)
        time.sleep(0.5)
        os.kill(workers[1].pid, signal.SIGKILL)
        killed.append(time.monotonic())

    killed = []
    killing = threading.Thread(target=kill)
    killing.start()
    status, output = run(*arguments)
    killing.join()
    assert killed, output
    assert time.monotonic() - killed[0] < 15
    assert status == 1 and "MTL-E722" in output and "Worker 1 of 2" in output and "found -9" in output
    assert all(is_gone(worker.pid) for worker in workers)

    (tmp_path / "go").touch()
    status, output = run(*arguments)
    assert status == 0 and not (out / NAME).exists()
    import_code(code)
    alone = read_parameters(train(config, stdout=StringIO(), stderr=StringIO()))
    assert numpy.abs(read_parameters(spacy.load(out / "model-last")) - alone).mean() < 1e-6
