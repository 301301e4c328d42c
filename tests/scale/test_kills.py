"""Whatever is killed, and whenever: each text is annotated once, and the files are those of a run in peace."""

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest

from spacy_mtl.scale.annotate import annotate

from .nasty import build, read_folder

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found in /proc")
TEXTS = [f"{i} Ada" for i in range(120)]


def find_children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def run(folder, workers):
    annotate(build(seconds=0.002), TEXTS, folder, shard_size=20, batch_size=5, workers=workers)


@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_kills_lose_and_double_nothing(tmp_path, kills):
    run(tmp_path / "peace", 1)
    rng = random.Random(kills)
    context = multiprocessing.get_context("fork")
    done = 0
    while done < kills:
        driver = context.Process(target=run, args=(tmp_path / "war", 2))
        driver.start()
        time.sleep(rng.uniform(0.05, 0.15))
        while driver.is_alive() and done < kills:
            workers = find_children(driver.pid)
            victim = driver.pid if not workers or rng.random() < 0.4 else rng.choice(workers)
            try:
                os.kill(victim, signal.SIGKILL)
                done += 1
            except ProcessLookupError:
                pass
            time.sleep(rng.uniform(0.0, 0.15))
        driver.join()
        if driver.exitcode == 0:
            # it was faster than the kills
            for path in (tmp_path / "war" / "_shards").glob("part-0000[135].json"):
                path.unlink()
    run(tmp_path / "war", 2)
    assert read_folder(tmp_path / "war") == read_folder(tmp_path / "peace")
