"""Joint training for as long as all single trainings together take."""

import json

import pytest

from spacy_mtl.analysis.comparison.compute import FILE, find_updates, give_time
from spacy_mtl.analysis.comparison.planning import plan_runs
from spacy_mtl.analysis.comparison.sides import JOINT, Aided
from spacy_mtl.analysis.trainings.processes import Outcome

from ..joint_configs import AIDED, SCAFFOLD, make_config
from .test_planning import load

SECONDS = {"joint as configured, seed 3": 8.0, "ner alone, seed 3": 6.0, "topic alone, seed 3": 10.0}


def train(runs, **exit_codes):
    """By name, what became of trainings; only those of SECONDS took a time that may count."""
    return {
        run.name: Outcome(exit_codes.get(run.name.split()[0], 0), 1.0, SECONDS.get(run.name, 1e6), 1) for run in runs
    }


@pytest.fixture
def planned(tmp_path):
    changes = {
        "training.max_steps": 99,
        "training.eval_frequency": 33,
        "training.optimizer.learn_rate.total_steps": 100,
    }
    joint, metrics = load(tmp_path, make_config(AIDED, more=SCAFFOLD), **changes)
    return plan_runs(joint, metrics, tmp_path / "out", [7, 3], "compute", with_aids=True)


def test_as_many_updates_as_fit():
    assert find_updates(100, 10.0, [10.0, 5.0, 5.0]) == 200
    assert find_updates(100, 10.0, [6.0, 3.99]) == 99, "no more than fit"
    assert find_updates(100, 10.0, [0.01]) == find_updates(100, 1e9, []) == 2


def test_the_joint_training_gets_the_time_of_the_single_ones(planned, tmp_path):
    trained = []
    found = give_time(planned, tmp_path / "out", lambda runs: (trained.extend(runs), train(runs))[1])
    # of the seed that is measured, and without the pipelines that have aids
    assert found.updates[JOINT] == 200
    assert {side: updates for side, updates in found.updates.items() if side is not JOINT} == dict.fromkeys(
        ["ner", "topic", Aided("ner"), Aided("topic")], 100
    )
    for seed in (3, 7):
        training = found.runs[JOINT, seed].config["training"]
        assert training["max_steps"] == 199 and training["seed"] == seed
        assert training["eval_frequency"] == 66, "as many evaluations as before"
        assert training["optimizer"]["learn_rate"]["total_steps"] == 200
        assert found.runs["ner", seed] == planned.runs["ner", seed]
    assert planned.runs[JOINT, 3].config["training"]["max_steps"] == 99
    names = [run.name for run in trained]
    assert names[0] == "joint as configured, seed 3" and "joint, seed 3" not in names and len(names) == 9
    assert trained[0].config == planned.runs[JOINT, 3].config and trained[0].folder.parts[-2:] == ("measured", "seed-3")


def test_what_was_measured_is_kept(planned, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / FILE).write_text(json.dumps({"updates": 50}))
    found = give_time(planned, tmp_path / "out", lambda runs: pytest.fail("it is known"))
    assert found.updates[JOINT] == 50 and found.runs[JOINT, 7].config["training"]["max_steps"] == 49


@pytest.mark.parametrize("name", ["joint", "topic"])
def test_a_time_that_is_not_known(planned, tmp_path, name):
    with pytest.raises(ValueError, match=f"MTL-E727.*'{name} .*seed 3'"):
        give_time(planned, tmp_path / "out", lambda runs: train(runs, **{name: 1}))
    assert not (tmp_path / "out" / FILE).exists()
