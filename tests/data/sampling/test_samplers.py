"""Samplers hold to their distributions."""

import itertools
import math
import random
from collections import Counter

import pytest

from spacy_mtl.data.sampling.samplers import (
    Proportional,
    RoundRobin,
    Sequential,
    Temperature,
    Weighted,
    make_annealed,
    make_temperature,
    make_uniform,
)

SIZES = {"large": 6000, "middle": 1500, "small": 100}
TOTAL = sum(SIZES.values())


def draw(sampler, epoch=0, seed=0, sizes=SIZES):
    return list(sampler.draw(sizes, epoch, random.Random(seed)))


def assert_follows(names, probabilities):
    """The counts lie within four standard deviations of what the distribution expects."""
    counts = Counter(names)
    for name, probability in probabilities.items():
        expected = len(names) * probability
        assert abs(counts[name] - expected) <= 4 * math.sqrt(expected * (1 - probability)) + 1e-9, (name, counts)


ALL = [
    Proportional(),
    make_uniform(),
    make_temperature(0.5),
    make_annealed(1.0, 0.0, 4),
    Weighted({"large": 1, "small": 3}),
    RoundRobin(),
    Sequential(),
]


@pytest.mark.parametrize("sampler", ALL, ids=lambda sampler: type(sampler).__name__)
def test_an_epoch_has_as_many_texts_as_the_sources(sampler):
    assert len(draw(sampler)) == len(draw(sampler, epoch=3)) == TOTAL
    assert draw(sampler, seed=1) == draw(sampler, seed=1)
    assert draw(sampler, sizes={"large": 5}) == ["large"] * 5


@pytest.mark.parametrize("sampler", ALL[:5], ids=lambda sampler: type(sampler).__name__)
def test_random_samplers_depend_on_the_seed(sampler):
    assert draw(sampler, seed=1) != draw(sampler, seed=2)


def test_proportional_takes_each_text_once_and_mixes():
    names = draw(Proportional())
    assert Counter(names) == SIZES
    assert_follows(names[: TOTAL // 4], {name: size / TOTAL for name, size in SIZES.items()})


@pytest.mark.parametrize("tau", [1.0, 0.5, 0.0, -0.5])
def test_temperature(tau):
    normalizer = sum(size**tau for size in SIZES.values())
    assert_follows(draw(make_temperature(tau)), {name: size**tau / normalizer for name, size in SIZES.items()})


def test_uniform():
    assert_follows(draw(make_uniform()), dict.fromkeys(SIZES, 1 / 3))


def test_annealed_moves_from_one_exponent_to_the_other():
    sampler = make_annealed(1.0, 0.0, 4)
    assert [sampler.find_tau(epoch) for epoch in range(6)] == [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    assert_follows(draw(sampler, epoch=0), {name: size / TOTAL for name, size in SIZES.items()})
    assert_follows(draw(sampler, epoch=9), dict.fromkeys(SIZES, 1 / 3))


def test_extreme_exponents_do_not_overflow():
    assert set(draw(make_temperature(500.0))) == {"large"}
    assert set(draw(make_temperature(-500.0))) == {"small"}


def test_weighted():
    names = draw(Weighted({"large": 1, "small": 3}))
    assert_follows(names, {"large": 0.25, "middle": 0.0, "small": 0.75})


def test_round_robin_takes_turns_across_epochs():
    sizes = {"a": 3, "b": 1, "c": 1}
    epochs = [draw(RoundRobin(), epoch, sizes=sizes) for epoch in range(3)]
    turns = itertools.chain.from_iterable(epochs)
    assert list(turns) == list("abcabcabcabcabc")
    assert epochs[0] == list("abcab")


def test_sequential_is_in_the_order_given():
    sizes = {"a": 2, "b": 1, "c": 2}
    assert draw(Sequential(), sizes=sizes) == list("aabcc")
    assert draw(Sequential(["c"]), sizes=sizes) == list("ccaab")


@pytest.mark.parametrize("weights", [{"large": -1.0}, {"large": math.nan}, {"large": math.inf}, {"large": 0.0}, {}])
def test_wrong_weights(weights):
    with pytest.raises(ValueError, match="MTL-E158"):
        Weighted(weights)


@pytest.mark.parametrize("arguments", [(math.nan,), (math.inf,), (1.0, math.nan), (1.0, 0.0, 0)])
def test_wrong_temperatures(arguments):
    with pytest.raises(ValueError, match="MTL-E158"):
        Temperature(*arguments)


def test_unknown_sources():
    for sampler in (Weighted({"larg": 1.0}), Sequential(["larg"])):
        with pytest.raises(ValueError, match="MTL-E157.*larg"):
            sampler.validate(list(SIZES))
    with pytest.raises(ValueError, match="MTL-E158"):
        Sequential(["large", "large"]).validate(list(SIZES))
    for sampler in ALL:
        sampler.validate(list(SIZES))
