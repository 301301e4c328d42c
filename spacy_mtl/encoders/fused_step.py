"""thinc's Adam for the parameters of torch modules on a CPU, in one pass over them."""

from functools import cache
from typing import Any, Optional, Tuple

import numpy
import torch
from thinc.api import Adam, Optimizer
from thinc.types import FloatsXd

# Beside eps such moments are nothing. Those of a row of an embedding that does not occur come down to them, and on to
# numbers so small that a processor takes ten times as long for each, in every step from then on.
SMALLEST = 1e-35
LEAST_EPS = 1e-12
STEPS_TO_CLEANING = 50


class FusedStep:
    """Steps as those of thinc's `Optimizer`, up to rounding, by its settings and in its state. Those that torch has no
    kernel for are left to it: of other methods than Adam, and of other parameters than in float32 on the CPU."""

    def __init__(self, optimizer: Optimizer) -> None:
        """Step for an optimizer.

        optimizer (Optimizer): The optimizer.
        """
        self._optimizer = optimizer

    def __call__(
        self, key: Tuple[int, str], weights: FloatsXd, gradient: FloatsXd, *, lr_scale: float = 1.0
    ) -> Tuple[FloatsXd, FloatsXd]:
        """Update a parameter in place.

        key (Tuple[int, str]): What the optimizer knows it by.
        weights (FloatsXd): Its values.
        gradient (FloatsXd): Its gradient, of the same shape. It is used up, and need not be zero afterwards.
        lr_scale (float): The share of the learning rate that it gets.
        RETURNS (Tuple[FloatsXd, FloatsXd]): The same arrays.
        """
        optimizer = self._optimizer
        rate = lr_scale * optimizer.learn_rate
        decay = rate * optimizer.L2 if optimizer.L2_is_weight_decay else 0.0
        is_adam = not optimizer.use_radam and optimizer.b1 > 0 and optimizer.b2 > 0
        if not (is_adam and decay < 1 and _is_plain(weights) and _is_plain(gradient)):
            return optimizer(key, weights, gradient, lr_scale=lr_scale)
        optimizer.nr_update[key] += 1
        number = optimizer.nr_update[key]
        tensor, slope = _as_row(weights), _as_row(gradient)
        if not optimizer.L2_is_weight_decay:
            slope.add_(tensor, alpha=optimizer.L2)
        moments = []
        for known in (optimizer.mom1, optimizer.mom2):
            if key not in known:
                known[key] = numpy.zeros(weights.size, dtype="float32")
            moments.append(_as_row(known[key]))
        # thinc corrects for the bias by the exact rates of decay, and uses those rounded to float32
        corrected = rate * (1 - optimizer.b2**number) ** 0.5 / (1 - optimizer.b1**number)
        beta1, beta2 = float(numpy.float32(optimizer.b1)), float(numpy.float32(optimizer.b2))
        bias1, bias2 = 1 - beta1**number, (1 - beta2**number) ** 0.5
        # torch corrects as well, before eps is added, and lets weights decay before the step: what is said to it makes
        # that thinc's formula
        own_rate = corrected * bias1 / bias2 * (1 - decay)
        torch._fused_adamw_(
            [tensor],
            [slope],
            moments[:1],
            moments[1:],
            [],
            [torch.tensor(float(number))],
            lr=own_rate,
            beta1=beta1,
            beta2=beta2,
            weight_decay=decay / own_rate if decay else 0.0,
            eps=optimizer.eps / bias2,
            amsgrad=False,
            maximize=False,
            grad_scale=_find_divisor(gradient, optimizer.grad_clip),
        )
        if number % STEPS_TO_CLEANING == 0 and optimizer.eps >= LEAST_EPS:
            for moment in moments:
                moment.masked_fill_(moment.abs() < SMALLEST, 0.0)
        if optimizer.averages is not None:
            if key not in optimizer.averages:
                optimizer.averages[key] = numpy.zeros(weights.shape, dtype="float32")
            kept = min((1 + number) / (10 + number), 0.9999)
            _as_row(optimizer.averages[key]).lerp_(tensor, 1 - kept)
        return weights, gradient


def fuse(optimizer: Any) -> Any:
    """Make the steps of an optimizer quick, if they can be.

    optimizer (Optimizer): thinc's optimizer. Anything else that is called as it is comes back as it is.
    RETURNS (Callable): Called as the optimizer is.
    """
    return FusedStep(optimizer) if isinstance(optimizer, Optimizer) and _has_kernel() else optimizer


@cache
def _has_kernel() -> bool:
    """Whether torch has its kernel for the CPU: before 2.4 it has not."""
    one = numpy.ones(1, dtype="float32")
    try:
        FusedStep(Adam())((0, "W"), one, one.copy())
    except (AttributeError, NotImplementedError, RuntimeError, TypeError):
        return False
    return True


def _find_divisor(gradient: FloatsXd, most: float) -> Optional[torch.Tensor]:
    """What a gradient must be divided by to be clipped, as thinc clips it."""
    norm = float(numpy.linalg.norm(gradient)) if most else 0.0
    return torch.tensor(norm / most) if most and norm >= most else None


def _is_plain(array: Any) -> bool:
    # arrays of other kinds may lie elsewhere, and know more than numpy's
    is_float = type(array) is numpy.ndarray and array.dtype == numpy.float32
    return is_float and array.flags.c_contiguous and array.flags.writeable and array.size > 0


def _as_row(array: Any) -> torch.Tensor:
    """The numbers of an array, in the same memory."""
    return torch.from_numpy(array.reshape(-1))
