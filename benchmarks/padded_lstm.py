"""An LSTM over texts padded in groups against one over packed texts, with random weights and vectors, in turns.

It measures milliseconds of the processor, with one thread; training is forward and backward.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

from pathlib import Path
from statistics import median
from time import process_time
from typing import Annotated, Any, Dict, List

import numpy
import spacy
import torch
import typer
from wasabi import msg

from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.encoders import recurrent_layers

WAYS = {"packed": lambda layer, rows: False, "padded": recurrent_layers.can_pad}


def main(
    corpus: Annotated[Path, typer.Argument(help="A .spacy file, of which the lengths of texts are taken")],
    words: Annotated[int, typer.Option(help="In a batch")] = 1000,
    width: Annotated[int, typer.Option(help="Of the vectors")] = 128,
    turns: Annotated[int, typer.Option(help="Turns of each way")] = 7,
) -> None:
    """Print the medians for a batch of sentences, one of texts of up to eight, and one long text among sentences."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    stack = recurrent_layers.RecurrentStack(width, 2, "lstm", True, 0.2, True)
    sentences, texts = (read_lengths(corpus, join, words) for join in (1, 8))
    batches = {
        "sentences": sentences,
        "texts of up to eight sentences": texts,
        "sentences and one long text": numpy.append(sentences, 2 * words),
    }
    rows = []
    for title, lengths in batches.items():
        taken = time_ways(stack, torch.randn(int(lengths.sum()), width), lengths, turns)
        for what in ("annotation", "training"):
            packed, padded = (median(taken[f"{way}, {what}"]) for way in WAYS)
            rows.append((title, what, f"{packed:.1f}", f"{padded:.1f}", f"{packed / padded:.1f}"))
    msg.table(rows, header=("Batch", "", "packed", "padded", "times"), aligns=("l", "l", "r", "r", "r"), divider=True)


def read_lengths(corpus: Path, join: int, words: int) -> numpy.ndarray:
    """RETURNS (numpy.ndarray): The lengths of the first texts that have so many words together, shape (texts,)."""
    examples = make_corpus(corpus, join=join, join_share=1.0)(spacy.blank("xx"))
    lengths = numpy.array([len(example.reference) for example in examples])
    return lengths[: 1 + int(numpy.searchsorted(lengths.cumsum(), words))]


def time_ways(stack: Any, tokens: torch.Tensor, lengths: numpy.ndarray, turns: int) -> Dict[str, List[float]]:
    """RETURNS (Dict[str, List[float]]): Milliseconds of each turn, by the way and what was done."""
    taken: Dict[str, List[float]] = {}
    for _ in range(turns):
        for way, can_pad in WAYS.items():
            recurrent_layers.can_pad = can_pad
            start = process_time()
            with torch.no_grad():
                stack.eval()(tokens, lengths)
            between = process_time()
            stack.train()(tokens.clone().requires_grad_(), lengths).sum().backward()
            stack.zero_grad()
            taken.setdefault(f"{way}, annotation", []).append(1000 * (between - start))
            taken.setdefault(f"{way}, training", []).append(1000 * (process_time() - between))
    return taken


if __name__ == "__main__":
    typer.run(main)
