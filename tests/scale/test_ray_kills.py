"""Whatever of a cluster is killed, and whenever: each text is annotated once."""

import multiprocessing
import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from spacy_mtl.scale.annotate import annotate

from . import nasty
from .nasty import build, read_folder

pytestmark = pytest.mark.slow
TEXTS = [f"{i} Ada" for i in range(160)]


def run(pipeline, folder, address=None):
    engine = "ray" if address else "local"
    settings = {"shard_size": 10, "batch_size": 5, "workers": 2, "code": nasty.__file__}
    annotate(pipeline, TEXTS, folder, engine=engine, address=address, **settings)


def find_workers(cluster):
    """The processes of this cluster that annotate."""
    raylets = {str(process.process.pid) for node in cluster.list_all_nodes() for process in find_raylets(node)}
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
            if parent in raylets and (path / "cmdline").read_bytes().startswith(b"ray::Session"):
                found.append(int(path.name))
    return found


def find_raylets(node):
    return node.all_processes.get("raylet", ())


@pytest.mark.parametrize("kills", [20])
def test_kills_on_a_cluster_lose_and_double_nothing(tmp_path, kills):
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    build(seconds=0.05).to_disk(tmp_path / "pipeline")
    run(tmp_path / "pipeline", tmp_path / "peace")
    rng = random.Random(kills)
    # a process that is forked would share the connections of the cluster
    context = multiprocessing.get_context("spawn")
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    nodes = [cluster.add_node(num_cpus=1)]
    done = {"worker": 0, "driver": 0, "node": 0}
    try:
        while sum(done.values()) < kills:
            driver = context.Process(target=run, args=(tmp_path / "pipeline", tmp_path / "war", cluster.address))
            driver.start()
            while driver.is_alive() and sum(done.values()) < kills:
                time.sleep(rng.uniform(0.2, 2.0))
                workers = find_workers(cluster)
                kind = rng.choice(["worker", "worker", "driver", "node"])
                if not workers or not driver.is_alive():
                    continue
                if kind == "node":
                    # its processes are killed
                    cluster.remove_node(nodes.pop(), allow_graceful=False)
                    nodes.append(cluster.add_node(num_cpus=1))
                else:
                    with suppress(ProcessLookupError):
                        os.kill(driver.pid if kind == "driver" else rng.choice(workers), signal.SIGKILL)
                done[kind] += 1
            driver.join()
            if driver.exitcode == 0 and sum(done.values()) < kills:
                # it was faster than the kills
                for path in (tmp_path / "war" / "_shards").glob("part-000*[1357].json"):
                    path.unlink()
        run(tmp_path / "pipeline", tmp_path / "war", cluster.address)
        assert read_folder(tmp_path / "war") == read_folder(tmp_path / "peace")
        assert all(done.values())
    finally:
        cluster.shutdown()
