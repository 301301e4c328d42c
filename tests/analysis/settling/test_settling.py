"""Settling: heads trained on over a frozen encoder, each up to its own best step."""

from contextlib import nullcontext

import pytest
import spacy
from spacy.language import Language
from spacy.training import Example
from spacy.util import load_config, load_model_from_config

from spacy_mtl.analysis.settling import frozen_encoders
from spacy_mtl.analysis.settling.settling import choose_heads, settle, weigh_own_scores
from spacy_mtl.analysis.trainings.derived_configs import find_tasks
from spacy_mtl.data.writing import write_docs

from ..joint_configs import NER, NER_AND_TOPIC, READ, TAGGER, TEXTCAT, make_config, make_docs, make_head, write_joint
from .trainings import make_tagged_docs, read_models, start

STOCK_NER = """
[components.{name}]
factory = "ner"

[components.{name}.model]
@architectures = "spacy.TransitionBasedParser.v2"
state_type = "ner"
extra_state_tokens = false
hidden_width = 8
maxout_pieces = 2
use_upper = true
"""
STOCK = {"tagger": make_head(TAGGER, "tagger"), "ner": make_head(STOCK_NER, "ner")}
OWN = {**NER_AND_TOPIC, "tagger": make_head(TAGGER, "tagger", upstream=None)}


class Script:
    """Stands in for `nlp.evaluate`: gives planned scores, and remembers the models at each call."""

    def __init__(self, monkeypatch, **scores):
        self.models = []
        self.texts = []
        self._scores = [dict(zip(scores, row)) for row in zip(*scores.values())]

        def evaluate(nlp, examples):
            self.models.append(read_models(nlp))
            self.texts.append(len(list(examples)))
            return self._scores[len(self.models) - 1]

        monkeypatch.setattr(Language, "evaluate", evaluate)


@pytest.mark.parametrize("heads", [NER_AND_TOPIC, STOCK], ids=["ours", "stock"])
def test_heads_learn_and_the_encoder_stays(tmp_path, heads):
    nlp, config = start(tmp_path, heads)
    before = read_models(nlp)
    found = settle(nlp, config, steps=20, eval_every=10, learn_rate=0.02)
    after = read_models(nlp)
    assert after["tok2vec"] == before["tok2vec"]
    assert [head.task for head in found.heads] == list(heads)
    for head in found.heads:
        assert head.after > head.before and head.step in (10, 20)
        assert after[head.task] != before[head.task]
    scores = nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in make_tagged_docs()])
    for head in found.heads:
        assert sum(weight * scores[name] for name, weight in head.scores.items()) == pytest.approx(head.after)
        assert all(nlp.meta["performance"][name] == pytest.approx(scores[name]) for name in head.scores)


def test_each_head_keeps_its_own_best_step(tmp_path, monkeypatch):
    nlp, config = start(tmp_path)
    script = Script(
        monkeypatch,
        ents_f=[0.2, 0.9, 0.5, 0.9, 0.1, 0.9],
        cats_score=[0.5, 0.4, 0.6, 0.7, 0.65, 0.7],
    )
    found = settle(nlp, config, steps=7, eval_every=2)
    assert [(head.task, head.before, head.after, head.step) for head in found.heads] == [
        ("ner", 0.2, 0.9, 2),
        ("topic", 0.5, 0.7, 6),
    ]
    # the start, 2, 4, 6 and the last step
    assert script.texts == [6] * 6
    assert len({models["ner"] for models in script.models[:5]}) == 5
    models = read_models(nlp)
    assert models["ner"] == script.models[1]["ner"] and models["topic"] == script.models[3]["topic"]
    assert script.models[5] == models


def test_a_head_that_only_gets_worse_stays_as_it_was(tmp_path, monkeypatch):
    nlp, config = start(tmp_path)
    before = read_models(nlp)
    Script(monkeypatch, ents_f=[0.5, 0.5, 0.4, 0.5], cats_score=[0.5, 0.6, 0.4, 0.6])
    found = settle(nlp, config, steps=2, eval_every=1)
    assert [(head.step, head.after) for head in found.heads] == [(0, 0.5), (1, 0.6)]
    assert read_models(nlp)["ner"] == before["ner"]


def test_a_head_that_is_worse_for_the_others_goes_back(tmp_path, monkeypatch):
    nlp, config = start(tmp_path)
    before = read_models(nlp)
    script = Script(monkeypatch, ents_f=[0.2, 0.3, 0.1, 0.2], cats_score=[0.5, 0.6, 0.6, 0.6])
    found = settle(nlp, config, steps=1, eval_every=1)
    assert [(head.step, head.after) for head in found.heads] == [(0, 0.2), (1, 0.6)]
    models = read_models(nlp)
    assert models["ner"] == before["ner"] and models["topic"] == script.models[1]["topic"] != before["topic"]


def test_all_go_back_if_that_does_not_help(tmp_path, monkeypatch):
    nlp, config = start(tmp_path)
    before = read_models(nlp)
    Script(monkeypatch, ents_f=[0.2, 0.3, 0.1, 0.1, 0.2], cats_score=[0.5, 0.6, 0.6, 0.6, 0.5])
    found = settle(nlp, config, steps=1, eval_every=1)
    assert [(head.step, head.after) for head in found.heads] == [(0, 0.2), (0, 0.5)]
    assert read_models(nlp) == before


def test_frozen_unnamed_and_own_encoders_are_left_alone(tmp_path):
    nlp, config = start(tmp_path, {**OWN, "other": make_head(NER, "other")})
    config["training"]["frozen_components"] = ["topic"]
    before = read_models(nlp)
    found = settle(nlp, config, tasks=["ner"], steps=4, learn_rate=0.05)
    after = read_models(nlp)
    assert [head.task for head in found.heads] == ["ner"]
    assert all(after[name] == before[name] for name in ("tok2vec", "topic", "tagger", "other"))
    assert [task.name for task in choose_heads(nlp, ["topic"])] == ["ner", "other"]
    assert [task.name for task in choose_heads(nlp, [])] == ["ner", "topic", "other"]


def test_a_head_that_is_read_stays_as_its_reader_knows_it(tmp_path):
    nlp, config = start(tmp_path, READ)
    topic, ner = (nlp.get_pipe(name).model.to_bytes() for name in READ)
    assert [head.task for head in settle(nlp, config, steps=2, learn_rate=0.02).heads] == ["ner"]
    assert nlp.get_pipe("topic").model.to_bytes() == topic
    assert len(nlp.get_pipe("ner").model.to_bytes()) == len(ner)
    with pytest.raises(ValueError, match="E771"):
        choose_heads(nlp, [], ["topic"])


def test_the_same_twice_and_whether_vectors_are_kept_or_not(tmp_path, monkeypatch):
    models = []
    for room in (frozen_encoders.MAX_BYTES, frozen_encoders.MAX_BYTES, 500, 0):
        monkeypatch.setattr(frozen_encoders, "MAX_BYTES", room)
        nlp, config = start(tmp_path)
        settle(nlp, config, steps=6, eval_every=6)
        models.append(read_models(nlp))
    assert models[0] == models[1] == models[2] == models[3]


def test_what_an_earlier_training_left_with_the_listeners_is_gone(tmp_path):
    nlp, config = start(tmp_path)
    encoder = nlp.get_pipe("tok2vec")
    encoder.update([Example(nlp.make_doc("Ana bakes"), nlp.make_doc("Ana bakes"))])
    assert any(listener._batch_id is not None for listener in encoder.listeners)
    encoder.close_batch()
    settle(nlp, config, steps=1)


def test_a_streamed_corpus_and_averages(tmp_path):
    nlp, config = start(tmp_path)
    config["training"]["max_epochs"] = -1
    config["training"]["optimizer"]["use_averages"] = True
    before = read_models(nlp)["tok2vec"]
    found = settle(nlp, config, steps=40, eval_every=20, learn_rate=0.05)
    assert all(head.after > head.before for head in found.heads)
    assert read_models(nlp)["tok2vec"] == before
    assert nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in make_docs()])["ents_f"] == found.heads[0].after


def test_empty_texts_do_no_harm(tmp_path):
    nlp, config = start(tmp_path)
    docs = [spacy.blank("en").make_doc(""), *make_docs()]
    write_docs(docs, tmp_path / "corpus.spacy")
    assert len(settle(nlp, config, steps=3, eval_every=3).heads) == 2


def test_progress_and_default_settings(tmp_path):
    nlp, config = start(tmp_path)
    told = []
    config["training"]["max_steps"] = 41
    found = settle(nlp, config, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert found.settings.steps == 4 and found.settings.eval_every == 1
    # of the schedule that rises to 0.01 at step 1
    assert found.settings.learn_rate == pytest.approx(0.01 / 6)


@pytest.mark.parametrize(
    "weights, expected",
    [
        ({"ents_f": 0.25, "ents_p": 0.75, "topic_acc": 1.0}, {"ents_f": 0.25, "ents_p": 0.75}),
        ({"ents_f": 0.1, "ents_p": 0.3, "ents_r": 0.0}, {"ents_f": 0.25, "ents_p": 0.75}),
        ({"ents_f": None, "ents_r": 0.0, "ents_p": 0.0, "topic_acc": 1.0}, {"ents_r": 1.0}),
        ({"ents_r": None, "topic_acc": 1.0}, {"ents_f": 1.0}),
    ],
)
def test_own_scores(tmp_path, weights, expected):
    nlp, _ = start(tmp_path)
    (ner,) = [task for task in find_tasks(nlp, []) if task.name == "ner"]
    assert weigh_own_scores(nlp, ner, weights) == pytest.approx(expected)


def test_a_score_that_several_heads_give_is_that_of_none(tmp_path):
    heads = {**NER_AND_TOPIC, "mood": make_head(TEXTCAT, "mood")}
    path, _, overrides = write_joint(tmp_path, make_config(heads))
    config = load_config(path, overrides=overrides)
    nlp = load_model_from_config(config, auto_fill=True)
    nlp._link_components()
    weights = {"cats_score": 0.5, "ents_f": 0.25, "topic_macro_f": 0.25}
    found = {task.name: weigh_own_scores(nlp, task, weights) for task in find_tasks(nlp, [])}
    assert found == {"ner": {"ents_f": 1.0}, "topic": {"topic_macro_f": 1.0}, "mood": {"mood_acc": 1.0}}


def change(**settings):
    def apply(nlp, config):
        for name, value in settings.items():
            config["training"][name] = value

    return apply


def drop_entities(nlp, config):
    path = config["paths"]["dev"].replace("corpus", "dev")
    write_docs(make_docs(entities=False), path)
    config["corpora"]["dev"]["path"] = path


def empty(nlp, config):
    config["corpora"]["dev"]["limit"] = 1
    config["corpora"]["dev"]["max_length"] = 1


@pytest.mark.parametrize(
    "prepare, settings, told",
    [
        (change(frozen_components=["ner", "topic"]), {}, "MTL-E770.*tok2vec, ner, topic"),
        (change(), {"tasks": ["ner", "nre"]}, "MTL-E771.*nre.*ner, topic"),
        (change(), {"tasks": ["tok2vec"]}, "MTL-E771"),
        (change(frozen_components=["ner"]), {"tasks": ["ner"]}, "MTL-E771"),
        (lambda nlp, config: nlp.remove_pipe("topic"), {}, "MTL-E772.*topic"),
        (empty, {}, "MTL-E773.*corpora.dev"),
        (drop_entities, {}, "MTL-E774.*'ner'.*ents_f"),
        (change(max_steps=0), {}, "MTL-E775.*steps = 0"),
        (change(), {"steps": 0}, "MTL-E775"),
        (change(), {"eval_every": 0}, "MTL-E775.*eval_every = 0"),
        (change(), {"learn_rate": -0.1}, "MTL-E775.*-0.1"),
    ],
)
def test_bad_input(tmp_path, prepare, settings, told):
    nlp, config = start(tmp_path)
    config = config.interpolate()
    prepare(nlp, config)
    with pytest.warns(UserWarning) if prepare is empty else nullcontext(), pytest.raises(ValueError, match=told):
        settle(nlp, config, **settings)


def test_no_shared_encoder(tmp_path):
    nlp, config = start(tmp_path, {"tagger": OWN["tagger"]}, encoders=())
    with pytest.raises(ValueError, match="MTL-E770"):
        settle(nlp, config)
