"""Gradients of embeddings with the rows of those wordpieces alone that occur."""

from contextlib import contextmanager
from typing import Iterator, Sequence

import torch


@contextmanager
def sparse_gradients(embeddings: Sequence[torch.nn.Embedding]) -> Iterator[None]:
    """What is run in the block gives sparse gradients of embeddings.

    embeddings (Sequence[torch.nn.Embedding]): The embeddings.
    """
    for embedding in embeddings:
        embedding.sparse = True
    try:
        yield
    finally:
        for embedding in embeddings:
            embedding.sparse = False


def make_gradients_dense(embeddings: Sequence[torch.nn.Embedding]) -> None:
    """Give embeddings a gradient of zeros where they have none: sparse ones are then added to it, row by row.

    embeddings (Sequence[torch.nn.Embedding]): The embeddings, changed in place.
    """
    for embedding in embeddings:
        if embedding.weight.grad is None:
            embedding.weight.grad = torch.zeros_like(embedding.weight)
