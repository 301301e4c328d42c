"""What a head has of its own beside the shared encoder: gradients, settings that do not fit."""

import numpy
import pytest
import spacy
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Model

from spacy_mtl.encoders.private_path import build_adapted_listener, build_private_path, find_listener

SHARED, PRIVATE = 6, 4
EMBED = {"@architectures": "spacy-mtl.MultiHashEmbed.v1", "width": PRIVATE, "attrs": ["NORM"], "rows": [50],
         "include_static_vectors": False}  # fmt: skip
ENCODE = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": PRIVATE, "depth": 1, "window_size": 1,
          "maxout_pieces": 2}  # fmt: skip
OWN = {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED, "encode": ENCODE}
BUILDERS = {
    "private": lambda shared: build_private_path(shared, registry.resolve({"model": OWN})["model"]),
    "adapted": lambda shared: build_adapted_listener(shared, PRIVATE),
}


class Heard:
    """A layer that listens, and the docs, vectors and gradients of its encoder."""

    def __init__(self, kind):
        vocab = spacy.blank("en").vocab
        self.docs = [Doc(vocab, words=["Ana", "sings"]), Doc(vocab, words=["Oslo"])]
        random = numpy.random.default_rng(0)
        self.vectors = [random.normal(size=(len(doc), SHARED)).astype("float32") for doc in self.docs]
        self.d_vectors = None
        self.listener = Tok2VecListener("tok2vec", SHARED)
        self.layer = BUILDERS[kind](self.listener)
        self.layer.initialize(X=self.docs)
        for node in self.layer.walk():
            for name in node.param_names:
                value = node.get_param(name)
                node.set_param(name, value + random.normal(size=value.shape).astype("float32") * 0.3)

    def run(self):
        def receive(d_vectors):
            self.d_vectors = d_vectors
            return d_vectors

        self.listener.receive(Tok2VecListener.get_batch_id(self.docs), self.vectors, receive)
        return self.layer(self.docs, is_train=True)


@pytest.fixture(params=BUILDERS)
def heard(request):
    return Heard(request.param)


def measure(heard, weights):
    return sum(float((part * weight).sum()) for part, weight in zip(heard.run()[0], weights))


def test_the_gradient_reaches_both_parts(heard):
    output, backprop = heard.run()
    random = numpy.random.default_rng(1)
    weights = [random.normal(size=part.shape).astype("float32") for part in output]
    backprop(weights)
    step = 1e-2
    for of_doc, gradient in zip(heard.vectors, heard.d_vectors, strict=True):
        for place in numpy.ndindex(*of_doc.shape):
            estimates = []
            for sign in (1, -1):
                of_doc[place] += sign * step
                estimates.append(measure(heard, weights))
                of_doc[place] -= sign * step
            assert gradient[place] == pytest.approx((estimates[0] - estimates[1]) / 2 / step, rel=0.03, abs=0.02)
    own = [
        (node, name)
        for node in heard.layer.walk()
        for name in node.param_names
        if node.has_grad(name) and name in ("W", "b")
    ]
    assert own
    for node, name in own:
        value, gradient = node.get_param(name), node.get_grad(name).copy()
        place = numpy.unravel_index(abs(gradient).argmax(), gradient.shape)
        estimates = []
        for sign in (1, -1):
            value[place] += sign * step / 4
            node.set_param(name, value)
            estimates.append(measure(heard, weights))
            value[place] -= sign * step / 4
        node.set_param(name, value)
        assert gradient[place] == pytest.approx((estimates[0] - estimates[1]) / step * 2, rel=0.05, abs=0.02)


def test_widths(heard):
    width = SHARED + PRIVATE if heard.layer.name.startswith("private_path") else SHARED
    assert heard.layer.get_dim("nO") == width
    assert [part.shape for part in heard.run()[0]] == [(2, width), (1, width)]


def test_an_adapter_begins_as_the_listener():
    heard = Heard("adapted")
    heard.layer.get_ref("bottleneck").layers[-1].initialize()
    for part, vectors in zip(heard.run()[0], heard.vectors):
        numpy.testing.assert_array_equal(part, vectors)


def test_survives_bytes(heard):
    other = BUILDERS["private" if heard.layer.name.startswith("private_path") else "adapted"](
        Tok2VecListener("tok2vec", SHARED)
    )
    other.from_bytes(heard.layer.to_bytes())
    expected = heard.run()[0]
    heard.layer, heard.listener = other, other.get_ref("shared")
    for part, of_doc in zip(heard.run()[0], expected, strict=True):
        numpy.testing.assert_array_equal(part, of_doc)


@pytest.mark.parametrize("kind", BUILDERS)
def test_a_shared_part_that_does_not_listen_is_refused(kind):
    layer = BUILDERS[kind](registry.resolve({"model": OWN})["model"])
    with pytest.raises(ValueError, match="E440.*`shared`"):
        layer.initialize(X=[Doc(spacy.blank("en").vocab, words=["Ana"])])


def test_a_private_part_that_listens_is_refused():
    with pytest.raises(ValueError, match="E440.*`private`"):
        build_private_path(Tok2VecListener("tok2vec", SHARED), Tok2VecListener("tok2vec", SHARED))


def test_the_path_of_the_listener_is_found():
    around = {"@architectures": "spacy-mtl.PrivatePath.v1", "shared": {"@architectures": "spacy.Tok2VecListener.v1"}}
    twice = {"@architectures": "spacy-mtl.AdaptedListener.v1", "shared": around}
    for block, expected in ((around["shared"], ""), (around, ".shared"), (twice, ".shared.shared")):
        assert find_listener({"model": {"tok2vec": block}}, "model.tok2vec") == f"model.tok2vec{expected}"
    assert find_listener({"model": {}}, "model.tok2vec") == "model.tok2vec"
    assert isinstance(BUILDERS["private"](Tok2VecListener("tok2vec", SHARED)), Model)
