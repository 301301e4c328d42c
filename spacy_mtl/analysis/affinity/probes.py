"""The examples that affinity is measured on: for each task some that are annotated for it, others each time."""

import heapq
import random
from itertools import islice
from typing import Callable, Dict, Iterable, List, Mapping, Sequence, Tuple

from spacy.language import Language
from spacy.training import Example

from ...data.masking import KNOWN_LAYERS
from ...data.sources import find_layers
from ...errors import Errors

# A corpus can be endless; of one that is longer, the probes come from its beginning.
MOST_READ = 50_000
# For each task: an Example of 20 words takes about 13 kilobytes.
MOST_KEPT = 5_000


class Pool:
    """The Examples that probes are drawn from."""

    def __init__(self, examples: Mapping[str, Sequence[Example]], *, size: int, seed: int) -> None:
        """Create a pool.

        examples (Mapping[str, Sequence[Example]]): By task, Examples that are annotated for it. One that is annotated
            for several tasks comes with each.
        size (int): How many Examples each task is to have, if there are so many.
        seed (int): Decides which.
        """
        self.examples = examples
        self._size = size
        self._seed = seed

    @property
    def tasks(self) -> List[str]:
        """RETURNS (List[str]): The names of the tasks."""
        return list(self.examples)

    @property
    def sizes(self) -> Dict[str, int]:
        """RETURNS (Dict[str, int]): By task, how many Examples there are."""
        return {task: len(examples) for task, examples in self.examples.items()}

    def draw(self, number: int) -> Dict[str, List[Example]]:
        """Draw probes: each task's are a random sample of its Examples.

        All Examples are shuffled, and each task takes the first of its own, so that tasks share as many as they can.

        number (int): The number of the draw: the same gives the same, another gives others.
        RETURNS (Dict[str, List[Example]]): By task, its probes.
        """
        rng = random.Random(f"{self._seed}/{number}")
        places: Dict[int, float] = {}
        for examples in self.examples.values():
            for example in examples:
                if id(example) not in places:
                    places[id(example)] = rng.random()
        return {
            task: heapq.nsmallest(self._size, examples, key=lambda example: places[id(example)])
            for task, examples in self.examples.items()
        }


def read_pool(
    nlp: Language,
    corpus: Callable[[Language], Iterable[Example]],
    tasks: Sequence[str],
    *,
    size: int,
    seed: int,
    most: int = MOST_KEPT,
) -> Pool:
    """Read the Examples that probes are drawn from.

    Of a long corpus each task keeps a random sample, which bounds the memory: Examples get random numbers as they are
    read, and those of a task with the lowest are kept, so that tasks keep the same ones where they can. Of a corpus of
    more than MOST_READ texts those at its beginning are read.

    nlp (Language): The pipeline, initialized.
    corpus (Callable[[Language], Iterable[Example]]): The corpus.
    tasks (Sequence[str]): The names of the components.
    size (int): How many Examples a draw is to have for each task, if there are so many.
    seed (int): Decides which.
    most (int): How many Examples to keep for each task.
    RETURNS (Pool): The Examples.
    RAISES (ValueError): E752 for a task that none of the Examples is annotated for.
    """
    rng = random.Random(f"{seed}/pool")
    is_annotated = {task: find_annotation(nlp, task) for task in tasks}
    # heaps with the highest number on top
    kept: Dict[str, List[Tuple[float, int, Example]]] = {task: [] for task in tasks}
    number = 0
    for example in islice(corpus(nlp), MOST_READ):
        if not len(example.predicted):
            continue
        number += 1
        entry = (-rng.random(), number, example)
        for task in tasks:
            if is_annotated[task](example):
                if len(kept[task]) < most:
                    heapq.heappush(kept[task], entry)
                else:
                    heapq.heappushpop(kept[task], entry)
    for task in tasks:
        if not kept[task]:
            raise ValueError(Errors.E752.format(task=task, examples=number))
    # the same object must not come twice, as in a sampled corpus
    found = {task: {id(example): example for _, _, example in sorted(entries)} for task, entries in kept.items()}
    return Pool({task: list(examples.values()) for task, examples in found.items()}, size=size, seed=seed)


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
