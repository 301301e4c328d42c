"""One process of `nlp.pipe` against two, one thread each: seconds by the clock and of processor time, in turns.

The clock tells little on a busy machine. Processor time tells what a quiet one would take: that of the slowest process
if the parent has a core of its own, and all of it divided by the cores if there are only as many as workers. With more
threads it would tell nothing, as they use up processor time while they wait for each other.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

import resource
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Dict, List, Tuple

import spacy
import typer
from spacy.language import Language
from tqdm import tqdm
from wasabi import msg

from spacy_mtl.data.corpus import make_corpus


def main(
    pipeline: Annotated[Path, typer.Argument(help="A trained pipeline")],
    corpus: Annotated[Path, typer.Argument(help="A .spacy file with the texts")],
    texts: Annotated[int, typer.Option(help="Number of texts; those of the corpus again and again")] = 20000,
    processes: Annotated[int, typer.Option(help="Number of processes to compare with one")] = 2,
    turns: Annotated[int, typer.Option(help="Turns of each")] = 3,
) -> None:
    """Print a table of the medians."""
    nlp = spacy.load(pipeline)
    found = [example.reference.text for example in make_corpus(corpus)(nlp)]
    chosen = list(islice(cycle(found), texts))
    for _ in nlp.pipe(chosen[:500]):
        pass
    taken: Dict[int, List[Tuple[float, float, float]]] = {1: [], processes: []}
    for _ in tqdm(range(turns), desc="Turns", disable=None):
        for number, rows in taken.items():
            rows.append(run(nlp, chosen, number))
    medians = {number: [median(column) for column in zip(*rows)] for number, rows in taken.items()}
    table = [(number, *(f"{value:.2f}" for value in row)) for number, row in medians.items()]
    msg.table(table, header=("Processes", "Clock s", "Parent s", "Workers s"), divider=True, aligns=("r",) * 4)
    alone = medians[1][1]
    _, parent, workers = medians[processes]
    msg.text(f"By the slowest process: {alone / max(parent, workers / processes):.2f} times one process")
    msg.text(f"By all processor time on {processes} cores: {alone * processes / (parent + workers):.2f} times")


def run(nlp: Language, texts: List[str], processes: int) -> Tuple[float, float, float]:
    """RETURNS (Tuple[float, float, float]): Seconds by the clock, and of processor time of this process and of its
    workers."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    before = [read_seconds(kind) for kind in kinds]
    start = perf_counter()
    for _ in nlp.pipe(texts, n_process=processes):
        pass
    clock = perf_counter() - start
    parent, workers = (read_seconds(kind) - value for kind, value in zip(kinds, before))
    return clock, parent, workers


def read_seconds(kind: int) -> float:
    """RETURNS (float): Processor time used, of this process or of its children."""
    usage = resource.getrusage(kind)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    typer.run(main)
