import numpy
import pytest

from spacy_mtl.heads.srl.senses import UNKNOWN, SenseInput, build_sense_scorer, segment_softmax

from ..gradients import assert_gradients


def build_inputs(vectors):
    return SenseInput(
        vectors,
        numpy.array([0, 2], dtype="int32"),
        numpy.array([1, 0, 2, UNKNOWN, 1], dtype="int32"),
        numpy.array([2, 3], dtype="int32"),
        numpy.array([-0.5, -1.0, -0.2, -3.0, -2.0], dtype="float32"),
    )


@pytest.fixture
def model():
    model = build_sense_scorer(nO=3, nI=4)
    model.initialize()
    rng = numpy.random.default_rng(0)
    W = rng.normal(size=(4, 4)).astype("float32")
    b = rng.normal(size=4).astype("float32")
    W[-1], b[-1] = 0, 0
    model.set_param("W", W)
    model.set_param("b", b)
    return model


def test_scores_are_prior_plus_a_linear_function(model):
    vectors = numpy.random.default_rng(1).normal(size=(3, 4)).astype("float32")
    scores = model.predict(build_inputs(vectors))
    W, b = model.get_param("W"), model.get_param("b")
    expected = [-0.5 + W[1] @ vectors[0] + b[1], -1.0 + W[0] @ vectors[0] + b[0], -0.2 + W[2] @ vectors[2] + b[2]]
    numpy.testing.assert_allclose(scores[:3], expected, rtol=1e-5)
    assert scores[3] == pytest.approx(-3.0), "an unknown roleset has its prior and nothing else"


def test_gradients_equal_finite_differences_and_spare_the_unknown(model):
    vectors = numpy.random.default_rng(1).normal(size=(3, 4)).astype("float32")
    _, backprop = model(build_inputs(vectors), is_train=True)
    backprop(numpy.ones(5, dtype="float32"))
    assert not model.get_grad("W")[-1].any()
    assert model.get_grad("b")[-1] == 0
    # the spare row is no parameter: its difference is left out by freezing the unknown's score
    inputs = build_inputs(vectors)._replace(senses=numpy.array([1, 0, 2, 0, 1], dtype="int32"))
    assert_gradients(model, None, vectors, lambda x: model(inputs._replace(vectors=x), is_train=True))


def test_softmax_runs_within_each_predicate():
    scores = numpy.array([1.0, 2.0, 300.0, 301.0, -5.0], dtype="float32")
    found = segment_softmax(scores, numpy.array([2, 3]))
    first = numpy.exp([1.0, 2.0]) / numpy.exp([1.0, 2.0]).sum()
    numpy.testing.assert_allclose(found[:2], first, rtol=1e-5)
    assert found[2:].sum() == pytest.approx(1.0)
    assert len(segment_softmax(scores[:0], numpy.array([], dtype="int32"))) == 0
