"""Which trainings a comparison needs."""

from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from spacy_mtl.analysis.comparison.planning import (
    ALL_TASKS,
    JOINT,
    Plan,
    TaskTexts,
    assign_tests,
    find_schedule_notes,
    inspect_tests,
    list_failures,
    plan_runs,
)
from spacy_mtl.analysis.metrics.counts import Metric, find_metrics
from spacy_mtl.analysis.metrics.tasks import Task
from spacy_mtl.analysis.trainings.derived_configs import Joint, load_joint
from spacy_mtl.analysis.trainings.executors import Run
from spacy_mtl.data.writing import write_docs

from ..joint_configs import NER, NER_AND_TOPIC, make_config, make_docs, make_head, write_joint
from .test_budget import MIXED


def load(folder, text=None, **changes):
    path, _, overrides = write_joint(folder, text)
    joint = load_joint(path, {**overrides, **changes})
    return joint, {task.name: find_metrics(joint.nlp, task, {}) for task in joint.tasks}


def load_mixed(folder, **changes):
    """A corpus with twice as many topics as names."""
    write_docs(make_docs(times=2), folder / "topics.spacy")
    more = MIXED.replace("${paths.topics}", f'"{folder / "topics.spacy"}"')
    changes = {"training.train_corpus": "corpora.mixed", "training.max_steps": 35, **changes}
    return load(folder, make_config(NER_AND_TOPIC, more=more), **changes)


def test_tests_by_task(tmp_path):
    joint, _ = load(tmp_path)
    both, one, other = Path("both"), Path("one"), Path("other")
    assert assign_tests(joint, {ALL_TASKS: both}) == {"ner": both, "topic": both}
    assert assign_tests(joint, {ALL_TASKS: both, "topic": one}) == {"ner": both, "topic": one}
    assert assign_tests(joint, {"ner": other, "topic": one}) == {"ner": other, "topic": one}
    with pytest.raises(ValueError, match="MTL-E713.*topic"):
        assign_tests(joint, {"ner": one})
    with pytest.raises(ValueError, match="MTL-E712.*'tok2vec'.*ner, topic"):
        assign_tests(joint, {ALL_TASKS: both, "tok2vec": one})


def test_test_corpora_are_annotated(tmp_path):
    joint, metrics = load(tmp_path)
    write_docs([*make_docs(), *make_docs(entities=False)], tmp_path / "some.spacy")
    write_docs(make_docs(entities=False), tmp_path / "none.spacy")
    some, none = tmp_path / "some.spacy", tmp_path / "none.spacy"
    found = inspect_tests(joint, {"ner": some, "topic": none}, metrics)
    assert found == {"ner": TaskTexts(str(some), 12, 6), "topic": TaskTexts(str(none), 6, 6)}
    with pytest.raises(ValueError, match="MTL-E715.*none.spacy.* 6 texts.*'ner'"):
        inspect_tests(joint, {"ner": none, "topic": some}, metrics)
    uncounted = {**metrics, "ner": [Metric("ents_f", "entities")]}
    with pytest.raises(ValueError, match="MTL-E715.*none.spacy.*'ner'"):
        inspect_tests(joint, {"ner": none, "topic": some}, uncounted)
    unscored = inspect_tests(joint, {"ner": none, "topic": some}, {**metrics, "ner": []})
    assert unscored["ner"] == TaskTexts(str(none), 6, 0), "nothing is computed from it"
    with pytest.raises(FileNotFoundError, match="MTL-E120"):
        inspect_tests(joint, {"ner": tmp_path / "missing.spacy", "topic": some}, metrics)


def inspect_head(folder, docs, name, **settings):
    """What a test corpus has for a head of a pipeline that is not initialized, as before training."""
    nlp = spacy.blank("en")
    nlp.add_pipe(name, name="head", config=settings)
    task = Task("head", name, ("tok2vec",), True)
    write_docs(docs, folder / "test.spacy")
    tests = {"head": folder / "test.spacy"}
    return inspect_tests(Joint(folder, {}, nlp, [task]), tests, {"head": find_metrics(nlp, task, {})})["head"]


WORDS = ["Ana", "sees", "Oslo", "."]
ANNOTATION = {
    "textcat": {},
    "textcat_multilabel": {},
    "parser": {"heads": [1, 1, 1, 1], "deps": ["nsubj", "ROOT", "obj", "punct"]},
    "senter": {"sent_starts": [True, False, True, False]},
    "spancat": {},
    "span_finder": {},
    "morphologizer": {"pos": ["PROPN", "VERB", "PROPN", "PUNCT"]},
    "tagger": {"tags": ["N", "V", "N", "."]},
    "trainable_lemmatizer": {"lemmas": ["Ana", "see", "Oslo", "."]},
}
# what does not help: another layer of the same component, or another name
DECOYS = {"parser": "senter", "morphologizer": "tagger", "senter": "tagger", "tagger": "parser"}


def make_head_docs(head, vocab):
    doc = Doc(vocab, words=WORDS, **ANNOTATION[head])
    if head.startswith("textcat"):
        doc.cats = {"a": 1.0}
    if head == "spancat":
        doc.spans["mine"] = []
    if head == "span_finder":
        doc.spans["sc"] = []
    return [doc]


@pytest.mark.parametrize("head", sorted(ANNOTATION))
def test_gold_of_stock_heads_is_looked_for_before_training(tmp_path, head):
    vocab = spacy.blank("en").vocab
    settings = {"spans_key": "mine"} if head == "spancat" else {}
    bare = [Doc(vocab, words=WORDS), Doc(vocab, words=["Yes"])]
    found = inspect_head(tmp_path, [*make_head_docs(head, vocab), *bare], head, **settings)
    assert (found.texts, found.annotated) == (3, 1)
    with pytest.raises(ValueError, match="MTL-E715.*2 texts.*'head'"):
        inspect_head(tmp_path, bare, head, **settings)
    decoy = DECOYS.get(head, "span_finder")
    if decoy != head:
        with pytest.raises(ValueError, match="MTL-E715"):
            inspect_head(tmp_path, make_head_docs(decoy, vocab), head, **settings)


def test_what_missing_annotation_does_to_a_score_is_said(tmp_path):
    vocab = spacy.blank("en").vocab
    bare = Doc(vocab, words=WORDS)
    for head in ("textcat", "parser"):
        whole = make_head_docs(head, vocab)
        assert inspect_head(tmp_path, whole, head).notes == ()
        (note,) = inspect_head(tmp_path, [*whole, bare], head).notes
        assert "spaCy's score" in note and "1 of 2 texts" in note
    part = Doc(vocab, words=WORDS, heads=[1, 1, 1, 1], deps=["nsubj", "ROOT", "", ""])
    (note,) = inspect_head(tmp_path, [part], "parser").notes
    assert "1 of 1 texts" in note
    assert inspect_head(tmp_path, [*make_head_docs("tagger", vocab), bare], "tagger").notes == ()


@Language.factory("test_assigns_what_nobody_knows", assigns=["doc._.topic"], default_score_weights={"topic_f": 1.0})
@Language.factory("test_assigns_nothing", default_score_weights={"topic_f": 1.0})
@Language.factory("test_assigns_unnamed_spans", assigns=["doc.spans"], default_score_weights={"topic_f": 1.0})
def make_stranger(nlp, name):
    return lambda doc: doc


@pytest.mark.parametrize(
    "factory", ["test_assigns_what_nobody_knows", "test_assigns_nothing", "test_assigns_unnamed_spans"]
)
def test_what_cannot_be_told_is_said(tmp_path, factory):
    found = inspect_head(tmp_path, [Doc(spacy.blank("en").vocab, words=WORDS)], factory)
    assert (found.texts, found.annotated) == (1, None)
    (note,) = found.notes
    assert "cannot be told" in note and "test.spacy" in note


def test_a_joint_training_and_one_for_each_task_and_seed(tmp_path):
    joint, metrics = load(tmp_path)
    plan = plan_runs(joint, metrics, tmp_path / "out", [0, 3], "updates")
    assert list(plan.runs) == [(JOINT, 0), ("ner", 0), ("topic", 0), (JOINT, 3), ("ner", 3), ("topic", 3)]
    assert plan.updates == {JOINT: 5, "ner": 5, "topic": 5}
    assert {run.config["training"]["max_steps"] for run in plan.runs.values()} == {4}
    assert [run.config["system"]["seed"] for run in plan.runs.values()] == [0, 0, 0, 3, 3, 3]
    assert len({run.name for run in plan.runs.values()}) == len({run.folder for run in plan.runs.values()}) == 6
    assert plan.runs["topic", 3].folder == tmp_path / "out" / "single" / "topic" / "seed-3"
    assert plan.runs[JOINT, 3].config["nlp"]["pipeline"] == ["tok2vec", "ner", "topic"]
    assert plan.runs["topic", 3].config["nlp"]["pipeline"] == ["tok2vec", "topic"]
    assert plan.runs["topic", 3].config["training"]["score_weights"]["topic_acc"] == 1.0
    by_examples = plan_runs(joint, metrics, tmp_path / "out", [0, 3], "examples")
    assert by_examples == plan, "the same corpus for all: the same texts"


def test_other_seeds_do_not_change_a_training(tmp_path):
    joint, metrics = load_mixed(tmp_path)
    few, many = (plan_runs(joint, metrics, tmp_path, seeds, "examples") for seeds in ([2], [0, 1, 2]))
    assert few.updates == many.updates
    for task in (JOINT, "ner", "topic"):
        assert few.runs[task, 2] == many.runs[task, 2]


def test_as_many_texts_of_a_task_take_fewer_updates(tmp_path):
    # 18 texts in fours are five batches an epoch: 36 updates are 7 epochs and a batch, with 6 and 12 texts each
    joint, metrics = load_mixed(tmp_path)
    plan = plan_runs(joint, metrics, tmp_path, [0], "examples")
    assert plan.updates[JOINT] == 36
    # 42 to 46 texts of names in twos of four and two; 84 to 88 of topics in fours
    assert 14 <= plan.updates["ner"] <= 16 and 21 <= plan.updates["topic"] <= 22
    training = plan.runs["ner", 0].config["training"]
    assert training["max_steps"] == plan.updates["ner"] - 1
    assert training["optimizer"]["learn_rate"]["total_steps"] == round(4 * plan.updates["ner"] / 36)
    assert plan.runs[JOINT, 0].config["training"]["max_steps"] == 35
    same = plan_runs(joint, metrics, tmp_path, [0], "updates")
    assert set(same.updates.values()) == {36}


def test_epochs_of_the_joint_training_are_updates_of_the_others(tmp_path):
    joint, metrics = load_mixed(tmp_path, **{"training.max_epochs": 2, "training.max_steps": 100})
    plan = plan_runs(joint, metrics, tmp_path, [0], "updates")
    assert set(plan.updates.values()) == {10}
    training = plan.runs["ner", 0].config["training"]
    assert (training["max_steps"], training["max_epochs"], training["eval_frequency"]) == (9, 0, 2)
    assert plan.runs[JOINT, 0].config["training"]["max_epochs"] == 2


def test_what_cannot_differ_is_not_trained_again(tmp_path):
    heads = {**NER_AND_TOPIC, "own": make_head(NER, "own", upstream=None)}
    joint, metrics = load(tmp_path, make_config(heads))
    plan = plan_runs(joint, {**metrics, "topic": []}, tmp_path, [0], "updates")
    assert list(plan.runs) == [(JOINT, 0), ("ner", 0)], "own shares nothing, and topic has no score to be chosen by"


def test_failures_name_the_log(tmp_path):
    runs = {(JOINT, 0): Run("joint, seed 0", {}, tmp_path / "a"), ("ner", 0): Run("ner alone", {}, tmp_path / "b")}
    (told,) = list_failures(Plan(runs, {}), {(JOINT, 0): None}, "log.txt")
    assert "'ner alone'" in told and str(tmp_path / "b" / "log.txt") in told


def test_schedules_that_do_not_change_with_the_updates_are_named(tmp_path):
    joint, metrics = load_mixed(tmp_path)
    plan = plan_runs(joint, metrics, tmp_path, [0], "examples")
    assert find_schedule_notes(plan) == []
    for run in plan.runs.values():
        run.config["training"]["optimizer"]["learn_rate"] = {"@schedules": "test_of_a_stranger.v1"}
    (note,) = find_schedule_notes(plan)
    assert note.startswith("ner, topic: ") and "training.optimizer.learn_rate (test_of_a_stranger.v1)" in note
    same = plan._replace(updates=dict.fromkeys(plan.updates, 36))
    assert find_schedule_notes(same) == []
    assert find_schedule_notes(plan._replace(updates={**plan.updates, "ner": 36}))[0].startswith("topic: ")
