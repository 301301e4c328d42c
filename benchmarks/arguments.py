"""Processor time of the argument scorers on one thread: 32 texts of 25 tokens, 8 predicates in each, 79 tags."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

from collections import defaultdict
from statistics import median
from time import process_time
from typing import Annotated, Dict, List, Tuple

import numpy
import typer
from wasabi import msg

from spacy_mtl.heads.srl.argument_input import ArgumentInput
from spacy_mtl.heads.srl.arguments import build_concat_arguments
from spacy_mtl.heads.srl.biaffine import build_biaffine_arguments
from spacy_mtl.heads.windows import Windows, pack_windows

TEXTS, TOKENS, PREDICATES, TAGS, WIDTH = 32, 25, 8, 79, 128


def main(runs: Annotated[int, typer.Option(help="Turns of each scorer")] = 10) -> None:
    """Print the median milliseconds of a forward pass, and of one with backward; the scorers take turns."""
    scorers = {
        "concatenation, 128": build_concat_arguments(128, nO=TAGS, nI=WIDTH),
        "concatenation, 128, and 16 counts between": build_concat_arguments(128, between=16, nO=TAGS, nI=WIDTH),
        "biaffine, 64": build_biaffine_arguments(64, nO=TAGS, nI=WIDTH),
    }
    for scorer in scorers.values():
        scorer.initialize()
    inputs = ArgumentInput(numpy.random.default_rng(0).normal(size=(TEXTS * TOKENS, WIDTH)).astype("f"), make_windows())
    taken: Dict[str, List[Tuple[float, float]]] = defaultdict(list)
    for _ in range(runs + 1):
        for name, scorer in scorers.items():
            start = process_time()
            scorer.predict(inputs)
            between = process_time()
            scores, backprop = scorer.begin_update(inputs)
            backprop(scores)
            taken[name].append((between - start, process_time() - between))
    rows = []
    for name, times in taken.items():
        forward, both = (1000 * median(column) for column in zip(*times[1:]))
        rows.append((name, f"{forward:.1f}", f"{both:.1f}"))
    msg.table(rows, header=("Scorer", "forward, ms", "with backward, ms"), aligns=("l", "r", "r"), divider=True)


def make_windows() -> Windows:
    """Windows of random predicates, each as long as its text."""
    rng = numpy.random.default_rng(1)
    starts = [text * TOKENS for text in range(TEXTS) for _ in range(PREDICATES)]
    predicates = [start + int(rng.integers(TOKENS)) for start in starts]
    return pack_windows(predicates, starts, [start + TOKENS for start in starts])


if __name__ == "__main__":
    typer.run(main)
