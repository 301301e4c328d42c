"""The torch side of the Transformer decoder. Import it where torch is known to be installed."""

from typing import Any, List, NamedTuple, Optional, Sequence, Tuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, scaled_dot_product_attention
from torch.nn.utils.rnn import pad_sequence

from ...positions import sinusoids
from ...quick_dropout import Dropout
from .copying import Pointer, Spelled
from .loss import score_gold
from .subwords import PADDING

Pair = Tuple[Tensor, Tensor]
# texts of a batch whose loss is found at once
TOGETHER = 32


class Memory(NamedTuple):
    """What the decoder sees of source texts, computed once.

    keys_values (List[Tuple[Tensor, Tensor]]): Of each layer the keys and the values, each of shape (texts, heads,
        longest, head width).
    mask (Tensor): True where there is a token, shape (texts, 1, 1, longest).
    spelled (Optional[Spelled]): What can be copied.
    """

    keys_values: List[Pair]
    mask: Tensor
    spelled: Optional[Spelled] = None

    def select(self, texts: Tensor) -> "Memory":
        """RETURNS (Memory): That of some of the texts."""
        pairs = [(keys[texts], values[texts]) for keys, values in self.keys_values]
        return Memory(pairs, self.mask[texts], self.spelled.select(texts) if self.spelled else None)


class Decoder(nn.Module):
    """A Transformer decoder (Vaswani et al. 2017) with LayerNorm before its sublayers (Xiong et al. 2020). It attends
    to the normalized vectors of a text's tokens. One matrix embeds subwords and scores them (Press and Wolf 2017).

    How many subwords there are, and how wide the vectors of tokens, `shape` says, or the weights that are loaded.

    width (int): Width of the decoder, a multiple of twice its heads.
    depth (int): Number of layers.
    heads (int): Attention heads.
    hidden (int): Width of the feed-forward sublayers' hidden layer.
    dropout (float): Probability of dropping a value in training.
    smoothing (float): The share of the target distribution that is spread over all subwords (Szegedy et al. 2016).
    copies (bool): Whether words of the source can be copied.
    """

    def __init__(
        self, width: int, depth: int, heads: int, hidden: int, dropout: float, smoothing: float, copies: bool = False
    ) -> None:
        super().__init__()
        self.width = width
        self.smoothing = smoothing
        self.copies = copies
        self._sizes = (depth, heads, hidden, dropout)
        self.dropout = Dropout(dropout)
        self.norm = nn.LayerNorm(width)
        self.shape(1, 1)

    def shape(self, subwords: int, source_width: int) -> None:
        """Make the parts whose size depends on what is read and written, with new weights.

        subwords (int): The number of subwords.
        source_width (int): Width of the tokens' vectors.
        """
        device = self.norm.weight.device
        depth, heads, hidden, dropout = self._sizes
        self.embedding = nn.Embedding(subwords, self.width)
        nn.init.normal_(self.embedding.weight, std=self.width**-0.5)
        self.bias = nn.Parameter(torch.zeros(subwords))
        self.source_norm = nn.LayerNorm(source_width)
        self.layers = nn.ModuleList(Layer(self.width, source_width, heads, hidden, dropout) for _ in range(depth))
        self.pointer = Pointer(self.width, source_width) if self.copies else None
        self.to(device)

    def forward(
        self, tokens: Tensor, lengths: Sequence[int], subwords: Tensor, spelling: Optional[Tensor] = None
    ) -> Tensor:
        """The loss of texts given their source.

        tokens (Tensor): Vectors of the source texts' tokens, one text after another, shape (tokens, source width).
        lengths (Sequence[int]): Tokens of each source text, 1 or more.
        subwords (Tensor): The texts from their first mark to their last, shape (texts, longest), padded.
        spelling (Optional[Tensor]): What can be copied, see `remember`.
        RETURNS (Tensor): The cross-entropy of each text with smoothed labels, summed over its subwords, shape (texts,).
        """
        longest = (subwords != PADDING).sum(dim=1)
        by_text = tokens.split(list(lengths))
        losses = tokens.new_zeros(len(subwords))
        # texts of like length together: little is padding
        for group in longest.argsort().split(TOGETHER):
            of_group = [by_text[i] for i in group.tolist()]
            length = int(longest[group[-1]])
            memory = self.remember(
                torch.cat(of_group), [len(own) for own in of_group], None if spelling is None else spelling[group]
            )
            found = self._find_losses(memory, subwords[group, :length])
            losses = losses.index_add(0, group, found)
        return losses

    def _find_losses(self, memory: Memory, subwords: Tensor) -> Tensor:
        rows = self.embed(subwords[:, :-1], slice(0, subwords.shape[1] - 1))
        for layer, source in zip(self.layers, memory.keys_values):
            rows = layer(rows, source, memory.mask)
        gold = subwords[:, 1:]
        is_real = gold != PADDING
        normalized = self.norm(rows)
        # what is padding is never scored
        logs, means = score_gold(normalized[is_real], self.embedding.weight, self.bias, gold[is_real])
        if self.pointer is not None and memory.spelled is not None:
            written = logs.new_zeros(gold.shape).masked_scatter(is_real, logs)
            logs = self.pointer.score_gold(normalized, memory.spelled, gold, written)[is_real]
        losses = (self.smoothing - 1) * logs - self.smoothing * means
        return losses.new_zeros(len(gold)).index_add(0, is_real.nonzero()[:, 0], losses)

    def step(self, last: Tensor, position: int, own: Sequence[Pair], memory: Memory) -> Tuple[Tensor, List[Pair]]:
        """Score what comes next in several hypotheses of each text.

        last (Tensor): Their last subwords, shape (texts, hypotheses).
        position (int): The position of these.
        own (Sequence[Tuple[Tensor, Tensor]]): Of each layer the keys and values of the subwords before, each of shape
            (texts * hypotheses, heads, position, head width).
        memory (Memory): The sources.
        RETURNS (Tuple[Tensor, List[Tuple[Tensor, Tensor]]]): Scores of shape (texts, hypotheses, subwords), and the
            keys and values with the last subwords.
        """
        rows = self.embed(last, slice(position, position + 1))
        found = []
        for layer, past, source in zip(self._all_layers(), own, memory.keys_values):
            rows, past = layer.step(rows, past, source, memory.mask)
            found.append(past)
        return self.score(rows, memory), found

    def remember(self, tokens: Tensor, lengths: Sequence[int], spelling: Optional[Tensor] = None) -> Memory:
        """Compute keys and values of source texts.

        tokens (Tensor): Vectors of their tokens, shape (tokens, source width).
        lengths (Sequence[int]): Tokens of each text, 1 or more.
        spelling (Optional[Tensor]): The tokens in subwords, for copying: of each subword itself, the one before it in
            its token, and the token, shape (texts, longest spelling, 3), padded. None to copy nothing.
        RETURNS (Memory): The keys and values.
        """
        padded = pad_sequence(list(self.source_norm(tokens).split(list(lengths))), batch_first=True)
        places = torch.arange(padded.shape[1], device=tokens.device)
        mask = places < torch.tensor(lengths, device=tokens.device)[:, None]
        spelled = None
        if self.pointer is not None and spelling is not None and spelling.shape[1]:
            spelled = self.pointer.remember(padded, spelling, self.embedding)
        pairs = [layer.source_attention.keys_values(padded) for layer in self._all_layers()]
        return Memory(pairs, mask[:, None, None], spelled)

    def embed(self, subwords: Tensor, positions: slice) -> Tensor:
        """Embed subwords with their positions.

        subwords (Tensor): Shape (texts, length).
        positions (slice): As many positions, or one for all.
        RETURNS (Tensor): Shape (texts, length, width).
        """
        places = sinusoids(positions.stop, self.width, subwords.device)[positions]
        return self.dropout(self.embedding(subwords) * self.width**0.5 + places)

    def score(self, rows: Tensor, memory: Memory) -> Tensor:
        """Score all subwords as the next one.

        rows (Tensor): The last layer's output, shape (texts, length, width).
        memory (Memory): The sources.
        RETURNS (Tensor): Scores whose softmax are probabilities, shape (texts, length, subwords).
        """
        normalized = self.norm(rows)
        scores = linear(normalized, self.embedding.weight, self.bias)
        if self.pointer is None or memory.spelled is None:
            return scores
        return self.pointer.mix(normalized, memory.spelled, scores)

    def _all_layers(self) -> Sequence["Layer"]:
        return cast(Sequence[Layer], self.layers)

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
        subwords, source_width = state_dict[f"{prefix}bias"], state_dict[f"{prefix}source_norm.weight"]
        self.shape(len(subwords), len(source_width))
        super()._load_from_state_dict(state_dict, prefix, *args)


class Layer(nn.Module):
    """Self-attention, attention to the source and a feed-forward network, each with a residual connection and LayerNorm
    before it."""

    def __init__(self, width: int, source_width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, width, heads)
        self.source_attention = Attention(width, source_width, heads)
        self.feed_forward = nn.Sequential(Linear(width, hidden), nn.ReLU(), Linear(hidden, width))
        self.attention_norm = nn.LayerNorm(width)
        self.source_norm = nn.LayerNorm(width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.dropout = Dropout(dropout)

    def forward(self, rows: Tensor, source: Pair, mask: Tensor) -> Tensor:
        """Whole texts, shape (texts, length, width), of which each subword sees those before it."""
        normalized = self.attention_norm(rows)
        attended = self.attention(normalized, self.attention.keys_values(normalized), None, True)
        return self._read_source(rows + self.dropout(attended), source, mask)

    def step(self, rows: Tensor, own: Pair, source: Pair, mask: Tensor) -> Tuple[Tensor, Pair]:
        """One subword of each hypothesis, shape (texts, hypotheses, width), after those whose keys and values are
        given, shape (texts * hypotheses, heads, length, head width)."""
        # [texts * hypotheses, 1, width]
        normalized = self.attention_norm(rows).flatten(0, 1)[:, None]
        keys, values = self.attention.keys_values(normalized)
        own = torch.cat([own[0], keys], dim=2), torch.cat([own[1], values], dim=2)
        attended = self.attention(normalized, own, None, False).view_as(rows)
        # hypotheses of a text are to its source what subwords of one text are
        return self._read_source(rows + attended, source, mask), own

    def _read_source(self, rows: Tensor, source: Pair, mask: Tensor) -> Tensor:
        rows = rows + self.dropout(self.source_attention(self.source_norm(rows), source, mask, False))
        return rows + self.dropout(self.feed_forward(self.feed_forward_norm(rows)))


class Attention(nn.Module):
    """Multi-head attention to keys and values that are given."""

    def __init__(self, width: int, source_width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.queries = Linear(width, width)
        self.keys = Linear(source_width, width)
        self.values = Linear(source_width, width)
        self.output = Linear(width, width)

    def keys_values(self, vectors: Tensor) -> Pair:
        """RETURNS (Tuple[Tensor, Tensor]): Keys and values of vectors, each of shape (texts, heads, length, head
        width)."""
        return self._split(self.keys(vectors)), self._split(self.values(vectors))

    def forward(self, rows: Tensor, keys_values: Pair, mask: Optional[Tensor], is_causal: bool) -> Tensor:
        """Attend from rows, shape (texts, length, width)."""
        queries = self._split(self.queries(rows))
        mixed = scaled_dot_product_attention(queries, *keys_values, attn_mask=mask, is_causal=is_causal)
        return self.output(mixed.transpose(1, 2).flatten(2))

    def _split(self, vectors: Tensor) -> Tensor:
        return vectors.unflatten(2, (self.heads, -1)).transpose(1, 2)


class Linear(nn.Linear):
    """A linear layer that starts from Glorot and Bengio's (2010) uniform weights and zero biases."""

    def reset_parameters(self) -> None:
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)
