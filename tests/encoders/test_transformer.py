"""The transformer encoder against its formulas written out in numpy."""

import math

import numpy
import pytest

torch = pytest.importorskip("torch")

from spacy_mtl.encoders.transformer_layers import make_buckets  # noqa: E402
from spacy_mtl.positions import rotate, rotations, sinusoids  # noqa: E402

from .layers import WIDTH, assert_same, get_module, get_weights, make_vectors, normalize, transformer  # noqa: E402

HEADS = 2
HEAD_WIDTH = WIDTH // HEADS


def sinusoid(position, width):
    vector = numpy.zeros(width)
    for i in range(width // 2):
        angle = position / 10000 ** (2 * i / width)
        vector[2 * i], vector[2 * i + 1] = math.sin(angle), math.cos(angle)
    return vector


def turn(vector, position):
    """Multiply pairs of places, as complex numbers, by e^(i angle)."""
    half = len(vector) // 2
    angles = numpy.array([position / 10000 ** (2 * i / len(vector)) for i in range(half)])
    turned = (vector[:half] + 1j * vector[half:]) * numpy.exp(1j * angles)
    return numpy.concatenate([turned.real, turned.imag])


def gelu(x):
    return x * 0.5 * (1 + numpy.vectorize(math.erf)(x / math.sqrt(2)))


def linear(rows, weights, name):
    return rows @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def attend(rows, weights, prefix, position):
    queries, keys, values = (linear(rows, weights, f"{prefix}.{name}") for name in ("queries", "keys", "values"))
    mixed = numpy.zeros_like(rows)
    for head in range(HEADS):
        own = slice(head * HEAD_WIDTH, (head + 1) * HEAD_WIDTH)
        for i in range(len(rows)):
            scores = []
            for j in range(len(rows)):
                query, key = queries[i, own], keys[j, own]
                if position == "rotary":
                    query, key = turn(query, i), turn(key, j)
                scores.append(query @ key / math.sqrt(HEAD_WIDTH))
            shares = numpy.exp(scores - numpy.max(scores))
            mixed[i, own] = shares / shares.sum() @ values[:, own]
    return linear(mixed, weights, f"{prefix}.output")


def encode(rows, model, depth, position, pre_norm):
    weights = get_weights(model)
    rows = rows.astype("float64")

    def norm(rows, name):
        return normalize(rows, weights[f"{name}.weight"], weights[f"{name}.bias"])

    if position == "sinusoidal":
        rows = rows + [sinusoid(i, WIDTH) for i in range(len(rows))]
    elif position == "learned":
        rows = rows + weights["learned_positions.weight"][: len(rows)]
    for i in range(depth):
        layer = f"layers.{i}"

        def attention(rows, layer=layer):
            return attend(rows, weights, f"{layer}.attention", position)

        def feed_forward(rows, layer=layer):
            return linear(gelu(linear(rows, weights, f"{layer}.feed_forward.0")), weights, f"{layer}.feed_forward.2")

        if pre_norm:
            rows = rows + attention(norm(rows, f"{layer}.attention_norm"))
            rows = rows + feed_forward(norm(rows, f"{layer}.feed_forward_norm"))
        else:
            rows = norm(rows + attention(rows), f"{layer}.attention_norm")
            rows = norm(rows + feed_forward(rows), f"{layer}.feed_forward_norm")
    return norm(rows, "norm") if pre_norm else rows


@pytest.mark.parametrize("position", ["sinusoidal", "learned", "rotary"])
@pytest.mark.parametrize("pre_norm", [True, False])
def test_computes_its_formulas(position, pre_norm):
    settings = {"position": position, "pre_norm": pre_norm, "depth": 2}
    model = transformer(**settings)
    model.initialize()
    vectors = make_vectors([4, 9, 1, 8, 9])
    assert_same(model.predict(vectors), [encode(of_doc, model, **settings) for of_doc in vectors])


@pytest.mark.parametrize("position", ["sinusoidal", "learned", "rotary"])
def test_long_doc_is_read_in_windows(position):
    model = transformer(position=position, window=4, overlap=2)
    model.initialize()
    short, long = make_vectors([3, 8])
    # windows 0-4, 2-6 and 4-8, with their middles at 2, 4 and 6
    windows = model.predict([long[0:4], long[2:6], long[4:8]])
    expected = numpy.concatenate([windows[0][0:3], windows[1][1:3], windows[2][1:4]])
    assert_same(model.predict([short, long]), [model.predict([short])[0], expected])


def test_very_long_doc():
    model = transformer(width=4, depth=1, window=16, overlap=8)
    model.initialize()
    vectors, backprop = model.begin_update(make_vectors([5000, 3], width=4))
    assert [of_doc.shape for of_doc in vectors] == [(5000, 4), (3, 4)]
    d_inputs = backprop(vectors)
    assert numpy.isfinite(d_inputs[0]).all() and (abs(d_inputs[0]).max(axis=1) > 0).all()


def test_positions_tell_the_order():
    (vectors,) = make_vectors([5])
    for position in ("sinusoidal", "learned", "rotary"):
        model = transformer(position=position)
        model.initialize()
        turned_round = model.predict([vectors[::-1].copy()])[0][::-1]
        assert abs(model.predict([vectors])[0] - turned_round).max() > 1e-3


def test_sinusoids_by_hand():
    expected = [sinusoid(position, 6) for position in range(50)]
    numpy.testing.assert_allclose(sinusoids(50, 6, torch.device("cpu")).numpy(), expected, atol=1e-5)


def test_rotation_depends_on_the_distance_only():
    rng = numpy.random.default_rng(0)
    query, key = (torch.from_numpy(rng.normal(size=6).astype("float32")) for _ in range(2))
    cosines, sines = rotations(20, 6, torch.device("cpu"))
    at = (cosines[:, None], sines[:, None])
    queries, keys = (rotate(vector.expand(20, 1, 6), at)[:, 0] for vector in (query, key))
    products = (queries @ keys.T).numpy()
    for distance in (0, 1, 7):
        along = numpy.diagonal(products, distance)
        numpy.testing.assert_allclose(along, along[0], atol=1e-4)
    assert abs(products[0, 0] - products[0, 7]) > 1e-3
    numpy.testing.assert_allclose(torch.linalg.norm(queries, dim=1), torch.linalg.norm(query).expand(20), atol=1e-5)


def test_buckets_hold_every_row_once():
    buckets = make_buckets(numpy.array([9, 9, 8, 4, 3, 1]), torch.device("cpu"))
    assert [(bucket.rows, bucket.windows, bucket.longest) for bucket in buckets] == [(26, 3, 9), (7, 2, 4), (1, 1, 1)]
    for bucket in buckets[:2]:
        assert bucket.slots[bucket.filled].tolist() == list(range(bucket.rows))
        assert bucket.mask.flatten()[bucket.filled].all() and bucket.mask.sum() == bucket.rows
    assert buckets[2].slots is None and buckets[2].mask is None


@pytest.mark.parametrize("kept", [None, "attention.output", "feed_forward.2"])
def test_drops_inputs_and_outputs_of_sublayers(kept):
    model, vectors = transformer(depth=1, dropout=0.5, pre_norm=False), make_vectors([6])
    model.initialize()
    module = get_module(model)
    module.dropout.p = 0.5 if kept is None else 0.0
    for name, parameter in module.layers[0].named_parameters():
        # without its output a sublayer adds nothing, dropped or not
        if name.startswith(("attention.output", "feed_forward.2")) and not (kept and name.startswith(kept)):
            parameter.data.zero_()
    one, other = (model.begin_update(vectors)[0][0] for _ in range(2))
    assert abs(one - other).max() > 1e-2


def test_settings_that_are_refused():
    for settings, setting in [
        ({"position": "absolute"}, "position = 'absolute'"),
        ({"heads": 3}, "heads = 3"),
        ({"heads": 0}, "heads = 0"),
        ({"depth": 0}, "depth = 0"),
        ({"dropout": -0.1}, "dropout = -0.1"),
        ({"width": 7, "heads": 1}, "width = 7"),
        ({"width": 9, "heads": 3, "position": "rotary"}, "width = 9"),
        ({"width": 0}, "width = 0"),
        ({"feed_forward_width": 0}, "feed_forward_width = 0"),
        ({"window": 0}, "window = 0"),
        ({"window": 8, "overlap": 8}, "overlap = 8"),
        ({"overlap": -1}, "overlap = -1"),
    ]:
        with pytest.raises(ValueError, match="E409") as raised:
            transformer(**settings)
        assert setting in str(raised.value)


def test_feed_forward_width():
    def hidden(model):
        return get_weights(model)["layers.0.feed_forward.0.weight"].shape

    assert hidden(transformer()) == (4 * WIDTH, WIDTH)
    assert hidden(transformer(feed_forward_width=5)) == (5, WIDTH)
