"""`spacy mtl affinity`: which tasks help each other."""

import json
import sys

import pytest
from spacy.util import load_config, load_model_from_config
from typer.testing import CliRunner

from spacy_mtl.analysis.affinity import affinity as analysis
from spacy_mtl.analysis.affinity.grouping import find_groupings
from spacy_mtl.analysis.affinity.pairs import NOTHING_TOLD
from spacy_mtl.analysis.affinity.steps import Measurement
from spacy_mtl.cli.affinity import write_configs
from spacy_mtl.cli.app import app
from spacy_mtl.cli.options import INTERRUPTED

from ..analysis.affinity.pipelines import THREE, write_three
from ..analysis.affinity.test_affinity import make_affinity
from ..analysis.joint_configs import NER_AND_TOPIC, make_config, write_joint


def run_affinity(*arguments):
    return CliRunner().invoke(app, ["affinity", *map(str, arguments)])


def make_arguments(config, folder, overrides):
    settings = [part for name, value in overrides.items() for part in (f"--{name}", value)]
    return [config, "--output", folder, *settings]


def test_three_tasks_from_config_to_figures(tmp_path, monkeypatch):
    config, _, overrides = write_three(tmp_path)
    output = tmp_path / "out"
    command = [*make_arguments(config, output, overrides), "--every", 4, "--examples", 4]
    result = run_affinity(*command)
    assert result.exit_code == 0, result.output
    found = json.loads((output / "affinity.json").read_text())
    means = {task: {other: cell["mean"] for other, cell in row.items()} for task, row in found["affinity"].items()}
    rows = [line.split() for line in result.output.splitlines()]
    for task in ("ner", "topic", "tagger"):
        (row,) = [row for row in rows if row[:1] == [task] and len(row) == 10 and row[1] not in means]
        assert row[1::3] == [f"{100 * means[task][other]:+.2f}" for other in ("ner", "topic", "tagger")]
    pairs = [row for row in rows if len(row) == 10 and row[1] in means and row[0] in means]
    values = [float(row[2]) for row in pairs]
    assert len(pairs) == 3 and values == sorted(values, reverse=True)
    assert list(found)[0] == "verdict"
    said = " ".join(result.output.split())
    assert 0 < said.index(found["verdict"]) < said.index("per cent of the loss")
    groupings = json.loads((output / "groupings.json").read_text())
    assert [grouping["encoders"] for grouping in groupings] == [1, 2, 3]
    assert groupings[0]["groups"] == [["ner", "topic", "tagger"]]
    expected = (means["topic"]["ner"] + means["tagger"]["ner"]) / 2
    assert groupings[0]["predicted"]["ner"] == pytest.approx(expected, abs=1e-6)
    assert groupings[0]["total"] <= groupings[1]["total"] <= groupings[2]["total"]
    assert all(grouping["error"] >= 0 for grouping in groupings)
    total = f"{100 * groupings[0]['total']:+.2f} \u00b1 {100 * groupings[0]['error']:.2f}"
    assert total in " ".join(result.output.split())
    groups = {"+".join(group) for grouping in groupings for group in grouping["groups"]}
    assert {path.stem for path in (output / "configs").iterdir()} == groups
    for path in (output / "configs").iterdir():
        nlp = load_model_from_config(load_config(path), auto_fill=True)
        assert nlp.pipe_names == ["tok2vec", *(name for name in means if name in path.stem.split("+"))]
        assert set(nlp.config["corpora"]) == {"train", "dev"} and nlp.config["training"]["max_steps"] > 0
    told = " ".join(result.output.split())
    assert "Few measurements (3)" in told and "ner + topic + tagger" in told and "Epoch" in told
    # what is measured is not measured again
    monkeypatch.setattr(analysis, "train", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = run_affinity(*command, "--encoders", 2)
    assert result.exit_code == 0, result.output
    assert "MTL-E744" in result.output and "Epoch" not in result.output
    assert json.loads((output / "groupings.json").read_text()) == groupings[1:2]
    result = run_affinity(*command, "--training.dropout", "0.4")
    assert result.exit_code == 1 and "MTL-E753" in result.output
    assert json.loads((output / "affinity.json").read_text()) == found


def test_configs_of_groups_keep_variables_and_settings(tmp_path):
    text = make_config(THREE).replace('"lines.jsonl"', '"lines.jsonl"\nbalance_file = ${paths.balance}')
    text = text.replace("dev = null", 'dev = null\nbalance = "balance.jsonl"', 1)
    config, corpus, overrides = write_three(tmp_path, text)
    groupings = find_groupings(["ner", "topic", "tagger"], {"tagger": {"ner": -1.0}, "topic": {"ner": 1.0}}, [1, 2])
    paths = write_configs(config, groupings, tmp_path / "configs", overrides)
    assert [path.name for path in paths] == ["ner+topic+tagger.cfg", "ner+topic.cfg", "tagger.cfg"]
    other = str(tmp_path / "other.spacy")
    for path in paths:
        found = load_config(path, interpolate=True)
        assert found["corpora"]["train"]["path"] == found["corpora"]["dev"]["path"] == str(corpus)
        assert found["training"]["max_steps"] == 12 and found["training"]["optimizer"]["learn_rate"] == 0.01
        assert found["training"]["logger"]["output_file"] is None, "groups would overwrite each other's"
        assert found["training"]["logger"]["balance_file"] is None
        found = load_config(path, overrides={"paths.train": other, "system.seed": 11}).interpolate()
        assert found["corpora"]["train"]["path"] == other and found["corpora"]["dev"]["path"] == str(corpus)
        assert found["training"]["seed"] == 11
        nlp = load_model_from_config(load_config(path), auto_fill=True)
        assert nlp.pipe_names == ["tok2vec", *path.stem.split("+")]


def test_where_no_pair_differs_nothing_but_all_together_is_proposed(tmp_path, monkeypatch):
    config, _, overrides = write_three(tmp_path)
    cells = [0.3, -0.2, 0.1, -0.3]
    measurements = [
        Measurement(step, 0.5, {}, {"ner": {"topic": value}, "topic": {"ner": -0.3}}, [])
        for step, value in enumerate(cells)
    ]
    found = make_affinity(tasks=["ner", "topic"], apart=[], measurements=measurements)
    monkeypatch.setattr("spacy_mtl.cli.affinity.measure_affinity", lambda *_, **__: found)
    result = run_affinity(*make_arguments(config, tmp_path / "out", overrides))
    assert result.exit_code == 0, result.output
    assert result.output.startswith("ner and topic hurt each other.")
    assert {path.name for path in (tmp_path / "out" / "configs").iterdir()} == {"ner+topic.cfg", "ner.cfg", "topic.cfg"}
    for measurement in measurements:
        measurement.affinity["topic"]["ner"] = -0.1
    result = run_affinity(*make_arguments(config, tmp_path / "other", overrides))
    assert result.exit_code == 0 and " ".join(result.output.split()).startswith(NOTHING_TOLD)
    assert [path.name for path in (tmp_path / "other" / "configs").iterdir()] == ["ner+topic.cfg"]
    groupings = json.loads((tmp_path / "other" / "groupings.json").read_text())
    assert [grouping["groups"] for grouping in groupings] == [[["ner", "topic"]]] * 2


def test_figures(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr("spacy_mtl.cli.affinity.measure_affinity", lambda *_, **__: make_affinity())
    monkeypatch.setattr("spacy_mtl.cli.affinity.write_configs", lambda *_: [])
    result = run_affinity("x.cfg", "--output", tmp_path / "out")
    assert result.exit_code == 0, result.output
    names = {f"{name}.{form}" for name in ("affinity", "cosines") for form in ("png", "svg")}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*names, "groupings.json"}
    drawn = (tmp_path / "out" / "affinity.svg").read_text(encoding="utf8")
    assert ">+40.00<" in drawn and ">-30.00<" in drawn
    told = " ".join(result.output.split())
    assert "do not lower its own loss" in told, "the step of b"
    assert "'c' shares no encoder with another head" in told


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["--every", 0], "MTL-E750"),
        (["--examples", 0], "MTL-E750"),
        (["--encoders", 0], "MTL-E750"),
        (["--nlp.pipeline", '["tok2vec","ner"]'], "MTL-E711"),
        (["--every", 99], "MTL-E754"),
    ],
)
def test_mistakes_end_with_a_message(tmp_path, arguments, told):
    config, _, overrides = write_joint(tmp_path)
    result = run_affinity(*make_arguments(config, tmp_path / "out", overrides), *arguments)
    assert result.exit_code == 1 and told in result.output, result.output
    assert not (tmp_path / "out").exists()


def test_a_missing_package_ends_with_a_message(tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_mtl.balancing.torchjd_methods.find_spec", lambda name: None)
    text = make_config(NER_AND_TOPIC).replace('"spacy-mtl.Weighted.v1"\nweights = {}', '"spacy-mtl.PCGrad.v1"')
    config, _, overrides = write_joint(tmp_path, text)
    result = run_affinity(*make_arguments(config, tmp_path / "out", overrides))
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit), result.exception
    assert "MTL-E420" in result.output and not (tmp_path / "out").exists()


def test_ctrl_c(tmp_path, monkeypatch):
    def interrupt(*arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("spacy_mtl.cli.affinity.measure_affinity", interrupt)
    result = run_affinity("x.cfg", "--output", tmp_path / "out")
    assert result.exit_code == INTERRUPTED and "nothing is kept" in " ".join(result.output.split())
