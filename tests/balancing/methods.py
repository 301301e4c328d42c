"""The balancers under test, made as a config makes them."""

from importlib.util import find_spec

import numpy
import pytest
import spacy

from spacy_mtl.balancing.report import BatchReport

NEEDS = {
    **dict.fromkeys(["PCGrad", "GradVac", "MGDA", "IMTLG", "AlignedMTL", "ConFIG", "GradDrop"], ["torchjd"]),
    "CAGrad": ["torchjd", "cvxpy", "clarabel"],
    "NashMTL": [],
    "UPGrad": ["torchjd", "qpsolvers", "quadprog"],
}
LOSS_BASED = ["UncertaintyWeighting", "DynamicWeightAveraging", "GradNorm", "FAMO"]
OBJECTIVE = ["Equal", "TargetDistributionAveraging", *LOSS_BASED, "RandomLossWeighting", "GradientShares"]
FIXED = ["Sum", "Weighted"]
RANDOM = ["RandomLossWeighting", "PCGrad", "GradVac", "GradDrop"]
STATELESS = ["Sum", "Weighted", "Equal", "MGDA", "CAGrad", "IMTLG", "AlignedMTL", "UPGrad", "ConFIG", "NashMTL"]
GRADIENT = list(NEEDS)
ALL = [*FIXED, *OBJECTIVE, *GRADIENT]
SETTINGS = {"Weighted": {"weights": {"a": 2.0}}, "DynamicWeightAveraging": {"window": 2}}


def params(names):
    """Parameters for pytest: a method whose packages are missing is skipped."""
    for name in names:
        missing = [module for module in NEEDS.get(name, []) if find_spec(module) is None]
        yield pytest.param(name, marks=pytest.mark.skipif(bool(missing), reason=f"needs {missing}"))


def make(method, **settings):
    block = {"@misc": f"spacy-mtl.{method}.v1", **SETTINGS.get(method, {}), **settings}
    return spacy.registry.resolve({"balancer": block})["balancer"]


def named(matrix, names="abcdefgh"):
    """One gradient a row, each over one token."""
    return {name: numpy.asarray([row], dtype="f") for name, row in zip(names, matrix)}


def draw_gradients(rng, names="abc", shape=(7, 12), scale=1.0):
    return {name: (scale * rng.normal(size=shape)).astype("f") for name in names}


def draw_report(rng, names="abc"):
    return BatchReport(
        {name: float(rng.uniform(0.5, 20)) for name in names}, {name: int(rng.integers(1, 30)) for name in names}
    )


def sum_rows(gradients):
    """The matrix of the summed gradients, shape (tasks, width)."""
    return numpy.stack([gradient.sum(axis=0, dtype="float64") for gradient in gradients.values()])


def need(method):
    return pytest.mark.parametrize("method", params([method]))


def draw(seed, tasks, width=5):
    """Rows of any length that often conflict."""
    rng = numpy.random.default_rng(seed)
    rows = rng.normal(size=(tasks, width)) - 0.3 * rng.normal(size=width)
    return (rows * 10.0 ** rng.uniform(-1, 1, size=(tasks, 1))).astype("f").astype("d")


def combine(method, matrix, **settings):
    balancer = make(method, **settings)
    return balancer(named(matrix))[0], [balancer.last_weights[name] for name in "abcdefgh"[: len(matrix)]]


def check_no_conflict(matrix, direction, tolerance=1e-4):
    lengths = numpy.linalg.norm(matrix, axis=1) * max(numpy.linalg.norm(direction), 1e-12)
    assert (matrix @ direction / lengths).min() >= -tolerance
