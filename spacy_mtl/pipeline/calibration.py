"""Temperatures that make a trained head's probabilities mean what they say."""

from math import exp, isfinite, log
from typing import Callable, NamedTuple, Sequence

from ..errors import Errors

LOWEST, HIGHEST = 0.2, 20.0
GOLDEN = (5**0.5 - 1) / 2


class Calibration(NamedTuple):
    """What `calibrate` found for one kind of probability.

    temperature (float): By which scores are divided; above 1 if the model was too sure.
    loss_before (float): The negative log likelihood of the held-out annotation without it.
    loss_after (float): The same with it.
    """

    temperature: float
    loss_before: float
    loss_after: float


def fit_temperature(loss: Callable[[float], float], tolerance: float = 0.01) -> float:
    """The temperature with the least loss (temperature scaling, Guo et al., 2017).

    Scores are divided by the temperature. The negative log likelihood of a log-linear model is convex in the inverse of
    the temperature, so that it has one minimum, which golden-section search closes in on.

    loss (Callable[[float], float]): The negative log likelihood of held-out annotation at a temperature.
    tolerance (float): How exact, as a share of the temperature.
    RETURNS (float): A temperature between LOWEST and HIGHEST; above 1 for a model that is too sure.
    """
    low, high = log(LOWEST), log(HIGHEST)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = loss(exp(left)), loss(exp(right))
    while high - low > tolerance:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = loss(exp(left))
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = loss(exp(right))
    return exp((low + high) / 2)


def calibrate(losses: Sequence[Callable[[float], float]], component: str) -> Calibration:
    """Fit the temperature of a kind of probability.

    losses (Sequence[Callable[[float], float]]): The loss of each batch as a function of the temperature.
    component (str): The name of the component, for messages.
    RETURNS (Calibration): What was found; the temperature 1 where there is no loss.
    RAISES (ValueError): E010 if the loss is not finite.
    """

    def total(temperature: float) -> float:
        return sum(loss(temperature) for loss in losses)

    uncalibrated = total(1.0)
    if not isfinite(uncalibrated):
        raise ValueError(Errors.E010.format(name=component, loss=uncalibrated))
    temperature = fit_temperature(total) if uncalibrated > 0 else 1.0
    return Calibration(temperature, uncalibrated, total(temperature))
