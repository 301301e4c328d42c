"""Copying words of the source: a pointer beside the scores of subwords. Import it where torch is known to be there."""

from typing import NamedTuple, Tuple

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from .subwords import PADDING

# Log probabilities of what cannot be: of padding, and of what is not the right subword.
NEVER, NEVER_RIGHT = -1e4, -2e4
# Training begins with few copies.
GATE = -3.0


class Spelled(NamedTuple):
    """The source words of texts in subwords, computed once.

    keys (Tensor): Shape (texts, longest spelling, width).
    subwords (Tensor): Shape (texts, longest spelling), padded.
    """

    keys: Tensor
    subwords: Tensor

    def select(self, texts: Tensor) -> "Spelled":
        """RETURNS (Spelled): That of some of the texts."""
        return Spelled(self.keys[texts], self.subwords[texts])


class Pointer(nn.Module):
    """Attention to the subwords that spell the words of the source, and a gate: the next subword is copied with
    probability g, else taken from the vocabulary (See et al. 2017). A subword is found by its word's vector, by itself
    and by the one before it in the word, so that a word that was begun can be gone on with.

    width (int): Width of the decoder.
    source_width (int): Width of the tokens' vectors.
    """

    def __init__(self, width: int, source_width: int) -> None:
        super().__init__()
        self.width = width
        self.of_word = nn.Linear(source_width, width)
        self.of_subwords = nn.Linear(2 * width, width)
        self.queries = nn.Linear(width, width)
        self.gate = nn.Linear(width, 1)
        for layer in (self.of_word, self.of_subwords, self.queries):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.gate.weight)
        nn.init.constant_(self.gate.bias, GATE)

    def remember(self, tokens: Tensor, spelling: Tensor, embedding: nn.Embedding) -> Spelled:
        """Compute keys.

        tokens (Tensor): Normalized vectors of the tokens, shape (texts, longest, source width).
        spelling (Tensor): Of each subword itself, the one before it and its token, shape (texts, longest spelling, 3).
        embedding (nn.Embedding): The embeddings of subwords.
        RETURNS (Spelled): The keys.
        """
        words = self.of_word(tokens)
        places = spelling[:, :, 2, None].expand(-1, -1, self.width)
        pairs = embedding(spelling[:, :, :2]).flatten(2) * self.width**0.5
        return Spelled(words.gather(1, places) + self.of_subwords(pairs), spelling[:, :, 0])

    def score_gold(self, rows: Tensor, spelled: Spelled, gold: Tensor, written: Tensor) -> Tensor:
        """How probable the right subwords are, copied or not.

        rows (Tensor): The decoder's normalized output, shape (texts, length, width).
        spelled (Spelled): What can be copied.
        gold (Tensor): The right subwords, shape (texts, length).
        written (Tensor): Their log probabilities in the vocabulary, of the same shape.
        RETURNS (Tensor): Their log probabilities, of the same shape.
        """
        logs, is_copied, is_written = self._attend(rows, spelled)
        is_right = spelled.subwords[:, None] == gold[:, :, None]
        copied = torch.where(is_right, logs, NEVER_RIGHT).logsumexp(dim=2)
        return torch.logaddexp(is_written + written, is_copied + copied)

    def mix(self, rows: Tensor, spelled: Spelled, scores: Tensor) -> Tensor:
        """The log probabilities of all subwords, copied or not.

        rows (Tensor): The decoder's normalized output, shape (texts, length, width).
        spelled (Spelled): What can be copied.
        scores (Tensor): Scores in the vocabulary, shape (texts, length, subwords).
        RETURNS (Tensor): Of the same shape.
        """
        logs, is_copied, is_written = self._attend(rows, spelled)
        probabilities = scores.softmax(dim=2) * is_written.exp()[:, :, None]
        subwords = spelled.subwords[:, None].expand(-1, rows.shape[1], -1)
        return probabilities.scatter_add_(2, subwords, (is_copied[:, :, None] + logs).exp()).log()

    def _attend(self, rows: Tensor, spelled: Spelled) -> Tuple[Tensor, Tensor, Tensor]:
        """RETURNS (Tuple[Tensor, Tensor, Tensor]): The log probabilities of each subword of the spelling if there is a
        copy, shape (texts, length, longest spelling), and of there being one and none, each of shape (texts, length)"""
        found = self.queries(rows) @ spelled.keys.transpose(1, 2) / self.width**0.5
        is_padding = spelled.subwords == PADDING
        logs = found.masked_fill(is_padding[:, None], NEVER).log_softmax(dim=2)
        # nothing is copied where nothing is spelled
        gate = self.gate(rows)[:, :, 0].masked_fill(is_padding.all(dim=1)[:, None], NEVER)
        return logs, logsigmoid(gate), logsigmoid(-gate)
