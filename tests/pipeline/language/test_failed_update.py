"""After an exception in `nlp.update` nothing of the batch reaches the shared encoder, whatever is done next."""

import copy
import pickle
import warnings

import numpy
import pytest
import spacy
from spacy.util import fix_random_seed
from thinc.api import Adam

from ..shared_encoder import encoder_gradient, parameters
from ..toy_pipeline import CNN, FACTORIES, TORCH, head_config, make_examples

HEADS = ("sentiment", "ner", "srl", "tagger")


class Failure(Exception):
    """Comes up in an update."""


def build(model=CNN, heads=HEADS, balancer=None):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": model, **({"balancer": balancer} if balancer else {})})
    for name in heads:
        nlp.add_pipe(FACTORIES[name], name=name, config=head_config(name))
    nlp.initialize(lambda: make_examples(nlp))
    nlp.update(make_examples(nlp), sgd=Adam(0.01))
    return nlp


@pytest.fixture
def break_down(monkeypatch):
    """Makes a method of a component fail for one update."""

    def fail(nlp, name, method="update", error=Failure, **settings):
        def raise_error(*args, **kwargs):
            raise error

        pipe = nlp.get_pipe(name)
        # stock components are no Python classes with a dict for each object
        subclass = type("Failing", (type(pipe),), {})
        monkeypatch.setattr(pipe, "__class__", subclass)
        monkeypatch.setattr(subclass, method, raise_error, raising=False)
        with pytest.warns(UserWarning, match="MTL-W423"), pytest.raises(error):
            nlp.update(make_examples(nlp), **settings)
        monkeypatch.undo()

    return fail


AFTERWARDS = {
    "call": lambda nlp, folder: nlp("Ana likes Oslo."),
    "pipe": lambda nlp, folder: list(nlp.pipe(["Ana likes Oslo."])),
    "evaluate": lambda nlp, folder: nlp.evaluate(make_examples(nlp)),
    "to_bytes": lambda nlp, folder: nlp.to_bytes(),
    "to_disk": lambda nlp, folder: nlp.to_disk(folder),
    "copy": lambda nlp, folder: copy.deepcopy(nlp),
    "pickle": lambda nlp, folder: pickle.dumps(nlp),
    "use_params": lambda nlp, folder: nlp.use_params({(0, "W"): None}).__enter__(),
    "finish_update": lambda nlp, folder: nlp.get_pipe("tok2vec").finish_update(Adam(0.01)),
    "select_pipes": lambda nlp, folder: nlp.select_pipes(disable=["srl"]),
}


@pytest.mark.parametrize("then", AFTERWARDS)
def test_nothing_learns_of_it_afterwards(then, break_down, tmp_path):
    nlp = build()
    before = parameters(nlp)
    break_down(nlp, "srl", "get_loss", sgd=Adam(0.01))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        AFTERWARDS[then](nlp, tmp_path)
    assert (parameters(nlp) == before).all()
    assert not encoder_gradient(nlp).any()


@pytest.mark.parametrize(
    "name, method", [("sentiment", "update"), ("ner", "get_loss"), ("srl", "begin_update"), ("tagger", "get_loss"),
                     ("tagger", "update"), ("sentiment", "finish_update")]
)  # fmt: skip
@pytest.mark.parametrize("steps, error", [(True, Failure), (True, KeyboardInterrupt), (False, Failure)])
def test_in_any_head(name, method, steps, error, break_down):
    # without an optimizer it is not called
    method = method if steps else method.replace("finish_", "")
    nlp, other = build(), build()
    before = parameters(nlp)
    break_down(nlp, name, method, error, sgd=Adam(0.01) if steps else False)
    assert (parameters(nlp) == before).all()
    # heads that had reported may have learned their own part; the encoder goes on as if nothing had been
    for pipeline in (nlp, other):
        for head in HEADS:
            pipeline.get_pipe(head).model.from_bytes(other.get_pipe(head).model.to_bytes())
        fix_random_seed(1)
        pipeline.update(make_examples(pipeline), sgd=Adam(0.01))
    assert not (parameters(nlp) == before).all()
    numpy.testing.assert_array_equal(parameters(nlp), parameters(other))


def test_in_a_component_that_does_not_listen():
    nlp = build()

    class Stumbling:
        name = "stumbling"

        def __call__(self, doc):
            return doc

        def update(self, examples, **settings):
            raise Failure

    nlp._components.insert(2, ("stumbling", Stumbling()))
    before = parameters(nlp)
    message = r"MTL-W423.*\['ner', 'srl', 'tagger'\] .*Failure.*\['sentiment'\]"
    with pytest.warns(UserWarning, match=message), pytest.raises(Failure):
        nlp.update(make_examples(nlp), sgd=Adam(0.01))
    nlp("Ana likes Oslo.")
    assert (parameters(nlp) == before).all()


@pytest.mark.parametrize("model", [CNN, TORCH], ids=["cnn", "torch"])
def test_what_was_accumulated_before_is_kept(model, break_down):
    nlp = build(model, heads=("sentiment", "tagger"))
    fix_random_seed(1)
    nlp.update(make_examples(nlp), sgd=False)
    waiting = encoder_gradient(nlp)
    break_down(nlp, "tagger", sgd=False)
    numpy.testing.assert_array_equal(encoder_gradient(nlp), waiting)
    before = parameters(nlp)
    nlp.get_pipe("tok2vec").finish_update(Adam(0.01))
    assert not (parameters(nlp) == before).all()


@pytest.mark.parametrize("level", ["representation", "parameters"])
def test_in_the_balancer(level):
    nlp = build(balancer={"@misc": "spacy-mtl.PCGrad.v1", "level": level})
    before = parameters(nlp)
    balancer = nlp.get_pipe("tok2vec").balancer
    work = type(balancer).__call__

    class Failing(type(balancer)):
        def __call__(self, gradients, report):
            work(self, gradients, report)
            raise Failure

    own = type(balancer)
    balancer.__class__ = Failing
    with pytest.raises(Failure):
        nlp.update(make_examples(nlp), sgd=Adam(0.01))
    balancer.__class__ = own
    nlp.get_pipe("tok2vec").finish_update(Adam(0.01))
    assert (parameters(nlp) == before).all()
    assert not encoder_gradient(nlp).any()


def test_plain_loops_learn_from_their_last_batch():
    nlp = build()
    for exclude in ([], ["tagger"], ["sentiment"]):
        before = parameters(nlp)
        nlp.update(make_examples(nlp), sgd=Adam(0.01), exclude=exclude)
        assert numpy.abs(parameters(nlp) - before).max() > 1e-3


def test_head_by_itself(break_down):
    nlp = build()
    before = parameters(nlp)
    examples = make_examples(nlp)
    nlp.get_pipe("tok2vec").update(examples, sgd=Adam(0.01))
    nlp.get_pipe("sentiment").update(examples)
    srl = nlp.get_pipe("srl")
    srl.get_loss = None
    with pytest.warns(UserWarning, match="MTL-W423"), pytest.raises(TypeError):
        srl.update(examples)
    nlp.get_pipe("tok2vec").update(examples, sgd=Adam(0.01))
    assert (parameters(nlp) == before).all()


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp))])
def test_copies_of_a_pipeline(clone, break_down):
    nlp = clone(build())
    assert isinstance(nlp, spacy.lang.en.English)
    assert repr(type(nlp)) == repr(spacy.lang.en.English)
    before = parameters(nlp)
    break_down(nlp, "ner", sgd=Adam(0.01))
    nlp("Ana likes Oslo.")
    assert (parameters(nlp) == before).all()
    assert type(spacy.blank("en")) is spacy.lang.en.English
