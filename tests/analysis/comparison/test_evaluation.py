"""What finished trainings score, and cost."""

import pytest
import spacy
from thinc.api import Config, fix_random_seed

from spacy_mtl.analysis.comparison.costs import Cost, add_costs, find_cost, time_pipelines
from spacy_mtl.analysis.comparison.evaluation import Results, TaskCorpus, evaluate_run
from spacy_mtl.analysis.comparison.statistics import f_score
from spacy_mtl.analysis.metrics.counts import METRICS, Metric, count_categories
from spacy_mtl.analysis.trainings.derived_configs import load_joint
from spacy_mtl.analysis.trainings.executors import Run
from spacy_mtl.analysis.trainings.measuring import count_parameters
from spacy_mtl.analysis.trainings.processes import Outcome
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.writing import write_docs

from ..joint_configs import make_docs, write_joint

OUTCOME = Outcome(0, 2.0, 1.0, 100)
NER = METRICS["mtl_ner"]
TOPIC = Metric("topic_acc", "accuracy", count_categories)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a pipeline as a training leaves it."""
    folder = tmp_path_factory.mktemp("trained")
    config, corpus, overrides = write_joint(folder)
    fix_random_seed(0)
    nlp = load_joint(config, overrides).nlp
    examples = list(make_corpus(corpus)(nlp))
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    for _ in range(10):
        nlp.update(examples, sgd=optimizer)
    nlp.to_disk(folder / "model-best")
    return folder


@pytest.fixture
def run(trained, tmp_path):
    (tmp_path / "model-best").symlink_to(trained / "model-best")
    return Run("joint", Config({"training": {"max_steps": 4}}), tmp_path)


def write_tests(folder, **annotation):
    write_docs(make_docs(**annotation), folder / "test.spacy")
    return folder / "test.spacy"


def test_scores_are_those_of_the_pipeline(run, tmp_path):
    both, names = write_tests(tmp_path), tmp_path / "names.spacy"
    write_docs([*make_docs(categories=False), *make_docs(entities=False)], names)
    found = evaluate_run(run, OUTCOME, {"ner": TaskCorpus(names, [NER]), "topic": TaskCorpus(both, [TOPIC])})
    nlp = spacy.load(run.folder / "model-best")
    assert found.values == {
        "ner": {"ents_f": pytest.approx(nlp.evaluate(list(make_corpus(names)(nlp)))["ents_f"])},
        "topic": {"topic_acc": pytest.approx(nlp.evaluate(list(make_corpus(both)(nlp)))["topic_acc"])},
    }
    assert found.values["ner"]["ents_f"] > 0 and found.values["topic"]["topic_acc"] > 0.5
    counts = found.get_counts("ner", "ents_f")
    assert counts.shape == (12, 3) and f_score(counts.sum(axis=0)) == pytest.approx(found.values["ner"]["ents_f"])
    assert found.texts == {"ner": {"ents_f": 6}, "topic": {"topic_acc": 6}}
    assert not counts[6:].any(), "texts without annotation count nothing"
    assert found.parameters == count_parameters(nlp) and 10_000 < found.disk_bytes < 10e6


def test_what_was_scored_is_not_scored_again(run, tmp_path, monkeypatch):
    corpora = {"ner": TaskCorpus(write_tests(tmp_path), [NER])}
    first = evaluate_run(run, OUTCOME, corpora)
    loaded = []
    monkeypatch.setattr(spacy, "load", lambda path, load=spacy.load: loaded.append(path) or load(path))
    assert evaluate_run(run, OUTCOME, corpora) == first
    assert not loaded
    # other texts, another training, another config, another score
    write_tests(tmp_path, times=2)
    assert len(evaluate_run(run, OUTCOME, corpora).get_counts("ner", "ents_f")) == 12
    evaluate_run(run, OUTCOME._replace(seconds=3.0), corpora)
    evaluate_run(run._replace(config=Config({"training": {"max_steps": 5}})), OUTCOME, corpora)
    assert len(loaded) == 3
    assert "topic" in evaluate_run(run, OUTCOME, {"topic": TaskCorpus(corpora["ner"].path, [TOPIC])}).values


def test_counts_that_do_not_give_the_score_are_none(run, tmp_path):
    path = write_tests(tmp_path)
    other = Metric("ents_f", "other", lambda nlp, task, examples: [(0, 1, 1)] * len(examples))
    absent = Metric("ents_x", "absent", NER.counter)
    without = Metric("ents_p", "precision")
    found = evaluate_run(run, OUTCOME, {"ner": TaskCorpus(path, [other, absent, without])})
    assert found.values["ner"]["ents_f"] > 0 and found.get_counts("ner", "ents_f") is None
    assert found.values["ner"]["ents_x"] is None and found.get_counts("ner", "ents_x") is None
    assert found.values["ner"]["ents_p"] is not None and found.get_counts("ner", "ents_p") is None


def test_categories_of_tasks_that_a_pipeline_lacks_are_none_that_it_misses(run, tmp_path):
    docs = make_docs(categories=False)
    for doc in docs:
        doc.cats = {"of another task": 1.0}
    write_docs([*make_docs(), *docs], tmp_path / "test.spacy")
    corpora = {"topic": TaskCorpus(tmp_path / "test.spacy", [TOPIC])}
    assert evaluate_run(run, OUTCOME, corpora).texts["topic"]["topic_acc"] == 12
    assert evaluate_run(run, OUTCOME, corpora, ["of another task"]).texts["topic"]["topic_acc"] == 6


def test_nothing_annotated_has_no_score(run, tmp_path):
    found = evaluate_run(run, OUTCOME, {"ner": TaskCorpus(write_tests(tmp_path, entities=False), [NER])})
    assert found.values == {"ner": {"ents_f": None}} and found.counts == {"ner": {"ents_f": None}}


def test_costs_are_means_over_seeds():
    results = [Results(100, 1000, {}, {}), Results(100, 1010, {}, {})]
    outcomes = [Outcome(0, 10.0, 8.0, 500), Outcome(0, 20.0, 9.0, 700)]
    assert find_cost("joint", 5, outcomes, results, 40.0) == Cost("joint", 5, 100, 1005, 15.0, 8.5, 700, 40.0)
    assert find_cost("joint", 5, [], [], None) == Cost("joint", 5)


def test_costs_of_pipelines_one_after_the_other():
    one, other = Cost("a", 5, 100, 1000, 15.0, 8.0, 700, 30.0), Cost("b", 6, 10, 1, 1.0, 2.0, 800, 60.0)
    # a word takes a thirtieth and a sixtieth of a second
    expected = Cost("all", 11, 110, 1001, 16.0, 10.0, 800, pytest.approx(20.0))
    assert add_costs("all", [one, other]) == expected
    assert add_costs("all", [one, Cost("failed", 6)]) == Cost("all", 11)


def test_pipelines_are_timed(run, tmp_path):
    speeds = time_pipelines({"joint": run, "again": run}, [write_tests(tmp_path)])
    assert set(speeds) == {"joint", "again"} and all(100 < speed < 10e6 for speed in speeds.values())
    assert time_pipelines({}, [tmp_path / "test.spacy"]) == {}
