"""Methods that solve for the weights, each against its paper's formula or what defines its solution."""

import itertools
import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .methods import check_no_conflict, combine, draw, make, named, need, params

SEEDS = st.integers(0, 10**6)
FEW = settings(max_examples=25, deadline=None)
CONFLICT = numpy.asarray([[2.0, 0.0], [-1.0, 1.0]])


def project(gradient, rows):
    """The nearest direction that conflicts with no row, by trying every set of rows as its borders."""
    for size in range(len(rows) + 1):
        for chosen in itertools.combinations(range(len(rows)), size):
            borders = rows[list(chosen)]
            multipliers = numpy.linalg.lstsq(borders @ borders.T, -borders @ gradient, rcond=None)[0] if size else []
            direction = gradient + borders.T @ multipliers if size else gradient
            tolerance = 1e-9 * numpy.linalg.norm(gradient) * numpy.linalg.norm(rows, axis=1)
            if (rows @ direction >= -tolerance).all() and all(value >= -1e-12 for value in multipliers):
                return direction
    raise AssertionError("no projection")


@need("CAGrad")
@FEW
@given(seed=SEEDS, c=st.floats(0.05, 0.95))
def test_cagrad_of_two_is_the_best_of_a_grid(method, seed, c):
    matrix = draw(seed, 2)
    mean = matrix.mean(axis=0)
    radius = c * numpy.linalg.norm(mean)
    shares = numpy.linspace(0, 1, 20001)
    mixed = shares[:, None] * matrix[0] + (1 - shares[:, None]) * matrix[1]
    lengths = numpy.linalg.norm(mixed, axis=1)
    best = (mixed @ mean + radius * lengths).argmin()
    expected = mean + radius * mixed[best] / lengths[best]
    direction, _ = combine(method, matrix, c=c)
    scale = numpy.linalg.norm(mean)
    assert numpy.linalg.norm(direction - mean) == pytest.approx(radius, rel=1e-3)
    # the primal objective, which is flat where the weights are ill determined
    assert (matrix @ direction).min() >= (matrix @ expected).min() - 1e-3 * scale * numpy.abs(matrix).max()


@need("CAGrad")
def test_cagrad_without_radius_is_the_mean(method):
    direction, weights = combine(method, CONFLICT, c=0.0)
    assert weights == pytest.approx([0.5, 0.5])
    assert direction.tolist() == pytest.approx([0.5, 0.5])


@need("UPGrad")
@FEW
@given(seed=SEEDS, tasks=st.integers(2, 4))
def test_upgrad_is_the_mean_of_the_projections(method, seed, tasks):
    matrix = draw(seed, tasks)
    expected = numpy.mean([project(row, matrix) for row in matrix], axis=0)
    direction, weights = combine(method, matrix)
    scale = numpy.abs(matrix).max()
    numpy.testing.assert_allclose(direction / scale, expected / scale, atol=1e-5)
    assert min(weights) >= 1 / tasks - 1e-5
    check_no_conflict(matrix, direction)


@need("UPGrad")
def test_upgrad_does_not_lose_a_small_gradient(method):
    matrix = numpy.asarray([[100.0, 0.0], [-0.01, 0.01]])
    direction, _ = combine(method, matrix)
    # (100, 0) projected on the border of the small one is (50, 50)
    assert direction.tolist() == pytest.approx([25.0, 25.005], rel=1e-4)
    check_no_conflict(matrix, direction, 1e-6)


@need("AlignedMTL")
@FEW
@given(seed=SEEDS, tasks=st.integers(2, 4))
def test_aligned_mtl_evens_out_the_singular_values(method, seed, tasks):
    matrix = draw(seed, tasks)
    left, values, right = numpy.linalg.svd(matrix, full_matrices=False)
    for scale, size in (("min", values[-1]), ("rmse", math.sqrt((values**2).mean()))):
        expected = (size * left @ right).mean(axis=0)
        direction, _ = combine(method, matrix, scale=scale)
        numpy.testing.assert_allclose(direction / size, expected / size, atol=1e-3)


@need("IMTLG")
@FEW
@given(seed=SEEDS, tasks=st.integers(2, 4))
def test_imtlg_is_as_long_towards_every_task(method, seed, tasks):
    matrix = draw(seed, tasks)
    balancer = make(method)
    balancer(named(matrix))
    weights = numpy.asarray(list(balancer.last_weights.values()))
    assert weights.sum() == pytest.approx(1.0)
    projections = matrix @ (weights @ matrix) / numpy.linalg.norm(matrix, axis=1)
    numpy.testing.assert_allclose(
        projections / numpy.abs(projections).max(), projections[0] / abs(projections[0]), 1e-4
    )


@need("ConFIG")
@FEW
@given(seed=SEEDS, tasks=st.integers(2, 4))
def test_config_has_one_cosine_with_all(method, seed, tasks):
    matrix = draw(seed, tasks)
    units = matrix / numpy.linalg.norm(matrix, axis=1)[:, None]
    best = numpy.linalg.pinv(units) @ numpy.ones(tasks)
    best /= numpy.linalg.norm(best)
    expected = (matrix @ best).sum() * best
    direction, _ = combine(method, matrix)
    numpy.testing.assert_allclose(direction, expected, rtol=1e-3, atol=1e-3 * numpy.abs(expected).max())
    cosines = units @ direction
    assert cosines.min() > 0 and cosines.max() == pytest.approx(cosines.min(), rel=1e-2)


@need("ConFIG")
def test_config_of_dependent_gradients(method):
    matrix = numpy.asarray([[3.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 2.0, 0.0], [1.0, 1.0, 0.0]])
    units = matrix / numpy.linalg.norm(matrix, axis=1)[:, None]
    best = numpy.linalg.pinv(units) @ numpy.ones(4)
    best /= numpy.linalg.norm(best)
    direction, weights = combine(method, matrix)
    numpy.testing.assert_allclose(direction, (matrix @ best).sum() * best, rtol=1e-4, atol=1e-5)
    assert weights[0] == pytest.approx(weights[1])


@need("NashMTL")
@FEW
@given(seed=SEEDS, tasks=st.integers(2, 5))
def test_nash_solves_its_equation(method, seed, tasks):
    matrix = draw(seed, tasks)
    direction, weights = combine(method, matrix)
    gramian = matrix @ matrix.T
    products = numpy.asarray(weights) * (gramian @ weights) / numpy.diagonal(gramian).mean()
    numpy.testing.assert_allclose(products, numpy.ones(tasks), rtol=1e-3)
    assert min(weights) > 0
    check_no_conflict(matrix, direction)


@need("NashMTL")
def test_nash_is_the_best_bargain_of_a_grid(method):
    angles = numpy.linspace(-math.pi, math.pi, 36001)
    directions = numpy.stack([numpy.cos(angles), numpy.sin(angles)], axis=1)
    gains = (directions @ CONFLICT.T).clip(min=1e-12)
    best = directions[numpy.log(gains).sum(axis=1).argmax()]
    direction, _ = combine(method, CONFLICT)
    numpy.testing.assert_allclose(direction / numpy.linalg.norm(direction), best, atol=1e-3)


@need("NashMTL")
def test_nash_is_cut_to_its_longest(method):
    matrix = numpy.asarray([[3.0, 0.0, 1.0], [-1.0, 2.0, 0.0]])
    free, _ = combine(method, matrix)
    cut, _ = combine(method, matrix, max_norm=0.5)
    assert numpy.linalg.norm(free) > 1
    assert numpy.linalg.norm(cut) == pytest.approx(0.5, rel=1e-4)
    numpy.testing.assert_allclose(cut / 0.5, free / numpy.linalg.norm(free), rtol=1e-4)


@need("NashMTL")
def test_nash_where_no_step_serves_all(method):
    opposed = numpy.asarray([[1.0, 2.0], [-2.0, -4.0]])
    direction, weights = combine(method, opposed)
    assert numpy.isfinite(weights).all()
    assert numpy.abs(direction).max() < 1e-3


@pytest.mark.parametrize(
    "method", params(["MGDA", "UPGrad", "AlignedMTL", "IMTLG", "ConFIG", "NashMTL", "PCGrad", "Sum"])
)
def test_a_planted_conflict_hurts_no_task(method):
    """a pulls x to 1, four times as hard as b pulls it to -1; b alone also cares for y."""
    balancer = make(method)
    point = numpy.asarray([-1.0, 1.0])

    def losses():
        return 2 * (point[0] - 1) ** 2, 0.5 * ((point[0] + 1) ** 2 + point[1] ** 2)

    start = losses()
    for _ in range(150):
        gradients = named([[4 * (point[0] - 1), 0.0], [point[0] + 1, point[1]]])
        point = point - 0.01 * balancer(gradients)[0].astype("d")
    end = losses()
    assert end[0] < start[0] * 0.95
    if method == "Sum":
        assert end[1] > 1.5 * start[1]
    else:
        assert end[1] < start[1]
