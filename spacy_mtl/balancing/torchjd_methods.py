"""Calling the package torchjd. Importing this module does not need torch; making a balancer does."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, Callable, Sequence

from packaging.specifiers import SpecifierSet
from thinc.api import NumpyOps, torch2xp, xp2torch

from ..errors import Errors

# Other versions may have other methods under these names.
VERSIONS = SpecifierSet(">=0.18,<0.19")


def import_torchjd(balancer: str, extra: str = "balancing", solvers: Sequence[str] = ()) -> Any:
    """Import torchjd's methods.

    balancer (str): Which one asks, for the message.
    extra (str): The extra of this package that brings what is needed.
    solvers (Sequence[str]): Modules that torchjd imports when this method is used.
    RETURNS (ModuleType): The module torchjd.aggregation.
    RAISES (ImportError): E420 if torchjd or a solver is missing, or torchjd is of another version.
    """
    missing = [name for name in ("torch", "torchjd", *solvers) if find_spec(name) is None]
    if "torchjd" not in missing:
        found = find_version("torchjd")
        if not VERSIONS.contains(found, prereleases=True):
            missing.append(f"torchjd{VERSIONS} (found {found})")
    if missing:
        raise ImportError(Errors.E420.format(balancer=balancer, missing=" and ".join(missing), extra=extra))
    return import_module("torchjd.aggregation")


def find_version(package: str) -> str:
    """RETURNS (str): The version of an installed package; "0" if it says none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "0"


def apply_weighting(weighting: Callable[[Any], Any], matrix: Any) -> Any:
    """Call one of torchjd's weightings, on the CPU and in float64.

    weighting (Callable[[torch.Tensor], torch.Tensor]): The weighting.
    matrix (numpy.ndarray): A Gramian, or rows with that Gramian, float64.
    RETURNS (numpy.ndarray): The weights, shape (tasks,).
    """
    import torch

    with torch.no_grad():
        return torch2xp(weighting(xp2torch(matrix.copy(), device=torch.device("cpu"))), ops=NumpyOps())
