"""What joint and single-task pipelines cost: to keep, to train and to run."""

from pathlib import Path
from statistics import mean, median
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

import spacy
from spacy.language import Language

from ...data.corpus import make_corpus
from ..trainings.executors import Run
from ..trainings.measuring import time_annotation
from ..trainings.processes import Outcome
from .evaluation import PIPELINE, Results

TURNS = 3
TIMED_DOCS = 600


class Cost(NamedTuple):
    """What a pipeline costs; None where it is not known. Trainings: means over seeds.

    name (str): The pipeline.
    updates (Optional[int]): Updates of the parameters.
    parameters (Optional[float]): Trained numbers.
    disk_bytes (Optional[float]): Bytes on disk.
    seconds (Optional[float]): Wall time of training.
    processor_seconds (Optional[float]): Processor time of training.
    peak_memory (Optional[float]): Most bytes of memory that a training held.
    words_per_second (Optional[float]): Speed of annotation.
    """

    name: str
    updates: Optional[int] = None
    parameters: Optional[float] = None
    disk_bytes: Optional[float] = None
    seconds: Optional[float] = None
    processor_seconds: Optional[float] = None
    peak_memory: Optional[float] = None
    words_per_second: Optional[float] = None


def find_cost(
    name: str, updates: int, outcomes: Sequence[Outcome], results: Sequence[Results], speed: Optional[float]
) -> Cost:
    """What a pipeline costs.

    name (str): The pipeline.
    updates (int): Updates of the parameters.
    outcomes (Sequence[Outcome]): Its finished trainings.
    results (Sequence[Results]): What they gave.
    speed (Optional[float]): Words a second.
    RETURNS (Cost): The cost.
    """
    if not outcomes:
        return Cost(name, updates)
    return Cost(
        name,
        updates,
        mean(found.parameters for found in results),
        mean(found.disk_bytes for found in results),
        mean(outcome.seconds for outcome in outcomes),
        mean(outcome.processor_seconds for outcome in outcomes),
        max(outcome.peak_memory for outcome in outcomes),
        speed,
    )


def add_costs(name: str, costs: Sequence[Cost]) -> Cost:
    """What several pipelines cost one after the other.

    name (str): A name for them.
    costs (Sequence[Cost]): What each costs, one or more.
    RETURNS (Cost): Sums; of the peaks of memory the highest; the speed of a text that goes through all. None where one
        is not known.
    """
    sums: Dict[str, Any] = {}
    for field in ("updates", "parameters", "disk_bytes", "seconds", "processor_seconds"):
        values = [getattr(cost, field) for cost in costs]
        sums[field] = None if None in values else sum(values)
    peaks = [cost.peak_memory for cost in costs]
    speeds = [cost.words_per_second for cost in costs]
    return Cost(
        name,
        **sums,
        peak_memory=None if None in peaks else max(peak for peak in peaks if peak is not None),
        words_per_second=None if None in speeds else 1 / sum(1 / speed for speed in speeds if speed),
    )


def time_pipelines(runs: Mapping[str, Run], corpora: Sequence[Path]) -> Dict[str, float]:
    """Time pipelines in turns, so that a busy machine slows all alike.

    runs (Mapping[str, Run]): Finished trainings by name.
    corpora (Sequence[Path]): Corpora, of each of which the first texts are annotated.
    RETURNS (Dict[str, float]): Words a second by name: the median of the turns, without the first, which fills caches.
    """
    pipelines: Dict[str, Language] = {name: spacy.load(run.folder / PIPELINE) for name, run in runs.items()}
    speeds: Dict[str, List[float]] = {name: [] for name in runs}
    docs = {
        name: [example.reference for path in corpora for example in make_corpus(path, limit=TIMED_DOCS)(nlp)]
        for name, nlp in pipelines.items()
    }
    for turn in range(TURNS + 1):
        for name, nlp in pipelines.items():
            seconds = time_annotation(nlp, docs[name])
            if turn:
                speeds[name].append(sum(map(len, docs[name])) / seconds)
    return {name: median(values) for name, values in speeds.items()}
