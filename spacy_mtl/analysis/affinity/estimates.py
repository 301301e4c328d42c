"""Means of what is measured again and again in one training, and how far they can be trusted.

Meketon, M. S., and Schmeiser, B. (1984). Overlapping batch means: something for nothing? Winter Simulation Conference.
Flegal, J. M., and Jones, G. L. (2010). Batch means and spectral variance estimators in Markov chain Monte Carlo. Annals
of Statistics 38(2).
"""

from math import isqrt
from typing import NamedTuple, Optional, Sequence

import numpy

# Blocks of fewer than four, of which there are fewer than five side by side, tell little of dependence.
LEAST_FOR_BLOCKS = 20
# What is nearer to 0 than that many standard errors is taken for nothing.
ERRORS = 2


class Estimate(NamedTuple):
    """A mean over measurements.

    mean (float): The mean.
    error (Optional[float]): Its standard error; None for a single one.
    number (int): The measurements that have it.
    """

    mean: float
    error: Optional[float]
    number: int

    @property
    def differs(self) -> bool:
        """RETURNS (bool): Whether it is further from 0 than ERRORS standard errors. A single measurement never is."""
        return self.error is not None and abs(self.mean) > ERRORS * self.error


def find_block(number: int) -> int:
    """How many measurements, one after the other, are taken together.

    number (int): The measurements.
    RETURNS (int): The square root, rounded down; 1 for fewer than LEAST_FOR_BLOCKS.
    """
    return isqrt(number) if number >= LEAST_FOR_BLOCKS else 1


def estimate_mean(values: Sequence[float]) -> Estimate:
    """The mean of a series, and its standard error by overlapping batch means.

    Measurements of one training depend on those shortly before, and the usual error, which takes them for independent,
    is too small. Means of whole blocks depend less on each other: their variance, over all blocks of n ** 0.5
    consecutive values, stands for that of the mean (Meketon and Schmeiser 1984; with n for the number of values and b
    for the length of a block n b / ((n - b) (n - b + 1)) times the sum of squared deviations of the blocks' means, over
    n, in Flegal and Jones 2010). Where the dependence reaches further than a block, it is still too small. With
    fewer than LEAST_FOR_BLOCKS values b is 1, and the error the usual one.

    values (Sequence[float]): One or more, in the order in which they were measured.
    RETURNS (Estimate): Both.
    """
    array = numpy.asarray(values, dtype="float64")
    number, mean = len(array), float(array.mean())
    if number < 2:
        return Estimate(mean, None, number)
    size = find_block(number)
    sums = numpy.concatenate([[0.0], numpy.cumsum(array - mean)])
    deviations = (sums[size:] - sums[:-size]) / size  # [number - size + 1]
    variance = size * float((deviations**2).sum()) / ((number - size) * (number - size + 1))
    return Estimate(mean, variance**0.5, number)
