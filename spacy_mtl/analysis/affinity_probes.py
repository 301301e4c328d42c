"""The examples that affinity is measured on: for each task some that are annotated for it."""

import random
from itertools import islice
from typing import Callable, Dict, Iterable, List, Sequence

from spacy.language import Language
from spacy.training import Example

from ..data.masking import CATEGORIES, ENTITIES, SPANS, TOKEN_ATTRIBUTES
from ..data.sources import find_layers
from ..errors import Errors

# A corpus can be endless; of one that is longer, the probes come from its beginning.
MOST_READ = 50_000
KNOWN_LAYERS = {CATEGORIES, ENTITIES, SPANS, *TOKEN_ATTRIBUTES}


def choose_probes(
    nlp: Language, corpus: Callable[[Language], Iterable[Example]], tasks: Sequence[str], *, size: int, seed: int
) -> Dict[str, List[Example]]:
    """Choose Examples of a training corpus at random. One that is annotated for several tasks serves them all.

    nlp (Language): The pipeline, initialized.
    corpus (Callable[[Language], Iterable[Example]]): The corpus.
    tasks (Sequence[str]): The names of the components.
    size (int): How many Examples each task is to have, if there are so many.
    seed (int): Decides which.
    RETURNS (Dict[str, List[Example]]): By task, its Examples.
    RAISES (ValueError): E752 for a task that none of the Examples is annotated for.
    """
    examples = [example for example in islice(corpus(nlp), MOST_READ) if len(example.predicted)]
    # the same object must not come twice, as in a sampled corpus
    examples = list({id(example): example for example in examples}.values())
    random.Random(seed).shuffle(examples)
    probes: Dict[str, List[Example]] = {task: [] for task in tasks}
    is_annotated = {task: find_annotation(nlp, task) for task in tasks}
    for example in examples:
        lacking = [task for task in tasks if len(probes[task]) < size]
        if not lacking:
            break
        for task in lacking:
            if is_annotated[task](example):
                probes[task].append(example)
    for task in tasks:
        if not probes[task]:
            raise ValueError(Errors.E752.format(task=task, examples=len(examples)))
    return probes


def find_annotation(nlp: Language, task: str) -> Callable[[Example], bool]:
    """How to tell whether an Example is annotated for a component.

    nlp (Language): The pipeline, initialized.
    task (str): The name of the component.
    RETURNS (Callable[[Example], bool]): Whether it has a layer that the component says to assign, for text categorizers
        with one of their labels. Of a component that assigns none that is known, every Example is taken.
    """
    layers = find_layers(nlp, [task], task)
    if not layers.names & KNOWN_LAYERS:
        return lambda example: True
    return lambda example: layers.are_in(example.reference)
