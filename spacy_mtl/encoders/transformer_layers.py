"""The torch side of the transformer encoder. Import it where torch is known to be installed.

Linear layers, LayerNorm and dropout see every token of a batch as one row, without padding. Only attention needs the
windows apart: it pads those of like length to one tensor.
"""

from typing import List, NamedTuple, Optional, Sequence, Tuple

import numpy
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from ..positions import rotate, rotations, sinusoids
from ..quick_dropout import Dropout
from .windows import bucket_sizes, cut_windows

Rotation = Optional[Tuple[Tensor, Tensor]]


class Bucket(NamedTuple):
    """Windows that are padded together.

    rows (int): Rows of all its windows.
    windows (int): How many they are.
    longest (int): Rows of the longest.
    slots (Optional[Tensor]): The row, counted within the bucket, in each slot of the padded tensor, shape (windows *
        longest,), with any row in a padding slot; None if there is no padding.
    filled (Optional[Tensor]): The slots that hold a row, shape (rows,).
    mask (Optional[Tensor]): True where a slot may be attended to, shape (windows, 1, 1, longest).
    """

    rows: int
    windows: int
    longest: int
    slots: Optional[Tensor]
    filled: Optional[Tensor]
    mask: Optional[Tensor]


class Transformer(nn.Module):
    """Transformer layers over a batch of Docs of any lengths.

    width (int): Width of the vectors, in and out.
    depth (int): Number of layers.
    heads (int): Attention heads, a divisor of the width.
    hidden (int): Width of the feed-forward sublayers' hidden layer.
    dropout (float): Probability of dropping a value in training.
    position (str): "sinusoidal", "learned" or "rotary".
    pre_norm (bool): Whether LayerNorm comes before the sublayers.
    window (int): Most tokens of a window.
    overlap (int): Least tokens that neighbouring windows share.
    """

    def __init__(
        self,
        width: int,
        depth: int,
        heads: int,
        hidden: int,
        dropout: float,
        position: str,
        pre_norm: bool,
        window: int,
        overlap: int,
    ) -> None:
        super().__init__()
        self.position = position
        self.head_width = width // heads
        self.window = window
        self.overlap = overlap
        self.learned_positions = PositionTable(window, width) if position == "learned" else None
        self.dropout = Dropout(dropout)
        self.layers = nn.ModuleList(Layer(width, heads, hidden, dropout, pre_norm) for _ in range(depth))
        self.norm = nn.LayerNorm(width) if pre_norm else None

    def forward(self, tokens: Tensor, lengths: numpy.ndarray) -> Tensor:
        """Encode a batch.

        tokens (Tensor): The Docs one after another, shape (tokens, width).
        lengths (numpy.ndarray): Tokens of each Doc, zeros allowed.
        RETURNS (Tensor): Shape (tokens, width).
        """
        if not len(tokens):
            return tokens
        windows = cut_windows(lengths, self.window, self.overlap)
        buckets = make_buckets(windows.lengths, tokens.device)
        positions = torch.from_numpy(windows.positions).to(tokens.device)
        rows = tokens.index_select(0, torch.from_numpy(windows.tokens).to(tokens.device))  # [rows, width]
        rows, rotation = self._add_positions(rows, positions, int(windows.lengths[0]))
        rows = self.dropout(rows)
        for layer in self.layers:
            rows = layer(rows, buckets, rotation)
        rows = rows if self.norm is None else self.norm(rows)
        return rows.index_select(0, torch.from_numpy(windows.kept).to(tokens.device))  # [tokens, width]

    def _add_positions(self, rows: Tensor, positions: Tensor, longest: int) -> Tuple[Tensor, Rotation]:
        if self.learned_positions is not None:
            return rows + self.learned_positions(positions), None
        if self.position == "sinusoidal":
            return rows + sinusoids(longest, rows.shape[1], rows.device)[positions], None
        cosines, sines = rotations(longest, self.head_width, rows.device)
        return rows, (cosines[positions][:, None], sines[positions][:, None])  # [rows, 1, head width / 2]


class Layer(nn.Module):
    """Self-attention and a feed-forward network, each with a residual connection and LayerNorm."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float, pre_norm: bool) -> None:
        super().__init__()
        self.pre_norm = pre_norm
        self.attention = Attention(width, heads)
        self.feed_forward = nn.Sequential(Linear(width, hidden), nn.GELU(), Linear(hidden, width))
        self.attention_norm = nn.LayerNorm(width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.dropout = Dropout(dropout)

    def forward(self, rows: Tensor, buckets: Sequence[Bucket], rotation: Rotation) -> Tensor:
        if self.pre_norm:
            rows = rows + self.dropout(self.attention(self.attention_norm(rows), buckets, rotation))
            return rows + self.dropout(self.feed_forward(self.feed_forward_norm(rows)))
        rows = self.attention_norm(rows + self.dropout(self.attention(rows, buckets, rotation)))
        return self.feed_forward_norm(rows + self.dropout(self.feed_forward(rows)))


class Attention(nn.Module):
    """Multi-head self-attention within windows."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.queries = Linear(width, width)
        self.keys = Linear(width, width)
        self.values = Linear(width, width)
        self.output = Linear(width, width)

    def forward(self, rows: Tensor, buckets: Sequence[Bucket], rotation: Rotation) -> Tensor:
        queries, keys, values = (
            layer(rows).unflatten(1, (self.heads, -1)) for layer in (self.queries, self.keys, self.values)
        )  # [rows, heads, head width]
        if rotation is not None:
            queries, keys = rotate(queries, rotation), rotate(keys, rotation)
        joined = torch.stack([queries, keys, values], dim=1)  # [rows, 3, heads, head width]
        mixed = [
            _attend(of_bucket, bucket)
            for of_bucket, bucket in zip(joined.split([bucket.rows for bucket in buckets]), buckets)
        ]
        return self.output(torch.cat(mixed))


class Linear(nn.Linear):
    """A linear layer that starts from Glorot and Bengio's (2010) uniform weights and zero biases."""

    def reset_parameters(self) -> None:
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)


class PositionTable(nn.Embedding):
    """A vector for each position, small at the start beside inputs of unit variance."""

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight, std=0.02)


def _attend(joined: Tensor, bucket: Bucket) -> Tensor:
    """Attention in the windows of a bucket: [rows, 3, heads, head width] to [rows, width]."""
    padded = joined if bucket.slots is None else joined.index_select(0, bucket.slots)
    # [windows, longest, 3, heads, head width] to 3 of [windows, heads, longest, head width]
    queries, keys, values = padded.unflatten(0, (bucket.windows, bucket.longest)).permute(2, 0, 3, 1, 4)
    mixed = scaled_dot_product_attention(queries, keys, values, attn_mask=bucket.mask)
    mixed = mixed.transpose(1, 2).flatten(0, 1).flatten(1, 2)  # [windows * longest, width]
    return mixed if bucket.filled is None else mixed.index_select(0, bucket.filled)


def make_buckets(lengths: numpy.ndarray, device: torch.device) -> List[Bucket]:
    """Put windows of like length together.

    lengths (numpy.ndarray): Rows of each window, falling, none of them zero.
    device (torch.device): The device of the buckets' tensors.
    RETURNS (List[Bucket]): The buckets, in the order of the windows.
    """
    buckets: List[Bucket] = []
    start = 0
    for size in bucket_sizes(lengths):
        own = lengths[start : start + size]
        start += size
        rows, longest = int(own.sum()), int(own[0])
        if rows == size * longest:
            buckets.append(Bucket(rows, size, longest, None, None, None))
            continue
        mask = numpy.arange(longest) < own[:, None]  # [windows, longest]
        slots = numpy.where(mask, (numpy.cumsum(own) - own)[:, None] + numpy.arange(longest), 0)
        filled = numpy.nonzero(mask.ravel())[0]
        tensors = [torch.from_numpy(array).to(device) for array in (slots.ravel(), filled, mask[:, None, None])]
        buckets.append(Bucket(rows, size, longest, *tensors))
    return buckets
