"""The steps and the learning rates of a short training."""

import pytest
from thinc.api import Adam

from spacy_mtl.analysis.settling.short_training import make_rates, schedule_rate


@pytest.mark.parametrize("steps", [1, 2, 9, 10, 25, 300])
def test_rates_rise_and_fall(steps):
    rates = make_rates(0.5, steps)
    highest = rates.index(max(rates))
    assert len(rates) == steps and max(rates) == 0.5 and min(rates) > 0.0
    assert highest == max(steps // 10, 1) - 1
    assert rates[: highest + 1] == sorted(rates[: highest + 1])
    assert rates[highest:] == sorted(rates[highest:], reverse=True)


def test_the_optimizer_takes_the_rates():
    optimizer = Adam(0.1, L2=0.0)
    schedule_rate(optimizer, [1.0, 2.0, 0.5])
    rates = []
    for _ in range(4):
        rates.append(optimizer.learn_rate)
        optimizer.step_schedules()
    assert rates == [1.0, 2.0, 0.5, 0.5]
