"""Methods that project, mix and drop gradients, each against its paper's formula written anew."""

import itertools
import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtl.balancing import gramian as gramian_module
from spacy_mtl.balancing.gramian import compute_gramian, find_rows

from .methods import check_no_conflict, combine, draw, draw_gradients, make, named, need, sum_rows

SEEDS = st.integers(0, 10**6)
FEW = settings(max_examples=25, deadline=None)
CONFLICT = numpy.asarray([[2.0, 0.0], [-1.0, 1.0]])


@pytest.mark.parametrize("block", [1, 3, 5, 100])
def test_gramian_in_blocks(block, monkeypatch):
    monkeypatch.setattr(gramian_module, "BLOCK", block)
    gradients = draw_gradients(numpy.random.default_rng(0), "abcd", shape=(6, 11))
    sums = sum_rows(gradients)
    numpy.testing.assert_allclose(compute_gramian(list(gradients.values())), sums @ sums.T, rtol=1e-10)


@settings(max_examples=50, deadline=None)
@given(seed=SEEDS, tasks=st.integers(2, 5), width=st.integers(1, 7))
def test_rows_have_the_gramian(seed, tasks, width):
    matrix = draw(seed, tasks, width)
    rows = find_rows(matrix @ matrix.T)
    assert rows.shape == (tasks, min(tasks, width))
    numpy.testing.assert_allclose(rows @ rows.T, matrix @ matrix.T, rtol=1e-6, atol=1e-6)


@need("PCGrad")
def test_pcgrad_by_hand(method):
    # a: (2, 0) + (-1, 1) = (1, 1); b: (-1, 1) + (2, 0) / 2 = (0, 1)
    direction, weights = combine(method, CONFLICT)
    assert direction.tolist() == pytest.approx([1.0, 2.0])
    assert weights == pytest.approx([1.5, 2.0])
    assert combine(method, [[2.0, 0.0], [1.0, 1.0]])[1] == [1.0, 1.0]


@need("PCGrad")
def test_pcgrad_takes_one_of_the_orders(method):
    matrix = numpy.asarray([[1.0, 0.2, 0.0], [-0.8, 1.0, -0.3], [-0.5, -0.9, 1.0]])
    orders = [list(itertools.permutations([j for j in range(3) if j != i])) for i in range(3)]
    expected = []
    for chosen in itertools.product(*orders):
        total = numpy.zeros(3)
        for i, order in enumerate(chosen):
            gradient = matrix[i].copy()
            for j in order:
                inner = gradient @ matrix[j]
                if inner < 0:
                    gradient -= inner / (matrix[j] @ matrix[j]) * matrix[j]
            total += gradient
        expected.append(total)
    found = set()
    for seed in range(40):
        direction, _ = combine(method, matrix, seed=seed)
        distances = numpy.abs(numpy.asarray(expected) - direction).max(axis=1)
        assert distances.min() < 1e-5
        found.add(int(distances.argmin()))
    assert len(found) > 3


@need("GradVac")
@FEW
@given(seed=SEEDS, beta=st.floats(0, 1))
def test_gradvac_turns_gradients_to_their_usual_cosine(method, seed, beta):
    balancer = make(method, beta=beta)
    averages = numpy.zeros((2, 2))
    for index in range(3):
        matrix = draw(seed + index, 2)
        total = numpy.zeros(5)
        for i in range(2):
            gradient, other = matrix[i].copy(), matrix[1 - i]
            phi = gradient @ other / (numpy.linalg.norm(gradient) * numpy.linalg.norm(other))
            average = averages[i, 1 - i]
            if phi < average:
                root, average_root = math.sqrt(1 - phi**2), math.sqrt(1 - average**2)
                turn = numpy.linalg.norm(gradient) * (average * root - phi * average_root)
                gradient += other * turn / (numpy.linalg.norm(other) * average_root)
                cosine = gradient @ other / (numpy.linalg.norm(gradient) * numpy.linalg.norm(other))
                assert cosine == pytest.approx(average, abs=1e-6)
            averages[i, 1 - i] = (1 - beta) * average + beta * phi
            total += gradient
        scale = max(1.0, float(numpy.abs(total).max()))
        numpy.testing.assert_allclose(balancer(named(matrix))[0] / scale, total / scale, atol=1e-4)
    assert balancer.averages["a"]["b"] == pytest.approx(averages[0, 1], abs=1e-5)


@need("GradVac")
def test_gradvac_keeps_the_averages_of_absent_tasks(method):
    balancer = make(method, beta=0.5)
    gradients = named(draw(1, 3))
    balancer(gradients)
    before = {name: dict(row) for name, row in balancer.averages.items()}
    balancer({name: gradients[name] for name in "ca"})
    assert balancer.averages["a"]["b"] == before["a"]["b"] and balancer.averages["b"] == before["b"]
    assert balancer.averages["a"]["c"] != before["a"]["c"]


@need("MGDA")
@FEW
@given(seed=SEEDS)
def test_mgda_of_two_is_the_closed_form(method, seed):
    a, b = draw(seed, 2)
    share = min(1.0, max(0.0, (b - a) @ b / ((a - b) @ (a - b))))
    direction, weights = combine(method, [a, b])
    assert weights == pytest.approx([share, 1 - share], abs=1e-4)
    check_no_conflict(numpy.stack([a, b]), direction, 1e-3)


@need("MGDA")
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_mgda_is_near_the_smallest_of_a_grid(method, seed):
    matrix = draw(seed, 3)
    steps = numpy.linspace(0, 1, 101)
    grid = numpy.asarray([(a, b, 1 - a - b) for a in steps for b in steps if a + b <= 1 + 1e-9])
    smallest = numpy.linalg.norm(grid @ matrix, axis=1).min()
    direction, weights = combine(method, matrix, epsilon=1e-7, max_iterations=1000)
    assert sum(weights) == pytest.approx(1.0) and min(weights) >= 0
    assert numpy.linalg.norm(direction) <= smallest * 1.1 + 1e-4


@need("GradDrop")
@FEW
@given(seed=SEEDS, leak=st.sampled_from([0.0, 0.25, 1.0]))
def test_graddrop_keeps_one_sign_of_every_element(method, seed, leak):
    gradients = draw_gradients(numpy.random.default_rng(seed))
    combined = make(method, leak=leak, seed=seed)(gradients)
    stacked = numpy.stack(list(gradients.values()))
    total = stacked.sum(axis=0)
    positive = leak * total + (1 - leak) * stacked.clip(min=0).sum(axis=0)
    negative = leak * total + (1 - leak) * stacked.clip(max=0).sum(axis=0)
    chose_positive = numpy.abs(combined - positive) < 1e-4
    assert (chose_positive | (numpy.abs(combined - negative) < 1e-4)).all()
    if leak == 0:
        assert 0 < chose_positive.mean() < 1


@need("GradDrop")
def test_graddrop_draws_the_signs_by_their_purity(method):
    gradients = {"a": numpy.full((100, 200), 3.0, dtype="f"), "b": numpy.full((100, 200), -1.0, dtype="f")}
    combined = make(method)(gradients)
    assert set(numpy.unique(combined)) == {-1.0, 3.0}
    # (1 + 2 / 4) / 2
    assert (combined == 3.0).mean() == pytest.approx(0.75, abs=0.02)


@need("GradDrop")
def test_graddrop_of_different_texts_is_the_plain_sum(method):
    gradients = {name: numpy.zeros((4, 3), dtype="f") for name in "ab"}
    gradients["a"][:2], gradients["b"][2:] = 1.5, -2.5
    assert (make(method)(gradients) == gradients["a"] + gradients["b"]).all()
