"""A folder for trainings of one config."""

import pytest

from spacy_mtl.analysis.trainings.derived_configs import load_joint
from spacy_mtl.analysis.trainings.run_folders import claim_folder, make_key

from ..joint_configs import write_joint


def test_a_folder_with_trainings_is_refused_to_others(tmp_path):
    output = tmp_path / "new" / "out"
    claim_folder(output, "a")
    claim_folder(output, "b")
    run = output / "joint" / "seed-7"
    run.mkdir(parents=True)
    (run / "run.json").write_text("{}")
    claim_folder(output, "b")
    with pytest.raises(ValueError, match="MTL-E701.*new.out "):
        claim_folder(output, "a")
    claim_folder(output, "b")


def test_the_key_tells_configs_apart(tmp_path):
    path, corpus, overrides = write_joint(tmp_path)
    (tmp_path / "code.py").write_text("RATE = 1")
    joint = load_joint(path, overrides)
    key = make_key(joint, "updates")
    assert make_key(load_joint(path, {**overrides, "training.seed": 8, "system.seed": 9}), "updates") == key
    others = [
        make_key(joint, "examples"),
        make_key(joint, "updates", tmp_path / "code.py"),
        make_key(load_joint(path, {**overrides, "training.dropout": 0.3}), "updates"),
    ]
    corpus.write_bytes(corpus.read_bytes() + b" ")
    others.append(make_key(joint, "updates"))
    assert len({key, *others}) == 5
