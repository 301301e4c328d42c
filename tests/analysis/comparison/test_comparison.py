"""Comparisons of what trainings gave."""

import json

import numpy
import pytest

from spacy_mtl.analysis.comparison.comparison import compare, find_notes
from spacy_mtl.analysis.comparison.evaluation import Results
from spacy_mtl.analysis.comparison.planning import ALL_TASKS, JOINT
from spacy_mtl.analysis.comparison.scores import (
    ALONE,
    ONE_SEED,
    TWO_SEEDS,
    UNTESTED,
    means_of_common,
    score_task,
)
from spacy_mtl.analysis.comparison.statistics import (
    bootstrap,
    bootstrap_interval,
    bootstrap_p_value,
    f_score,
    randomization_p_value,
)
from spacy_mtl.analysis.metrics.metrics import Metric
from spacy_mtl.analysis.metrics.tasks import Task
from spacy_mtl.analysis.trainings.derived_configs import load_joint
from spacy_mtl.data.writing import write_docs

from ..joint_configs import NER, NER_AND_TOPIC, make_config, make_docs, make_head, write_joint
from .comparisons import make_comparison

TASK = Task("ner", "mtl_ner", ("tok2vec",), True)
METRICS = [Metric("ents_f", "entities, F"), Metric("ents_p", "precision")]
DOCS = 30


def make_results(seed, right, counted=True):
    """A training that finds a share of the entities of each Doc."""
    rng = numpy.random.default_rng(seed)
    found = rng.binomial(4, right, size=DOCS)
    counts = numpy.stack([found, 4 - found, 4 - found], axis=1)
    value = float(f_score(counts.sum(axis=0)))
    return Results(
        1000,
        5000,
        {"ner": {"ents_f": value, "ents_p": 0.5}},
        {"ner": {"ents_f": counts.tolist() if counted else None, "ents_p": None}},
    )


def stack(results, side, seeds):
    return numpy.stack([results[side, seed].get_counts("ner", "ents_f") for seed in seeds])


def test_scores_of_both_sides_and_their_difference():
    results = {(JOINT, seed): make_results(seed, 0.8) for seed in range(3)}
    results |= {("ner", seed): make_results(seed + 10, 0.6) for seed in range(3)}
    main, other = score_task(TASK, METRICS, results, 500)
    assert (main.task, main.score, main.is_main, main.notes) == ("ner", "ents_f", True, [])
    assert main.joint == {seed: results[JOINT, seed].values["ner"]["ents_f"] for seed in range(3)}
    assert main.single == {seed: results["ner", seed].values["ner"]["ents_f"] for seed in range(3)}
    expected = sum(main.joint.values()) / 3 - sum(main.single.values()) / 3
    assert main.difference == pytest.approx(expected) and 0.1 < expected < 0.3
    sides = stack(results, JOINT, range(3)), stack(results, "ner", range(3))
    assert main.p_value == randomization_p_value(*sides, samples=500) < 0.05
    samples = bootstrap(*sides, samples=500)
    assert main.interval == bootstrap_interval(samples) and main.interval[0] < expected < main.interval[1]
    assert main.p_value_with_seeds == bootstrap_p_value(samples) < 0.05
    assert (other.is_main, other.difference, other.p_value, other.interval) == (False, 0.0, None, None)
    assert other.p_value_with_seeds is None
    assert "sums over texts" in other.notes[0]


def test_only_seeds_that_both_have_are_compared():
    results = {(JOINT, seed): make_results(seed, 0.8) for seed in (0, 1, 2)}
    results |= {("ner", seed): make_results(seed + 10, 0.6) for seed in (1, 2)}
    main, _ = score_task(TASK, METRICS, results, 500)
    assert set(main.joint) == {0, 1, 2} and set(main.single) == {1, 2}
    joint, single = means_of_common(main.joint, main.single)
    assert main.difference == pytest.approx(joint - single)
    assert joint == pytest.approx((main.joint[1] + main.joint[2]) / 2)
    assert main.notes == ["Difference over the seeds that have both: 1, 2.", TWO_SEEDS]
    assert main.p_value == randomization_p_value(
        *(stack(results, side, (1, 2)) for side in (JOINT, "ner")), samples=500
    )


def test_one_seed_is_about_texts_alone_and_says_so():
    results = {(JOINT, 4): make_results(0, 0.8), ("ner", 4): make_results(1, 0.6)}
    main, other = score_task(TASK, METRICS, results, 500)
    sides = stack(results, JOINT, [4]), stack(results, "ner", [4])
    assert main.p_value == randomization_p_value(*sides, samples=500) and main.p_value_with_seeds is None
    assert main.interval == bootstrap_interval(bootstrap(*sides, samples=500, with_seeds=False))
    assert main.notes == [ONE_SEED] and ONE_SEED in other.notes and "--seeds 3 or more" in ONE_SEED
    results |= {(JOINT, 5): make_results(2, 0.8)}
    main, _ = score_task(TASK, METRICS, results, 500)
    assert main.notes == ["Difference over the seeds that have both: 4.", ONE_SEED]


def test_luck_in_training_widens_the_interval():
    # the same difference of means, from runs that are alike and from runs that are not
    alike = {(JOINT, seed): make_results(seed, 0.75) for seed in range(3)}
    alike |= {("ner", seed): make_results(seed + 10, 0.6) for seed in range(3)}
    apart = {(JOINT, seed): make_results(seed, right) for seed, right in enumerate((0.55, 0.75, 0.95))}
    apart |= {("ner", seed): make_results(seed + 10, right) for seed, right in enumerate((0.4, 0.6, 0.8))}
    (close, _), (wide, _) = (score_task(TASK, METRICS, results, 500) for results in (alike, apart))
    assert wide.interval[1] - wide.interval[0] > 2 * (close.interval[1] - close.interval[0])
    assert wide.p_value < 0.05 < wide.p_value_with_seeds


@pytest.mark.parametrize("sides", [[(JOINT, 0), ("ner", 1)], [(JOINT, 0)], [("ner", 0)], []])
def test_no_seed_with_both(sides):
    main, _ = score_task(TASK, METRICS, {key: make_results(0, 0.5) for key in sides}, 500)
    assert (main.difference, main.p_value, main.p_value_with_seeds, main.interval) == (None, None, None, None)
    assert main.notes == ["No comparison: no seed has both scores."]


def test_one_side_without_counts_cannot_be_tested():
    results = {(JOINT, 0): make_results(0, 0.8), ("ner", 0): make_results(1, 0.6, counted=False)}
    main, _ = score_task(TASK, METRICS, results, 500)
    assert main.difference is not None and main.p_value is None and main.notes == [ONE_SEED, UNTESTED]


def test_a_head_that_shares_nothing_is_said_to_be_the_same():
    main, _ = score_task(TASK._replace(is_shared=False), METRICS, {(JOINT, 0): make_results(0, 0.8)}, 500)
    assert main.notes == [ALONE] and len(main.joint) == 1 and main.difference is None


def test_a_component_without_a_score():
    (row,) = score_task(TASK, [], {}, 500)
    assert row.notes == ["The component has no score."] and not row.is_main


def test_a_value_that_is_not_there_is_left_out():
    nothing = make_results(0, 0.5)
    nothing.values["ner"]["ents_f"] = None
    main, _ = score_task(TASK, METRICS, {(JOINT, 0): nothing, ("ner", 0): make_results(0, 0.5)}, 500)
    assert main.joint == {} and len(main.single) == 1 and main.difference is None


def load(folder, text=None, **changes):
    path, _, overrides = write_joint(folder, text)
    return load_joint(path, {**overrides, **changes})


def test_limits_are_said(tmp_path):
    assert find_notes(load(tmp_path)) == []
    heads = {**NER_AND_TOPIC, "own": make_head(NER, "own", upstream=None)}
    changes = {"training.patience": 50, "training.annotating_components": ["tok2vec", "ner"]}
    annotating, patience, alone = find_notes(load(tmp_path, make_config(heads), **changes))
    assert "ner annotated the texts" in annotating and "50 updates" in patience and "without own" in alone


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"seeds": [0, 1, 0]}, "E710"),
        ({"seeds": []}, "E710"),
        ({"seeds": [-1]}, "E710"),
        ({"budget": "hours"}, "E718"),
        ({"tests": {"ner": "corpus.spacy"}}, "E713"),
        ({"tests": {ALL_TASKS: "corpus.spacy", "srl": "corpus.spacy"}}, "E712"),
        ({"tests": {ALL_TASKS: "missing.spacy"}}, "E120"),
        ({"overrides": {"training.max_steps": 0}}, "E719"),
        ({"tests": {ALL_TASKS: "corpus.spacy", "topic": "bare.spacy"}}, "E715"),
    ],
)
def test_what_cannot_be_compared_is_told_before_anything_is_trained(tmp_path, changes, code):
    path, _, overrides = write_joint(tmp_path)
    write_docs(make_docs(categories=False), tmp_path / "bare.spacy")
    overrides |= changes.pop("overrides", {})
    tests = {task: tmp_path / name for task, name in changes.pop("tests", {ALL_TASKS: "corpus.spacy"}).items()}
    with pytest.raises((ValueError, OSError), match=f"MTL-{code}"):
        compare(path, tests, tmp_path / "out", overrides=overrides, **changes)
    assert not (tmp_path / "out").exists()


def test_as_json():
    comparison = make_comparison()
    found = json.loads(json.dumps(comparison.to_dict()))
    assert found["scores"][0]["joint"] == {"0": 0.62, "1": 0.64} and found["scores"][0]["interval"] == [0.01, 0.0425]
    assert (found["scores"][0]["p_value"], found["scores"][0]["p_value_with_seeds"]) == (0.0123, 0.0456)
    assert found["costs"][0]["words_per_second"] == 12_345.6
    assert found["tests"]["topic"] == {
        "path": "other.spacy",
        "texts": 10,
        "annotated": None,
        "notes": ["It cannot be told."],
    }
    assert set(found) == {"verdict", *comparison._fields}
