"""The probability of a given text, subword by subword. Import it where torch is known to be installed."""

from typing import Optional, Sequence

import torch
from torch import Tensor

from .decoder import Decoder

# rows of scores of all subwords that are held at once
ROWS = 2048


@torch.no_grad()
def score_given(
    decoder: Decoder,
    tokens: Tensor,
    lengths: Sequence[int],
    subwords: Sequence[int],
    spelling: Optional[Tensor] = None,
) -> Tensor:
    """How probable a text is as the translation of several sources.

    decoder (Decoder): The decoder, in evaluation mode.
    tokens (Tensor): Vectors of the sources' tokens, one source after another, shape (tokens, source width).
    lengths (Sequence[int]): Tokens of each source, 1 or more.
    subwords (Sequence[int]): The text, from its first mark to its last.
    spelling (Optional[Tensor]): What can be copied of each source, see `Decoder.remember`.
    RETURNS (Tensor): The log probability of each subword but the first, given those before it, shape (sources,
        subwords - 1).
    """
    written = torch.tensor([list(subwords)], device=tokens.device)
    gold = written[:, 1:]
    size = max(1, ROWS // gold.shape[1])
    by_source = tokens.split(list(lengths))
    found = []
    for start in range(0, len(lengths), size):
        of_group = by_source[start : start + size]
        memory = decoder.remember(
            torch.cat(of_group),
            [len(source) for source in of_group],
            None if spelling is None else spelling[start : start + size],
        )
        rows = decoder.embed(written[:, :-1], slice(0, gold.shape[1])).expand(len(of_group), -1, -1)
        for layer, keys_values in zip(decoder.layers, memory.keys_values):
            rows = layer(rows, keys_values, memory.mask)
        log_p = decoder.score(rows, memory).log_softmax(dim=2)
        found.append(log_p.gather(2, gold.expand(len(of_group), -1)[:, :, None])[:, :, 0])
    return torch.cat(found)
