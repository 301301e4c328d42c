"""Pipelines of one encoder timed in turns."""

import random
from itertools import islice
from pathlib import Path
from typing import Dict, List, Mapping, NamedTuple, Sequence

import spacy
from pipeline_runs import ENCODER, Side
from spacy.language import Language
from spacy.training import Example
from spacy.util import registry, resolve_dot_names
from thinc.api import Optimizer
from tqdm import tqdm

from spacy_mtl.analysis.trainings.measuring import time_annotation, time_updates
from spacy_mtl.data.corpus import make_corpus

TIMED_UPDATES = 10
PROCESSES = 2
SPEED, SPEED_OF_TWO, START, SHARE, EPOCH = KINDS = (
    "words a second",
    "words a second, two processes",
    "start of two processes, seconds",
    "share of the encoder",
    "seconds an epoch",
)


class Learning(NamedTuple):
    """What a turn of training takes.

    nlp (Language): A pipeline of its own, which changes.
    batches (List[List[Example]]): Batches of texts drawn from the whole corpus.
    optimizer (Optimizer): The optimizer of the config.
    drop (float): The dropout rate.
    factor (float): Words of the corpus for each word in the batches.
    """

    nlp: Language
    batches: List[List[Example]]
    optimizer: Optimizer
    drop: float
    factor: float


def time_in_turns(
    sides: Sequence[Side], pipelines: Mapping[str, Language], test: Path, turns: int, timed_docs: int
) -> Dict[str, Dict[str, List[float]]]:
    """Time annotation, by one process and by two, the encoder alone, and training.

    RETURNS (Dict[str, Dict[str, List[float]]]): By the name of the run and the kind of time, a value for each turn.
    """
    learning = {side.run.name: prepare(side) for side in sides}
    docs = [example.reference for example in make_corpus(test)(next(iter(pipelines.values())))]
    size = min(timed_docs or len(docs), len(docs))
    # the first texts of a corpus can be all of one kind
    docs = [docs[i * len(docs) // size] for i in range(size)]
    n_words = sum(map(len, docs))
    times: Dict[str, Dict[str, List[float]]] = {side.run.name: {kind: [] for kind in KINDS} for side in sides}
    for turn in tqdm(range(turns + 1), desc=f"Turns, {sides[0].encoder}", disable=None):
        for side in sides:
            nlp, own = pipelines[side.run.name], learning[side.run.name]
            one = time_annotation(nlp, docs)
            start = time_annotation(nlp, docs[:PROCESSES], n_process=PROCESSES)
            two = time_annotation(nlp, docs, n_process=PROCESSES)
            with nlp.select_pipes(enable=[ENCODER]):
                alone = time_annotation(nlp, docs)
            epoch = time_updates(own.nlp, own.batches, own.optimizer, own.drop) * own.factor
            # the first turn fills caches
            if turn:
                found = (n_words / one, n_words / max(two - start, 1e-9), start, alone / one, epoch)
                for kind, value in zip(KINDS, found):
                    times[side.run.name][kind].append(value)
    return times


def prepare(side: Side) -> Learning:
    """The batches and the pipeline that training is timed on."""
    folder = side.run.folder / "model-best"
    # an encoder that does not learn yet would cost nothing
    is_frozen = "frozen_steps" in side.run.config["components"][ENCODER]["model"]
    nlp = spacy.load(folder, config={f"components.{ENCODER}.model.frozen_steps": 0} if is_frozen else {})
    training = registry.resolve(side.run.config["training"])
    (read,) = resolve_dot_names(side.run.config, ["corpora.train"])
    examples = list(read(nlp))
    whole = sum(len(example) for example in examples)
    random.Random(0).shuffle(examples)
    batches = [list(batch) for batch in islice(training["batcher"](examples), TIMED_UPDATES)]
    timed = sum(len(example) for batch in batches for example in batch)
    return Learning(nlp, batches, training["optimizer"], training["dropout"], whole / timed)
