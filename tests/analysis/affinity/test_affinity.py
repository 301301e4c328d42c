"""Affinity from a training."""

import io
import json
from math import isfinite
from statistics import stdev

import pytest
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import registry

from spacy_mtl.analysis.affinity import affinity as module
from spacy_mtl.analysis.affinity.affinity import FILE, Affinity, Settings, measure_affinity, read_affinity
from spacy_mtl.analysis.affinity.steps import Measurement
from spacy_mtl.analysis.trainings.derived_configs import load_joint, seed_config

from ..joint_configs import (
    NER,
    NER_AND_TOPIC,
    SCAFFOLD,
    TAGGER,
    TEXTCAT,
    TRANSLATING,
    make_config,
    make_docs,
    make_head,
    translate_docs,
    write_joint,
)
from .pipelines import THREE, use_torch, write_three


def make_affinity(**settings):
    measurements = [
        Measurement(2, 0.5, {"a": 1.0, "b": 2.0}, {"a": {"a": 0.3, "b": 0.1}, "b": {"a": -0.2}}, [["b", "a", 0.5]]),
        Measurement(4, 0.25, {"a": 1.0, "b": 0.0}, {"a": {"a": 0.5}, "b": {"a": -0.4}}, [["a", "b", -0.1]]),
    ]
    fields = {"tasks": ["a", "b"], "apart": ["c"], "settings": Settings(2, 8), "measurements": measurements}
    fields.update(probes={"a": 8, "b": 3}, pool={"a": 90, "b": 3}, config="x.cfg", fingerprint="f", encoder="tok2vec")
    return Affinity(**{**fields, **settings})


def test_means_and_their_errors():
    found = make_affinity()
    assert found.affinity["a"]["a"] == pytest.approx((0.4, 0.1, 2))
    assert found.affinity["a"]["b"] == (0.1, None, 1), "where a loss was 0, nothing is known"
    assert found.means["b"] == pytest.approx({"a": -0.3})
    assert found.cosines == {("a", "b"): pytest.approx((0.2, 0.3, 2))}
    assert found.matrices == [measurement.affinity for measurement in found.measurements]


def test_errors_allow_for_measurements_that_depend_on_each_other():
    drift = [0.01 * number for number in range(36)]
    measurements = [Measurement(step, 0.5, {"a": 1.0}, {"a": {"a": value}}, []) for step, value in enumerate(drift)]
    found = make_affinity(tasks=["a"], measurements=measurements).affinity["a"]["a"]
    assert found.mean == pytest.approx(0.175) and found.error > 1.8 * (stdev(drift) / 6)


def test_is_written_and_read(tmp_path):
    found = make_affinity()
    (tmp_path / FILE).write_text(json.dumps(found.to_dict()), encoding="utf8")
    assert read_affinity(tmp_path / FILE) == found


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"settings": {"every": 1}}', '{"affinity": 1, "cosines": 1}'])
def test_another_file_is_no_affinity(tmp_path, text):
    path = tmp_path / FILE
    path.write_text(text, encoding="utf8")
    with pytest.raises(ValueError, match="MTL-E755"):
        read_affinity(path)
    assert path.read_text(encoding="utf8") == text


@pytest.mark.parametrize(
    "change",
    [
        # as the command wrote it before probes were drawn anew
        lambda record: [record.pop(name) for name in ("apart", "pool")],
        lambda record: record.update(measurements=[]),
        lambda record: record.update(measurements=[{"step": 1}]),
        lambda record: record["measurements"][0].update(affinity=None),
        lambda record: record["measurements"][1].update(cosines=[["a", "x", 0.5]]),
        lambda record: record.update(settings=None),
        lambda record: record.update(more=1),
    ],
)
def test_a_file_of_another_layout_is_refused(tmp_path, change):
    record = json.loads(json.dumps(make_affinity().to_dict()))
    path = tmp_path / FILE
    path.write_text(json.dumps(record), encoding="utf8")
    assert read_affinity(path) == make_affinity()
    change(record)
    path.write_text(json.dumps(record), encoding="utf8")
    with pytest.raises(ValueError, match="MTL-E755.*affinity.json"):
        read_affinity(path)


@pytest.fixture
def kept():
    """Pipelines in training, as a callback of the config sees them."""
    pipelines = []
    registry.callbacks.register("keep_for_test.v1", func=lambda: lambda nlp, info: pipelines.append(nlp))
    return pipelines


@pytest.mark.parametrize("change", [str, use_torch])
def test_the_training_is_the_same_as_without_measuring(tmp_path, kept, change):
    text = change(make_config(THREE, more='\n[training.before_update]\n@callbacks = "keep_for_test.v1"\n'))
    path, _, overrides = write_three(tmp_path, text)
    found = measure_affinity(path, tmp_path / "out", every=1, examples=4, overrides=overrides)
    assert [measurement.step for measurement in found.measurements] == list(range(1, 13))
    config = seed_config(load_joint(path, overrides).config, 5)
    train(init_nlp(config), None, stdout=io.StringIO(), stderr=io.StringIO())
    assert len(kept) == 26 and kept[0] is not kept[-1]
    for name, pipe in kept[-1].pipeline:
        assert pipe.model.to_bytes() == kept[0].get_pipe(name).model.to_bytes(), name


def test_a_training_of_three_tasks(tmp_path, monkeypatch):
    path, _, overrides = write_three(tmp_path)
    out = io.StringIO()
    found = measure_affinity(path, tmp_path / "out", every=2, examples=5, overrides=overrides, stdout=out)
    assert "Epoch" in out.getvalue()
    assert found.encoder == "tok2vec" and found.tasks == ["ner", "topic", "tagger"]
    assert found.probes == {"ner": 5, "topic": 5, "tagger": 5} and found.apart == []
    assert found.pool == {"ner": 6, "topic": 6, "tagger": 6}
    assert [measurement.step for measurement in found.measurements] == [2, 4, 6, 8, 10, 12]
    for task in found.tasks:
        assert set(found.affinity[task]) == set(found.tasks) and found.affinity[task][task].mean > 0
    assert len(found.cosines) == 3 and all(-1 <= value.mean <= 1 for value in found.cosines.values())
    written = (tmp_path / "out" / FILE).read_text(encoding="utf8")
    assert json.loads(written)["affinity"]["ner"]["topic"]["mean"] == found.means["ner"]["topic"]
    # what is finished is read
    monkeypatch.setattr(module, "train", None)
    again = {"every": 2, "examples": 5}
    assert measure_affinity(path, tmp_path / "out", **again, overrides=overrides) == found
    for settings, more in (({**again, "every": 3}, {}), (again, {"training.dropout": 0.3})):
        with pytest.raises(ValueError, match="MTL-E753"):
            measure_affinity(path, tmp_path / "out", **settings, overrides={**overrides, **more})
    assert (tmp_path / "out" / FILE).read_text(encoding="utf8") == written


def test_heads_apart_are_named(tmp_path):
    heads = {**NER_AND_TOPIC, "own": make_head(TAGGER, "own", upstream="second")}
    path, _, overrides = write_joint(tmp_path, make_config(heads, encoders=("tok2vec", "second")))
    found = measure_affinity(path, tmp_path / "out", every=1, examples=2, overrides=overrides)
    assert (found.tasks, found.apart) == (["ner", "topic"], ["own"])
    assert read_affinity(tmp_path / "out" / FILE) == found


def test_a_training_without_a_measurement(tmp_path):
    path, _, overrides = write_three(tmp_path)
    with pytest.raises(ValueError, match="MTL-E754.*every 50 updates.*13 updates"):
        measure_affinity(path, tmp_path / "out", every=50, overrides=overrides)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("settings", [{"every": 0}, {"every": -1}, {"examples": 0}])
def test_wrong_settings(tmp_path, settings):
    with pytest.raises(ValueError, match="MTL-E750.*--" + next(iter(settings))):
        measure_affinity(tmp_path / "no.cfg", tmp_path, **settings)


def test_one_encoder_is_shared(tmp_path):
    two = {
        name: make_head(block, name, upstream)
        for name, block, upstream in (
            ("a", NER, "one"),
            ("b", TEXTCAT, "one"),
            ("c", NER, "two"),
            ("d", TEXTCAT, "two"),
        )
    }
    two = {name: block.replace("labels = null", f'labels = ["{name}1","{name}2"]') for name, block in two.items()}
    path, _, overrides = write_joint(tmp_path, make_config(two, encoders=("one", "two")))
    with pytest.raises(ValueError, match=r"MTL-E751.*a \(one\).*d \(two\)"):
        measure_affinity(path, tmp_path / "out", overrides=overrides)


def test_a_task_without_examples(tmp_path):
    more = '\n[initialize]\n\n[initialize.components]\n\n[initialize.components.ner]\nlabels = ["PER"]\n'
    path, _, overrides = write_joint(tmp_path, make_config(NER_AND_TOPIC, more=more), entities=False)
    with pytest.raises(ValueError, match="MTL-E752.*'ner'.*6 texts"):
        measure_affinity(path, tmp_path / "out", overrides=overrides)


def test_a_translator_beside_entities(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("sentencepiece")
    docs = make_docs()
    translate_docs(docs[1:])
    path, _, overrides = write_joint(tmp_path, make_config(TRANSLATING), docs=docs)
    found = measure_affinity(path, tmp_path / "out", every=2, examples=4, overrides=overrides)
    assert found.pool == {"ner": 6, "translate": 5}
    # a step of its own takes loss away from each
    assert all(found.affinity[task][task].mean > 0 for task in found.tasks)
    assert all(isfinite(found.means[one][other]) for one in found.tasks for other in found.tasks)


def test_a_scaffold_is_trained_and_is_no_task(tmp_path):
    path, _, overrides = write_three(tmp_path, make_config(THREE, more=SCAFFOLD))
    found = measure_affinity(path, tmp_path / "out", every=6, overrides=overrides)
    assert found.tasks == list(found.affinity) == ["ner", "topic"] and not found.apart
