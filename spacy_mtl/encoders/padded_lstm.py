"""LSTM layers over sequences of any lengths by torch's fused kernel for CPUs. Import it where torch is known to be
installed.

torch reads packed sequences step by step in many small operations, and the way back through them takes time that grows
with the square of the length. Its fused kernel wants padding. So sequences of like length are padded together, and each
direction is read by itself: padding comes after all that is real, and never reaches it.
"""

from typing import List

import numpy
import torch
from torch import Tensor, nn

# What a step costs by itself, in sequences. Training with 8 to 32 takes the same time within 10%, with 1 a fifth more.
STEP_COST = 16
PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class PaddedOrder:
    """Where the tokens of a batch stand when its sequences are padded in groups. Where a sequence has ended stands the
    batch's first token, unread.

    lengths (numpy.ndarray): Tokens of each sequence, zeros allowed, at least one of them above zero.
    """

    def __init__(self, lengths: numpy.ndarray) -> None:
        starts = numpy.cumsum(lengths) - lengths
        longest_first = numpy.argsort(-lengths, kind="stable")
        # of each direction: the token of each step and sequence of every group, and where each token's states come out
        self._groups: List[List[Tensor]] = [[], []]
        states = [numpy.zeros(int(lengths.sum()), dtype="int64") for _ in range(2)]
        begin = placed = 0
        for size in group_sizes(lengths[longest_first]):
            of_group = longest_first[begin : begin + size]
            begin += size
            own_starts, own_lengths = starts[of_group], lengths[of_group]
            steps = numpy.arange(own_lengths[0])[:, None]
            is_real = steps < own_lengths
            orders = own_starts + steps, own_starts + own_lengths - 1 - steps
            places = placed + numpy.arange(is_real.size).reshape(is_real.shape)
            for order, found, groups in zip(orders, states, self._groups):
                found[order[is_real]] = places[is_real]
                groups.append(torch.from_numpy(numpy.where(is_real, order, 0)))
            placed += is_real.size
        self._states = [torch.from_numpy(found) for found in states]

    def read(self, layer: nn.Module, rows: Tensor) -> Tensor:
        """Read all sequences by a layer.

        layer (nn.Module): An LSTM of one layer, of one direction or both.
        rows (Tensor): The tokens of all sequences, one sequence after another, shape (tokens, width).
        RETURNS (Tensor): The states of the tokens, the directions side by side, shape (tokens, directions * states).
        """
        directions = []
        suffixes = ("", "_reverse") if layer.bidirectional else ("",)
        for suffix, groups, places in zip(suffixes, self._groups, self._states):
            weights = [getattr(layer, f"{part}_l0{suffix}") for part in PARTS]
            by_group = [_read(rows, order, weights) for order in groups]
            directions.append(torch.cat(by_group).index_select(0, places))
        return torch.cat(directions, dim=1)


def can_pad(layer: nn.Module, rows: Tensor) -> bool:
    """RETURNS (bool): Whether the fused kernel can read these rows: an LSTM on a CPU, in 32 bits."""
    is_known = isinstance(layer, nn.LSTM) and rows.device.type == "cpu" and rows.dtype == torch.float32
    return is_known and torch.backends.mkldnn.is_available()


def group_sizes(falling: numpy.ndarray) -> List[int]:
    """Divide sequences into groups to be padded, so that steps and padding together cost least.

    falling (numpy.ndarray): Tokens of each sequence, from the longest to the shortest.
    RETURNS (List[int]): How many sequences each group has, without those of no tokens.
    """
    lengths, counts = numpy.unique(-falling[falling > 0], return_counts=True)
    lengths, ends = -lengths, numpy.concatenate([[0], numpy.cumsum(counts)])
    # costs[i]: the least for the sequences before the i-th length; a group costs its steps times its sequences
    costs, begins = numpy.zeros(len(ends)), numpy.zeros(len(ends), dtype="int64")
    for i in range(1, len(ends)):
        of_last = costs[:i] + lengths[:i] * (STEP_COST + ends[i] - ends[:i])
        begins[i] = of_last.argmin()
        costs[i] = of_last[begins[i]]
    sizes: List[int] = []
    i = len(lengths)
    while i:
        sizes.append(int(ends[i] - ends[begins[i]]))
        i = int(begins[i])
    return sizes[::-1]


def _read(rows: Tensor, order: Tensor, weights: List[Tensor]) -> Tensor:
    padded = rows.index_select(0, order.flatten()).view(*order.shape, -1)
    first = padded.new_zeros(1, order.shape[1], weights[1].shape[1])
    states = torch.lstm(padded, (first, first), weights, True, 1, 0.0, torch.is_grad_enabled(), False, False)[0]
    return states.flatten(0, 1)
