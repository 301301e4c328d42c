"""Temperatures that make a trained head's probabilities mean what they say."""

from math import exp, log
from typing import Callable

LOWEST, HIGHEST = 0.2, 20.0
GOLDEN = (5**0.5 - 1) / 2


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
