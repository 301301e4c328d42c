import numpy
import pytest

from spacy_mtl.heads.srl.argument_input import ArgumentInput
from spacy_mtl.heads.srl.arguments import build_concat_arguments, dropout_mask
from spacy_mtl.heads.srl.biaffine import build_biaffine_arguments
from spacy_mtl.heads.windows import pack_windows

from ..gradients import assert_gradients

SCORERS = [
    (build_concat_arguments, {"hidden_width": 7, "max_distance": 3}),
    (build_concat_arguments, {"hidden_width": 7, "max_distance": 3, "between": 2}),
    (build_biaffine_arguments, {"hidden_width": 4, "max_distance": 2}),
]


def build(builder, settings, width=5, tags=5):
    model = builder(**settings, nO=tags, nI=width)
    model.initialize()
    rng = numpy.random.default_rng(0)
    for name in model.param_names:
        model.set_param(name, rng.normal(size=model.get_param(name).shape).astype("float32"))
    return model


@pytest.fixture
def windows():
    return pack_windows([1, 2, 6], [0, 0, 4], [4, 4, 9])


@pytest.mark.parametrize("builder,settings", SCORERS)
def test_gradients_equal_finite_differences(builder, settings, windows):
    model = build(builder, settings)
    vectors = numpy.random.default_rng(2).normal(size=(9, 5)).astype("float32")
    assert_gradients(
        model, None, vectors, lambda x: model(ArgumentInput(x, windows), is_train=True), step=2e-3, tolerance=5e-2
    )


@pytest.mark.parametrize("builder,settings", SCORERS)
def test_a_predicate_alone_scores_as_in_a_batch(builder, settings, windows):
    model = build(builder, settings)
    vectors = numpy.random.default_rng(3).normal(size=(9, 5)).astype("float32")
    together = model.predict(ArgumentInput(vectors, windows))
    for i, length in enumerate(windows.lengths()):
        start = int(windows.starts[i])
        alone = pack_windows([int(windows.predicates[i])], [start], [start + int(length)])
        (rows,) = windows.rows_of([i])
        numpy.testing.assert_allclose(model.predict(ArgumentInput(vectors, alone)), together[rows], atol=1e-4)


def test_concat_scores_follow_the_formula():
    model = build(*SCORERS[0])
    vectors = numpy.random.default_rng(4).normal(size=(6, 5)).astype("float32")
    scores = model.predict(ArgumentInput(vectors, pack_windows([5], [0], [6])))
    p = {name: model.get_param(name) for name in model.param_names}
    for token in range(6):
        distance = p["distance"][max(token - 5, -3) + 3]
        hidden = p["token_W"] @ vectors[token] + p["predicate_W"] @ vectors[5] + distance + p["b"]
        expected = p["output_W"] @ numpy.maximum(hidden, 0) + p["output_b"]
        numpy.testing.assert_allclose(scores[token], expected, rtol=1e-4, atol=1e-4)


def test_what_lies_between_is_added_to_the_hidden_layer():
    plain, model = build(*SCORERS[0]), build(*SCORERS[1])
    for name in plain.param_names:
        plain.set_param(name, model.get_param(name))
    vectors = numpy.random.default_rng(4).normal(size=(6, 5)).astype("float32")
    inputs = ArgumentInput(vectors, pack_windows([2], [0], [6]))
    features = model.layers[0].predict(inputs)
    p = {name: model.get_param(name) for name in model.param_names}
    for token in range(6):
        distance = p["distance"][max(min(token - 2, 3), -3) + 3]
        hidden = p["token_W"] @ vectors[token] + p["predicate_W"] @ vectors[2] + distance + p["b"]
        hidden += p["between_W"] @ features[token]
        expected = p["output_W"] @ numpy.maximum(hidden, 0) + p["output_b"]
        numpy.testing.assert_allclose(model.predict(inputs)[token], expected, rtol=1e-4, atol=1e-4)
    assert not numpy.allclose(model.predict(inputs), plain.predict(inputs))


def test_biaffine_scores_follow_the_formula():
    model = build(*SCORERS[2])
    vectors = numpy.random.default_rng(4).normal(size=(4, 5)).astype("float32")
    scores = model.predict(ArgumentInput(vectors, pack_windows([1], [0], [4])))
    p = {name: model.get_param(name) for name in model.param_names}
    U = p["U"].reshape((5, 5, 5))
    head = numpy.append(numpy.maximum(p["predicate_W"] @ vectors[1] + p["predicate_b"], 0), 1)
    for token in range(4):
        tail = numpy.append(numpy.maximum(p["token_W"] @ vectors[token] + p["token_b"], 0), 1)
        expected = [tail @ U[tag] @ head for tag in range(5)] + p["distance"][min(max(token - 1, -2), 2) + 2]
        numpy.testing.assert_allclose(scores[token], expected, rtol=1e-4, atol=1e-3)


def test_dropout_keeps_the_expectation():
    model = build(*SCORERS[0])
    like = numpy.ones((200, 200), dtype="float32")
    kept = dropout_mask(model.ops, like, 0.25)
    assert set(numpy.unique(kept)) == {numpy.float32(0), numpy.float32(1 / 0.75)}
    assert kept.mean() == pytest.approx(1.0, abs=0.02)
    assert dropout_mask(model.ops, like, 0.0) is None
