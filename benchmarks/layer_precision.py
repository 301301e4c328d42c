"""Layers that are trained from scratch in bfloat16 against float32, with random weights and vectors, in turns.

It measures seconds of the processor, with one thread; training is forward and backward.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

from math import inf
from pathlib import Path
from statistics import median
from time import process_time
from typing import Annotated, Any, Callable, List

import numpy
import spacy
import torch
import typer
from wasabi import msg

from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.encoders.recurrent_layers import RecurrentStack
from spacy_mtl.encoders.transformer_layers import Transformer


def main(
    corpus: Annotated[Path, typer.Argument(help="A .spacy file, of which the lengths of texts are taken")],
    width: Annotated[int, typer.Option(help="Of the vectors")] = 128,
    texts: Annotated[int, typer.Option(help="In a batch")] = 256,
    turns: Annotated[int, typer.Option(help="Turns of each precision")] = 5,
) -> None:
    """Print the tokens a second of each precision, with the sizes of configs/transformer.cfg and lstm.cfg."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    examples = make_corpus(corpus, limit=texts)(spacy.blank("xx"))
    lengths = numpy.array([len(example.reference) for example in examples])
    tokens = torch.randn(int(lengths.sum()), width)
    layers = {
        "transformer": Transformer(width, 4, 4, 4 * width, 0.1, "rotary", True, 256, 128),
        "lstm": RecurrentStack(width, 2, "lstm", True, 0.2, True),
    }
    rows = []
    for name, layer in layers.items():
        for what, run in (("annotation", predict), ("training", train)):
            taken: List[List[float]] = [[], []]
            for _ in range(turns):
                for i, is_reduced in enumerate((False, True)):
                    taken[i].append(time_run(run, layer, tokens, lengths, is_reduced))
            speeds = [len(tokens) / median(seconds) for seconds in taken]
            rows.append((name, what, *(f"{speed:,.0f}" for speed in speeds), f"{speeds[1] / speeds[0]:.2f}"))
    header = ("Layer", "", "float32, tokens a second", "bfloat16", "times")
    msg.table(rows, header=header, aligns=("l", "l", "r", "r", "r"), divider=True)


def time_run(
    run: Callable[..., None], layer: Any, tokens: torch.Tensor, lengths: numpy.ndarray, is_reduced: bool
) -> float:
    """RETURNS (float): The processor seconds of a run; infinity where PyTorch has no kernel for the processor."""
    start = process_time()
    try:
        run(layer, tokens, lengths, is_reduced)
    except RuntimeError:
        # for texts of one length it asks oneDNN, which has no such LSTM without AVX-512
        if not is_reduced:
            raise
        return inf
    return process_time() - start


def predict(layer: Any, tokens: torch.Tensor, lengths: numpy.ndarray, is_reduced: bool) -> None:
    """Run a layer for prediction.

    layer (torch.nn.Module): The layer.
    tokens (torch.Tensor): Shape (tokens, width).
    lengths (numpy.ndarray): Tokens of each text, shape (texts,).
    is_reduced (bool): Whether to compute in bfloat16 where PyTorch's autocast does.
    """
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_reduced):
        layer.eval()(tokens, lengths)


def train(layer: Any, tokens: torch.Tensor, lengths: numpy.ndarray, is_reduced: bool) -> None:
    """Run a layer forward and backward, as `predict` does."""
    inputs = tokens.clone().requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_reduced):
        encoded = layer.train()(inputs, lengths)
    encoded.float().sum().backward()
    layer.zero_grad()


if __name__ == "__main__":
    typer.run(main)
