"""Encoders with columns, and the layers that read them: values, gradients, settings that do not fit."""

import numpy
import pytest
import spacy
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from spacy.util import fix_random_seed, registry
from thinc.api import Model

from spacy_mtl.encoders.columns import build_experts, copy_layer
from spacy_mtl.encoders.cross_stitch import build_cross_stitch
from spacy_mtl.encoders.expert_gate import build_column, build_expert_gate

WIDTH = 4
EMBED = {"@architectures": "spacy-mtl.MultiHashEmbed.v1", "width": WIDTH, "attrs": ["NORM"], "rows": [50],
         "include_static_vectors": False}  # fmt: skip
CNN = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": WIDTH, "depth": 1, "window_size": 1,
       "maxout_pieces": 2}  # fmt: skip
LSTM = {"@architectures": "spacy-mtl.RNNEncoder.v1", "width": WIDTH, "depth": 1, "dropout": 0.0}
STOCK_LSTM = {"@architectures": "spacy.TorchBiLSTMEncoder.v1", "width": WIDTH, "depth": 1, "dropout": 0.0}
ENCODE = {"cnn": CNN, "lstm": LSTM}


def resolve(block):
    return registry.resolve({"model": block})["model"]


def tok2vec(encode, embed=EMBED):
    return {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}


def experts(encode, number=3):
    return {"@architectures": "spacy-mtl.Experts.v1", "expert": encode, "experts": number}


ENCODERS = {
    "experts over an embedding": lambda encode: tok2vec(experts(encode)),
    "experts with embeddings": lambda encode: experts(tok2vec(encode)),
    "cross-stitch": lambda encode: {
        "@architectures": "spacy-mtl.CrossStitch.v1", "embed": EMBED, "encode": encode, "columns": 3, "depth": 2,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def docs():
    vocab = spacy.blank("en").vocab
    return [Doc(vocab, words=["Ana", "sings", "."]), Doc(vocab), Doc(vocab, words=["Oslo"])]


def make(block, docs):
    if "RNN" in str(block):
        pytest.importorskip("torch")
    fix_random_seed(1)
    model = resolve(block) if isinstance(block, dict) else block
    model.initialize(X=docs)
    return model


def check_gradient(run, places, gradients, weights):
    """Compare some elements of gradients with differences of what `run` gives, weighted."""

    def measure():
        return sum(float((part * weight).sum()) for part, weight in zip(run(), weights))

    for array, gradient in zip(places, gradients, strict=True):
        assert gradient.any()
        place = numpy.unravel_index(abs(gradient).argmax(), gradient.shape)
        before, estimates = array[place].copy(), []
        for sign in (1, -1):
            array[place] = before + sign * 1e-3
            estimates.append(measure())
        array[place] = before
        assert gradient[place] == pytest.approx((estimates[0] - estimates[1]) / 2e-3, rel=0.05, abs=0.02)


def draw(arrays, seed=2):
    random = numpy.random.default_rng(seed)
    return [random.normal(size=array.shape).astype("float32") for array in arrays]


@pytest.mark.parametrize("encode", ENCODE)
@pytest.mark.parametrize("kind", ENCODERS)
def test_columns_of_an_encoder(kind, encode, docs):
    model = make(ENCODERS[kind](ENCODE[encode]), docs)
    vectors = model.predict(docs)
    assert [of_doc.shape for of_doc in vectors] == [(3, 3 * WIDTH), (0, 3 * WIDTH), (1, 3 * WIDTH)]
    assert model.get_dim("nO") == 3 * WIDTH
    first, second = vectors[0][:, :WIDTH], vectors[0][:, WIDTH : 2 * WIDTH]
    assert abs(first - second).max() > 1e-3
    for doc, of_doc in zip(docs, vectors):
        numpy.testing.assert_allclose(model.predict([doc])[0], of_doc, atol=1e-5)
    other = resolve(ENCODERS[kind](ENCODE[encode])).from_bytes(model.to_bytes())
    for one, of_doc in zip(other.predict(docs), vectors):
        numpy.testing.assert_array_equal(one, of_doc)
    # away from where LayerNorm is steep
    random = numpy.random.default_rng(0)
    for node in model.walk():
        for name in node.param_names:
            value = node.get_param(name)
            node.set_param(name, value + random.normal(size=value.shape).astype("float32") * 0.5)
    output, backprop = model.begin_update(docs)
    weights = draw(output)
    backprop(weights)
    nodes = [(node, name) for node in model.walk() for name in node.param_names if node.has_grad(name)]
    nodes = [(node, name) for node, name in nodes if node.name in ("hashembed", "cross_stitch", "maxout")]
    assert len(nodes) == {"experts over an embedding": 1, "experts with embeddings": 3, "cross-stitch": 3 + 3}[kind] + (
        2 * len([node for node in model.walk() if node.name == "maxout"])
    )
    check_gradient(
        lambda: model.predict(docs),
        [node.get_param(name) for node, name in nodes],
        [node.get_grad(name) for node, name in nodes],
        weights,
    )


@pytest.mark.parametrize("encode", ENCODE)
def test_apart_columns_are_separate_encoders(encode, docs):
    model = make({**ENCODERS["cross-stitch"](ENCODE[encode]), "own_share": 1.0}, docs)
    embeds, _, *layers = model.layers[0].layers
    expected = []
    for column in range(3):
        vectors = embeds.layers[column].predict(docs)
        for layer in layers[::2]:
            vectors = layer.layers[column].predict(vectors)
        expected.append(vectors)
    for of_doc, *columns in zip(model.predict(docs), *expected, strict=True):
        numpy.testing.assert_allclose(of_doc, numpy.hstack(columns), atol=1e-6)


def test_units_begin_as_told(docs):
    model = make(ENCODERS["cross-stitch"](CNN), docs)
    units = [node for node in model.walk() if node.name == "cross_stitch"]
    expected = [[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9]]
    assert len(units) == 3
    for unit in units:
        for channel in range(WIDTH):
            numpy.testing.assert_allclose(unit.get_param("W")[:, :, channel], expected, rtol=1e-6)


@pytest.mark.parametrize("encode", [CNN, LSTM, STOCK_LSTM])
def test_copies_share_nothing(encode, docs):
    if encode is not CNN:
        pytest.importorskip("torch")
    model = make(experts(encode, 2), [numpy.ones((3, WIDTH), dtype="float32")])
    first, second = (layer.predict([numpy.ones((3, WIDTH), dtype="float32")])[0] for layer in model.layers)
    assert abs(first - second).max() > 1e-3
    shims = [shim.id for node in model.walk() for shim in node.shims]
    assert len(set(shims)) == len(shims)


def test_copies_have_their_own_references():
    layer = resolve(tok2vec(CNN))
    for one in copy_layer(layer, 2):
        assert one.get_ref("embed") is one.layers[0]


class Heard:
    """A layer over a listener, and the docs, vectors and gradients of its encoder."""

    def __init__(self, build, docs, columns=3):
        self.docs, self.d_vectors = docs, None
        self.vectors = draw([numpy.zeros((len(doc), columns * WIDTH)) for doc in docs], seed=0)
        self.listener = Tok2VecListener("tok2vec", columns * WIDTH)
        self.layer = build(self.listener)
        self.layer.initialize(X=docs)

    def run(self):
        def receive(d_vectors):
            self.d_vectors = d_vectors
            return d_vectors

        self.listener.receive(Tok2VecListener.get_batch_id(self.docs), self.vectors, receive)
        return self.layer(self.docs, is_train=True)


def gate(private=None):
    return lambda shared: build_expert_gate(shared, 3, private)


def test_a_column(docs):
    heard = Heard(lambda shared: build_column(shared, 1, 3), docs)
    assert heard.layer.get_dim("nO") == WIDTH
    output, backprop = heard.run()
    weights = draw(output)
    backprop(weights)
    for of_doc, vectors, weight, gradient in zip(output, heard.vectors, weights, heard.d_vectors, strict=True):
        numpy.testing.assert_array_equal(of_doc, vectors[:, WIDTH : 2 * WIDTH])
        numpy.testing.assert_array_equal(gradient, numpy.pad(weight, ((0, 0), (WIDTH, WIDTH))))


def test_a_gate_begins_as_the_mean(docs):
    heard = Heard(gate(), docs)
    for of_doc, vectors in zip(heard.run()[0], heard.vectors):
        numpy.testing.assert_allclose(of_doc, vectors.reshape((-1, 3, WIDTH)).mean(axis=1), atol=1e-6)


@pytest.mark.parametrize("own", [None, tok2vec(CNN), experts(tok2vec(CNN), 2)])
def test_the_gradient_reaches_the_experts_and_the_gate(own, docs):
    heard = Heard(gate(None if own is None else resolve(own)), docs)
    number = 3 + (0 if own is None else 2 if "experts" in own else 1)
    linear = heard.layer.get_ref("gate")
    assert linear.get_param("W").shape == (number, number * WIDTH)
    linear.set_param("W", draw([linear.get_param("W")])[0])
    output, backprop = heard.run()
    weights = draw(output, seed=3)
    backprop(weights)
    places, gradients = [*heard.vectors], [*heard.d_vectors]
    for name in ("W", "b"):
        places.append(linear.get_param(name))
        gradients.append(linear.get_grad(name))
    nodes = [node for node in heard.layer.walk() if node.name in ("hashembed", "maxout")]
    places += [node.get_param("E" if node.name == "hashembed" else "W") for node in nodes]
    gradients += [node.get_grad("E" if node.name == "hashembed" else "W") for node in nodes]
    del places[1], gradients[1]  # the empty Doc
    check_gradient(lambda: heard.run()[0], places, gradients, weights)


def test_one_expert_is_hard_sharing(docs):
    for build in (lambda shared: build_expert_gate(shared, 1), lambda shared: build_column(shared, 0, 1)):
        heard = Heard(build, docs, columns=1)
        output, backprop = heard.run()
        backprop(output)
        for of_doc, vectors, gradient in zip(output, heard.vectors, heard.d_vectors):
            numpy.testing.assert_array_equal(of_doc, vectors)
            numpy.testing.assert_allclose(gradient, vectors, atol=1e-6)
    fix_random_seed(1)
    plain = make(tok2vec(CNN), docs)
    for block in (tok2vec(experts(CNN, 1)), experts(tok2vec(CNN), 1)):
        for one, other in zip(make(block, docs).predict(docs), plain.predict(docs)):
            numpy.testing.assert_array_equal(one, other)
    stitched = make({**ENCODERS["cross-stitch"](CNN), "columns": 1, "depth": 1}, docs)
    for one, other in zip(stitched.predict(docs), plain.predict(docs)):
        numpy.testing.assert_array_equal(one, other)


def listener(width=3 * WIDTH):
    return Tok2VecListener("tok2vec", width)


@pytest.mark.parametrize(
    "build,code",
    [
        (lambda: build_experts(resolve(CNN), 0), "E409.*experts"),
        (lambda: build_cross_stitch(resolve(EMBED), resolve(CNN), 0), "E409.*columns"),
        (lambda: build_cross_stitch(resolve(EMBED), resolve(CNN), 2, 0), "E409.*depth"),
        (lambda: build_cross_stitch(resolve(EMBED), resolve(CNN), 2, own_share=1.5), "E409.*own_share"),
        (lambda: build_cross_stitch(resolve(CNN), resolve({**CNN, "width": 8}), 2), "E461.*`embed`"),
        (lambda: build_column(listener(), 3, 3), "E409.*column = 3"),
        (lambda: build_column(listener(), -1, 3), "E409.*column = -1"),
        (lambda: build_column(listener(), 0, 5), "E461.*`shared`.*multiple of 5"),
        (lambda: build_expert_gate(listener(), 0), "E409.*experts"),
        (lambda: build_expert_gate(listener(), 5), "E461.*`shared`"),
        (lambda: build_expert_gate(listener(), 3, listener()), "E440.*`private`"),
        (lambda: build_expert_gate(listener(24), 3, resolve(tok2vec(CNN))), "E461.*`private`"),
    ],
)
def test_what_does_not_fit_is_refused(build, code):
    with pytest.raises(ValueError, match=f"MTL-{code}"):
        build()


def test_an_embedding_of_another_width_is_refused(docs):
    layer = build_cross_stitch(resolve({**EMBED, "width": 8}), resolve(CNN), 2)
    with pytest.raises(ValueError, match="E461.*`embed`.* 8 wide"):
        layer.initialize(X=docs)


def test_an_encoder_of_the_heads_own_without_columns_is_refused(docs):
    for layer in (build_expert_gate(resolve(tok2vec(CNN)), 2), build_column(resolve(tok2vec(CNN)), 0, 2)):
        with pytest.raises(ValueError, match="E460.*`shared` has 1"):
            layer.initialize(X=docs)


def test_widths_that_are_known_late(docs):
    wide = {**EMBED, "width": 2 * WIDTH}
    layer = build_expert_gate(Tok2VecListener("tok2vec", None), 3, resolve(tok2vec({**CNN, "width": 8}, wide)))
    layer.get_ref("shared").set_dim("nO", 9)
    with pytest.raises(ValueError, match="E461.*`private`"):
        layer.initialize(X=docs)
    assert isinstance(layer, Model)
