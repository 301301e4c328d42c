"""The command that compares joint training with single tasks."""

import json
import os
import re
import shutil
import signal
import threading
import time

import pytest
from typer.testing import CliRunner

from spacy_mtl.analysis.trainings.executors import LocalTraining
from spacy_mtl.cli.app import app
from spacy_mtl.cli.compare import compare as compare_command
from spacy_mtl.cli.compare import parse_seeds, parse_tests, render_markdown
from spacy_mtl.cli.options import INTERRUPTED

from ..analysis.comparison.comparisons import make_comparison, make_score
from ..analysis.joint_configs import NER_AND_TOPIC, make_config, write_joint
from ..systems import needs_signals


def run_compare(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


@pytest.mark.parametrize(
    "given, seeds", [("1", [0]), ("3", [0, 1, 2]), ("0,7,3", [0, 7, 3]), (" 4 , 5 ", [4, 5]), ("5,", [5])]
)
def test_seeds(given, seeds):
    assert parse_seeds(given) == seeds


@pytest.mark.parametrize("given", ["", "0", ",", "three", "1,2,1", "-1", "1,-2", "1.5", "1,x", "99999999999"])
def test_wrong_seeds(given):
    with pytest.raises(ValueError, match="MTL-E710"):
        parse_seeds(given)


def test_test_corpora(tmp_path):
    odd = tmp_path / "a=b.spacy"
    odd.touch()
    found = parse_tests(["all.spacy", "ner=folder/names.spacy", "topic=x=y"])
    assert {task: str(path) for task, path in found.items()} == {
        "": "all.spacy",
        "ner": "folder/names.spacy",
        "topic": "x=y",
    }
    assert parse_tests([str(odd)]) == {"": odd}, "what exists is a path"
    with pytest.raises(ValueError, match="MTL-E714.*'ner'.*one.*two"):
        parse_tests(["ner=one", "ner=two"])
    with pytest.raises(ValueError, match="MTL-E714.*all tasks"):
        parse_tests(["one", "two"])


def test_markdown_has_what_the_tables_have():
    text = render_markdown(make_comparison(scores=[make_score("a|b")]))
    assert "| a\\|b | entities, F | 63.00 \u00b1 1.41 | 60.50 \u00b1 0.71 | +2.50 | +1.00 to +4.25 |" in text
    assert "| a\\|b | entities, F | 1,100 | 0.0123 | 0.0456 |" in text
    assert "\n\n**Entities are better jointly, by 1 to 4.2 points; with 2 seeds " in text
    assert "| joint | 101 | 2,000 |" in text and "-2.46%" in text and "Noreen" in text
    assert text.startswith("# Joint training and single tasks: joint.cfg\n") and "- A note on the whole." in text
    assert "\n\n\n" not in render_markdown(make_comparison(failures=[], notes=[], scores=[make_score()]))


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["--test", "x.spacy"], "MTL-E780"),
        (["--seeds", "1,1"], "MTL-E710"),
        (["--budget", "hours"], "MTL-E718"),
        (["--test", "srl=x.spacy"], "MTL-E712"),
        (["--test", "other.spacy"], "MTL-E714"),
        (["--training.max_steps", "0"], "MTL-E719"),
        (["--nlp.pipeline", '["tok2vec","ner"]'], "MTL-E711"),
        (["--jobs", "0"], "MTL-E702"),
    ],
)
def test_mistakes_end_with_a_message(tmp_path, arguments, told):
    config, corpus, _ = write_joint(tmp_path)
    if told == "MTL-E780":
        config.unlink()
        arguments = []
    paths = ["--paths.train", corpus, "--paths.dev", corpus]
    result = run_compare(config, "--test", corpus, "--output", tmp_path / "out", *paths, *arguments)
    assert result.exit_code == 1 and told in result.output, result.output
    assert not (tmp_path / "out").exists()


def test_a_missing_package_ends_with_a_message(tmp_path, monkeypatch):
    text = make_config(NER_AND_TOPIC).replace('"spacy-mtl.Weighted.v1"\nweights = {}', '"spacy-mtl.PCGrad.v1"')
    config, corpus, _ = write_joint(tmp_path, text)
    monkeypatch.setattr("spacy_mtl.balancing.torchjd_methods.find_spec", lambda name: None)
    result = run_compare(config, "--test", corpus, "--output", tmp_path / "out")
    assert result.exit_code == 1 and "MTL-E420" in result.output, result.output
    assert not (tmp_path / "out").exists()


def note_started(monkeypatch):
    """RETURNS: a list to which the name of each training that is started is added."""
    started = []
    start = LocalTraining.__init__
    monkeypatch.setattr(
        LocalTraining,
        "__init__",
        lambda self, run, *rest, **more: (started.append(run.name), start(self, run, *rest, **more))[1],
    )
    return started


@needs_signals
@pytest.mark.usefixtures("quick_trainings")
def test_ctrl_c_keeps_what_is_finished(tmp_path, monkeypatch, capsys):
    config, corpus, overrides = write_joint(tmp_path)
    output = tmp_path / "out"
    started = note_started(monkeypatch)

    def press():
        end = time.monotonic() + 120
        while not (len(started) == 2 and (output / "single" / "ner" / "seed-0" / "run.lock").exists()):
            if time.monotonic() > end:
                return
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    # where tests run in the background, the signal is ignored, and stays so
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    pressing = threading.Thread(target=press)
    pressing.start()
    try:
        with pytest.raises(SystemExit) as caught:
            compare_command(config, [str(corpus)], output, seeds="1", overrides=overrides)
    finally:
        signal.signal(signal.SIGINT, earlier)
    pressing.join()
    assert caught.value.code == INTERRUPTED
    assert "goes on from there" in " ".join(capsys.readouterr().out.split())
    assert started == ["joint, seed 0", "ner alone, seed 0"]
    assert (output / "joint" / "seed-0" / "run.json").exists()
    assert not (output / "single" / "ner" / "seed-0" / "run.json").exists()
    # nothing of another config gets in, though no training with its seed is there
    with pytest.raises(SystemExit) as caught:
        other = {**overrides, "training.dropout": 0.3}
        compare_command(config, [str(corpus)], output, seeds="5,6", overrides=other)
    assert caught.value.code == 1 and "MTL-E701" in capsys.readouterr().out
    started.clear()
    compare_command(config, [str(corpus)], output, seeds="1", overrides=overrides)
    assert started == ["ner alone, seed 0", "topic alone, seed 0"]
    assert json.loads((output / "comparison.json").read_text())["compared"] == ["ner", "topic"]


@pytest.mark.usefixtures("quick_trainings")
def test_a_comparison_from_config_to_page(tmp_path, monkeypatch):
    config, corpus, _ = write_joint(tmp_path, times=2)
    output = tmp_path / "out"
    command = [config, "--test", corpus, "--seeds", "2", "--output", output, "--jobs", "2"]
    command += ["--paths.train", corpus, "--paths.dev", corpus]
    # the training of one task with one seed finds its folder taken
    (output / "single" / "topic" / "seed-1").mkdir(parents=True)
    blocked = output / "single" / "topic" / "seed-1" / "model-last"
    blocked.write_text("no folder")
    result = run_compare(*command)
    assert result.exit_code == 1, "a training failed"
    said = " ".join(result.output.split())
    assert "'topic alone, seed 1' failed" in said and "seeds that have both: 0" in said
    assert "Trainings that failed: 1" in said
    first = json.loads((output / "comparison.json").read_text())
    assert [(score["task"], sorted(score["joint"]), sorted(score["single"])) for score in first["scores"]] == [
        ("ner", ["0", "1"], ["0", "1"]),
        ("topic", ["0", "1"], ["0"]),
    ]
    # the second time it is trained, and what has lost its best pipeline, and nothing else is
    blocked.unlink()
    shutil.rmtree(output / "single" / "ner" / "seed-0" / "model-best")
    started = note_started(monkeypatch)
    result = run_compare(*command)
    assert result.exit_code == 0, result.output
    assert sorted(started) == ["ner alone, seed 0", "topic alone, seed 1"]
    found = json.loads((output / "comparison.json").read_text())
    assert not found["failures"] and found["compared"] == ["ner", "topic"] and found["seeds"] == [0, 1]
    assert found["scores"][0] == first["scores"][0], "what was trained scores as before"
    for score in found["scores"]:
        assert len(score["joint"]) == len(score["single"]) == 2 and 0 < score["p_value"] <= 1
        means = [sum(score[side].values()) / 2 for side in ("joint", "single")]
        assert score["difference"] == pytest.approx(means[0] - means[1])
        assert score["interval"][0] <= score["difference"] <= score["interval"][1]
    joint, *alone, together = found["costs"]
    assert [cost["updates"] for cost in found["costs"]] == [5, 5, 5, 10]
    assert together["parameters"] == sum(cost["parameters"] for cost in alone) > joint["parameters"]
    assert all(value for cost in found["costs"] for value in cost.values())
    assert (
        list(found)[0] == "verdict"
        and found["verdict"] in " ".join(result.output.split())
        and "-m" not in found["verdict"]
    )
    if found["delta_m"] is not None:
        low, high = found["delta_m_interval"]
        assert low <= found["delta_m"] <= high
    page, markdown = (output / "comparison.html").read_text(), (output / "comparison.md").read_text()
    assert len(re.findall("<svg", page)) == 3 and "| topic | accuracy |" in markdown
    # another config in the same folder is noticed, and nothing is lost
    result = run_compare(*command, "--training.dropout", "0.3")
    assert result.exit_code == 1 and "MTL-E701" in result.output
    assert json.loads((output / "comparison.json").read_text()) == found
