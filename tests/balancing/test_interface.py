"""What every balancer keeps to, whatever its method."""

import copy
import pickle
import warnings

import numpy
import pytest
import srsly
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtl.balancing.report import BatchReport

from .methods import (
    ALL,
    FIXED,
    GRADIENT,
    LOSS_BASED,
    OBJECTIVE,
    RANDOM,
    STATELESS,
    draw_gradients,
    draw_report,
    make,
    named,
    params,
    sum_rows,
)

WEIGHING = [name for name in ALL if name != "GradDrop"]
DETERMINISTIC = [name for name in ALL if name not in RANDOM]
pytestmark = pytest.mark.filterwarnings("error:.*MTL-W42.*:UserWarning")


def run(balancer, batches, seed, names="abc"):
    """The results of some batches, in which tasks come and go."""
    rng = numpy.random.default_rng(seed)
    results = []
    for index in range(batches):
        present = names if index % 3 else names[: 2 + index % 2]
        results.append(balancer(draw_gradients(rng, present), draw_report(rng, present)))
    return results


@pytest.mark.parametrize("method", params(ALL))
def test_gives_a_new_array_and_changes_none(method):
    rng = numpy.random.default_rng(0)
    gradients = draw_gradients(rng)
    before = {name: gradient.copy() for name, gradient in gradients.items()}
    combined = make(method)(gradients, draw_report(rng))
    assert combined.shape == (7, 12) and combined.dtype == numpy.float32
    assert numpy.abs(combined).max() > 0
    for name, gradient in gradients.items():
        assert not numpy.shares_memory(combined, gradient)
        assert (gradient == before[name]).all()


@pytest.mark.parametrize("method", params(WEIGHING))
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), tasks=st.integers(2, 5), exponent=st.integers(-6, 4))
def test_result_is_the_sum_under_the_last_weights(method, seed, tasks, exponent):
    rng = numpy.random.default_rng(seed)
    gradients = draw_gradients(rng, "abcde"[:tasks], scale=10.0**exponent)
    balancer = make(method)
    combined = balancer(gradients, draw_report(rng, gradients))
    assert list(balancer.last_weights) == list(gradients)
    assert all(type(weight) is float for weight in balancer.last_weights.values())
    expected = sum(balancer.last_weights[name] * gradient.astype("d") for name, gradient in gradients.items())
    numpy.testing.assert_allclose(combined, expected, rtol=1e-4, atol=1e-5 * 10.0**exponent)


@pytest.mark.parametrize("method", params(GRADIENT))
@pytest.mark.parametrize("scale", [1e-5, 1e4])
def test_scaling_all_gradients_scales_the_result(method, scale):
    gradients = draw_gradients(numpy.random.default_rng(1))
    scaled = {name: numpy.float32(scale) * gradient for name, gradient in gradients.items()}
    numpy.testing.assert_allclose(make(method)(scaled) / scale, make(method)(gradients), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("method", params(DETERMINISTIC))
def test_the_order_of_the_tasks_decides_nothing(method):
    rng = numpy.random.default_rng(2)
    one, other = make(method), make(method)
    for _ in range(3):
        gradients, report = draw_gradients(rng), draw_report(rng)
        turned = {name: gradients[name] for name in "cab"}
        numpy.testing.assert_allclose(other(turned, report), one(gradients, report), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("method", params(ALL))
def test_levels_agree_on_one_row(method):
    rng = numpy.random.default_rng(3)
    representation, parameters = make(method), make(method)
    if method != "Sum":
        parameters = make(method, level="parameters")
        assert (representation.level, parameters.level) == ("representation", "parameters")
    for _ in range(3):
        gradients, report = draw_gradients(rng, shape=(1, 20)), draw_report(rng)
        assert (representation(gradients, report) == parameters(gradients, report)).all()


@pytest.mark.parametrize("method", params([name for name in GRADIENT if name != "GradDrop"]))
def test_tasks_of_different_texts_are_compared_by_their_sums(method):
    rng = numpy.random.default_rng(4)
    matrix = rng.normal(size=(3, 6))
    whole = make(method)
    whole(named(matrix))
    apart = {}
    for index, name in enumerate("abc"):
        apart[name] = numpy.zeros((6, 6), dtype="f")
        apart[name][2 * index] = matrix[index] * 0.25
        apart[name][2 * index + 1] = matrix[index] * 0.75
    balancer = make(method)
    combined = balancer(apart)
    # the length of the result is another, where nothing cancels
    scale = balancer.last_weights["a"] / whole.last_weights["a"] if method == "NashMTL" else 1.0
    expected = {name: scale * weight for name, weight in whole.last_weights.items()}
    assert balancer.last_weights == pytest.approx(expected, rel=1e-3, abs=1e-4)
    numpy.testing.assert_allclose(combined[2:4], balancer.last_weights["b"] * apart["b"][2:4], rtol=1e-5)


@pytest.mark.parametrize("method", params(GRADIENT))
def test_a_task_alone_passes_as_it_is(method):
    gradient = draw_gradients(numpy.random.default_rng(5), "a")["a"]
    balancer = make(method)
    alone = balancer({"a": gradient})
    beside_zeros = balancer({"b": numpy.zeros_like(gradient), "a": gradient})
    assert (alone == gradient).all() and (beside_zeros == gradient).all()
    assert alone is not gradient
    assert balancer.last_weights == ({} if method == "GradDrop" else {"a": 1.0})


@pytest.mark.parametrize("method", params([*OBJECTIVE, *GRADIENT]))
def test_a_zero_gradient_has_no_say(method):
    rng = numpy.random.default_rng(6)
    gradients, report = draw_gradients(rng), draw_report(rng)
    zeros = {"idle": numpy.zeros((7, 12), dtype="f"), **gradients}
    reported = BatchReport({"idle": 0.0, **report.losses}, {"idle": 0, **report.targets})
    with_zeros, without = make(method), make(method)
    assert (with_zeros(zeros, reported) == without(gradients, report)).all()
    assert with_zeros.last_weights == without.last_weights


@pytest.mark.parametrize("method", params(ALL))
@pytest.mark.parametrize("shape", [(0, 4), (3, 4)])
def test_nothing_but_zeros_gives_zeros(method, shape):
    zeros = numpy.zeros(shape, dtype="f")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        combined = make(method)({"a": zeros, "b": zeros.copy()})
    assert combined.shape == shape and not combined.any()


@pytest.mark.parametrize("method", params([name for name in GRADIENT if name != "GradDrop"]))
def test_a_gradient_without_direction_has_the_weight_one(method):
    gradients = {name: numpy.zeros((2, 3), dtype="f") for name in "abc"}
    gradients["a"][:, 0] = [1.0, -1.0]
    gradients["b"][0] = [1.0, 2.0, 0.0]
    gradients["c"][1] = [-1.0, 1.0, 1.0]
    balancer, without = make(method), make(method)
    balancer(gradients)
    without({"b": gradients["b"], "c": gradients["c"]})
    assert balancer.last_weights == {"a": 1.0, **without.last_weights}


@pytest.mark.parametrize("method", params(GRADIENT))
@pytest.mark.parametrize("value", [numpy.nan, numpy.inf])
def test_what_is_not_finite_stays_so(method, value):
    rng = numpy.random.default_rng(7)
    gradients = draw_gradients(rng)
    balancer, spared = make(method), make(method)
    good = draw_gradients(rng)
    gradients["b"][3, 4] = value
    combined = balancer(gradients)
    assert not numpy.isfinite(combined).all() or method == "GradDrop"
    assert numpy.isfinite(balancer(good)).all()
    if method not in RANDOM:
        assert (make(method)(good) == spared(good)).all()


@pytest.mark.parametrize("method", params(ALL))
def test_goes_on_from_its_state_as_if_it_had_not_stopped(method):
    balancer = make(method)
    run(balancer, 5, seed=8)
    state = srsly.json_loads(srsly.json_dumps(balancer.get_state()))
    again = make(method)
    again.set_state(state)
    copies = [again, pickle.loads(pickle.dumps(balancer)), copy.deepcopy(balancer)]
    expected = run(balancer, 5, seed=9)
    for other in copies:
        assert all((a == b).all() for a, b in zip(run(other, 5, seed=9), expected))
        assert other.last_weights == balancer.last_weights
        assert other.get_state() == balancer.get_state()
    if method in STATELESS:
        assert state == {}
    else:
        fresh = run(make(method), 5, seed=9)
        assert not all((a == b).all() for a, b in zip(fresh, expected))


@pytest.mark.parametrize("method", params(ALL))
def test_a_task_that_is_renamed_goes_on_as_it_was(method):
    balancer, other = make(method), make(method)
    run(balancer, 4, 5)
    run(other, 4, 5)
    renamed = balancer.renamed("b", "n")
    assert srsly.json_dumps(renamed.renamed("n", "b").get_state()) == srsly.json_dumps(other.get_state())
    for result, expected in zip(run(renamed, 4, 6, "anc"), run(other, 4, 6, "abc")):
        numpy.testing.assert_array_equal(result, expected)
    assert {"b" if name == "n" else name: weight for name, weight in renamed.last_weights.items()} == other.last_weights


@pytest.mark.parametrize("method", params([name for name in ALL if name not in STATELESS]))
def test_refuses_the_state_of_another(method):
    with pytest.raises(ValueError, match=rf"MTL-E423.*{type(make(method)).__name__}.*\['other'\]"):
        make(method).set_state({"other": 1})


@pytest.mark.parametrize("method", params(RANDOM))
def test_randomness_is_its_own(method):
    numpy.random.seed(0)
    python = numpy.random.get_state()[1].copy()
    states = []
    if method in GRADIENT:
        import torch

        torch.manual_seed(0)
        states.append(torch.get_rng_state())
    first = run(make(method, seed=3), 4, seed=10, names="abcde")
    if method in GRADIENT:
        assert (torch.get_rng_state() == states[0]).all()
        torch.manual_seed(1)
    assert (numpy.random.get_state()[1] == python).all()
    numpy.random.seed(1)
    assert all((a == b).all() for a, b in zip(run(make(method, seed=3), 4, seed=10, names="abcde"), first))
    others = [run(make(method, seed=seed), 4, seed=10, names="abcde") for seed in range(4, 10)]
    assert any((a != b).any() for other in others for a, b in zip(other, first))


@pytest.mark.parametrize("method", params(ALL))
def test_one_task_is_enough_for_some(method):
    balancer = make(method)
    balancer.validate(["a", "b"])
    if method in [*FIXED, "Equal", "TargetDistributionAveraging", "UncertaintyWeighting"]:
        balancer.validate(["a"])
    else:
        with pytest.raises(ValueError, match=rf"MTL-E424.*{method}.*\['a'\]"):
            balancer.validate(["a"])


@pytest.mark.parametrize("method", params([name for name in ALL if name != "Sum"]))
def test_level_is_one_of_two(method):
    with pytest.raises(ValueError, match=rf"MTL-E422.*{method}.*'tokens'.*'representation'"):
        make(method, level="tokens")


@pytest.mark.parametrize("method", LOSS_BASED)
def test_without_losses_the_weights_are_one_and_it_is_said_once(method):
    balancer = make(method)
    gradients = draw_gradients(numpy.random.default_rng(11), "ab")
    with pytest.warns(UserWarning, match=f"MTL-W420.*{method}") as caught:
        balancer(gradients)
    assert len(caught) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        combined = balancer(gradients)
    assert balancer.last_weights == {"a": 1.0, "b": 1.0}
    numpy.testing.assert_allclose(combined, gradients["a"] + gradients["b"], rtol=1e-6)


@pytest.mark.parametrize("method", LOSS_BASED)
@pytest.mark.parametrize("loss", [0.0, -1.0, numpy.nan, numpy.inf])
def test_a_loss_that_is_none_teaches_nothing(method, loss):
    gradients = draw_gradients(numpy.random.default_rng(12), "ab")
    balancer = make(method)
    balancer(gradients, BatchReport({"a": 2.0, "b": 3.0}, {"a": 1, "b": 1}))
    before = balancer.get_state()
    balancer(gradients, BatchReport({"a": loss, "b": loss}, {"a": 1, "b": 1}))
    assert balancer.get_state() == before


@pytest.mark.parametrize("method", params([name for name in GRADIENT if name != "GradDrop"]))
def test_a_solver_that_gives_up_leaves_the_mean(method, monkeypatch):
    balancer = make(method)
    gradients = draw_gradients(numpy.random.default_rng(13))

    def fail(names, gramian):
        raise ValueError("singular")

    monkeypatch.setattr(balancer, "solve", fail)
    with pytest.warns(UserWarning, match=f"MTL-W421.*{method}.*singular"):
        combined = balancer(gradients)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        balancer(gradients)
    numpy.testing.assert_allclose(combined.sum(axis=0), sum_rows(gradients).mean(axis=0), rtol=1e-4, atol=1e-5)
    monkeypatch.setattr(balancer, "solve", lambda names, gramian: [numpy.nan] * 3)
    balancer(gradients)
    assert balancer.last_weights == dict.fromkeys("abc", 1 / 3)
