"""Methods that solve for the weights, each against its paper's formula or what defines its solution."""

import itertools
import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtl.balancing.report import BatchReport

from .methods import ALL, check_no_conflict, combine, draw, make, named, need, params

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


@need("CAGrad")
def test_cagrad_where_no_step_serves_all_is_the_mean(method):
    matrix = numpy.asarray([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    for c in (0.0, 0.5):
        direction, _ = combine(method, matrix, c=c)
        assert direction.tolist() == pytest.approx([0.0, 1 / 3], abs=1e-6)


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
    assert numpy.abs(weights).sum() == pytest.approx(1.0)
    projections = matrix @ (weights @ matrix) / numpy.linalg.norm(matrix, axis=1)
    assert projections.min() > 0, "a step uphill would be as impartial"
    numpy.testing.assert_allclose(projections / projections.max(), 1.0, 1e-4)


@need("IMTLG")
def test_imtlg_by_hand(method):
    # G = [[4, -2], [-2, 2]], n = (2, 1.414): G^-1 n = (1.707, 2.414)
    _, weights = combine(method, CONFLICT)
    assert weights == pytest.approx([1.7071 / 4.1213, 2.4142 / 4.1213], rel=1e-3)


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


def follow(method, **setting):
    """a pulls x to 1, four times as hard as b pulls it to -1; b alone also cares for y. RETURNS: each task's loss
    after 150 steps, relative to the first."""
    balancer = make(method, **setting)
    point = numpy.asarray([-1.0, 1.0])

    def losses():
        return numpy.asarray([2 * (point[0] - 1) ** 2, 0.5 * ((point[0] + 1) ** 2 + point[1] ** 2)])

    start = losses()
    for _ in range(150):
        report = BatchReport(dict(zip("ab", losses().tolist())), {"a": 4, "b": 1})
        gradients = named([[4 * (point[0] - 1), 0.0], [point[0] + 1, point[1]]])
        point = point - 0.01 * balancer(gradients, report)[0].astype("d")
    return losses() / start


HELPING = {
    "Weighted": {"weights": {"a": 0.25, "b": 2.0}},
    "TargetDistributionAveraging": {"tau": -0.5},
    "CAGrad": {"c": 0.9},
    "GradientShares": {"alpha": 1.0},
    **{name: {} for name in ["GradNorm", "FAMO", "PCGrad", "GradVac", "MGDA", "NashMTL", "IMTLG", "AlignedMTL"]},
    **{name: {} for name in ["UPGrad", "ConFIG"]},
}
# Neither their papers nor we say that they mend a conflict: they go by losses, by chance, or near the mean.
NOT_HELPING = ["Sum", "Equal", "UncertaintyWeighting", "DynamicWeightAveraging", "RandomLossWeighting", "GradDrop"]


def test_every_method_is_put_to_the_test():
    assert sorted([*HELPING, *NOT_HELPING]) == sorted(ALL)


@pytest.mark.parametrize("method", params(HELPING))
def test_a_planted_conflict_hurts_no_task(method):
    a, b = follow(method, **HELPING[method])
    assert a < 0.95 and b < 1


@pytest.mark.parametrize("method", params(NOT_HELPING))
def test_a_planted_conflict_hurts_the_weaker_task_of_the_others(method):
    a, b = follow(method)
    assert a < 0.95 and b > 1.5


@need("NashMTL")
def test_nash_is_no_longer_than_the_gradients_where_nothing_cancels(method):
    """Two tasks label different tokens, and their sums nearly cancel: the step is one of two rows."""
    gradients = {"a": numpy.zeros((2, 2), dtype="f"), "b": numpy.zeros((2, 2), dtype="f")}
    gradients["a"][0] = [1.0, 0.1]
    gradients["b"][1] = [-1.0, 0.1]
    step = make(method)(gradients)
    expected = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients.values()))
    assert numpy.linalg.norm(step) == pytest.approx(expected, rel=1e-4)
    one_row = {name: gradient.sum(axis=0, keepdims=True) for name, gradient in gradients.items()}
    assert numpy.linalg.norm(make(method)(one_row)) == pytest.approx(expected, rel=1e-4), "as published, of one row"


@need("UPGrad")
@FEW
@given(seed=SEEDS, factor=st.floats(0.1, 10))
def test_upgrad_is_linear_under_scaling_of_a_task(method, seed, factor):
    """Each task's part follows the size of its gradient, whatever the others are scaled by."""
    matrix = draw(seed, 3)
    scaled = matrix * numpy.asarray([[1.0], [factor], [1.0]])
    both = matrix * numpy.asarray([[1.0], [1.0 + factor], [1.0]])
    total = combine(method, matrix)[0] + combine(method, scaled)[0]
    rest = combine(method, matrix * numpy.asarray([[1.0], [1e-6], [1.0]]))[0]
    numpy.testing.assert_allclose(
        total, combine(method, both)[0] + rest, atol=2e-4 * numpy.abs(matrix).max() * max(1, factor)
    )
