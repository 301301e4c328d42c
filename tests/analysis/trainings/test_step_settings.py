"""Settings that are counted in updates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from thinc.api import Config, registry

from spacy_mtl.analysis.trainings.step_settings import SCHEDULES, find_unscaled, scale_steps

RATE = {"@schedules": "warmup_linear.v1", "initial_rate": 0.01, "warmup_steps": 50, "total_steps": 1000}


def scale(block, updates=250, before=1000):
    config = Config({"training": {"optimizer": {"learn_rate": block}}})
    scale_steps(config, updates, before)
    return config["training"]["optimizer"]["learn_rate"]


@pytest.mark.parametrize(
    "name, settings, scaled",
    [
        ("warmup_linear.v1", {"initial_rate": 0.01, "warmup_steps": 50, "total_steps": 1000}, (12, 250)),
        ("slanted_triangular.v1", {"max_rate": 0.01, "num_steps": 1000, "t": 8.0, "cut_frac": 0.2}, (250, 2)),
        ("cyclic_triangular.v1", {"min_lr": 0.001, "max_lr": 0.01, "period": 40}, (10,)),
        ("constant_then.v1", {"rate": 0.01, "steps": 40, "schedule": {"@schedules": "constant.v1", "rate": 3}}, (10,)),
        ("constant.v1", {"rate": 4}, ()),
        ("decaying.v1", {"base_rate": 4.0, "decay": 0.5, "t": 8}, ()),
        ("compounding.v1", {"start": 100, "stop": 1000, "compound": 1.001, "t": 8.0}, ()),
    ],
)
def test_steps_of_schedules(name, settings, scaled):
    counted = dict(zip(SCHEDULES[name], scaled))
    block = scale({"@schedules": name, **settings})
    assert block == {"@schedules": name, **settings, **counted}
    schedule = registry.resolve({"schedule": block})["schedule"]
    assert next(iter(schedule)) >= 0, "thinc takes it"


def test_all_of_thinc_is_known():
    found = {name for name in registry.schedules.get_all() if registry.has("schedules", name)}
    thincs = {name for name in found if registry.get("schedules", name).__module__.startswith("thinc.schedules")}
    assert thincs == set(SCHEDULES)


def test_schedules_within_schedules_and_elsewhere():
    inner = {"@schedules": "constant_then.v1", "rate": 1, "steps": 8, "schedule": dict(RATE)}
    config = Config(
        {
            "training": {
                "dropout": {"@schedules": "constant_then.v1", "rate": 1, "steps": 100, "schedule": inner},
                "batcher": {"size": {"@schedules": "cyclic_triangular.v1", "min_lr": 8, "max_lr": 64, "period": 100}},
                "steps": 100,
            },
            "other": {"num_steps": 100, "@misc": "other.v1"},
        }
    )
    scale_steps(config, 1, 4)
    dropout = config["training"]["dropout"]
    assert (dropout["steps"], dropout["schedule"]["steps"]) == (25, 2)
    assert dropout["schedule"]["schedule"] == {**RATE, "warmup_steps": 12, "total_steps": 250}
    assert config["training"]["batcher"]["size"]["period"] == 25
    assert config["training"]["steps"] == 100 and config["other"]["num_steps"] == 100, "neither is of a schedule"


def test_frozen_steps_of_encoders():
    model = {"@architectures": "spacy-mtl.PretrainedEncoder.v1", "frozen_steps": 100, "window": 192}
    config = Config(
        {
            "components": {
                "one": {"model": dict(model)},
                "two": {"model": {"@architectures": "other.v1", "tok2vec": {**model, "frozen_steps": 0}}},
                "three": {"frozen_steps": 100},
            }
        }
    )
    scale_steps(config, 1, 4)
    components = config["components"]
    assert components["one"]["model"] == {**model, "frozen_steps": 25}
    assert components["two"]["model"]["tok2vec"]["frozen_steps"] == 0
    assert components["three"]["frozen_steps"] == 100
    scale_steps(config, 1, 1000)
    assert components["one"]["model"]["frozen_steps"] == 1, "0 would be an encoder that was never frozen"


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(10, 5000), st.floats(0.01, 1.0))
def test_triangles_can_always_be_drawn(updates, before, steps, share):
    block = {"@schedules": "slanted_triangular.v1", "max_rate": 1.0, "num_steps": steps, "cut_frac": share}
    changed = scale(block, updates, before)
    rates = iter(registry.resolve({"schedule": changed})["schedule"])
    # a triangle that only rises divides by 0 in thinc at its last step, whatever its length
    drawn = 3 if share < 1 else min(3, changed["num_steps"] - 1)
    assert all(next(rates) is not None for _ in range(drawn))
    assert changed["num_steps"] >= round(steps * updates / before)


def test_unknown_schedules_are_listed():
    other = {"@schedules": "other.v1", "total_steps": 100}
    then = {"@schedules": "constant_then.v1", "rate": 1, "steps": 8, "schedule": dict(other)}
    config = Config({"training": {"dropout": then, "optimizer": {"learn_rate": dict(RATE), "L2": dict(other)}}})
    assert find_unscaled(config) == ["training.dropout.schedule (other.v1)", "training.optimizer.L2 (other.v1)"]
    scale_steps(config, 1, 4)
    assert config["training"]["optimizer"]["L2"] == other
