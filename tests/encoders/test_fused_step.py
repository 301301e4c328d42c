"""Adam in one pass makes the steps that thinc's optimizer makes."""

import numpy
import pytest
from thinc.api import SGD, Adam, Optimizer, PyTorchShim, RAdam

torch = pytest.importorskip("torch")

from spacy_mtl.encoders.fused_step import FusedStep, fuse  # noqa: E402
from spacy_mtl.encoders.torch_layer import TorchShim  # noqa: E402

SHAPES = {"rows": (40, 9), "bias": (7,), "kernel": (2, 3, 5)}
SETTINGS = {
    "plain": {"L2": 0.0, "grad_clip": 0.0, "use_averages": False},
    "clipped": {"L2": 0.0, "grad_clip": 0.5, "use_averages": False},
    "decay": {"L2": 0.3, "grad_clip": 1.0, "use_averages": True},
    "L2": {"L2": 0.3, "L2_is_weight_decay": False, "grad_clip": 1.0, "use_averages": True},
    "coarse": {"L2": 0.01, "eps": 0.01, "beta1": 0.5, "beta2": 0.8},
    "no decay of moments": {"beta1": 0.9999, "beta2": 0.99999},
}


def rates():
    """From nothing upwards, and then the same."""
    yield from (0.0, 0.01, 0.05)
    while True:
        yield 0.02


def betas():
    while True:
        yield from (0.9, 0.8)


def make_gradients(steps=8):
    """From steps of which parameters or rows are left out, and which are large or small."""
    rng = numpy.random.default_rng(3)
    for number in range(steps):
        found = {name: rng.normal(size=shape) * 10.0 ** rng.integers(-9, 2, shape) for name, shape in SHAPES.items()}
        found["rows"][number::2] = 0
        if number % 3 == 1:
            del found["bias"]
        yield {name: gradient.astype("float32") for name, gradient in found.items()}


def make_weights():
    rng = numpy.random.default_rng(4)
    return {name: rng.normal(size=shape).astype("float32") for name, shape in SHAPES.items()}


def take_steps(step, weights, optimizer, gradients):
    for of_step in gradients:
        for name, gradient in of_step.items():
            given = weights[name]
            weights[name], _ = step((1, name), given, gradient, lr_scale=0.7)
            assert weights[name] is given or not isinstance(step, FusedStep)
        optimizer.step_schedules()
    return weights


def assert_same_state(found, expected):
    assert dict(found.nr_update) == dict(expected.nr_update)
    for name in ("mom1", "mom2", "averages"):
        arrays, others = getattr(found, name), getattr(expected, name)
        assert (arrays is None) == (others is None)
        assert (arrays or {}).keys() == (others or {}).keys()
        for key, array in (arrays or {}).items():
            assert (array.shape, array.dtype) == (others[key].shape, others[key].dtype)
            numpy.testing.assert_allclose(array, others[key], rtol=2e-5, atol=1e-7 * abs(others[key]).max())


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_steps_are_those_of_thinc(settings):
    one, other = Adam(rates(), **settings), Adam(rates(), **settings)
    found = take_steps(FusedStep(one), make_weights(), one, make_gradients())
    expected = take_steps(other, make_weights(), other, make_gradients())
    for name, start in make_weights().items():
        way = numpy.abs(expected[name] - start).max()
        assert way > 0.01
        numpy.testing.assert_allclose(found[name], expected[name], rtol=1e-6, atol=1e-5 * way)
    assert_same_state(one, other)


def test_schedules_of_other_settings():
    def make():
        return Adam(0.01, beta1=betas(), grad_clip=rates(), L2=rates(), eps=1e-6)

    one, other = make(), make()
    found = take_steps(FusedStep(one), make_weights(), one, make_gradients())
    expected = take_steps(other, make_weights(), other, make_gradients())
    for name in SHAPES:
        numpy.testing.assert_allclose(found[name], expected[name], rtol=1e-6, atol=1e-6)
    assert_same_state(one, other)


def test_goes_on_where_thinc_has_been():
    one, other = Adam(0.02), Adam(0.02)
    gradients = list(make_gradients())
    found, expected = make_weights(), make_weights()
    for step, part in ((one, gradients[:3]), (FusedStep(one), gradients[3:6]), (one, gradients[6:])):
        take_steps(step, found, one, [{name: array.copy() for name, array in of_step.items()} for of_step in part])
    take_steps(other, expected, other, gradients)
    for name in SHAPES:
        numpy.testing.assert_allclose(found[name], expected[name], rtol=1e-6, atol=1e-6)
    assert_same_state(one, other)


def test_what_does_not_occur_comes_to_rest():
    """Thinc's moments come down to the smallest numbers there are, and stay there."""
    one, other = Adam(0.01, use_averages=False), Adam(0.01, use_averages=False)
    weights, start, key = [numpy.ones(6, dtype="float32") for _ in range(2)], numpy.full(6, 1e-3, "float32"), (1, "W")
    for number in range(1200):
        for step, row in zip((FusedStep(one), other), weights):
            step(key, row, start.copy() if number == 0 else numpy.zeros(6, dtype="float32"))
    assert 0 < abs(other.mom1[key]).max() < numpy.finfo("float32").tiny
    assert not one.mom1[key].any()
    assert one.mom2[key].all()
    numpy.testing.assert_allclose(weights[0], weights[1], rtol=1e-6)


@pytest.mark.parametrize("make", [RAdam, SGD, Adam], ids=["radam", "sgd", "adam of columns"])
def test_the_rest_is_left_to_thinc(make):
    dtype = "float64" if make is SGD else "float32"
    one, other = make(0.01), make(0.01)
    weights = [numpy.ones((4, 6), dtype=dtype) for _ in range(2)]
    gradients = [numpy.full((4, 6), 0.1, dtype=dtype) for _ in range(2)]
    if make is Adam:
        # columns of a larger array
        weights = [numpy.ones((4, 9), dtype=dtype)[:, :6] for _ in range(2)]
    for step, array, gradient in zip((FusedStep(one), other), weights, gradients):
        array[...] = step((1, "W"), array, gradient)[0]
    assert (weights[0] == weights[1]).all()
    assert (weights[0] < 1).all()
    assert_same_state(one, other)


def test_what_is_not_thincs_optimizer_comes_back():
    def update(key, weights, gradient):
        return weights, gradient

    assert fuse(update) is update
    assert isinstance(fuse(Adam(0.01)), FusedStep)


def test_torch_layers_take_these_steps(monkeypatch):
    modules = [torch.nn.Linear(3, 2) for _ in range(2)]
    modules[1].load_state_dict(modules[0].state_dict())
    for module in modules:
        for parameter in module.parameters():
            parameter.grad = torch.ones_like(parameter)
    PyTorchShim(modules[1]).finish_update(Adam(0.01))
    monkeypatch.setattr(Optimizer, "__call__", None)
    TorchShim(modules[0]).finish_update(Adam(0.01))
    for one, other in zip(*(module.parameters() for module in modules)):
        torch.testing.assert_close(one, other)
        assert one.requires_grad
        assert not one.grad.any()
