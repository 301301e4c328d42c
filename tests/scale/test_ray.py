"""What Ray's processes write is what those of this machine write, also when they are killed."""

import sys
from types import SimpleNamespace

import pytest

from spacy_mtl.scale.annotate import annotate
from spacy_mtl.scale.ray_cluster import Cluster

from . import nasty
from .nasty import build, read_folder

TEXTS = [f"{i} Ada gave Grace a book" for i in range(40)]


@pytest.mark.slow
def test_shards_are_those_of_this_machine(tmp_path):
    pytest.importorskip("ray")
    texts = list(TEXTS)
    texts[4], texts[17], texts[30] = "4 kill", "17 once", "30 fail"
    build(tmp_path).to_disk(tmp_path / "pipeline")
    settings = {"shard_size": 10, "batch_size": 5, "workers": 2, "code": nasty.__file__}
    annotate(tmp_path / "pipeline", texts, tmp_path / "local", **settings)
    (tmp_path / "17").unlink()
    done = annotate(tmp_path / "pipeline", texts, tmp_path / "ray", engine="ray", **settings)
    assert (done.texts, done.failed, done.shards) == (40, 2, 4)
    assert (tmp_path / "17").exists()
    found, expected = read_folder(tmp_path / "ray"), read_folder(tmp_path / "local")
    # Ray does not tell the signal
    assert b"exit code None" in found["_failed/part-00000.jsonl"]
    assert {name: data.replace(b"code None", b"code -9") for name, data in found.items()} == expected


@pytest.mark.slow
def test_a_loaded_pipeline_goes_to_other_processes(tmp_path):
    pytest.importorskip("ray")
    nlp = build()
    nlp.remove_pipe("nasty")
    annotate(nlp, TEXTS, tmp_path / "local")
    annotate(nlp, TEXTS, tmp_path / "ray", engine="ray")
    assert read_folder(tmp_path / "ray") == read_folder(tmp_path / "local")


@pytest.mark.slow
def test_a_cluster_that_is_not_there(tmp_path):
    pytest.importorskip("ray")
    with pytest.raises(OSError, match="E748.*127.0.0.1:1"):
        annotate(build(), TEXTS, tmp_path, engine="ray", address="127.0.0.1:1")


def test_ray_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match=r"E749.*spacy-mtl\[ray\]"):
        annotate(build(), TEXTS, tmp_path / "out", engine="ray")
    with pytest.raises(ValueError, match="E763.*local, ray"):
        annotate(build(), TEXTS, tmp_path / "out", engine="dask")


@pytest.mark.parametrize(
    "address, environment, expected",
    [(None, "", "local"), ("auto", "", "auto"), (None, "ray://head:1", "ray://head:1"), ("auto", "head", "auto")],
)
def test_no_cluster_of_others_is_used_unasked(address, environment, expected, monkeypatch):
    asked = {}
    ray = SimpleNamespace(is_initialized=lambda: False, init=lambda **settings: asked.update(settings))
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setenv("RAY_ADDRESS", environment)
    Cluster(address)
    assert asked["address"] == expected
    # Ray refuses settings of what it starts where it starts nothing
    assert ("include_dashboard" in asked) == (expected == "local")
