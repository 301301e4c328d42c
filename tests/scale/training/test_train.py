"""A training that is stopped goes on as if it had not been."""

import itertools
import random
import threading
from io import StringIO

import numpy
import pytest
import spacy
import srsly
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_by_spacy
from thinc.api import Adam

from spacy_mtl.scale.training.agreement import agree
from spacy_mtl.scale.training.checkpoint import NAME, read_checkpoint, save_checkpoint
from spacy_mtl.scale.training.evaluation import make_evaluation
from spacy_mtl.scale.training.group import Group
from spacy_mtl.scale.training.random_numbers import read_state, restore_state
from spacy_mtl.scale.training.train import train
from spacy_mtl.scale.training.updates import Updater

from ...pipeline.shared_encoder import build, make_examples
from .threads import run_together
from .trainings import HEADS, make_config, read_parameters, write_corpus

# threads have their random numbers in common
BUILDING = threading.Lock()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus") / "corpus.spacy")


class Stop(Exception):
    pass


def stop_before(monkeypatch, number):
    """The update of this number, counted from 0, raises an exception, once."""
    numbers, update = itertools.count(), Updater.update

    def update_or_stop(self, batch, losses):
        if next(numbers) == number:
            raise Stop
        update(self, batch, losses)

    monkeypatch.setattr(Updater, "update", update_or_stop)


def run(config, output, **settings):
    out = StringIO()
    return read_parameters(train(config, output, stdout=out, stderr=out, **settings)), out.getvalue()


def test_one_worker_is_spacy_train_and_goes_on_after_a_stop(corpus, tmp_path, monkeypatch):
    config = make_config(corpus)
    nlp = init_nlp(config)
    (tmp_path / "spacy").mkdir()
    train_by_spacy(nlp, tmp_path / "spacy", stdout=StringIO(), stderr=StringIO())
    expected = read_parameters(nlp)
    stop_before(monkeypatch, 5)
    with pytest.raises(Stop):
        run(config, tmp_path / "out")
    assert (tmp_path / "out" / NAME).exists()
    found, log = run(config, tmp_path / "out")
    assert "Goes on after 5 updates" in log
    assert (found == expected).all()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["model-best", "model-last", "run.lock"]
    for folder in ("model-last", "model-best"):
        saved, of_spacy = (spacy.load(tmp_path / where / folder) for where in ("out", "spacy"))
        assert (read_parameters(saved) == read_parameters(of_spacy)).all()
        for key in ("tag_acc", "pos_acc", "tagger_loss"):
            assert saved.meta["performance"][key] == of_spacy.meta["performance"][key]


def test_other_checkpoints_are_refused(tmp_path):
    assert read_checkpoint(tmp_path, "mine") is None
    nlp = build(heads=["tagger"])
    save_checkpoint(tmp_path, "mine", nlp, Adam(0.01), {"step": 1}, [read_state()])
    assert read_checkpoint(tmp_path, "mine")["progress"] == {"step": 1}
    with pytest.raises(ValueError, match="MTL-E724.*another config"):
        read_checkpoint(tmp_path, "other")
    saved = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(saved[: len(saved) // 2])
    with pytest.raises(ValueError, match="MTL-E724.*damaged"):
        read_checkpoint(tmp_path, "mine")


def test_evaluation_is_shared_out():
    def evaluate(group):
        with BUILDING:
            nlp = build(heads=HEADS)
        return make_evaluation(nlp, make_examples, {"tag_acc": 0.5, "pos_acc": 0.5}, group)()

    expected = evaluate(Group())
    for score, scores in run_together(evaluate):
        assert score == expected[0] > 0
        assert {**scores, "speed": 0} == {**expected[1], "speed": 0}


def test_workers_begin_alike():
    def start(group, labels=("A",)):
        with BUILDING:
            nlp = build(heads=["tagger"], initialize=False)
            nlp.get_pipe("tagger").add_label("A")
            for label in labels:
                nlp.get_pipe("tagger").add_label(label)
            nlp.initialize()
            numpy.random.seed(group.rank + 7)
            for node in nlp.get_pipe("tok2vec").model.walk():
                for name in node.param_names:
                    node.set_param(name, node.get_param(name) + numpy.random.random())
        agree(nlp, group)
        return read_parameters(nlp)

    first, other = run_together(start)
    assert (first == other).all()
    with pytest.raises(ValueError, match="MTL-E723.*'tagger'"):
        run_together(lambda group: start(group, labels=["B"] * group.rank))


def test_random_numbers_go_on():
    state = srsly.msgpack_loads(srsly.msgpack_dumps(read_state()))
    drawn = random.random(), numpy.random.normal(size=3).tolist()
    restore_state(state)
    assert drawn == (random.random(), numpy.random.normal(size=3).tolist())
