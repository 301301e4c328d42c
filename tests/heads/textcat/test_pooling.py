import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thinc.api import NumpyOps, Ragged, reduce_mean

from spacy_mtl.heads.textcat.pooling import attention_pool, pool, skip_empty

METHODS = ["attention", "mean", "max", "first", "last"]
WIDTH = 3
HIDDEN = 4


def make_ragged(lengths, seed=0):
    rng = numpy.random.default_rng(seed)
    data = rng.normal(size=(sum(lengths), WIDTH)).astype("f")
    return Ragged(data, numpy.asarray(lengths, dtype="i"))


def make_attention(seed=0):
    rng = numpy.random.default_rng(seed)
    layer = attention_pool(HIDDEN, WIDTH).initialize()
    layer.set_param("W", rng.normal(size=(HIDDEN, WIDTH)).astype("f"))
    layer.set_param("b", rng.normal(size=(HIDDEN,)).astype("f"))
    layer.set_param("q", rng.normal(size=(HIDDEN,)).astype("f"))
    return layer


def initialized(layer):
    layer.set_dim("nO", WIDTH)
    return layer


def pool_by_hand(method, tokens, layer=None):
    if not len(tokens):
        return numpy.zeros(WIDTH)
    if method == "mean":
        return sum(tokens) / len(tokens)
    if method == "max":
        return numpy.array([max(column) for column in tokens.T])
    if method == "first":
        return tokens[0]
    if method == "last":
        return tokens[-1]
    W, b, q = (layer.get_param(name) for name in "Wbq")
    scores = [float(q @ numpy.tanh(W @ token + b)) for token in tokens]
    exponents = [numpy.exp(score) for score in scores]
    return sum(e / sum(exponents) * token for e, token in zip(exponents, tokens))


def split(ragged):
    return numpy.split(ragged.data, numpy.cumsum(ragged.lengths)[:-1])


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.integers(0, 1000))
def test_attention_equals_a_loop_over_docs(lengths, seed):
    attention = make_attention(seed)
    X = make_ragged(lengths, seed)
    Y, _ = initialized(skip_empty(attention))(X, is_train=True)
    expected = [pool_by_hand("attention", tokens, attention) for tokens in split(X)]
    numpy.testing.assert_allclose(Y, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("method", ["mean", "max", "first", "last"])
@pytest.mark.parametrize("lengths", [[3, 1, 2], [0, 2], [2, 0], [1, 0, 0, 4], [0, 0]])
def test_method_equals_a_loop_over_docs(method, lengths):
    X = make_ragged(lengths)
    Y, backprop = pool([method]).initialize(X=make_ragged([2]))(X, is_train=True)
    numpy.testing.assert_allclose(Y, [pool_by_hand(method, tokens) for tokens in split(X)], rtol=1e-6)
    dX = backprop(numpy.ones_like(Y))
    assert dX.data.shape == X.data.shape
    assert list(dX.lengths) == lengths


def test_untrained_attention_is_the_mean():
    X = make_ragged([4, 1, 3])
    attention = attention_pool(HIDDEN).initialize(X=X)
    numpy.testing.assert_allclose(attention.predict(X), reduce_mean().predict(X), rtol=1e-5)


def test_methods_lie_side_by_side_in_the_order_given():
    X = make_ragged([2, 0, 3])
    both = pool(["max", "mean"]).initialize(X=X)
    assert both.get_dim("nO") == 2 * WIDTH
    Y = both.predict(X)
    numpy.testing.assert_allclose(Y[:, :WIDTH], pool(["max"]).predict(X))
    numpy.testing.assert_allclose(Y[:, WIDTH:], pool(["mean"]).predict(X))


@pytest.mark.parametrize("methods", [[method] for method in METHODS] + [METHODS])
def test_gradient_of_tokens_equals_finite_differences(methods):
    X = make_ragged([3, 0, 1, 4], seed=3)
    layer = pool(methods, HIDDEN).initialize(X=X)
    for node in layer.walk():
        for param in node.param_names:
            values = numpy.random.default_rng(7).normal(size=node.get_param(param).shape).astype("f")
            node.set_param(param, values)
    Y, backprop = layer(X, is_train=True)
    direction = numpy.random.default_rng(5).normal(size=Y.shape).astype("f")
    dX = backprop(direction)
    step = 1e-2
    for index in numpy.ndindex(*X.data.shape):
        moved = []
        for sign in (1, -1):
            data = X.data.copy()
            data[index] += sign * step
            moved.append(float((layer(Ragged(data, X.lengths), is_train=False)[0] * direction).sum()))
        expected = (moved[0] - moved[1]) / (2 * step)
        assert dX.data[index] == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("name", ["W", "b", "q"])
def test_gradient_of_attention_parameters_equals_finite_differences(name):
    X = make_ragged([3, 1, 5], seed=1)
    layer = make_attention(1)
    Y, backprop = layer(X, is_train=True)
    direction = numpy.random.default_rng(2).normal(size=Y.shape).astype("f")
    backprop(direction)
    values = layer.get_param(name)
    for index in numpy.ndindex(*values.shape):
        moved = []
        for sign in (1, -1):
            changed = values.copy()
            changed[index] += sign * 1e-2
            layer.set_param(name, changed)
            moved.append(float((layer.predict(X) * direction).sum()))
        layer.set_param(name, values)
        assert layer.get_grad(name)[index] == pytest.approx((moved[0] - moved[1]) / 2e-2, abs=2e-3)


def test_backprop_adds_to_gradients_and_can_run_twice():
    X = make_ragged([2, 3])
    layer = make_attention()
    Y, backprop = layer(X, is_train=True)
    first = backprop(numpy.ones_like(Y)).data.copy()
    once = layer.get_grad("W").copy()
    numpy.testing.assert_array_equal(backprop(numpy.ones_like(Y)).data, first)
    numpy.testing.assert_allclose(layer.get_grad("W"), 2 * once)


def test_huge_attention_scores_stay_finite_and_exact():
    X = make_ragged([3, 2])
    layer = make_attention()
    layer.set_param("q", numpy.full(HIDDEN, 1e6, dtype="f"))
    Y, backprop = layer(X, is_train=True)
    assert numpy.isfinite(Y).all() and numpy.isfinite(backprop(Y).data).all()
    hidden = numpy.tanh(X.data @ layer.get_param("W").T + layer.get_param("b")).sum(axis=1)
    best = [int(hidden[:3].argmax()), 3 + int(hidden[3:].argmax())]
    numpy.testing.assert_allclose(Y, X.data[best], rtol=1e-5)


def test_docs_do_not_see_each_other():
    layer = initialized(skip_empty(make_attention()))
    X = make_ragged([2, 0, 3])
    together = layer.predict(X)
    for tokens, row in zip(split(X), together):
        alone = layer.predict(Ragged(tokens, NumpyOps().asarray1i([len(tokens)])))
        numpy.testing.assert_allclose(alone[0], row, rtol=1e-6)


def test_batch_without_any_token_gives_zeros():
    layer = pool(["attention", "mean", "max"], HIDDEN).initialize(X=make_ragged([2]))
    Y, backprop = layer(make_ragged([0, 0]), is_train=True)
    numpy.testing.assert_array_equal(Y, numpy.zeros((2, 3 * WIDTH)))
    assert len(backprop(Y).data) == 0


@pytest.mark.parametrize("methods", [[], ["median"], ["mean", "mean"]])
def test_wrong_methods_are_refused(methods):
    with pytest.raises(ValueError, match="MTL-E301"):
        pool(methods)
