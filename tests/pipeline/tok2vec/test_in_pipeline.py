"""The encoder in pipelines that change, and what it says about settings that do not fit."""

import warnings

import numpy
import pytest
import spacy
from thinc.api import Adam

from spacy_mtl.pipeline.tok2vec import silence

from ..shared_encoder import ENCODER, HEADS, LISTENER, WEIGHTED, build, make_examples, parameters, train


def moved(nlp, before):
    return numpy.abs(parameters(nlp) - before).max() > 1e-3


def test_replace_listeners():
    nlp = build()
    nlp.update(make_examples(nlp), sgd=Adam(0.01), exclude=["ner"])
    nlp.replace_listeners(ENCODER, "ner", ["model.tok2vec"])
    encoder = nlp.get_pipe(ENCODER)
    assert encoder.listening_components == ["tagger"]
    before, ner_before = parameters(nlp), parameters(nlp, "ner")
    train(nlp, [make_examples(nlp)])
    assert moved(nlp, before)
    assert numpy.abs(parameters(nlp, "ner") - ner_before).max() > 1e-3


def test_selected_and_removed_pipes():
    nlp = build(heads=("tagger", "textcat_multilabel", "ner"))
    for change in (lambda: nlp.select_pipes(disable=["ner"]), lambda: nlp.select_pipes(enable=[ENCODER, "ner"])):
        with change():
            before = parameters(nlp)
            train(nlp, [make_examples(nlp)])
            assert moved(nlp, before)
    nlp.remove_pipe("ner")
    before = parameters(nlp)
    nlp.update(make_examples(nlp), sgd=Adam(0.01))
    assert moved(nlp, before)


def test_sourced_components():
    nlp = build()
    train(nlp, [make_examples(nlp)])
    target = spacy.blank("en")
    target.add_pipe(ENCODER, source=nlp)
    target.add_pipe("ner", source=nlp)
    target.add_pipe("textcat_multilabel", config=HEADS["textcat_multilabel"])
    examples = make_examples(target)
    target.get_pipe("textcat_multilabel").initialize(lambda: examples, nlp=target)
    assert (parameters(target) == parameters(nlp)).all()
    before = parameters(target)
    target.update(examples, sgd=Adam(0.01))
    assert moved(target, before)


def test_warns_of_silence_once():
    nlp = build()
    nlp.get_pipe(ENCODER)._silence = silence.SilenceCounter(ENCODER, most=3)

    def caught(batches, exclude):
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            train(nlp, [make_examples(nlp) for _ in range(batches)], exclude=exclude)
        return [str(w.message) for w in found if "MTL-W401" in str(w.message)]

    assert caught(2, ["ner"]) == []
    assert caught(1, []) == []
    assert caught(2, ["ner"]) == []
    (message,) = caught(5, ["ner"])
    assert "'ner'" in message and "3 batches" in message
    assert caught(3, ["ner"]) == []


def weights_for(**weights):
    return {"@misc": WEIGHTED, "weights": weights, "default": 1.0}


def test_weights_are_checked_before_training():
    nlp = build(balancer=weights_for(tagger=1.0, nre=2.0), initialize=False)
    with pytest.raises(ValueError, match=r"MTL-E403.*\['nre'\].*\['tagger', 'ner'\]"):
        nlp.initialize(lambda: make_examples(nlp))


def test_weights_are_checked_when_a_loaded_pipeline_is_trained():
    nlp = build(balancer=weights_for(ner=2.0))
    other = spacy.util.load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())
    train(other, [make_examples(other)])
    bare = spacy.util.load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())
    bare.remove_pipe("ner")
    with pytest.raises(ValueError, match=r"MTL-E403.*\['ner'\].*\['tagger'\]"):
        train(bare, [make_examples(bare)])


def test_weights_of_disabled_components():
    nlp = build(balancer=weights_for(ner=2.0), initialize=False)
    nlp.disable_pipe("ner")
    nlp.add_pipe("textcat_multilabel", config=HEADS["textcat_multilabel"])
    assert "ner" not in nlp.get_pipe(ENCODER).listening_components
    nlp.initialize(lambda: make_examples(nlp))
    train(nlp, [make_examples(nlp)])


def test_warns_of_a_listener_without_its_encoder():
    nlp = build(heads=("tagger",), initialize=False)
    stray = {**HEADS["tagger"]["model"], "tok2vec": {**LISTENER, "upstream": "encoder"}}
    nlp.add_pipe("senter", config={"model": stray})
    with pytest.warns(UserWarning, match="MTL-W402.*'senter'.*'encoder'.*'tok2vec'"):
        nlp.initialize(lambda: make_examples(nlp))
    # spaCy's own message, when it comes to training.
    with pytest.raises(ValueError, match="E203"):
        nlp.update(make_examples(nlp), sgd=Adam(0.01))


TWO = {"@misc": "spacy-mtl.GradNorm.v1"}


def test_one_listener_is_too_few_for_a_balancer_of_two():
    nlp = build(heads=("tagger",), balancer=TWO, initialize=False)
    with pytest.raises(ValueError, match=r"MTL-E424.*GradNorm.*\['tagger'\]"):
        nlp.initialize(lambda: make_examples(nlp))


def test_a_disabled_listener_is_none_to_a_balancer_of_two():
    nlp = build(balancer=TWO, initialize=False)
    nlp.disable_pipe("ner")
    # it may be enabled before training
    nlp.initialize(lambda: make_examples(nlp))
    before = parameters(nlp)
    with pytest.raises(ValueError, match=r"MTL-E424.*GradNorm.*\['tagger'\]"):
        nlp.update(make_examples(nlp), sgd=Adam(0.01))
    assert (parameters(nlp) == before).all()
    nlp.enable_pipe("ner")
    nlp.initialize(lambda: make_examples(nlp))
    train(nlp, [make_examples(nlp)])
    assert moved(nlp, before)


def test_a_frozen_listener_is_none_to_a_balancer_of_two():
    """As `spacy train` does it: what is frozen is disabled while the rest is initialized, and left out of updates."""
    nlp = build(balancer=TWO)
    with nlp.select_pipes(disable=["ner"]):
        nlp.initialize(lambda: make_examples(nlp))
    with pytest.raises(ValueError, match=r"MTL-E424.*\['tagger'\]"):
        nlp.update(make_examples(nlp), sgd=Adam(0.01), exclude=["ner"])


def test_a_loaded_pipeline_of_one_listener():
    nlp = build(balancer=TWO)
    data = nlp.to_bytes()
    loaded = spacy.util.load_model_from_config(nlp.config, disable=["ner"]).from_bytes(data)
    with pytest.raises(ValueError, match=r"MTL-E424.*\['tagger'\]"):
        loaded.update(make_examples(loaded), sgd=Adam(0.01))
    whole = spacy.util.load_model_from_config(nlp.config).from_bytes(data)
    train(whole, [make_examples(whole)])
    # once training has begun, components come and go
    whole.remove_pipe("ner")
    train(whole, [make_examples(whole)])
