import numpy
import pytest

from spacy_mtl.analysis.changes.probes import fit_probe, probe_layer, score_labels, score_most_frequent


@pytest.fixture
def vectors():
    return numpy.random.default_rng(0).normal(size=(600, 12))


def test_a_planted_label_is_read_and_noise_is_not(vectors):
    direction = numpy.random.default_rng(1).normal(size=(12, 3))
    planted = ["abc"[i] for i in (vectors @ direction).argmax(axis=1)]
    training = numpy.arange(600) < 400
    assert probe_layer(vectors, planted, training) > 0.9
    noise = ["abc"[i] for i in numpy.random.default_rng(2).integers(0, 3, 600)]
    assert probe_layer(vectors, noise, training) < 0.45


def test_the_rest_is_not_fitted_to(vectors):
    labels = ["x" if row[0] > 0 else "y" for row in vectors]
    training = numpy.arange(600) < 300
    flipped = [label if known else {"x": "y", "y": "x"}[label] for label, known in zip(labels, training)]
    assert probe_layer(vectors, labels, training) == pytest.approx(1 - probe_layer(vectors, flipped, training))


def test_the_penalty_is_that_of_least_leave_one_out_error():
    """The shortcut by leverages, against leaving each vector out."""
    random = numpy.random.default_rng(3)
    X = random.normal(size=(30, 4))
    labels = ["a" if value > 0 else "b" for value in X[:, 0] + random.normal(size=30)]
    probe = fit_probe(X, labels)
    Z = (X - probe.mean) / probe.scale
    Y = numpy.array([[label == name for name in probe.labels] for label in labels], dtype="f8")
    errors = {}
    for penalty in [10.0**power for power in range(-1, 6)]:
        wide, ridge = numpy.hstack([Z, numpy.ones((30, 1))]), numpy.diag([penalty] * 4 + [0.0])
        rest = 0.0
        for i in range(30):
            keep = numpy.arange(30) != i
            W = numpy.linalg.solve(wide[keep].T @ wide[keep] + ridge, wide[keep].T @ Y[keep])
            rest += ((Y[i] - wide[i] @ W) ** 2).sum()
        errors[penalty] = rest
    best = min(errors, key=errors.get)
    expected = numpy.linalg.solve(Z.T @ Z + best * numpy.eye(4), Z.T @ (Y - Y.mean(axis=0)))
    numpy.testing.assert_allclose(probe.weights, expected, atol=1e-9)


def test_scores_by_hand():
    assert score_labels(["a", "none", "b", "a"], ["a", "a", "b", "none"]) == pytest.approx(2 * 2 / 6)
    assert score_labels(["a", "b"], ["a", "a"]) == 0.5
    assert score_labels(["none"], ["none"]) == 0.0


def test_nothing_to_compare(vectors):
    assert probe_layer(vectors, ["a"] * 600, numpy.arange(600) < 300) is None
    assert probe_layer(vectors, ["a", "b"] * 300, numpy.ones(600)) is None
    most = score_most_frequent(["a", "a", "b"] * 200, numpy.arange(600) < 300)
    assert most == pytest.approx(2 / 3)
