import numpy
import pytest

from spacy_mtl.analysis.changes.similarity import linear_cka


def test_rotations_shifts_and_scales_change_nothing():
    random = numpy.random.default_rng(0)
    X = random.normal(size=(200, 8)) * numpy.arange(1, 9)
    rotation, _ = numpy.linalg.qr(random.normal(size=(8, 8)))
    assert linear_cka(X, 3 * X @ rotation + 5) == pytest.approx(1.0, abs=1e-12)
    assert linear_cka(X, X @ random.normal(size=(8, 3))) < 1


def test_noise_is_near_width_by_tokens():
    random = numpy.random.default_rng(0)
    X, Y = random.normal(size=(2, 2000, 10))
    assert linear_cka(X, Y) == pytest.approx(10 / 2000, rel=0.5)


def test_by_hand():
    # centred: x = (-1, 0, 1), y = (1, -2, 1) are orthogonal; z = x + y has |x'z|^2 / (|x|^2 |z|^2) = 4 / (2 * 8)
    x, y = numpy.array([[0.0], [1.0], [2.0]]), numpy.array([[1.0], [-2.0], [1.0]])
    assert linear_cka(x, y) == pytest.approx(0.0)
    assert linear_cka(x, x + y) == pytest.approx(0.25)
    assert linear_cka(x, x * 0) == 0.0
