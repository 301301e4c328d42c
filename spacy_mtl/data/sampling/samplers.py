"""Samplers: from which source the next text comes.

Whatever the sampler, an epoch has as many texts as the sources have together. A source that is drawn more often than
it has texts begins again, in a new order; one that is drawn less often goes on in the next epoch where it stopped.
"""

import math
import random
from typing import Dict, Iterator, List, Mapping, Optional, Protocol, Sequence, runtime_checkable

from ...errors import Errors
from ...shown import ShowsSettings


@runtime_checkable
class Sampler(Protocol):
    """Chooses the source of each text of an epoch."""

    def validate(self, names: Sequence[str]) -> None:
        """Check the settings against the sources.

        names (Sequence[str]): The names of the sources.
        RAISES (ValueError): E157 or E158 for settings that do not fit.
        """

    def draw(self, sizes: Mapping[str, int], epoch: int, rng: random.Random) -> Iterator[str]:
        """The sources of the texts of one epoch.

        sizes (Mapping[str, int]): Texts of each source, one or more.
        epoch (int): The number of the epoch, from 0.
        rng (random.Random): The random numbers.
        YIELDS (str): The name of a source, as many times as there are texts.
        """


class Proportional(ShowsSettings):
    """Every text of every source once, in random order. An epoch is a pass over everything."""

    def validate(self, names: Sequence[str]) -> None:
        """All sources fit."""

    def draw(self, sizes: Mapping[str, int], epoch: int, rng: random.Random) -> Iterator[str]:
        """The sources of the texts of one epoch; see `Sampler`."""
        names = [name for name, size in sizes.items() for _ in range(size)]
        rng.shuffle(names)
        return iter(names)


class Temperature(ShowsSettings):
    """Random sources, with probability size^tau / sum of all sources' size^tau.

    The exponent moves evenly from `tau` in the first epoch to `final_tau` after `epochs` more (annealed sampling, as in
    Stickland and Murray 2019). An epoch has as many draws as there are texts.
    """

    def __init__(self, tau: float, final_tau: Optional[float] = None, epochs: int = 1) -> None:
        """Create a sampler.

        tau (float): The exponent: 1 for sources by size, 0 for all alike, below 0 to favour the small.
        final_tau (Optional[float]): The exponent at the end; None for the same.
        epochs (int): Epochs until then, 1 or more.
        RAISES (ValueError): E158 for settings that are no finite numbers, or out of range.
        """
        for name, value in (("tau", tau), ("final_tau", tau if final_tau is None else final_tau)):
            if not math.isfinite(value):
                raise ValueError(Errors.E158.format(setting=name, found=value, expected="a finite number"))
        if epochs < 1:
            raise ValueError(Errors.E158.format(setting="epochs", found=epochs, expected="1 or more"))
        self.tau = tau
        self.final_tau = tau if final_tau is None else final_tau
        self.epochs = epochs

    def validate(self, names: Sequence[str]) -> None:
        """All sources fit."""

    def find_tau(self, epoch: int) -> float:
        """The exponent of an epoch.

        epoch (int): Its number, from 0.
        RETURNS (float): The exponent.
        """
        return self.tau + (self.final_tau - self.tau) * min(epoch / self.epochs, 1.0)

    def draw(self, sizes: Mapping[str, int], epoch: int, rng: random.Random) -> Iterator[str]:
        """The sources of the texts of one epoch; see `Sampler`."""
        tau = self.find_tau(epoch)
        # relative to the likeliest, so that no power overflows
        likeliest = max(sizes.values()) if tau >= 0 else min(sizes.values())
        weights = [(size / likeliest) ** tau for size in sizes.values()]
        return iter(rng.choices(list(sizes), weights, k=sum(sizes.values())))


class Weighted(ShowsSettings):
    """Random sources, with given weights. An epoch has as many draws as there are texts."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        """Create a sampler.

        weights (Mapping[str, float]): By source: 0 or more, one at least above 0. A source without a weight has 0.
        RAISES (ValueError): E158 for a weight that is negative or not finite, or if all are 0.
        """
        for name, weight in weights.items():
            if not math.isfinite(weight) or weight < 0:
                expected = "a finite number, 0 or more"
                raise ValueError(Errors.E158.format(setting=f"weights.{name}", found=weight, expected=expected))
        if not any(weights.values()):
            raise ValueError(Errors.E158.format(setting="weights", found=dict(weights), expected="one above 0"))
        self.weights: Dict[str, float] = dict(weights)

    def validate(self, names: Sequence[str]) -> None:
        """Every weight must be a source's.

        names (Sequence[str]): The names of the sources.
        RAISES (ValueError): E157 if one is not.
        """
        _check_names("weights", list(self.weights), names)

    def draw(self, sizes: Mapping[str, int], epoch: int, rng: random.Random) -> Iterator[str]:
        """The sources of the texts of one epoch; see `Sampler`."""
        weights = [self.weights.get(name, 0.0) for name in sizes]
        return iter(rng.choices(list(sizes), weights, k=sum(sizes.values())))


class RoundRobin(ShowsSettings):
    """One text from each source in turn. An epoch has as many turns as there are texts."""

    def validate(self, names: Sequence[str]) -> None:
        """All sources fit."""

    def draw(self, sizes: Mapping[str, int], epoch: int, rng: random.Random) -> Iterator[str]:
        """The sources of the texts of one epoch; see `Sampler`."""
        names = list(sizes)
        total = sum(sizes.values())
        # the next epoch goes on where this one stops
        start = epoch * total
        return (names[(start + i) % len(names)] for i in range(total))


class Sequential(ShowsSettings):
    """One source after the other, each whole. An epoch is a pass over everything."""

    def __init__(self, order: Sequence[str] = ()) -> None:
        """Create a sampler.

        order (Sequence[str]): The names of the sources; those that are not named come after, as in the config.
        """
        self.order: List[str] = list(order)

    def validate(self, names: Sequence[str]) -> None:
        """Every name must be a source's, and none come twice.

        names (Sequence[str]): The names of the sources.
        RAISES (ValueError): E157 if one is not a source, E158 if one comes twice.
        """
        _check_names("order", self.order, names)
        if len(set(self.order)) < len(self.order):
            raise ValueError(Errors.E158.format(setting="order", found=self.order, expected="each source once"))

    def draw(self, sizes: Mapping[str, int], epoch: int, rng: random.Random) -> Iterator[str]:
        """The sources of the texts of one epoch; see `Sampler`."""
        order = self.order + [name for name in sizes if name not in self.order]
        return (name for name in order for _ in range(sizes[name]))


def describe_mix(mix: Mapping[str, int]) -> str:
    """What a sampler has drawn, in words.

    mix (Mapping[str, int]): Texts by source.
    RETURNS (str): How many texts came from each source, and which share.
    """
    total = sum(mix.values())
    shares = [f"{name} {drawn:,} ({drawn / total:.0%})" for name, drawn in mix.items()]
    return f"{total:,} texts: {', '.join(shares)}"


def make_proportional() -> Sampler:
    """Make `spacy-mtl.ProportionalSampler.v1`; see `Proportional`.

    RETURNS (Sampler): The sampler.
    """
    return Proportional()


def make_uniform() -> Sampler:
    """Make `spacy-mtl.UniformSampler.v1`: random sources, all with the same probability; see `Temperature`.

    RETURNS (Sampler): The sampler.
    """
    return Temperature(0.0)


def make_temperature(tau: float) -> Sampler:
    """Make `spacy-mtl.TemperatureSampler.v1`; see `Temperature`.

    tau (float): 1 draws by size, 0 uniformly.
    RETURNS (Sampler): The sampler.
    """
    return Temperature(tau)


def make_annealed(tau: float, final_tau: float, epochs: int) -> Sampler:
    """Make `spacy-mtl.AnnealedSampler.v1`; see `Temperature`.

    tau (float): The exponent at the start.
    final_tau (float): The exponent at the end.
    epochs (int): In how many epochs it moves from one to the other.
    RETURNS (Sampler): The sampler.
    """
    return Temperature(tau, final_tau, epochs)


def make_weighted(weights: Dict[str, float]) -> Sampler:
    """Make `spacy-mtl.WeightedSampler.v1`; see `Weighted`.

    weights (Dict[str, float]): By the names of the sources.
    RETURNS (Sampler): The sampler.
    """
    return Weighted(weights)


def make_round_robin() -> Sampler:
    """Make `spacy-mtl.RoundRobinSampler.v1`; see `RoundRobin`.

    RETURNS (Sampler): The sampler.
    """
    return RoundRobin()


def make_sequential(order: Sequence[str] = ()) -> Sampler:
    """Make `spacy-mtl.SequentialSampler.v1`; see `Sequential`.

    order (Sequence[str]): The names of the sources; those that are not named come after, as in the config.
    RETURNS (Sampler): The sampler.
    """
    return Sequential(order)


def _check_names(setting: str, found: Sequence[str], names: Sequence[str]) -> None:
    unknown = [name for name in found if name not in names]
    if unknown:
        raise ValueError(Errors.E157.format(setting=setting, unknown=unknown, names=list(names)))
