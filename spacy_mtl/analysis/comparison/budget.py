"""How long a single-task pipeline is trained, so that it can be compared with the joint one."""

from itertools import islice
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from spacy.language import Language
from spacy.training import Example
from spacy.training.loop import create_train_batches
from spacy.util import fix_random_seed, registry, resolve_dot_names
from thinc.api import Config

from ...data.sources import Layers, find_layers
from ...errors import Errors
from ..trainings.step_settings import scale_steps

UPDATES = "updates"
EXAMPLES = "examples"
COMPUTE = "compute"
BUDGETS = (UPDATES, EXAMPLES, COMPUTE)


class Use(NamedTuple):
    """What a training uses up.

    updates (int): Updates of the parameters.
    texts (Dict[str, int]): By task, the texts that are annotated for it, each as often as it comes.
    """

    updates: int
    texts: Dict[str, int]


def is_known(config: Config) -> bool:
    """Whether the config itself says how many updates there will be.

    config (Config): The config, without variables.
    RETURNS (bool): Whether nothing but `max_steps` ends the training.
    RAISES (ValueError): E719 if nothing ends it.
    """
    steps, epochs = config["training"]["max_steps"], config["training"]["max_epochs"]
    if steps <= 0 and epochs <= 0:
        raise ValueError(Errors.E719.format(steps=steps, epochs=epochs))
    return epochs <= 0


def count_use(nlp: Language, config: Config, tasks: Sequence[str]) -> Use:
    """Go through a training without learning.

    nlp (Language): A pipeline with the tasks' components.
    config (Config): The config, without variables.
    tasks (Sequence[str]): The names of the tasks.
    RETURNS (Use): What it uses up.
    RAISES (ValueError): E719 if nothing ends the training; what reading the corpus raises.
    """
    is_known(config)
    layers = {task: find_layers(nlp, [task], "train") for task in tasks}
    texts = dict.fromkeys(tasks, 0)
    updates = 0
    # spaCy counts steps from 0 and does the last one too
    steps = config["training"]["max_steps"]
    batches = _read_batches(nlp, config, config["training"]["max_epochs"])
    for _, batch in islice(batches, steps + 1 if steps > 0 else None):
        updates += 1
        for task in tasks:
            texts[task] += _count_annotated(batch, layers[task])
    return Use(updates, texts)


def count_updates(nlp: Language, config: Config, task: str, texts: int) -> int:
    """Count the updates until a training has seen so many texts of a task.

    nlp (Language): A pipeline with the task's component.
    config (Config): The config, without variables; its limits do not matter.
    task (str): The name of the task.
    texts (int): How many texts annotated for the task, each as often as it comes.
    RETURNS (int): Updates, 1 or more.
    RAISES (ValueError): E717 if there is none in a whole epoch, or none is asked for.
    """
    layers = find_layers(nlp, [task], "train")
    updates = seen = 0
    for epoch, batch in _read_batches(nlp, config, min(config["training"]["max_epochs"], 0)):
        if texts <= 0 or (epoch > 0 and not seen):
            raise ValueError(Errors.E717.format(corpus=config["training"]["train_corpus"], task=task))
        updates += 1
        seen += _count_annotated(batch, layers)
        if seen >= texts:
            break
    return updates


def set_updates(config: Config, updates: int, before: int) -> Config:
    """A config for another number of updates.

    What is counted in updates changes in proportion: patience, and what `scale_steps` knows of schedules and models.
    There are as many evaluations as before, fewer only if there are fewer updates, and more only if whole numbers ask
    for it. The last one comes at the end, or before it by fewer updates than there are evaluations. Epochs do not limit
    the training any more.

    config (Config): The config, without variables.
    updates (int): How many, 1 or more.
    before (int): How many it had.
    RETURNS (Config): A new config.
    """
    config = config.copy()
    training = config["training"]
    training["max_steps"] = max(updates - 1, 1)
    training["max_epochs"] = min(training["max_epochs"], 0)
    training["eval_frequency"] = _divide(training["max_steps"], before - 1, training["eval_frequency"])
    if training["patience"] > 0:
        training["patience"] = max(1, round(training["patience"] * updates / before))
    scale_steps(config, updates, before)
    return config


def _divide(last: int, last_before: int, frequency: int) -> int:
    """The frequency of evaluations. spaCy evaluates at step 0, and at steps up to the last one that it divides."""
    evaluations = last_before // frequency
    return max(1, last // evaluations) if evaluations else last + 1


def _read_batches(nlp: Language, config: Config, max_epochs: int) -> Iterator[Tuple[int, List[Example]]]:
    training = config["training"]
    fix_random_seed(training["seed"] or 0)
    (corpus,) = resolve_dot_names(config, [training["train_corpus"]])
    batcher = registry.resolve({"batcher": training["batcher"]})["batcher"]
    return create_train_batches(nlp, corpus, batcher, max_epochs)


def _count_annotated(batch: Sequence[Example], layers: Layers) -> int:
    return sum(layers.are_in(example.reference) for example in batch)
