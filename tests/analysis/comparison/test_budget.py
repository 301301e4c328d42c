"""How long a task alone is trained."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from thinc.api import Config

from spacy_mtl.analysis.comparison.budget import Use, count_updates, count_use, is_known, set_updates
from spacy_mtl.analysis.trainings.derived_configs import load_joint, seed_config
from spacy_mtl.data.writing import write_docs

from ..joint_configs import NER_AND_TOPIC, make_config, make_docs, write_joint

MIXED = """
[corpora.mixed]
@readers = "spacy-mtl.MultiTaskCorpus.v1"

[corpora.mixed.sources]

[corpora.mixed.sources.names]
@readers = "spacy-mtl.Source.v1"
path = ${paths.train}
tasks = ["ner"]

[corpora.mixed.sources.topics]
@readers = "spacy-mtl.Source.v1"
path = ${paths.topics}
tasks = ["topic"]
"""


def load(folder, more="", **training):
    path, _, overrides = write_joint(folder, make_config(NER_AND_TOPIC, more=more))
    joint = load_joint(path, {**overrides, **{f"training.{name}": value for name, value in training.items()}})
    return joint, seed_config(joint.config, 0)


def test_a_training_is_counted(tmp_path):
    # six texts in batches of four: two batches an epoch; steps 0 to 4 are five updates
    joint, config = load(tmp_path)
    assert is_known(config)
    assert count_use(joint.nlp, config, ["ner", "topic"]) == Use(5, {"ner": 4 + 2 + 4 + 2 + 4, "topic": 16})


def test_epochs_end_it_sooner(tmp_path):
    joint, config = load(tmp_path, max_epochs=1)
    assert not is_known(config)
    assert count_use(joint.nlp, config, ["ner"]) == Use(2, {"ner": 6})
    joint, config = load(tmp_path, max_epochs=3, max_steps=0)
    assert count_use(joint.nlp, config, ["ner"]) == Use(6, {"ner": 18})


def test_only_annotated_texts_count(tmp_path):
    joint, config = load(tmp_path, max_epochs=1, max_steps=100)
    write_docs(
        [*make_docs(), *make_docs(entities=False), *make_docs(categories=False, times=2)], tmp_path / "corpus.spacy"
    )
    assert count_use(joint.nlp, config, ["ner", "topic"]).texts == {"ner": 18, "topic": 12}


def test_updates_until_texts_are_read(tmp_path):
    joint, config = load(tmp_path)
    for texts, updates in ((1, 1), (4, 1), (5, 2), (6, 2), (7, 3), (12, 4), (60, 20)):
        assert count_updates(joint.nlp, config, "ner", texts) == updates
    limited = config.copy()
    limited["training"].update({"max_epochs": 1, "max_steps": 1})
    assert count_updates(joint.nlp, limited, "ner", 60) == 20, "the joint training's limits are not its own"


def test_sources_share_the_updates(tmp_path):
    write_docs(make_docs(times=3), tmp_path / "topics.spacy")
    more = MIXED.replace("${paths.topics}", f'"{tmp_path / "topics.spacy"}"')
    joint, config = load(tmp_path, more, train_corpus="corpora.mixed", max_epochs=2, max_steps=100)
    use = count_use(joint.nlp, config, ["ner", "topic"])
    assert use == Use(12, {"ner": 12, "topic": 36}), "6 + 18 texts in fours, twice"


@pytest.mark.parametrize("texts, entities", [(0, True), (5, False)])
def test_no_texts_for_the_task(tmp_path, texts, entities):
    joint, config = load(tmp_path)
    write_docs(make_docs(entities=entities), tmp_path / "corpus.spacy")
    with pytest.raises(ValueError, match="MTL-E717.*'corpora.train'.*'ner'"):
        count_updates(joint.nlp, config, "ner", texts)


def test_a_training_without_end(tmp_path):
    joint, config = load(tmp_path, max_steps=0)
    for call in (lambda: is_known(config), lambda: count_use(joint.nlp, config, ["ner"])):
        with pytest.raises(ValueError, match="MTL-E719.*max_steps = 0 and max_epochs = 0"):
            call()


def test_what_is_counted_in_updates_is_in_proportion(tmp_path):
    _, config = load(tmp_path, max_steps=999, eval_frequency=100, patience=300, max_epochs=7)
    config["training"]["optimizer"]["learn_rate"].update({"warmup_steps": 50, "total_steps": 1000})
    changed = set_updates(config, 250, 1000)["training"]
    assert (changed["max_steps"], changed["max_epochs"], changed["eval_frequency"]) == (249, 0, 27)
    assert changed["patience"] == 75
    rate = changed["optimizer"]["learn_rate"]
    assert (rate["warmup_steps"], rate["total_steps"], rate["initial_rate"]) == (12, 250, 0.01)
    assert config["training"]["max_steps"] == 999, "the config itself stays"
    least = set_updates(config, 1, 1000)["training"]
    assert (least["max_steps"], least["eval_frequency"]) == (1, 1), "0 steps would be without end"
    streaming = config.copy()
    streaming["training"].update({"max_epochs": -1, "patience": 0})
    changed = set_updates(streaming, 250, 1000)["training"]
    assert (changed["max_epochs"], changed["patience"]) == (-1, 0)


def test_a_constant_learning_rate_stays(tmp_path):
    _, config = load(tmp_path)
    config["training"]["optimizer"]["learn_rate"] = 0.02
    assert set_updates(config, 2, 5)["training"]["optimizer"]["learn_rate"] == 0.02


def make_limits(max_steps, eval_frequency):
    training = {"max_steps": max_steps, "max_epochs": 0, "patience": 0, "eval_frequency": eval_frequency}
    return Config({"training": {**training, "optimizer": {}}})


def list_evaluations(config):
    """The steps at which spaCy evaluates, beside 0."""
    training = config["training"]
    return range(training["eval_frequency"], training["max_steps"] + 1, training["eval_frequency"])


@given(st.integers(1, 20_000), st.integers(1, 2_000), st.integers(1, 20_000))
def test_evaluations_are_kept_and_the_last_is_at_the_end(max_steps, eval_frequency, updates):
    config = make_limits(max_steps, eval_frequency)
    before, changed = list_evaluations(config), set_updates(config, updates, max_steps + 1)
    after, last = list_evaluations(changed), changed["training"]["max_steps"]
    assert last == max(updates - 1, 1) and changed["training"]["eval_frequency"] >= 1
    assert min(len(before), last) <= len(after) < max(2 * len(before), 1 + bool(before))
    if before:
        assert last - after[-1] < len(before), "spread evenly, no more updates can be left"


@pytest.mark.parametrize("updates", [151, 251, 257, 501, 1501])
def test_the_last_evaluation_is_not_lost(updates):
    changed = set_updates(make_limits(1000, 100), updates, 1001)
    assert len(list_evaluations(changed)) == 10 and updates - 1 - list_evaluations(changed)[-1] < 10


def test_encoders_stay_frozen_for_their_share(tmp_path):
    _, config = load(tmp_path)
    config["components"]["tok2vec"]["model"]["frozen_steps"] = 100
    changed = set_updates(config, 250, 1000)
    assert changed["components"]["tok2vec"]["model"]["frozen_steps"] == 25
    assert config["components"]["tok2vec"]["model"]["frozen_steps"] == 100, "the config itself stays"
