"""`spacy mtl plot`: what balancers did, drawn and summed up."""

import json
import sys

import pytest
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from tests.analysis.balance.logs import HEADER, make_batch, make_training, write_log

pytest.importorskip("matplotlib")


def run_plot(*arguments):
    return CliRunner().invoke(app, ["plot", *map(str, arguments)])


def get_names(folder):
    return sorted(path.name for path in folder.iterdir())


def make_names(run):
    return [f"{run}-{name}.{form}" for name in ("conflicts", "gradients", "losses") for form in ("png", "svg")]


def test_draws_and_prints_tables(tmp_path):
    write_log(tmp_path / "first" / "balance.jsonl", *make_training(40))
    output = tmp_path / "new" / "figures"
    result = run_plot(tmp_path / "first", "--output", output)
    assert result.exit_code == 0, result.output
    assert get_names(output) == make_names("first-tok2vec")
    rows = [line.split() for line in result.output.splitlines()]
    # the harmonic sums of 40 steps, and of those in which srl is, by 5 targets a step
    assert ["sentiment", "40", "0.2139", "0.417", "1", "0"] in rows
    assert ["srl", "20", "0.7439", "0.333", "0.01", "0"] in rows
    assert ["sentiment", "ner", "40", "25.0%", "-0.050"] in rows
    assert ["ner", "srl", "20", "100.0%", "-0.250"] in rows
    assert "first: tok2vec, PCGrad (level: parameters)" in result.output
    printed = result.output[result.output.index("100.0%") :].replace("\n", "")
    assert all(str(output / name) in printed for name in make_names("first-tok2vec"))


def test_several_runs_as_json(tmp_path):
    path = write_log(tmp_path / "one.jsonl", *make_training(40))
    again = write_log(tmp_path / "two" / "balance.jsonl", *make_training(40), *make_training(4))
    result = run_plot(path, tmp_path / "two", "-o", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert report["notes"] == [f"{again} holds 2 trainings: the last is shown."]
    one, two = report["encoders"]
    assert (one["run"], one["encoder"], one["balancer"], one["level"]) == ("one", "tok2vec", "PCGrad", "parameters")
    assert (one["batches"], two["batches"], two["first_step"], two["last_step"]) == (40, 4, 0, 3)
    assert one["pairs"][0] == {
        "first": "sentiment",
        "second": "ner",
        "batches": 40,
        "conflict_rate": 0.25,
        "mean_cosine": pytest.approx(-0.05),
    }
    assert one["tasks"][2]["norm"] == pytest.approx(0.01) and one["tasks"][2]["dropped"] == 0
    files = sorted(path.split("/")[-1] for path in one["files"] + two["files"])
    assert files == get_names(tmp_path / "out") == make_names("one-tok2vec") + make_names("two-tok2vec")


def test_says_that_only_the_last_training_is_shown_and_that_nothing_is_shared(tmp_path):
    training = [HEADER, make_batch(0, norms={"ner": 1.0}), make_batch(1, norms={"srl": 1.0}, dropped=["ner"])]
    path = write_log(tmp_path / "log.jsonl", *training, *training)
    result = run_plot(path, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    shown = " ".join(result.output.split())
    assert "holds 2 trainings: the last is shown." in shown
    assert "No two tasks share a batch" in shown
    assert "ner 1 - - 1 1" in shown
    assert get_names(tmp_path / "out") == ["log-tok2vec-gradients.png", "log-tok2vec-gradients.svg"]


def test_faults_leave_nothing(tmp_path):
    good = write_log(tmp_path / "good.jsonl", *make_training(2))
    bad = write_log(tmp_path / "bad.jsonl", *make_training(2), "{")
    output = tmp_path / "out"
    for arguments, code in (
        ([tmp_path], "MTL-E740"),
        ([good, bad], "MTL-E741"),
        ([write_log(tmp_path / "empty.jsonl", HEADER)], "MTL-E742"),
        ([good, good], "MTL-E743"),
    ):
        result = run_plot(*arguments, "-o", output)
        assert result.exit_code == 1 and code in result.output
        assert not output.exists()


def test_a_missing_matplotlib(tmp_path, monkeypatch):
    path = write_log(tmp_path / "log.jsonl", *make_training(2))
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = run_plot(path, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "MTL-E744" in result.output and "pip install spacy-mtl[plot]" in " ".join(result.output.split())
