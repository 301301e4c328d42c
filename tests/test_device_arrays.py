"""What runs on a GPU takes no array of the host there, and waits for the device a few times a batch, however many texts
the batch has. See `tests.devices`."""

import importlib
import pkgutil
from importlib.util import find_spec

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import get_array_module, to_numpy

import spacy_mtl
from spacy_mtl.analysis.explanation.explain import Explainer
from spacy_mtl.frames import set_frames
from spacy_mtl.translations import set_translations

from .balancing.methods import ALL, draw_gradients, draw_report, make, params
from .data.corpora import GIVE, GIVE_FRAMES, RUN, RUN_FRAMES
from .devices import DeviceArray, guarded_device, to_device, to_host
from .encoders.layers import ENCODERS, make_vectors
from .pipeline.shared_encoder import ENCODER_MODEL, LISTENER

ARGUMENTS = {"@architectures": "spacy-mtl.BiaffineArguments.v1", "hidden_width": 8, "max_distance": 4}
DECODER = {"width": 16, "depth": 1, "heads": 2, "dropout": 0.0}
# by name: factory, settings, and how often the host may read from the device, at an update and at a prediction
HEADS = {
    "textcat": ("mtl_textcat", {"model": {"tok2vec": LISTENER}}, 10, 2),
    "ner": ("mtl_ner", {"model": {"tok2vec": LISTENER}}, 18, 15),
    "srl": ("mtl_srl", {"model": {"tok2vec": LISTENER}}, 11, 3),
    "srl, biaffine": ("mtl_srl", {"model": {"tok2vec": LISTENER, "arguments": ARGUMENTS}}, 11, 3),
    "translate": ("mtl_translate", {"model": {**DECODER, "tok2vec": LISTENER}, "subwords": 40, "beam": 2}, 9, 9),
    "dependency": ("mtl_dependency", {"model": {"tok2vec": LISTENER}}, 11, 4),
}
# spaCy moves the features of each text by itself
FEATURES = "asarray2i"


@pytest.fixture(scope="module", autouse=True)
def whole_package():
    """The guard replaces functions of thinc in the modules that are there."""
    for module in pkgutil.walk_packages(spacy_mtl.__path__, "spacy_mtl."):
        if module.name.split(".")[1] in ("analysis", "balancing", "encoders", "heads", "pipeline", "scorers"):
            try:
                importlib.import_module(module.name)
            except ImportError:
                # of an extra that is not installed
                continue


def make_examples(nlp, size):
    examples = []
    for i in range(size):
        tokens, frames = ((GIVE, GIVE_FRAMES), (RUN, RUN_FRAMES))[i % 2]
        words, root = [token[0] for token in tokens], 1 if tokens is GIVE else 0
        deps = ["ROOT" if j == root else "dep" for j in range(len(words))]
        doc = Doc(
            nlp.vocab,
            words=words,
            ents=[token[3] for token in tokens],
            tags=[token[2] for token in tokens],
            heads=[root] * len(words),
            deps=deps,
        )
        doc.cats = {"calm": float(i % 2), "busy": float(1 - i % 2)}
        set_frames(doc, frames)
        set_translations(doc, {"de": "Mary gab Oslo Hoffnung." if tokens is GIVE else "Lauf!"})
        examples.append(Example(Doc(nlp.vocab, words=words), doc))
    return examples


def build(*heads):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": ENCODER_MODEL})
    for head in heads:
        factory, config, *_ = HEADS[head]
        nlp.add_pipe(factory, name=head, config=config)
    nlp.initialize(lambda: make_examples(nlp, 4))
    return nlp


def update(nlp, size, sgd=None):
    fix_random_seed(1)
    return nlp.update(make_examples(nlp, size), sgd=nlp.create_optimizer() if sgd is None else sgd, drop=0.1)


def predict(nlp, size):
    return list(nlp.pipe([example.predicted for example in make_examples(nlp, size)]))


NEEDS = {"translate": ["torch", "sentencepiece"]}


def params_of_heads():
    for name in HEADS:
        missing = [module for module in NEEDS.get(name, ()) if find_spec(module) is None]
        yield pytest.param(name, marks=pytest.mark.skipif(bool(missing), reason=f"needs {missing}"))


@pytest.mark.parametrize("head", params_of_heads())
def test_heads_wait_a_few_times_a_batch(head):
    expected = update(build(head), 4)
    with guarded_device() as ledger:
        nlp = build(head)
        sgd = nlp.create_optimizer()
        found = update(nlp, 4, sgd)
        for run, most in zip((update, predict), HEADS[head][2:]):
            waits = []
            for size in (4, 12):
                ledger.clear()
                run(nlp, size)
                moves = {place: count for place, count in ledger.writes.items() if not place.endswith(FEATURES)}
                waits.append((dict(ledger.reads), moves))
            assert waits[0] == waits[1], "it grows with the number of texts"
            assert sum(ledger.reads.values()) <= most, ledger.reads
        docs = predict(nlp, 2)
    assert found == pytest.approx(expected, rel=1e-4)
    assert isinstance(docs[0].tensor, DeviceArray)


@pytest.mark.parametrize("method", params(ALL))
def test_balancers_stay_on_the_device(method):
    rng = numpy.random.default_rng(0)
    batches = [(draw_gradients(rng, shape=shape), draw_report(rng)) for shape in ((7, 12), (5, 12))]
    balancer = make(method)
    expected = [balancer(gradients, report) for gradients, report in batches]
    with guarded_device() as ledger:
        balancer = make(method)
        for (gradients, report), other in zip(batches, expected):
            found = balancer({name: to_device(gradient) for name, gradient in gradients.items()}, report)
            assert isinstance(found, DeviceArray)
            numpy.testing.assert_allclose(to_host(found), other, rtol=1e-4, atol=1e-5)
        assert sum(ledger.reads.values()) <= 6 * len(batches), ledger.reads


@pytest.mark.parametrize("encoder", ENCODERS)
def test_encoders_stay_on_the_device(encoder):
    vectors = make_vectors()
    with guarded_device() as ledger:
        fix_random_seed(0)
        model = ENCODERS[encoder]()
        model.initialize()
        waits = []
        for times in (1, 3):
            ledger.clear()
            found, backprop = model.begin_update(to_device(vectors * times))
            gradients = backprop(found)
            assert all(isinstance(one, DeviceArray) for one in [*found, *gradients])
            waits.append(sum(ledger.reads.values()))
        assert waits[0] == waits[1]


@pytest.mark.parametrize("method", ["occlusion", "integrated"])
def test_explanations_stay_on_the_device(method):
    heads = ["textcat", "ner", "srl"]
    if method == "occlusion" and not any(find_spec(module) is None for module in NEEDS["translate"]):
        heads.append("translate")
    words = [token[0] for token in GIVE]
    nlp = build(*heads)
    expected = Explainer(nlp).explain(Doc(nlp.vocab, words=words), "textcat", method=method)
    with guarded_device():
        nlp = build(*heads)
        found = Explainer(nlp).explain(Doc(nlp.vocab, words=words), "textcat", method=method)
        for head in heads[1:]:
            Explainer(nlp).explain(Doc(nlp.vocab, words=words), head, method=method)
    for one, other in zip(found, expected, strict=True):
        assert (one.label, one.words) == (other.label, other.words)
        assert one.encoder == pytest.approx(other.encoder, abs=1e-3)


def test_what_a_gpu_refuses_is_refused():
    host, device = numpy.ones(3, dtype="f"), to_device(numpy.ones(3, dtype="f"))
    with guarded_device() as ledger:
        xp = get_array_module(device)
        for mistake in (
            lambda: numpy.exp(host) + device,
            lambda: numpy.concatenate([device, device]),
            lambda: numpy.asarray(device),
            lambda: xp.exp(host),
            lambda: device.__setitem__(slice(None), host),
            lambda: host.__iadd__(device),
        ):
            with pytest.raises(TypeError, match="Implicit conversion"):
                mistake()
        assert not ledger.reads and not ledger.writes
        # what a GPU does, and waits for
        assert float(device.sum()) == 3.0 and to_numpy(device).tolist() == [1.0] * 3 and bool((device > 0).all())
        assert len(device[device > 0]) == 3 and sum(ledger.reads.values()) == 4
        assert isinstance(xp.asarray(host) + device, DeviceArray) and sum(ledger.writes.values()) == 1
    assert get_array_module(device) is numpy and numpy.asarray(device).sum() == 3
