import math

import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.ml.models import build_bow_text_classifier_v3, build_hash_embed_cnn_tok2vec
from thinc.api import NumpyOps, set_dropout_rate

from spacy_mtl.heads.textcat.model import (
    build_textcat_model,
    exclusive_loss,
    fixed_dropout,
    independent_loss,
    skip_empty_docs,
)

OPS = NumpyOps()
TEXTS = ["The kettle sings.", "", "Rain", "Three boats left the small harbour at dawn"]


def make_model(**settings):
    tok2vec = build_hash_embed_cnn_tok2vec(
        width=8, depth=1, embed_size=50, window_size=1, maxout_pieces=2, subword_features=False, pretrained_vectors=None
    )
    return build_textcat_model(tok2vec, **settings)


def make_docs():
    nlp = spacy.blank("en")
    return [nlp.make_doc(text) for text in TEXTS]


def make_bow(no_output_layer=True, ngram_size=1):
    return build_bow_text_classifier_v3(
        exclusive_classes=True, ngram_size=ngram_size, no_output_layer=no_output_layer, length=64, nO=None
    )


def as_rows(*rows):
    return numpy.asarray(rows, dtype="d")


def softmax_by_hand(row):
    exponents = [math.exp(score) for score in row]
    return [e / sum(exponents) for e in exponents]


rows_of_scores = st.lists(st.lists(st.floats(-6, 6), min_size=3, max_size=3), min_size=1, max_size=4)
masks = st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=4, max_size=4)
values = st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=4, max_size=4)


def test_exclusive_loss_of_a_positive_label_is_its_negative_log_probability():
    scores = as_rows([0.3, -1.2, 2.0])
    p = softmax_by_hand(scores[0])
    for known in ([1, 1, 1], [0, 1, 0]):
        loss, gradient = exclusive_loss(OPS, scores, as_rows([0, 1, 0]), as_rows(known))
        assert loss == pytest.approx(-math.log(p[1]))
        numpy.testing.assert_allclose(gradient[0], [p[0], p[1] - 1, p[2]])


def test_exclusive_loss_of_a_known_negative_is_marginal():
    scores = as_rows([0.3, -1.2, 2.0])
    p = softmax_by_hand(scores[0])
    loss, gradient = exclusive_loss(OPS, scores, as_rows([0, 0, 0]), as_rows([1, 0, 0]))
    assert loss == pytest.approx(-math.log(1 - p[0]))
    open_mass = p[1] + p[2]
    numpy.testing.assert_allclose(gradient[0], [p[0], p[1] - p[1] / open_mass, p[2] - p[2] / open_mass])


def test_exclusive_loss_gives_the_rest_of_a_soft_value_to_the_unknown_labels():
    scores = as_rows([0.3, -1.2, 2.0])
    p = softmax_by_hand(scores[0])
    loss, _ = exclusive_loss(OPS, scores, as_rows([0.6, 0, 0]), as_rows([1, 0, 0]))
    assert loss == pytest.approx(-0.6 * math.log(p[0]) - 0.4 * math.log(p[1] + p[2]))


@pytest.mark.parametrize("target", [[0.8, 0.8, 0.4], [0.2, 0.2, 0.1]])
def test_exclusive_loss_scales_a_distribution_that_does_not_sum_to_one(target):
    scores = as_rows([0.3, -1.2, 2.0])
    known = as_rows([1, 1, 1])
    scaled = exclusive_loss(OPS, scores, as_rows([0.4, 0.4, 0.2]), known)
    found = exclusive_loss(OPS, scores, as_rows(target), known)
    assert found[0] == pytest.approx(scaled[0])
    numpy.testing.assert_allclose(found[1], scaled[1])


def test_exclusive_loss_is_the_sum_over_docs():
    scores, target = as_rows([0.3, -1.2, 2.0], [1, 1, 0]), as_rows([1, 0, 0], [0, 0, 1])
    known = numpy.ones_like(scores)
    whole = exclusive_loss(OPS, scores, target, known)[0]
    parts = [exclusive_loss(OPS, scores[i : i + 1], target[i : i + 1], known[i : i + 1])[0] for i in range(2)]
    assert whole == pytest.approx(sum(parts))


def test_independent_loss_by_hand():
    def sigmoid(score):
        return 1 / (1 + math.exp(-score))

    loss, gradient = independent_loss(OPS, as_rows([0.5, -2.0, 1.0]), as_rows([1, 0.25, 0]), as_rows([1, 1, 0]))
    expected = -math.log(sigmoid(0.5)) - 0.25 * math.log(sigmoid(-2)) - 0.75 * math.log(1 - sigmoid(-2))
    assert loss == pytest.approx(expected)
    numpy.testing.assert_allclose(gradient[0], [sigmoid(0.5) - 1, sigmoid(-2) - 0.25, 0])


@pytest.mark.parametrize("loss_function", [exclusive_loss, independent_loss])
@settings(deadline=None, max_examples=60)
@given(rows_of_scores, masks, values)
def test_gradient_of_the_loss_equals_finite_differences(loss_function, scores, known, target):
    scores = numpy.asarray(scores)
    known = numpy.asarray(known[: len(scores)], dtype="d")
    target = numpy.asarray(target[: len(scores)]) * known
    # A row of zeros with every label known contradicts itself; the component refuses it.
    target[(known.all(axis=1)) & (target.sum(axis=1) == 0), 0] = 1.0
    _, gradient = loss_function(OPS, scores, target, known)
    for index in numpy.ndindex(*scores.shape):
        step = numpy.zeros_like(scores)
        step[index] = 1e-5
        above, below = (loss_function(OPS, scores + sign * step, target, known)[0] for sign in (1, -1))
        assert gradient[index] == pytest.approx((above - below) / 2e-5, abs=1e-5)


@pytest.mark.parametrize("loss_function", [exclusive_loss, independent_loss])
def test_nothing_known_gives_exactly_zero(loss_function):
    scores = as_rows([5.0, -3.0], [1.0, 2.0])
    loss, gradient = loss_function(OPS, scores, as_rows([0, 0], [0, 1]), as_rows([0, 0], [1, 1]))
    assert (gradient[0] == 0).all() and (gradient[1] != 0).all()
    alone, _ = loss_function(OPS, scores[1:], as_rows([0, 1]), as_rows([1, 1]))
    assert loss == pytest.approx(alone)


@pytest.mark.parametrize("loss_function", [exclusive_loss, independent_loss])
@pytest.mark.parametrize("size", [1e4, 1e30])
def test_huge_scores_stay_finite(loss_function, size):
    scores = numpy.asarray([[size, -size, 0], [size, -size, 0], [size, 0, 0]], dtype="f")
    target = numpy.asarray([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype="f")
    known = numpy.asarray([[1, 1, 1], [1, 1, 1], [1, 0, 0]], dtype="f")
    with numpy.errstate(all="raise", under="ignore"):
        loss, gradient = loss_function(OPS, scores, target, known)
    assert math.isfinite(loss) and loss >= size
    assert numpy.isfinite(gradient).all() and gradient.dtype == numpy.float32
    assert numpy.abs(gradient[1]).max() < 0.51


def test_losses_take_float32_without_widening():
    scores = numpy.zeros((2, 3), dtype="f")
    known = numpy.ones_like(scores)
    for loss_function in (exclusive_loss, independent_loss):
        assert loss_function(OPS, scores, known / 3, known)[1].dtype == numpy.float32


@pytest.mark.parametrize(
    "settings",
    [{}, {"pooling": ["mean"]}, {"hidden_width": 4}, {"dropout": 0.5}, {"pooling": ["first", "last"], "dropout": 0.0}],
)
def test_model_scores_every_doc_and_backpropagates(settings):
    docs = make_docs()
    model = make_model(**settings).initialize(X=[doc for doc in docs if len(doc)], Y=OPS.alloc2f(3, 4))
    scores, backprop = model.begin_update(docs)
    assert scores.shape == (4, 4)
    backprop(numpy.ones_like(scores))
    output = model.get_ref("output_layer")
    numpy.testing.assert_allclose(output.get_grad("b"), 4.0)
    assert numpy.abs(output.get_grad("W")).sum() > 0


def test_untrained_model_knows_nothing():
    docs = make_docs()
    model = make_model().initialize(X=docs, Y=OPS.alloc2f(4, 3))
    numpy.testing.assert_array_equal(model.predict(docs), numpy.zeros((4, 3)))


def test_linear_model_adds_its_logits():
    docs = make_docs()
    filled = [i for i, doc in enumerate(docs) if len(doc)]
    bow = make_bow(ngram_size=2)
    model = make_model(linear_model=bow).initialize(X=docs, Y=OPS.alloc2f(4, 2))
    sparse = bow.get_ref("output_layer")
    sparse.set_param("W", numpy.random.default_rng(0).normal(size=sparse.get_param("W").shape).astype("f"))
    found = model.predict(docs)
    assert numpy.abs(found).sum() > 0
    numpy.testing.assert_allclose(found[filled], bow.predict([docs[i] for i in filled]), rtol=1e-5)
    numpy.testing.assert_array_equal(found[1], 0)
    scores, backprop = model.begin_update(docs)
    backprop(numpy.ones_like(scores))
    numpy.testing.assert_allclose(sparse.get_grad("b"), 3.0)
    scores, backprop = skip_empty_docs(bow).initialize(X=docs, Y=OPS.alloc2f(4, 2)).begin_update(docs[1:2])
    assert scores.shape == (1, 2) and not scores.any() and backprop(scores) == []


def test_linear_model_with_probabilities_is_refused():
    with pytest.raises(ValueError, match="MTL-E302"):
        make_model(linear_model=make_bow(no_output_layer=False))


def test_fixed_dropout_keeps_its_rate_and_its_mask():
    layer = fixed_dropout(0.5)
    set_dropout_rate(layer, 0.0)
    X = numpy.ones((40, 50), dtype="f")
    Y, backprop = layer(X, is_train=True)
    assert set(numpy.unique(Y)) == {0.0, 2.0}
    assert 0.4 < (Y == 0).mean() < 0.6
    numpy.testing.assert_array_equal(backprop(X), Y)
    numpy.testing.assert_array_equal(layer.predict(X), X)
