"""Methods that weigh the losses: hand-worked batches, and the derivatives of what they say they minimize."""

import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtl.balancing.dynamic_average import DynamicWeightAveraging
from spacy_mtl.balancing.equal import Equal
from spacy_mtl.balancing.famo import FAMO
from spacy_mtl.balancing.gradnorm import GradNorm
from spacy_mtl.balancing.random_weights import RandomLossWeighting
from spacy_mtl.balancing.report import BatchReport
from spacy_mtl.balancing.shares import GradientShares
from spacy_mtl.balancing.targets import TargetDistributionAveraging
from spacy_mtl.balancing.uncertainty import LIMIT, UncertaintyWeighting

from .methods import draw_gradients, draw_report, named

ONES = named([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
COUNTS = st.dictionaries(st.sampled_from("abc"), st.integers(1, 1000), min_size=1)


def weigh(balancer, losses=None, targets=None, names=None):
    names = names or (losses or targets)
    balancer({name: ONES[name] for name in names}, BatchReport(losses or {}, targets or {}))
    return balancer.last_weights


def slope(function, point, index, step=1e-6):
    up, down = numpy.array(point, dtype="d"), numpy.array(point, dtype="d")
    up[index] += step
    down[index] -= step
    return (function(up) - function(down)) / (2 * step)


def test_equal_is_the_mean():
    assert Equal()(named([[3.0, 0.0], [0.0, 6.0], [3.0, -3.0]])).tolist() == [[2.0, 1.0]]


def test_gradient_shares_by_hand():
    # norms 5 and 1: over two rows, whose sum would be (0, 0)
    gradients = {"a": numpy.asarray([[3.0, 0.0], [0.0, 4.0]], "f"), "b": numpy.asarray([[0.6, 0.0], [0.0, 0.8]], "f")}
    balancer = GradientShares({"b": 2.0}, alpha=1.0, beta=0.5)
    balancer(gradients)
    # in the ratio 1 to 2, together 6: 2 and 4
    assert balancer.last_weights == pytest.approx({"a": 2 / 5, "b": 4.0})
    balancer({"a": 2 * gradients["a"], "b": gradients["b"]})
    # averages 7.5 and 1, together 8.5
    assert balancer.last_weights == pytest.approx({"a": 8.5 / 3 / 7.5, "b": 8.5 * 2 / 3})
    balancer({"b": gradients["b"]})
    assert balancer.last_weights == pytest.approx({"b": 8.5 * 2 / 3}), "a task alone has the weight that it had"


@settings(max_examples=50, deadline=None)
@given(
    sizes=st.lists(st.floats(1e-6, 1e6), min_size=2, max_size=3),
    shares=st.lists(st.floats(0.01, 100), min_size=3, max_size=3),
    alpha=st.floats(0, 1),
)
def test_gradient_shares_keep_the_size_of_the_sum_and_have_their_ratio(sizes, shares, alpha):
    gradients = {name: numpy.asarray([[0.0, size]], "f") for name, size in zip("abc", sizes)}
    sizes = {name: float(gradient.sum()) for name, gradient in gradients.items()}
    balancer = GradientShares(dict(zip("abc", shares)), alpha=alpha)
    balancer(gradients)
    weighted = {name: weight * sizes[name] for name, weight in balancer.last_weights.items()}
    assert sum(weighted.values()) == pytest.approx(sum(sizes.values()), rel=1e-5)
    expected = shares[0] / shares[1] * (sizes["a"] / sizes["b"]) ** (1 - alpha)
    assert weighted["a"] / weighted["b"] == pytest.approx(expected, rel=1e-5)


def test_gradient_shares_of_nothing_are_the_plain_sum():
    balancer = GradientShares(alpha=0.0)
    gradients = draw_gradients(numpy.random.default_rng(0))
    numpy.testing.assert_allclose(balancer(gradients), sum(gradients.values()), rtol=1e-5, atol=1e-5)


def test_a_share_for_a_task_that_is_none():
    with pytest.raises(ValueError, match=r"MTL-E403.*\['nre'\].*\['ner', 'srl'\]"):
        GradientShares({"nre": 2.0}).validate(["ner", "srl"])
    with pytest.raises(ValueError, match=r"MTL-E421.*shares\.ner = 0\.0"):
        GradientShares({"ner": 0.0})


def test_targets_by_hand():
    balancer = TargetDistributionAveraging(tau=0.5, beta=0.75)
    # square roots 3 and 1: shares 3/4 and 1/4; 10 targets
    assert weigh(balancer, targets={"a": 9, "b": 1}) == pytest.approx({"a": 10 * 0.75 / 9, "b": 10 * 0.25})
    # found 1/2 and 1/2: averages 0.6875 and 0.3125
    assert weigh(balancer, targets={"a": 4, "b": 4}) == pytest.approx({"a": 2 * 0.6875, "b": 2 * 0.3125})


@settings(max_examples=50, deadline=None)
@given(batches=st.lists(COUNTS, min_size=1, max_size=5))
def test_every_target_alike_is_the_plain_sum(batches):
    balancer = TargetDistributionAveraging(tau=1.0, beta=0.0)
    for counts in batches:
        assert weigh(balancer, targets=counts) == pytest.approx(dict.fromkeys(counts, 1.0), rel=1e-6)


@settings(max_examples=50, deadline=None)
@given(batches=st.lists(COUNTS, min_size=1, max_size=6), tau=st.floats(-2, 2), beta=st.floats(0, 0.99))
def test_the_weights_keep_the_size_of_the_plain_sum(batches, tau, beta):
    balancer = TargetDistributionAveraging(tau, beta)
    for counts in batches:
        weights = weigh(balancer, targets=counts)
        assert sum(counts[name] * weight for name, weight in weights.items()) == pytest.approx(sum(counts.values()))
        assert sum(balancer.shares.values()) == pytest.approx(1.0)


@settings(max_examples=50, deadline=None)
@given(batches=st.lists(st.tuples(*[st.integers(1, 500)] * 3), min_size=1, max_size=6), tau=st.floats(-1, 2))
def test_with_all_tasks_the_shares_are_the_plain_average(batches, tau):
    balancer, expected = TargetDistributionAveraging(tau, 0.8), None
    for counts in batches:
        weigh(balancer, targets=dict(zip("abc", counts)))
        found = numpy.asarray(counts, dtype="d") ** tau
        found /= found.sum()
        expected = found if expected is None else 0.8 * expected + 0.2 * found
    assert [balancer.shares[name] for name in "abc"] == pytest.approx(expected.tolist(), rel=1e-6)


def test_absent_tasks_keep_their_share():
    balancer = TargetDistributionAveraging(tau=1.0, beta=0.5)
    weigh(balancer, targets={"a": 2, "b": 1, "c": 1})
    assert weigh(balancer, targets={"c": 50}) == pytest.approx({"c": 1.0})
    assert balancer.shares == pytest.approx({"a": 0.5, "b": 0.25, "c": 0.25})
    # a and b share 3/4: 1/2, 1/4 move half way to 3/8, 3/8
    assert weigh(balancer, targets={"a": 6, "b": 6}) == pytest.approx({"a": 12 * 7 / 12 / 6, "b": 12 * 5 / 12 / 6})
    assert balancer.shares == pytest.approx({"a": 0.4375, "b": 0.3125, "c": 0.25})


def test_tau_zero_weighs_tasks_alike():
    weights = weigh(TargetDistributionAveraging(tau=0.0, beta=0.0), targets={"a": 10, "b": 30})
    assert weights == pytest.approx({"a": 2.0, "b": 2 / 3})


@pytest.mark.parametrize("targets", [{}, {"a": 0, "b": numpy.nan}, {"a": -3, "b": numpy.inf}])
def test_unknown_targets_are_the_rows_that_are_not_zero(targets):
    gradients = draw_gradients(numpy.random.default_rng(0), "ab", shape=(8, 3))
    gradients["a"][2:] = 0
    balancer = TargetDistributionAveraging(tau=0.0, beta=0.0)
    balancer(gradients, BatchReport({}, targets))
    assert balancer.last_weights == pytest.approx({"a": 10 / 4, "b": 10 / 16})


def test_an_extreme_exponent_leaves_every_task_a_share():
    balancer = TargetDistributionAveraging(tau=500.0, beta=0.0)
    weigh(balancer, targets={"a": 1000, "b": 1})
    assert weigh(balancer, targets={"b": 1}) == {"b": 1.0}


@settings(max_examples=50, deadline=None)
@given(s=st.floats(-3, 3), loss=st.floats(0.01, 50), count=st.integers(1, 40), rate=st.floats(1e-4, 0.05))
def test_uncertainty_follows_the_derivative_of_its_objective(s, loss, count, rate):
    balancer = UncertaintyWeighting(learning_rate=rate)
    balancer.set_state({"log_variances": {"a": s}})
    weights = weigh(balancer, losses={"a": loss}, targets={"a": count})
    assert weights == pytest.approx({"a": math.exp(-s)})
    expected = s - rate * slope(lambda point: math.exp(-point[0]) * loss / count + point[0] / 2, [s], 0)
    assert balancer.log_variances["a"] == pytest.approx(expected, abs=1e-6)


def test_uncertainty_comes_to_rest_at_half_the_inverse_loss():
    balancer = UncertaintyWeighting(learning_rate=0.1)
    for _ in range(500):
        weights = weigh(balancer, losses={"a": 40.0, "b": 0.5}, targets={"a": 10, "b": 2})
    assert weights == pytest.approx({"a": 1 / 8, "b": 2.0}, rel=1e-3)
    weigh(balancer, losses={"a": 1e30}, targets={"a": 1})
    assert balancer.log_variances["a"] == LIMIT


def test_dynamic_weights_by_hand():
    balancer = DynamicWeightAveraging(window=2, temperature=2.0)
    targets = {"a": 10, "b": 10}
    losses = [(40.0, 20.0), (20.0, 20.0), (10.0, 20.0), (20.0, 20.0)]
    for a, b in losses:
        assert weigh(balancer, losses={"a": a, "b": b}, targets=targets) == pytest.approx({"a": 1.0, "b": 1.0})
    # means of a: 3, then 1.5; of b: 2, then 2
    a, b = math.exp(0.5 / 2), math.exp(1 / 2)
    expected = {"a": 2 * a / (a + b), "b": 2 * b / (a + b)}
    assert weigh(balancer, losses={"a": 1.0, "b": 1.0}, targets=targets) == pytest.approx(expected)
    assert weigh(balancer, losses={"a": 1.0}, targets=targets) == pytest.approx({"a": expected["a"]})


def test_dynamic_windows_count_the_batches_of_the_task():
    balancer = DynamicWeightAveraging(window=1, temperature=1.0)
    targets = {"a": 1, "b": 1}
    weigh(balancer, losses={"a": 1.0, "b": 1.0}, targets=targets)
    for _ in range(3):
        weigh(balancer, losses={"b": 1.0}, targets=targets)
    weigh(balancer, losses={"a": 3.0}, targets=targets)
    weights = weigh(balancer, losses={"a": 1.0, "b": 1.0}, targets=targets)
    assert weights["a"] / weights["b"] == pytest.approx(math.exp(3 - 1))
    assert sum(weights.values()) == pytest.approx(2.0)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**6), alpha=st.floats(0, 2), rate=st.floats(1e-3, 0.1))
def test_gradnorm_follows_the_derivative_of_its_objective(seed, alpha, rate):
    rng = numpy.random.default_rng(seed)
    balancer = GradNorm(alpha, rate)
    old = rng.uniform(0.3, 2.0, 3)
    old *= 3 / old.sum()
    first = rng.uniform(0.5, 3.0, 3)
    balancer.set_state({"weights": dict(zip("abc", old)), "first_losses": dict(zip("abc", first))})
    gradients, report = draw_gradients(rng, shape=(5, 4)), draw_report(rng)
    balancer(gradients, report)
    assert balancer.last_weights == pytest.approx(dict(zip("abc", old)))

    norms = numpy.asarray([numpy.linalg.norm(gradients[name].sum(axis=0)) for name in "abc"])
    mean = (old * norms).mean()
    ratios = numpy.asarray([report.losses[name] / report.targets[name] for name in "abc"]) / first
    rates = ratios / ratios.mean()

    def objective(logs):
        return numpy.abs(numpy.exp(logs) * norms - mean * rates**alpha).sum() / mean

    stepped = numpy.log(old) - rate * numpy.asarray([slope(objective, numpy.log(old), i) for i in range(3)])
    expected = numpy.exp(stepped) * 3 / numpy.exp(stepped).sum()
    assert [balancer.weights[name] for name in "abc"] == pytest.approx(expected.tolist(), rel=1e-4)


def test_gradnorm_evens_out_the_sizes():
    balancer = GradNorm(alpha=0.0, learning_rate=0.05)
    gradients = named([[30.0, 0.0], [0.0, 1.0], [0.0, 3.0]])
    report = BatchReport({"a": 1.0, "b": 1.0, "c": 1.0}, {"a": 1, "b": 1, "c": 1})
    for _ in range(400):
        balancer(gradients, report)
    sizes = [balancer.weights[name] * size for name, size in (("a", 30.0), ("b", 1.0), ("c", 3.0))]
    assert max(sizes) / min(sizes) < 1.3
    assert sum(balancer.weights.values()) == pytest.approx(3.0)


def test_gradnorm_favours_the_task_that_has_learned_less():
    balancer = GradNorm(alpha=1.0, learning_rate=0.05)
    gradients = named([[1.0, 0.0], [0.0, 1.0]])
    targets = {"a": 1, "b": 1}
    balancer(gradients, BatchReport({"a": 4.0, "b": 4.0}, targets))
    for _ in range(300):
        balancer(gradients, BatchReport({"a": 1.0, "b": 3.0}, targets))
    assert balancer.weights["b"] / balancer.weights["a"] == pytest.approx(3.0, rel=0.1)


def test_gradnorm_moves_only_the_tasks_of_the_batch():
    balancer = GradNorm()
    balancer.set_state({"weights": {"a": 0.5, "b": 1.0, "c": 1.5}, "first_losses": {"a": 1.0, "b": 1.0, "c": 1.0}})
    gradients = named([[5.0, 0.0], [0.0, 1.0]])
    balancer(gradients, BatchReport({"a": 1.0, "b": 1.0}, {"a": 1, "b": 1}))
    assert balancer.weights["c"] == 1.5
    assert balancer.weights["a"] < 0.5 and balancer.weights["a"] + balancer.weights["b"] == pytest.approx(1.5)
    before = dict(balancer.weights)
    balancer({"a": gradients["a"]}, BatchReport({"a": 1.0}, {"a": 1}))
    assert balancer.weights == before and balancer.last_weights == {"a": before["a"]}


def test_famo_weighs_by_the_logs_of_the_losses():
    # shares 1/2 each: 1/8 to 1/2, scaled to one
    assert weigh(FAMO(), losses={"a": 8.0, "b": 2.0}, targets={"a": 1, "b": 1}) == pytest.approx({"a": 0.2, "b": 0.8})


@settings(max_examples=50, deadline=None)
@given(
    logits=st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
    before=st.tuples(st.floats(0.1, 5), st.floats(0.1, 5)),
    after=st.tuples(st.floats(0.1, 5), st.floats(0.1, 5)),
    gamma=st.floats(0, 0.1),
)
def test_famo_steps_against_the_fall_of_the_losses(logits, before, after, gamma):
    balancer = FAMO(learning_rate=0.1, gamma=gamma)
    balancer.set_state({"logits": dict(zip("ab", logits)), "last_losses": dict(zip("ab", before))})
    # twice the targets, twice the summed loss
    weights = weigh(balancer, losses={"a": 2 * after[0], "b": after[1]}, targets={"a": 2, "b": 1})
    falls = numpy.log(before) - numpy.log(after)

    def gain(point):
        shares = numpy.exp(point) / numpy.exp(point).sum()
        return shares @ falls + gamma / 2 * point @ point

    expected = [logits[i] - 0.1 * slope(gain, logits, i) for i in range(2)]
    assert [balancer.logits[name] for name in "ab"] == pytest.approx(expected, abs=1e-6)
    ratio = math.exp(expected[0] - expected[1]) * after[1] / (2 * after[0])
    assert weights["a"] / weights["b"] == pytest.approx(ratio, rel=1e-4)
    assert sum(weights.values()) == pytest.approx(1.0)


def test_famo_compares_with_the_last_batch_of_the_task():
    balancer = FAMO(learning_rate=1.0, gamma=0.0)
    targets = {"a": 1, "b": 1}
    weigh(balancer, losses={"a": 4.0, "b": 4.0}, targets=targets)
    weigh(balancer, losses={"b": 2.0}, targets=targets)
    assert balancer.logits == {"a": 0.0, "b": 0.0}
    weigh(balancer, losses={"a": 2.0, "b": 2.0}, targets=targets)
    # a has fallen by log 2 and b not: slopes of +-log 2 / 4
    assert balancer.logits == pytest.approx({"a": -math.log(2) / 4, "b": math.log(2) / 4})


def test_random_weights_are_a_softmax_of_normal_draws():
    balancer = RandomLossWeighting(seed=1)
    logs = []
    for _ in range(2000):
        weights = weigh(balancer, names="abc")
        assert sum(weights.values()) == pytest.approx(1.0) and min(weights.values()) > 0
        logs.append(math.log(weights["a"] / weights["b"]))
    # the difference of two draws: mean 0, variance 2
    assert abs(numpy.mean(logs)) < 0.15
    assert numpy.var(logs) == pytest.approx(2.0, rel=0.15)
