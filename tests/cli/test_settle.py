"""`spacy mtl settle`: heads trained on over the frozen encoder of a pipeline, and saved."""

import json
import shutil

import pytest
import spacy
from spacy.lang.en import English
from spacy.language import Language
from spacy.training.initialize import init_nlp
from spacy.util import load_config
from thinc.api import Config
from typer.testing import CliRunner

from spacy_mtl.cli.app import app

from ..analysis.joint_configs import write_joint


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """RETURNS: an initialized pipeline's folder, its config, and the options that name the corpora."""
    folder = tmp_path_factory.mktemp("trained")
    config, corpus, overrides = write_joint(folder)
    nlp = init_nlp(Config(English.default_config).merge(load_config(config, overrides=overrides)))
    nlp.to_disk(folder / "pipeline")
    return folder / "pipeline", config, ["--paths.train", str(corpus), "--paths.dev", str(corpus)]


def run_settle(pipeline, config, output, *options):
    return CliRunner().invoke(app, ["settle", str(pipeline), str(config), "--output", str(output), *map(str, options)])


def read_encoder(pipeline):
    return (pipeline / "tok2vec" / "model").read_bytes()


def test_saves_a_pipeline_and_tells_of_each_head(trained, tmp_path):
    pipeline, config, corpora = trained
    output = tmp_path / "new" / "settled"
    result = run_settle(pipeline, config, output, "--steps", 10, "--eval-every", 5, *corpora)
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.output.splitlines() if line.startswith(("ner ", "topic "))]
    assert [(name, score) for name, score, *_ in rows] == [("ner", "ents_f"), ("topic", "cats_score")]
    for _, _, before, after, gain, step in rows:
        assert float(after) - float(before) == pytest.approx(float(gain), abs=0.011)
        assert float(gain) >= 0 and step in ("0", "5", "10")
    nlp = spacy.load(output)
    assert set(nlp("Ana bakes bread in Oslo").cats) == {"food", "sport"}
    assert f"{100 * nlp.meta['performance']['ents_f']:.2f}" == rows[0][3]
    assert read_encoder(output) == read_encoder(pipeline)
    assert [folder.name for folder in output.parent.iterdir()] == ["settled"]


def test_json_and_the_config_of_the_pipeline_itself(trained, tmp_path):
    pipeline, _, _ = trained
    output = tmp_path / "out"
    options = ["--steps", 3, "--eval-every", 2, "--learn-rate", 0.02, "--tasks", " topic ,", "--json"]
    result = run_settle(pipeline, pipeline / "config.cfg", output, *options)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["settings"] == {"steps": 3, "eval_every": 2, "learn_rate": 0.02}
    (head,) = told["heads"]
    assert head["task"] == "topic" and head["scores"] == {"cats_score": 1.0} and head["step"] in (0, 2, 3)
    assert head["after"] >= head["before"]
    assert (output / "ner" / "model").read_bytes() == (pipeline / "ner" / "model").read_bytes()


def test_the_config_changes_the_pipeline_before_it_is_saved(trained, tmp_path):
    pipeline, config, corpora = trained
    code = tmp_path / "code.py"
    code.write_text(
        "import spacy\n@spacy.registry.callbacks('sign.v1')\ndef make():\n    def sign(nlp):\n"
        "        nlp.meta['author'] = 'the callback'\n        return nlp\n    return sign\n",
        encoding="utf8",
    )
    options = ["--steps", 1, "--code", code, "--training.before_to_disk", '{"@callbacks":"sign.v1"}']
    result = run_settle(pipeline, config, tmp_path / "out", *options, *corpora)
    assert result.exit_code == 0, result.output
    assert spacy.load(tmp_path / "out").meta["author"] == "the callback"


@pytest.mark.parametrize(
    "options, code",
    [
        (["--tasks", "nre"], "MTL-E771"),
        (["--steps", "0"], "MTL-E775"),
        (["--paths.dev", "null"], "MTL-E120"),
        (["--nlp.pipeline", '["tok2vec","ner","topic","srl"]'], "MTL-E772"),
        (["--training.frozen_components", '["ner","topic"]'], "MTL-E770"),
    ],
)
def test_bad_input_leaves_nothing(trained, tmp_path, options, code):
    pipeline, config, corpora = trained
    result = run_settle(pipeline, config, tmp_path / "new" / "out", *corpora, *options)
    assert result.exit_code == 1 and code in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_missing_pipeline_and_a_missing_config(trained, tmp_path):
    pipeline, config, corpora = trained
    result = run_settle(tmp_path / "absent", config, tmp_path / "out", *corpora)
    assert result.exit_code == 1 and "MTL-E603" in result.output
    result = run_settle(pipeline, tmp_path / "absent.cfg", tmp_path / "out")
    assert result.exit_code == 1 and "absent.cfg" in result.output


def test_a_missing_package_leaves_nothing(trained, tmp_path, monkeypatch):
    pipeline, _, _ = trained
    config = Config().from_disk(pipeline / "config.cfg", interpolate=False)
    config["components"]["tok2vec"]["balancer"] = {"@misc": "spacy-mtl.PCGrad.v1", "level": "representation"}
    shutil.copytree(pipeline, tmp_path / "pipeline")
    config.to_disk(tmp_path / "pipeline" / "config.cfg")
    monkeypatch.setattr("spacy_mtl.balancing.torchjd_methods.find_spec", lambda name: None)
    result = run_settle(tmp_path / "pipeline", pipeline / "config.cfg", tmp_path / "new" / "out")
    assert result.exit_code == 1 and "MTL-E420" in result.output
    assert [folder.name for folder in tmp_path.iterdir()] == ["pipeline"]


def test_an_existing_folder_is_left_alone(trained, tmp_path):
    pipeline, config, corpora = trained
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine", encoding="utf8")
    result = run_settle(pipeline, config, tmp_path / "out", *corpora)
    assert result.exit_code == 1 and "MTL-E604" in result.output
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["mine"]


def test_a_pipeline_that_cannot_be_saved_leaves_nothing(trained, tmp_path, monkeypatch):
    def to_disk(self, folder):
        (folder / "config.cfg").write_text("half", encoding="utf8")
        raise OSError("the disk is full")

    monkeypatch.setattr(Language, "to_disk", to_disk)
    pipeline, config, corpora = trained
    result = run_settle(pipeline, config, tmp_path / "out", "--steps", 1, *corpora)
    assert result.exit_code == 1 and "the disk is full" in result.output
    assert list(tmp_path.iterdir()) == []
