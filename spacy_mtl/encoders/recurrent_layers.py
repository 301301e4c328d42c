"""The torch side of the recurrent encoders. Import it where torch is known to be installed."""

from typing import Tuple

import numpy
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ..quick_dropout import Dropout
from .padded_lstm import PaddedOrder, can_pad

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class RecurrentStack(nn.Module):
    """Recurrent layers over a batch of sequences of any lengths.

    width (int): Width of the vectors, in and out.
    depth (int): Number of layers.
    cell (str): A key of CELLS.
    bidirectional (bool): Whether half of the width reads from the right.
    dropout (float): Probability of dropping an output of a layer.
    residual (bool): Whether each layer has a residual connection and LayerNorm.
    """

    def __init__(self, width: int, depth: int, cell: str, bidirectional: bool, dropout: float, residual: bool) -> None:
        super().__init__()
        states = width // 2 if bidirectional else width
        self.layers = nn.ModuleList(
            CELLS[cell](width, states, bidirectional=bidirectional)
            for _ in range(depth)  # type: ignore[operator]
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(depth)) if residual else None
        self.dropout = Dropout(dropout)

    def forward(self, tokens: Tensor, lengths: numpy.ndarray) -> Tensor:
        """Encode a batch.

        tokens (Tensor): The sequences one after another, shape (tokens, width).
        lengths (numpy.ndarray): Tokens of each sequence, zeros allowed.
        RETURNS (Tensor): Shape (tokens, width).
        """
        if not len(tokens):
            return tokens
        if can_pad(self.layers[0], tokens):
            padded_order = PaddedOrder(lengths)
            for i, layer in enumerate(self.layers):
                tokens = self._finish_layer(i, tokens, padded_order.read(layer, tokens))
            return tokens
        order, sizes = pack_order(lengths)
        packed_order = torch.from_numpy(order).to(tokens.device)
        batch_sizes = torch.from_numpy(sizes)
        rows = tokens.index_select(0, packed_order)
        for i, layer in enumerate(self.layers):
            rows = self._finish_layer(i, rows, layer(PackedSequence(rows, batch_sizes))[0].data)
        return rows.index_select(0, torch.argsort(packed_order))

    def _finish_layer(self, i: int, rows: Tensor, states: Tensor) -> Tensor:
        states = self.dropout(states)
        return states if self.norms is None else self.norms[i](rows + states)


def pack_order(lengths: numpy.ndarray) -> Tuple[numpy.ndarray, numpy.ndarray]:
    """Where the rows of a packed batch come from: all first tokens, then all second ones, longer sequences first.

    lengths (numpy.ndarray): Tokens of each sequence, at least one of them above zero.
    RETURNS (Tuple[numpy.ndarray, numpy.ndarray]): The token of each row, shape (tokens,), and how many sequences have
        a token at each step, shape (longest,).
    """
    starts = numpy.cumsum(lengths) - lengths
    longest_first = numpy.argsort(-lengths, kind="stable")
    falling = lengths[longest_first]
    # lengths fall, so the number above t is found by a search in the negated, rising array
    sizes = numpy.searchsorted(-falling, -numpy.arange(falling[0]), side="left")
    steps = numpy.repeat(numpy.arange(falling[0]), sizes)
    places = numpy.arange(len(steps)) - numpy.repeat(numpy.cumsum(sizes) - sizes, sizes)
    return starts[longest_first][places] + steps, sizes
