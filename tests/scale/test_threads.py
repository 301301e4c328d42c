"""Torch with several threads in the process that hands texts out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are not copies of this one")

PROGRAM = """
import os, sys
import spacy, torch
from spacy.language import Language
from spacy_mtl.scale.annotate import annotate

torch.set_num_threads(2)

@Language.component("threaded")
def threaded(doc):
    # as much as torch shares out to its threads
    doc.cats["SUM"] = float(torch.ones(100_000).exp().mean())
    return doc

if __name__ == "__main__":
    os.cpu_count = lambda: 2
    nlp = spacy.blank("en")
    nlp.add_pipe("threaded")
    nlp("starts the threads")
    nlp.to_disk("pipeline")
    for pipeline, output in ((nlp, "held"), ("pipeline", "named")):
        done = annotate(pipeline, ["Ana sleeps"] * 3, output, code=__file__)
        assert done.texts == 3 and not done.failed, done
"""


def test_workers_do_not_wait_for_threads_that_they_do_not_have(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "PYTHONPATH": root}
    result = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr
    held, named = ((tmp_path / name / "part-00000.jsonl").read_bytes() for name in ("held", "named"))
    assert held == named and held.count(b"SUM") == 6
