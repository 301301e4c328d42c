"""What runs on a GPU takes no array of the host there, and waits for the device and works on it as often for a batch of
many long texts as for one of few short ones. See `tests.devices`."""

import importlib
import pkgutil

import numpy
import pytest
from spacy.tokens import Doc
from spacy.util import fix_random_seed
from thinc.api import get_array_module, to_numpy

import spacy_mtl
from spacy_mtl.analysis.explanation.explain import Explainer

from .balancing.methods import ALL, draw_gradients, draw_report, make, params
from .data.corpora import GIVE
from .device_pipelines import HEADS, build, count, params_of_heads, predict, update
from .devices import DeviceArray, guarded_device, to_device, to_host
from .encoders.layers import ENCODERS, make_vectors
from .pipeline.shared_encoder import LISTENER, WIDTH

CNN = {
    "@architectures": "spacy.MaxoutWindowEncoder.v2",
    "width": WIDTH,
    "depth": 1,
    "window_size": 1,
    "maxout_pieces": 2,
}
EMBED = {
    "@architectures": "spacy-mtl.MultiHashEmbed.v1",
    "width": WIDTH,
    "attrs": ["NORM", "PREFIX"],
    "rows": [50, 50],
    "include_static_vectors": False,
    "word_dropout": 0.1,
}
SHARED = {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED, "encode": CNN}
EXPERTS = {**SHARED, "encode": {"@architectures": "spacy-mtl.Experts.v1", "expert": CNN, "experts": 2}}
STITCHED = {"@architectures": "spacy-mtl.CrossStitch.v1", "embed": EMBED, "encode": CNN, "columns": 2, "depth": 2}
WIDE = {**LISTENER, "width": 2 * WIDTH}
GATE = {"@architectures": "spacy-mtl.ExpertGate.v1", "shared": WIDE, "experts": 2}
READER = {"@architectures": "spacy-mtl.StackPropagation.v1", "source": "textcat", "shared": LISTENER}
# by name: the encoder, and what the head of a number has between it and its own layers
SHARING = {
    "mixture of experts": (EXPERTS, lambda number: GATE),
    "experts of a head": (EXPERTS, lambda number: {**GATE, "private": SHARED}),
    "cross-stitch": (
        STITCHED,
        lambda number: {"@architectures": "spacy-mtl.Column.v1", "shared": WIDE, "column": number, "columns": 2},
    ),
    "private path": (
        SHARED,
        lambda number: {"@architectures": "spacy-mtl.PrivatePath.v1", "shared": LISTENER, "private": SHARED},
    ),
    "adapter": (
        SHARED,
        lambda number: {"@architectures": "spacy-mtl.AdaptedListener.v1", "shared": LISTENER, "hidden_width": 4},
    ),
    "reader": (SHARED, lambda number: READER if number else LISTENER),
}


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


@pytest.mark.parametrize("head", params_of_heads())
def test_heads_wait_a_few_times_a_batch(head):
    expected = update(build(head), 4)
    with guarded_device() as ledger:
        nlp = build(head)
        found = update(nlp, 4)
        for run, most in zip((update, predict), HEADS[head][2:]):
            reads, *_ = count(nlp, run, ledger)
            assert sum(reads.values()) <= most, reads
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


@pytest.mark.parametrize("name", SHARING)
def test_what_heads_share_stays_on_the_device(name):
    encoder, hear = SHARING[name]
    expected = update(build("textcat", "ner", encoder=encoder, hear=hear), 4)
    with guarded_device() as ledger:
        nlp = build("textcat", "ner", encoder=encoder, hear=hear)
        found = update(nlp, 4)
        for run, most in ((update, 20), (predict, 5)):
            reads, *_ = count(nlp, run, ledger, is_joined=name != "reader")
            assert sum(reads.values()) <= most, reads
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("level", ["representation", "parameters"])
@pytest.mark.parametrize("method", ["Weighted", "PCGrad", "GradNorm", "TargetDistributionAveraging"])
def test_what_balances_a_pipeline_stays_on_the_device(method, level):
    if method == "PCGrad":
        pytest.importorskip("torchjd")
    settings = {"weights": {"ner": 2.0}} if method == "Weighted" else {}
    balancer = {"@misc": f"spacy-mtl.{method}.v1", "level": level, **settings}
    with guarded_device() as ledger:
        nlp = build("textcat", "ner", encoder=SHARED, balancer=balancer)
        update(nlp, 4)
        reads, *_ = count(nlp, update, ledger)
        assert sum(reads.values()) <= 25, reads


@pytest.mark.parametrize("stock", [True, False])
def test_pretrained_encoders_stay_on_the_device(tmp_path, stock):
    pytest.importorskip("torch")
    pytest.importorskip("spacy_transformers")
    from .encoders.pretrained.tiny_transformer import encoder_config, stock_config, write_bert

    name = write_bert(tmp_path / "bert")
    encoder = stock_config(name) if stock else encoder_config(name)
    with guarded_device() as ledger:
        nlp = build("textcat", "ner", encoder=encoder)
        update(nlp, 4)
        for run, most in ((update, 18), (predict, 4)):
            reads, *_ = count(nlp, run, ledger, is_joined=False)
            assert sum(reads.values()) <= most, reads


@pytest.mark.parametrize("method", ["occlusion", "integrated"])
@pytest.mark.parametrize("head", [name for name in params_of_heads() if name.values[0] != "dependency"])
def test_explanations_stay_on_the_device(head, method):
    if head == "translate" and method == "integrated":
        pytest.skip("translations have no gradient in the words")
    words = [token[0] for token in GIVE]
    nlp = build(head)
    expected = Explainer(nlp).explain(Doc(nlp.vocab, words=words), head, method=method)
    with guarded_device():
        nlp = build(head)
        found = Explainer(nlp).explain(Doc(nlp.vocab, words=words), head, method=method)
    assert expected
    for one, other in zip(found, expected, strict=True):
        assert (one.label, one.words) == (other.label, other.words)
        assert one.encoder == pytest.approx(other.encoder, abs=1e-3)
        assert one.own == pytest.approx(other.own, abs=1e-3)


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
