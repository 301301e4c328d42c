"""The search for the most probable texts: beam search over a batch, with everything kept that was computed before.

Import it where torch is known to be installed.
"""

from typing import List, NamedTuple, Optional, Sequence, Tuple

import torch
from torch import Tensor

from .decoder import Decoder, Memory, Pair
from .subwords import END, NEVER_WRITTEN, PADDING, START

NOTHING = float("-inf")


class Hypothesis(NamedTuple):
    """A text that was found.

    subwords (List[int]): Its subwords, without marks.
    score (float): Its log probability over the power of its length.
    """

    subwords: List[int]
    score: float


class Beams(NamedTuple):
    """The hypotheses that go on, of the texts that are not done.

    texts (Tensor): The numbers of these texts, shape (texts,).
    limits (Tensor): The most subwords of each, shape (texts,).
    scores (Tensor): Log probabilities of the hypotheses, shape (texts, beam).
    subwords (Tensor): What they have so far, the first mark too, shape (texts, beam, length).
    own (List[Tuple[Tensor, Tensor]]): Of each layer the keys and values of all but the last subword, shape (texts *
        beam, heads, length - 1, head width).
    memory (Memory): Keys and values of the sources, once for all beams.
    """

    texts: Tensor
    limits: Tensor
    scores: Tensor
    subwords: Tensor
    own: List[Pair]
    memory: Memory

    def select(self, texts: Tensor, parents: Tensor, scores: Tensor, last: Tensor) -> "Beams":
        """Go on with some continuations.

        texts (Tensor): The places of the texts that are kept, shape (texts kept,).
        parents (Tensor): Which hypotheses are continued, shape (texts kept, beam).
        scores (Tensor): Log probabilities of the continuations, shape (texts kept, beam).
        last (Tensor): Their last subwords, shape (texts kept, beam).
        RETURNS (Beams): The continuations.
        """
        beam = parents.shape[1]
        rows = (texts[:, None] * beam + parents).flatten()
        before = self.subwords.flatten(0, 1)[rows].unflatten(0, (-1, beam))
        is_same = beam == 1 and len(texts) == len(self.texts)
        return Beams(
            self.texts[texts],
            self.limits[texts],
            scores,
            torch.cat([before, last[:, :, None]], dim=2),
            self.own if is_same else [(keys[rows], values[rows]) for keys, values in self.own],
            self.memory if len(texts) == len(self.texts) else self.memory.select(texts),
        )


class Found:
    """The best finished hypotheses of each text, as many as the beam is wide, and when a text is done."""

    def __init__(self, texts: int, beam: int, penalty: float, best: int, device: torch.device) -> None:
        """Begin with none.

        texts (int): How many texts there are.
        beam (int): How many finished hypotheses are kept.
        penalty (float): The exponent of the length.
        best (int): How many are wanted.
        device (torch.device): Where the scores lie.
        """
        self.hypotheses: List[List[Hypothesis]] = [[] for _ in range(texts)]
        self._penalty = penalty
        self._beam = beam
        self._best = best
        # the scores of the last of those that are wanted, and of those that are kept
        self._wanted = torch.full((texts,), NOTHING, device=device)
        self._kept = torch.full((texts,), NOTHING, device=device)

    def add(self, beams: Beams, is_end: Tensor, parents: Tensor, scores: Tensor) -> None:
        """Keep continuations that are finished.

        beams (Beams): The hypotheses that are continued.
        is_end (Tensor): Which continuations are finished, shape (texts, continuations).
        parents (Tensor): What they continue, of the same shape.
        scores (Tensor): Their log probabilities, of the same shape.
        """
        length = beams.subwords.shape[2]
        rows, columns = is_end.logical_and(scores > NOTHING).nonzero(as_tuple=True)
        numbers = beams.texts[rows].tolist()
        ended = beams.subwords[rows, parents[rows, columns], 1:].tolist()
        totals = (scores[rows, columns] / length**self._penalty).tolist()
        for number, subwords, score in zip(numbers, ended, totals):
            own = self.hypotheses[number]
            own.append(Hypothesis(subwords, score))
            own.sort(key=lambda hypothesis: -hypothesis.score)
            del own[self._beam :]
        for number in set(numbers):
            own = self.hypotheses[number]
            if len(own) >= self._best:
                self._wanted[number] = own[self._best - 1].score
            if len(own) == self._beam:
                self._kept[number] = own[-1].score

    def is_done(self, beams: Beams, scores: Tensor) -> Tensor:
        """Whether texts are done.

        beams (Beams): The hypotheses that were continued.
        scores (Tensor): The log probability of the best of each text that goes on, shape (texts,).
        RETURNS (Tensor): Shape (texts,).
        """
        length = beams.subwords.shape[2]
        # a log probability only falls, and at the limit the penalty has done what it can
        attainable = scores / beams.limits.to(scores.dtype) ** self._penalty
        is_hopeless = attainable <= self._wanted[beams.texts]
        is_behind = scores / length**self._penalty <= self._kept[beams.texts]
        return is_hopeless | is_behind | (beams.limits <= length)


@torch.no_grad()
def search(
    decoder: Decoder,
    tokens: Tensor,
    lengths: Sequence[int],
    limits: Sequence[int],
    beam: int,
    penalty: float = 1.0,
    best: int = 1,
    spelling: Optional[Tensor] = None,
    no_repeat_ngram_size: int = 0,
) -> List[List[Hypothesis]]:
    """Find the texts with the highest scores, log p(y) / |y|^penalty, with the last mark counted: beam search with a
    length penalty (Wu et al. 2016, with a simpler one).

    A hypothesis is finished when its last mark is among the `beam` best continuations of its text. A text is done when
    it has `beam` finished hypotheses and none of the others has a higher score so far, or when none can still be among
    the `best`.

    decoder (Decoder): The decoder, in evaluation mode.
    tokens (Tensor): Vectors of the source texts' tokens, shape (tokens, source width).
    lengths (Sequence[int]): Tokens of each source text, 1 or more.
    limits (Sequence[int]): The most subwords of each text, the last mark counted; 1 or more.
    beam (int): How many hypotheses of a text go on at once; 1 is greedy search.
    penalty (float): The exponent: 0 for none, 1 for the mean of the subwords' log probabilities.
    best (int): How many texts are wanted, at most `beam`.
    spelling (Optional[Tensor]): What can be copied, see `Decoder.remember`.
    no_repeat_ngram_size (int): A text never has the same so many subwords in a row twice (Paulus et al. 2018); 0 for
        no such limit.
    RETURNS (List[List[Hypothesis]]): Of each text up to `best`, the best first; one at least, if scores are finite.
    """
    device = tokens.device
    beams = _begin(decoder.remember(tokens, lengths, spelling), torch.tensor(limits, device=device), beam)
    found = Found(len(lengths), beam, penalty, best, device)
    while len(beams.texts):
        beams = _go_on(decoder, beams, found, no_repeat_ngram_size)
    return [hypotheses[:best] for hypotheses in found.hypotheses]


def _begin(memory: Memory, limits: Tensor, beam: int) -> Beams:
    texts = len(limits)
    scores = memory.keys_values[0][0].new_full((texts, beam), NOTHING)
    scores[:, 0] = 0.0
    own = []
    for keys, _ in memory.keys_values:
        empty = keys.new_zeros((texts * beam, keys.shape[1], 0, keys.shape[3]))
        own.append((empty, empty))
    subwords = torch.full((texts, beam, 1), START, device=limits.device)
    return Beams(torch.arange(texts, device=limits.device), limits, scores, subwords, own, memory)


def _go_on(decoder: Decoder, beams: Beams, found: Found, no_repeat_ngram_size: int) -> Beams:
    """RETURNS (Beams): The hypotheses with one subword more, of the texts that are not done."""
    beam = beams.scores.shape[1]
    length = beams.subwords.shape[2]
    logits, own = decoder.step(beams.subwords[:, :, -1], length - 1, beams.own, beams.memory)
    beams = beams._replace(own=own)
    scores, parents, last = _find_continuations(beams, logits, no_repeat_ngram_size)
    is_end = last == END
    found.add(beams, is_end[:, :beam], parents[:, :beam], scores[:, :beam])
    # of twice as many continuations as there are hypotheses, no more than half end
    going, order = scores.masked_fill(is_end, NOTHING).topk(beam, dim=1)
    kept = (~found.is_done(beams, going[:, 0])).nonzero()[:, 0]
    order = order[kept]
    return beams.select(kept, parents[kept].gather(1, order), going[kept], last[kept].gather(1, order))


def _find_continuations(beams: Beams, logits: Tensor, no_repeat_ngram_size: int) -> Tuple[Tensor, Tensor, Tensor]:
    """The best continuations of each text, twice as many as there are hypotheses, in order: log probabilities, the
    hypotheses that they continue, and last subwords, each of shape (texts, 2 * beam)."""
    texts, beam, subwords = logits.shape
    probabilities = logits.log_softmax(dim=2)
    probabilities[:, :, NEVER_WRITTEN] = NOTHING
    if no_repeat_ngram_size:
        _forbid_repeats(probabilities, beams.subwords, no_repeat_ngram_size)
    at_limit = (beams.limits <= beams.subwords.shape[2]).nonzero()[:, 0]
    if len(at_limit):
        ends = probabilities[at_limit, :, END]
        probabilities[at_limit] = NOTHING
        probabilities[at_limit, :, END] = ends
    probabilities += beams.scores[:, :, None]
    scores, places = probabilities.flatten(1).topk(2 * beam, dim=1)
    return scores, places // subwords, places % subwords


def _forbid_repeats(probabilities: Tensor, subwords: Tensor, size: int) -> None:
    """Forbid each hypothesis the subwords that would end an n-gram that it already has.

    probabilities (Tensor): Log probabilities of what comes next, shape (texts, beam, subwords); they are changed.
    subwords (Tensor): What the hypotheses have so far, shape (texts, beam, length).
    size (int): The length of the n-grams, 1 or more.
    """
    length = subwords.shape[2]
    if length < size:
        return
    ngrams = subwords.unfold(2, size, 1)  # [texts, beam, ngrams, size]
    begun = subwords[:, :, None, length - size + 1 :]
    is_begun = (ngrams[:, :, :, :-1] == begun).all(dim=3)
    # padding is forbidden anyway: so there is nothing to gather, and a GPU need not be asked how many there are
    probabilities.scatter_(2, ngrams[:, :, :, -1].where(is_begun, PADDING), NOTHING)
