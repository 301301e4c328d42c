"""What a balancer has learned: it goes on when a pipeline is loaded, and is forgotten when one is initialized."""

import copy
import pickle
import warnings

import pytest
import spacy
from thinc.api import Adam

from spacy_mtl.balancing.balancer import Balancer

from ...balancing.methods import ALL, STATELESS, make, params
from ..own_heads import build_own_heads, make_own_examples
from ..shared_encoder import ENCODER, build, make_examples, train


class Average(Balancer):
    """Learns, and knows nothing of being reset. Its state shares the dictionary that it learns in."""

    seen = 0
    forgetful = False

    def __init__(self, start):
        self.learned = {"start": start}

    def __call__(self, gradients, report):
        self.seen += 1
        for name in gradients:
            self.learned[name] = self.seen
        self.last_weights = dict.fromkeys(gradients, 1.0)
        return sum(gradients.values())

    def get_state(self):
        return {"learned": self.learned, "seen": self.seen}

    def set_state(self, state):
        self.learned, self.seen = state["learned"], state["seen"]


def initialize(nlp):
    nlp.initialize(lambda: make_examples(nlp))


@pytest.mark.parametrize("method", params(name for name in ALL if name not in STATELESS))
def test_initialize_forgets(method):
    nlp = build(heads=("tagger", "senter"))
    balancer = nlp.get_pipe(ENCODER).balancer = make(method)
    fresh = balancer.get_state()
    train(nlp, [make_examples(nlp)] * 4)
    nlp.get_pipe(ENCODER).close_batch()
    assert balancer.get_state() != fresh
    initialize(nlp)
    assert nlp.get_pipe(ENCODER).balancer is balancer
    assert balancer.get_state() == fresh == make(method).get_state() and balancer.last_weights == {}
    train(nlp, [make_examples(nlp)])


CLONES = [lambda one: one, copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]


@pytest.mark.parametrize("clone", CLONES)
def test_initialize_forgets_what_a_balancer_of_ones_own_learned(clone):
    nlp = build(heads=("tagger", "ner"))
    nlp.get_pipe(ENCODER).balancer = Average(start=7)
    train(nlp, [make_examples(nlp)] * 2)
    balancer = nlp.get_pipe(ENCODER).balancer = clone(nlp.get_pipe(ENCODER).balancer)
    assert balancer.get_state() == {"learned": {"start": 7, "tagger": 2, "ner": 2}, "seen": 2}
    for _ in range(2):
        initialize(nlp)
        assert balancer.get_state() == {"learned": {"start": 7}, "seen": 0} and balancer.last_weights == {}
        train(nlp, [make_examples(nlp)])
        assert balancer.get_state()["learned"] == {"start": 7, "tagger": 1, "ner": 1}


def test_silence_begins_anew():
    nlp = build(heads=("tagger", "ner"))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", ".*MTL-W401")
        for _ in range(2):
            train(nlp, [make_examples(nlp)] * 60, exclude=["ner"])
            initialize(nlp)


def test_resumed_training_goes_on(tmp_path):
    """As `spacy train` does it with sources: what is resumed is disabled while the rest is initialized."""
    nlp = build_own_heads(balancer={"@misc": "spacy-mtl.GradNorm.v1"})
    train(nlp, [make_own_examples(nlp)] * 3)
    nlp.to_disk(tmp_path / "trained")
    loaded = spacy.load(tmp_path / "trained")
    balancer = loaded.get_pipe(ENCODER).balancer
    learned = balancer.get_state()
    assert learned == nlp.get_pipe(ENCODER).balancer.get_state() != make("GradNorm").get_state()
    loaded.resume_training(sgd=Adam(0.01))
    with loaded.select_pipes(disable=loaded.pipe_names):
        loaded.initialize(lambda: make_own_examples(loaded))
    assert balancer.get_state() == learned
    for pipeline in (nlp, loaded):
        pipeline.get_pipe(ENCODER).balancer.first_losses["other"] = 1.0
        train(pipeline, [make_own_examples(pipeline)])
        assert pipeline.get_pipe(ENCODER).balancer.first_losses["other"] == 1.0
