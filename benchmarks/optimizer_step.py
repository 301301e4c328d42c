"""A step of Adam over the parameters of a transformer: thinc's, and that of the shims of torch modules on a CPU.

Milliseconds of processor time, one thread, medians of turns. At rest are rows of wordpieces that have not occurred
for so long that their moments have come down to the smallest numbers there are, or been set to zero.
"""

import processes  # noqa: F401  isort: skip  (sets the threads before numpy is loaded)

from statistics import median
from time import process_time
from typing import Annotated, Any, Dict, List

import numpy
import typer
from thinc.api import Adam
from wasabi import msg

from spacy_mtl.encoders.fused_step import FusedStep

SMALLEST = 4e-45


def main(
    turns: Annotated[int, typer.Option(help="Turns of each")] = 7,
    words: Annotated[int, typer.Option(help="Wordpieces that the transformer knows")] = 30522,
    width: Annotated[int, typer.Option(help="Its width")] = 384,
    layers: Annotated[int, typer.Option(help="Its layers")] = 6,
) -> None:
    """Print a table."""
    of_layer = [(width, width), (width,)] * 4 + [(4 * width, width), (4 * width,), (width, 4 * width), (width,)]
    shapes = [(words, width), (512, width), *of_layer * layers]
    rows = []
    for name, is_at_rest in (("all rows in use", False), ("all embeddings at rest", True)):
        seconds = measure(shapes, is_at_rest, turns)
        thinc, fused = (1000 * median(found) for found in seconds.values())
        rows.append((name, f"{thinc:.0f}", f"{fused:.0f}", f"{thinc / fused:.1f}"))
    msg.table(rows, header=("", "thinc", "fused", ""), divider=True, aligns=("l", "r", "r", "r"))


def measure(shapes: List[Any], is_at_rest: bool, turns: int) -> Dict[str, List[float]]:
    """RETURNS (Dict[str, List[float]]): Processor seconds of each turn, of thinc's step and the fused one."""
    rng = numpy.random.default_rng(0)
    steps: Dict[str, Any] = {}
    for name in ("thinc", "fused"):
        optimizer = Adam(1e-4, L2=0.01, use_averages=False)
        for i, shape in enumerate(shapes):
            size, key = int(numpy.prod(shape)), (1, str(i))
            rest = SMALLEST if name == "thinc" else 0.0
            optimizer.mom1[key] = numpy.full(size, rest if is_at_rest and i == 0 else 1e-5, dtype="float32")
            optimizer.mom2[key] = numpy.full(size, 1e-9, dtype="float32")
            optimizer.nr_update[key] = 800
        steps[name] = optimizer if name == "thinc" else FusedStep(optimizer)
    weights = [rng.normal(0, 0.05, shape).astype("float32") for shape in shapes]
    seconds: Dict[str, List[float]] = {name: [] for name in steps}
    for _ in range(turns):
        for name, step in steps.items():
            # a batch has some hundred wordpieces
            gradients = [rng.normal(0, 1e-3, shape).astype("float32") for shape in shapes]
            gradients[0][400:] = 0
            began = process_time()
            for i, (array, gradient) in enumerate(zip(weights, gradients)):
                step((1, str(i)), array, gradient)
                gradient.fill(0)
            seconds[name].append(process_time() - began)
    return seconds


if __name__ == "__main__":
    typer.run(main)
