"""Settings out of range, and packages that are not there."""

import importlib.util
import re

import pytest

from spacy_mtl.balancing import torchjd_methods

from .methods import NEEDS, make, params

NAN, INF = float("nan"), float("inf")
WRONG = [
    ("TargetDistributionAveraging", "tau", [NAN, INF]),
    ("TargetDistributionAveraging", "beta", [-0.1, 1.0, NAN]),
    ("UncertaintyWeighting", "learning_rate", [0.0, -1.0, NAN, INF]),
    ("DynamicWeightAveraging", "window", [0, -1]),
    ("DynamicWeightAveraging", "temperature", [0.0, -1.0, NAN, INF]),
    ("GradNorm", "alpha", [-0.1, NAN, INF]),
    ("GradNorm", "learning_rate", [0.0, NAN]),
    ("GradientShares", "default", [0.0, -1.0, NAN, INF]),
    ("GradientShares", "alpha", [-0.1, 1.1, NAN]),
    ("GradientShares", "beta", [-0.1, 1.0, NAN]),
    ("FAMO", "learning_rate", [0.0, INF]),
    ("FAMO", "gamma", [-0.1, NAN]),
    ("RandomLossWeighting", "seed", [-1]),
    ("PCGrad", "seed", [-1]),
    ("GradVac", "beta", [-0.1, 1.1, NAN]),
    ("GradVac", "seed", [-1]),
    ("MGDA", "epsilon", [0.0, -1.0, NAN]),
    ("MGDA", "max_iterations", [0]),
    ("CAGrad", "c", [-0.1, 1.0, NAN]),
    ("NashMTL", "max_norm", [-1.0, NAN]),
    ("AlignedMTL", "scale", ["max"]),
    ("GradDrop", "leak", [-0.1, 1.1, NAN]),
    ("GradDrop", "seed", [-1]),
]
EXTRAS = {"CAGrad": "cagrad", "UPGrad": "quadprog"}


@pytest.mark.parametrize(
    "method, setting, value", [(method, setting, value) for method, setting, wrong in WRONG for value in wrong]
)
def test_settings_out_of_range(method, setting, value):
    with pytest.raises(ValueError, match=rf"MTL-E421.*{method}.*{setting} = {value}"):
        make(method, **{setting: value})


@pytest.mark.parametrize("method, module", [(method, module) for method, needs in NEEDS.items() for module in needs])
def test_a_missing_package_is_named_with_its_extra(method, module, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        torchjd_methods, "find_spec", lambda name: None if name == module else found(name) or "installed"
    )
    extra = EXTRAS.get(method, "balancing")
    with pytest.raises(ImportError, match=rf"MTL-E420.*{method} needs {module},.*spacy-mtl\[{extra}\]"):
        make(method)


@pytest.mark.parametrize("method", [method for method, needs in NEEDS.items() if "torchjd" in needs])
def test_another_version_is_refused(method, monkeypatch):
    monkeypatch.setattr(torchjd_methods, "find_spec", lambda name: "installed")
    monkeypatch.setattr(torchjd_methods, "find_version", lambda name: "0.19.0")
    with pytest.raises(ImportError, match=rf"MTL-E420.*{method} needs torchjd.*0\.18.*found 0\.19\.0"):
        make(method)


@pytest.mark.parametrize("method", params(EXTRAS))
def test_extras_are_declared_and_bring_the_solvers(method):
    from importlib.metadata import metadata, requires

    assert EXTRAS[method] in metadata("spacy-mtl").get_all("Provides-Extra")
    ours = [line for line in requires("spacy-mtl") if f'extra == "{EXTRAS[method]}"' in line]
    brought = {re.match(r"[\w-]+", line)[0] for line in ours}
    for extra in re.findall(r"torchjd\[([\w-]+)\]", " ".join(ours)):
        inner = [line for line in requires("torchjd") if f'extra == "{extra}"' in line]
        brought |= {re.match(r"[\w-]+", line)[0] for line in inner}
    # clarabel comes with cvxpy
    assert set(NEEDS[method]) - {"clarabel"} <= brought
