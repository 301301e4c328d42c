"""How long a second, short training is, and how its learning rate rises and falls."""

from typing import Any, List, Mapping, NamedTuple, Optional, Sequence

from spacy.util import registry
from thinc.api import Config, Optimizer

from ...errors import Errors

SHARE_OF_STEPS = 10
"""So many times the steps go into those of the first training, and the steps between evaluations into them."""
SHARE_OF_RATE = 6
"""So many times the highest learning rate goes into that of the first training: at the same rate, heads that a falling
rate had brought to rest fell behind and did not catch up."""
STEPS_WITHOUT_END = 20000
"""For how long the learning rate is followed if the first training has no last step: spaCy's default."""


class Settings(NamedTuple):
    """How to settle.

    steps (int): Updates.
    eval_every (int): Updates between evaluations; there is one after the last as well.
    learn_rate (float): The highest rate. The rate rises to it over the first tenth of the steps, and falls to almost
        nothing at the last.
    """

    steps: int
    eval_every: int
    learn_rate: float


def choose_settings(
    config: Config,
    training: Mapping[str, Any],
    steps: Optional[int],
    eval_every: Optional[int],
    learn_rate: Optional[float],
) -> Settings:
    """Fill in what is not given.

    config (Config): The config of the first training, without variables.
    training (Mapping[str, Any]): Its section [training], resolved.
    steps (Optional[int]): Updates; by default a tenth of its max_steps.
    eval_every (Optional[int]): Updates between evaluations; by default a tenth of the steps.
    learn_rate (Optional[float]): The highest learning rate; by default a sixth of its highest.
    RETURNS (Settings): All of them.
    RAISES (ValueError): E775 for numbers that are too small, and if the steps are not known.
    """
    if steps is None:
        steps = max(training["max_steps"] // SHARE_OF_STEPS, 1) if training["max_steps"] else 0
    if eval_every is None:
        eval_every = max(steps // SHARE_OF_STEPS, 1)
    if learn_rate is None:
        learn_rate = _find_highest_rate(config, training["max_steps"] or STEPS_WITHOUT_END) / SHARE_OF_RATE
    if steps < 1 or eval_every < 1 or learn_rate <= 0:
        raise ValueError(Errors.E775.format(steps=steps, eval_every=eval_every, learn_rate=learn_rate))
    return Settings(steps, eval_every, learn_rate)


def make_rates(highest: float, steps: int) -> List[float]:
    """Learning rates that rise over the first tenth of the steps, and then fall, both in a straight line.

    highest (float): The highest.
    steps (int): How many.
    RETURNS (List[float]): One for each step, all above 0.
    """
    rising = max(steps // 10, 1)
    falling = steps - rising + 1
    return [highest * min((step + 1) / rising, (steps - step) / falling) for step in range(steps)]


def schedule_rate(optimizer: Optimizer, rates: Sequence[float]) -> None:
    """Give an optimizer other learning rates.

    optimizer (Optimizer): The optimizer.
    rates (Sequence[float]): One for each step; the last stays.
    """
    optimizer.learn_rate = rates[0]
    optimizer.schedules["learn_rate"] = (rate for rate in rates[1:])


def _find_highest_rate(config: Config, steps: int) -> float:
    """The highest learning rate of the config's schedule."""
    optimizer = registry.resolve({"optimizer": config["training"]["optimizer"]})["optimizer"]
    highest = 0.0
    for _ in range(steps):
        highest = max(highest, float(optimizer.learn_rate))
        optimizer.step_schedules()
    return highest
