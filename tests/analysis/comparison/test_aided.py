"""Joint training against single tasks that have the same aids."""

import json

import pytest

from spacy_mtl.analysis.comparison.aided import WHAT_AIDS_TELL, score_with_aids
from spacy_mtl.analysis.comparison.comparison import find_costs
from spacy_mtl.analysis.comparison.evaluation import Results
from spacy_mtl.analysis.comparison.page import render_comparison
from spacy_mtl.analysis.comparison.planning import Plan, plan_runs
from spacy_mtl.analysis.comparison.sides import JOINT, Aided, find_task, name_side
from spacy_mtl.analysis.comparison.tables import (
    lay_out_scores,
    lay_out_statistics,
    tell_delta_m,
    tell_method,
    tell_notes,
)
from spacy_mtl.analysis.metrics.metrics import Metric
from spacy_mtl.analysis.metrics.tasks import Task
from spacy_mtl.analysis.trainings.aids import find_scaffold
from spacy_mtl.analysis.trainings.processes import Outcome
from spacy_mtl.cli.compare import render_markdown

from ..joint_configs import AIDED, NER_AND_TOPIC, SCAFFOLD, make_config
from .comparisons import make_aided, make_comparison
from .test_planning import load

TASKS = [Task(name, "mtl_ner", ("tok2vec",), True) for name in ("ner", "people")]
METRICS = {task.name: [Metric("ents_f", "entities, F")] for task in TASKS}


def make_results(*tasks, right):
    """A training that finds so many of four entities in each of ten Docs."""
    counts = [[right, 4 - right, 4 - right]] * 10
    values = {task: {"ents_f": right / 4} for task in tasks}
    return Results(1000, 5000, values, {task: {"ents_f": counts} for task in tasks})


def test_sides():
    assert [name_side(side) for side in (JOINT, "ner", Aided("ner"))] == [
        "joint", "ner alone", "ner alone with the same aids",
    ]  # fmt: skip
    assert [find_task(side) for side in (JOINT, "ner", Aided("ner"))] == [None, "ner", "ner"]


def test_a_task_with_aids_is_compared_with_its_own_pipeline_and_one_without_with_the_plain():
    results = {(JOINT, 0): make_results("ner", "people", right=3), ("ner", 0): make_results("ner", right=1)}
    results |= {("people", 0): make_results("people", right=2), (Aided("ner"), 0): make_results("ner", right=4)}
    sides = [JOINT, "ner", "people", Aided("ner")]
    found = score_with_aids(TASKS, METRICS, sides, results, dict.fromkeys(METRICS, "x"), 100)
    assert [score.difference for score in found.scores] == [-0.25, 0.25]
    assert found.pipelines == {"ner": "ner alone with the same aids", "people": "people alone"}
    assert found.gain.mean == pytest.approx((-1 / 4 + 1 / 2) / 2)
    # one that failed leaves its task without a comparison, not with another pipeline
    del results[Aided("ner"), 0]
    found = score_with_aids(TASKS, METRICS, sides, results, dict.fromkeys(METRICS, "x"), 100)
    assert [score.difference for score in found.scores] == [None, 0.25]
    assert score_with_aids(TASKS, METRICS, sides[:-1], results, {}, 100) is None


def test_which_tasks_are_trained_with_aids(tmp_path):
    joint, metrics = load(tmp_path, make_config(AIDED, more=SCAFFOLD))
    plan = plan_runs(joint, metrics, tmp_path, [0, 3], "updates", with_aids=True)
    assert list(plan.updates) == [JOINT, "ner", "topic", Aided("ner"), Aided("topic")]
    run = plan.runs[Aided("topic"), 3]
    assert (run.name, run.folder) == ("topic alone with the same aids, seed 3", tmp_path / "aided" / "topic" / "seed-3")
    assert find_scaffold(run.config["training"]) == ["tagger"] and run.config["training"]["seed"] == 3
    assert not find_scaffold(plan.runs["topic", 3].config["training"])
    assert list(plan_runs(joint, metrics, tmp_path, [0], "updates").updates) == [JOINT, "ner", "topic"]


def test_a_task_without_aids_is_trained_once(tmp_path):
    heads = {"ner": AIDED["ner"], "topic": AIDED["topic"]}
    joint, metrics = load(tmp_path, make_config(heads))
    plan = plan_runs(joint, metrics, tmp_path, [0], "updates", with_aids=True)
    assert list(plan.updates) == [JOINT, "ner", "topic", Aided("ner")]
    joint, metrics = load(tmp_path, make_config(NER_AND_TOPIC))
    assert len(plan_runs(joint, metrics, tmp_path, [0], "updates", with_aids=True).runs) == 3


def test_costs_are_added_up_for_each_kind(monkeypatch):
    monkeypatch.setattr("spacy_mtl.analysis.comparison.comparison.time_pipelines", lambda runs, corpora: {})
    sides = {JOINT: 10, "ner": 20, "people": 30, Aided("ner"): 40}
    plan = Plan({(side, 0): None for side in sides}, sides)
    outcomes = {key: Outcome(*[1] * len(Outcome._fields)) for key in plan.runs}
    costs = find_costs(plan, outcomes, {key: make_results("ner", right=1) for key in plan.runs}, [])
    assert {cost.name: cost.updates for cost in costs[-2:]} == {
        "all of them alone": 50, "all of them alone with the same aids": 70,
    }  # fmt: skip


def test_tables_have_both_comparisons():
    comparison = make_aided()
    table = lay_out_scores(comparison)
    assert table.header[-3:] == ("alone, same aids", "difference, same aids", "95% interval, same aids")
    assert table.rows[0][-3:] == ("62.50 \u00b1 0.71", "+0.50", "-1.00 to +2.00")
    assert table.rows[0][:6] == lay_out_scores(make_comparison()).rows[0]
    assert lay_out_statistics(comparison).rows[0][3:] == ("0.0123", "0.0456", "0.3100", "0.4200")
    assert "over the same aids: -4.17%, 95% interval -6.00 to +1.00" in tell_delta_m(comparison)
    assert WHAT_AIDS_TELL in tell_method(comparison) and WHAT_AIDS_TELL not in tell_method(make_comparison())
    # a note on both comparisons comes once
    assert tell_notes(comparison) == tell_notes(make_comparison())
    marked = make_aided(undertrained={"ner alone with the same aids": [0]})
    assert "(undertrained)" in lay_out_scores(marked).rows[0][6]


def test_every_format_has_them():
    comparison = make_aided()
    record = json.loads(json.dumps(comparison.to_dict()))
    assert record["verdict"] == comparison.verdict and record["with_aids"]["delta_m"] == -0.0417
    assert record["with_aids"]["scores"][0]["difference"] == 0.005
    assert make_comparison().to_dict()["with_aids"] is None
    for text in (render_markdown(comparison), render_comparison(comparison)):
        assert "Against pipelines of one task with the same aids, for entities" in text and "+0.50" in text
    page = render_comparison(comparison)
    assert "alone, same aids, mean 62.50" in page and "Differences with the same aids" in page
