import numpy
import pytest

from spacy_mtl.heads.srl.argument_input import ArgumentInput
from spacy_mtl.heads.srl.arguments import build_concat_arguments
from spacy_mtl.heads.srl.between import build_between
from spacy_mtl.heads.windows import pack_windows

from ..gradients import assert_gradients

COUNTS, WIDTH, TOKENS = 3, 4, 12


@pytest.fixture
def windows():
    """Two texts; two predicates of the first share a window, and one of the second is the last of its own."""
    return pack_windows([1, 4, 11], [0, 0, 6], [6, 6, 12])


@pytest.fixture
def model():
    model = build_between(COUNTS, nI=WIDTH)
    model.initialize()
    rng = numpy.random.default_rng(0)
    for name in model.param_names:
        model.set_param(name, rng.normal(size=model.get_param(name).shape).astype("float32"))
    return model


def make_vectors(seed=1, tokens=TOKENS):
    return numpy.random.default_rng(seed).normal(size=(tokens, WIDTH)).astype("float32")


def test_each_pair_has_the_sum_over_the_tokens_between(model, windows):
    vectors = make_vectors()
    counts = 1 / (1 + numpy.exp(-(vectors.astype("float64") @ model.get_param("W").T + model.get_param("b"))))
    features = model.predict(ArgumentInput(vectors, windows))
    assert features.shape == (18, 2 * COUNTS) and features.dtype == "float32"
    for row, (token, owner) in enumerate(zip(windows.tokens.tolist(), windows.owners.tolist())):
        predicate = int(windows.predicates[owner])
        first, last = sorted((token, predicate))
        sums = sum((counts[i] for i in range(first + 1, last)), numpy.zeros(COUNTS))
        here, there = (slice(COUNTS), slice(COUNTS, None))[:: 1 if token > predicate else -1]
        numpy.testing.assert_allclose(features[row, here], numpy.log1p(sums), atol=1e-6)
        assert not features[row, there].any()


def test_gradients_equal_finite_differences(model, windows):
    run = lambda x: model(ArgumentInput(x, windows), is_train=True)  # noqa: E731
    assert_gradients(model, None, make_vectors(), run, step=2e-3, tolerance=2e-2)


def test_a_long_batch_before_a_text_changes_nothing(model):
    vectors = make_vectors(tokens=20_000)
    late = model.predict(ArgumentInput(vectors, pack_windows([19_995], [19_990], [20_000])))
    alone = model.predict(ArgumentInput(vectors[-10:], pack_windows([5], [0], [10])))
    numpy.testing.assert_allclose(late, alone, atol=1e-6)


def test_no_rows(model):
    inputs = ArgumentInput(make_vectors(), pack_windows([], [], []))
    features, backprop = model.begin_update(inputs)
    assert features.shape == (0, 2 * COUNTS)
    assert not backprop(features).any()


def test_roles_that_commas_tell_apart_are_learned():
    """Tokens right before and right behind a comma have different tags, and nothing but the comma tells which."""
    scorer = build_concat_arguments(16, max_distance=0, between=4, nO=2, nI=2)
    blind = build_concat_arguments(16, max_distance=0, nO=2, nI=2)
    rng = numpy.random.default_rng(0)
    accuracies = []
    for model in (scorer, blind):
        model.initialize()
        for _ in range(300):
            vectors = numpy.tile(numpy.asarray([[1, 0]], dtype="float32"), (10, 1))
            comma = int(rng.integers(2, 9))
            vectors[comma] = [0, 1]
            tags = (numpy.arange(10) > comma).astype("int64")
            counted = numpy.arange(10) != comma
            scores, backprop = model.begin_update(ArgumentInput(vectors, pack_windows([0], [0], [10])))
            exps = numpy.exp(scores - scores.max(axis=1, keepdims=True))
            gradient = exps / exps.sum(axis=1, keepdims=True)
            gradient[numpy.arange(10), tags] -= 1
            backprop(gradient * counted[:, None])
            for node in model.walk():
                for name in node.param_names:
                    node.set_param(name, node.get_param(name) - 0.05 * node.get_grad(name))
                    node.set_grad(name, numpy.zeros_like(node.get_grad(name)))
        accuracies.append((scores.argmax(axis=1) == tags)[counted].mean())
    assert accuracies[0] == 1
    assert accuracies[1] < 1
