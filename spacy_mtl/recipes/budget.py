"""How long to train, by what there is to learn from and how much time there is."""

from typing import Any, Dict, Mapping, NamedTuple

from ..data.inspection import SourceReport
from .choices import Choices
from .tasks import TRANSLATE

# Words a second on one processor thread with three tasks, evaluation included, and wordpieces for a pretrained encoder.
SPEEDS: Dict[str, int] = {"cnn": 4000, "rnn": 6000, "lstm": 4000, "gru": 4000, "transformer": 2000, "pretrained": 300}
# The same at most for each component that translates.
TRANSLATING = 1500
ON_GPU = 5
# Passes over a small corpus and over a large one. More of them changed no score by more than its error.
MANY, FEW, LARGE = 60, 8, 200_000
FEWEST_STEPS = 120
BATCHES = 8
SMALLEST_BATCH, LARGEST_BATCH = 100, 1000
EVALUATIONS = 12
# Updates in which a pretrained encoder does not learn yet, at most.
FROZEN = 100
# Fewer roles than this that are frequent enough to be learned, and all are.
FEW_ROLES = 3
# Texts that are translated to choose the best pipeline; the search for translations takes long.
FEW_TRANSLATED = 200


class Budget(NamedTuple):
    """A length of training.

    steps (int): Updates.
    batch (int): Words of an update.
    every (int): Updates between evaluations.
    warmup (int): Updates until the highest learning rate is reached.
    """

    steps: int
    batch: int
    every: int
    warmup: int


def choose_budget(
    words: int, encoder: str, minutes: float, gpu: bool = False, steps: int = 0, translators: int = 0
) -> Budget:
    """Choose how long to train.

    A small corpus is read more often than a large one, in smaller batches, but no longer than there is time.

    words (int): Words to learn from.
    encoder (str): One of ENCODERS.
    minutes (float): The time that there is.
    gpu (bool): Whether training is on a GPU.
    steps (int): The updates, if they are chosen already; 0 to choose them.
    translators (int): How many components translate.
    RETURNS (Budget): The length.
    """
    batch = min(max(words // BATCHES // 50 * 50, SMALLEST_BATCH), LARGEST_BATCH if words > LARGE // 4 else 500)
    passes = MANY if words < LARGE / MANY else max(FEW, round(MANY * (LARGE / MANY / words) ** 0.5))
    wanted = max(passes * words / batch, FEWEST_STEPS)
    speed = min(SPEEDS[encoder], TRANSLATING / translators) if translators else SPEEDS[encoder]
    possible = minutes * 60 * speed * (ON_GPU if gpu else 1) / batch
    length = steps or min(wanted, possible)
    every = max(round(length / EVALUATIONS), 1)
    every = every if every < 10 else every // 10 * 10
    steps = steps or max(round(length / every), 2) * every
    return Budget(steps, batch, every, max(steps // 10, 1))


def choose_settings(choices: Choices, train: Mapping[str, SourceReport], budget: Budget, seed: int) -> Dict[str, Any]:
    """The settings in which a quick start differs from what `init-config` writes.

    choices (Choices): What the config is made from.
    train (Mapping[str, SourceReport]): By source, what its training part holds.
    budget (Budget): How long to train.
    seed (int): Of the training.
    RETURNS (Dict[str, Any]): By section and name.
    """
    batcher = "training.batcher.batcher" if len(choices.sources) > 1 else "training.batcher"
    settings: Dict[str, Any] = {
        "training.max_steps": budget.steps,
        "training.eval_frequency": budget.every,
        "training.optimizer.learn_rate.warmup_steps": budget.warmup,
    }
    if choices.encoder == "pretrained":
        settings["components.tok2vec.model.frozen_steps"] = min(budget.warmup, FROZEN)
    else:
        settings[f"{batcher}.size"] = budget.batch
    if seed:
        settings["system.seed"] = seed
    kinds = {task.name: task.kind for task in choices.tasks}
    for source in choices.sources:
        if all(kinds[name] == TRANSLATE for name in source.tasks):
            place = f"corpora.dev.sources.{source.name}" if len(choices.sources) > 1 else "corpora.dev"
            settings[f"{place}.limit"] = FEW_TRANSLATED
    for task in choices.tasks:
        roles = [n for s in choices.sources if task.name in s.tasks for n in train[s.name].roles.values()]
        if task.kind == "srl" and sum(count >= FEW_ROLES for count in roles) < FEW_ROLES:
            settings[f"components.{task.name}.min_role_freq"] = 1
    return settings
