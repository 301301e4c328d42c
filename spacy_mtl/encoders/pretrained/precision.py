"""In what precision torch modules compute."""

import copy
import warnings
from functools import lru_cache
from statistics import median
from time import process_time
from typing import Any, Callable, List, Optional

from thinc.api import Model, get_torch_default_device

from ...errors import Errors, Warnings

PRECISIONS = ("float32", "bfloat16", "auto")
# What bfloat16 must gain on a processor that is not known to have it.
LEAST_GAIN = 1.5
# Rows, width, and wider width of the measured product.
MEASURED = (256, 384, 1536)
TURNS = 5


def is_reduced(precision: str) -> bool:
    """Whether to compute in bfloat16 on this machine. Warns with W440, once, if that was asked for and is not faster.

    precision (str): "float32", "bfloat16" or "auto": bfloat16 where that is faster.
    RETURNS (bool): Whether to.
    """
    if precision == "bfloat16" and not gains_by_bfloat16():
        _warn_of_slowness()
    return precision == "bfloat16" or (precision == "auto" and gains_by_bfloat16())


@lru_cache(maxsize=1)
def _warn_of_slowness() -> None:
    warnings.warn(Warnings.W440, stacklevel=2)


@lru_cache(maxsize=1)
def gains_by_bfloat16() -> bool:
    """RETURNS (bool): Whether this processor multiplies matrices in bfloat16 faster than in float32: it says that it
    has units for that (AMX), or a short measurement shows it. Found out once for a process."""
    import torch

    has_tiles = getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    return bool(has_tiles()) or measure_gain() >= LEAST_GAIN


def measure_gain() -> float:
    """RETURNS (float): How many times as fast a product of matrices is in bfloat16 as in float32."""
    import torch

    rows, width, wider = MEASURED
    products: List[Callable[[], object]] = []
    for kind in (torch.float32, torch.bfloat16):
        inputs, weights = torch.ones(rows, width, dtype=kind), torch.ones(wider, width, dtype=kind)
        products.append(lambda x=inputs, w=weights: torch.nn.functional.linear(x, w))  # type: ignore[misc]
    seconds: List[List[float]] = [[], []]
    with torch.no_grad():
        for _ in range(TURNS):
            for product, taken in zip(products, seconds):
                start = process_time()
                product()
                taken.append(process_time() - start)
    return median(seconds[0]) / max(median(seconds[1]), 1e-9)


def copy_in_bfloat16(module: Any) -> Any:
    """A copy of a torch module with its parameters in bfloat16, to predict with.

    module (torch.nn.Module): The module.
    RETURNS (torch.nn.Module): The copy, which does not learn.
    """
    import torch

    # parameter by parameter: the gradients and a second set in float32 would take more than the copy
    made: Any = {}
    for part in (*module.parameters(), *module.buffers()):
        kind = torch.bfloat16 if part.is_floating_point() else part.dtype
        reduced = part.detach().to(kind)
        made[id(part)] = torch.nn.Parameter(reduced, False) if isinstance(part, torch.nn.Parameter) else reduced
    return copy.deepcopy(module, made).eval()


def find_precision(model: Any) -> Optional[str]:
    """What a pretrained encoder computes in on this machine.

    model (Any): The model of a component.
    RETURNS (Optional[str]): "float32" or "bfloat16"; None for what holds no pretrained encoder.
    """
    shims = [shim for node in model.walk() for shim in node.shims] if isinstance(model, Model) else []
    return next((shim.precision for shim in shims if hasattr(shim, "precision")), None)


def check_precision(shim: Any) -> None:
    """Refuse to train in mixed precision without a GPU.

    shim (HFShim): That of a transformer of spacy-transformers.
    RAISES (ValueError): E413 if it would.
    """
    device = get_torch_default_device() if shim._model is None else shim.device
    if shim._mixed_precision and device.type == "cpu":
        raise ValueError(Errors.E413)
