"""What BLEU and chrF of a corpus are computed from: counts of single sentences, whose sums give the score.

So a score can be computed again for any sample of the sentences (Koehn, 2004, https://aclanthology.org/W04-3250), which
the mean of the sentences' own scores would not give.
"""

from collections import Counter
from typing import Any, List, Sequence, Tuple
from typing import Counter as CounterType

import numpy
from numpy.typing import NDArray

WORD_ORDER = 4
CHARACTER_ORDER = 6
BETA = 2
BLEU_WIDTH = 2 + 2 * WORD_ORDER
CHRF_WIDTH = 3 * CHARACTER_ORDER


def count_bleu(bleu: Any, predicted: str, gold: str) -> Tuple[int, ...]:
    """The counts of a translation.

    bleu (sacrebleu.metrics.BLEU): The score, whose tokens count.
    predicted (str): What was predicted.
    gold (str): What was expected.
    RETURNS (Tuple[int, ...]): Words of the one and of the other; for n from 1 to 4, n-grams that are in both; and all
        n-grams of what was predicted.
    """
    found = bleu.corpus_score([predicted], [[gold]])
    return (int(found.sys_len), int(found.ref_len), *map(int, found.counts), *map(int, found.totals))


def score_bleu(counts: NDArray) -> NDArray:
    """BLEU of summed counts, with the smoothing of `mteval-v13a.pl`, as sacrebleu has it by default.

    counts (NDArray): Shape (..., 10).
    RETURNS (NDArray): One score each, from 0 to 1.
    """
    counts = numpy.asarray(counts, dtype="float64")
    length, expected = counts[..., 0], counts[..., 1]
    right, total = counts[..., 2 : 2 + WORD_ORDER], counts[..., 2 + WORD_ORDER :]
    halvings = numpy.cumsum((right == 0) & (total > 0), axis=-1)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        precision = numpy.where(right > 0, right, 0.5**halvings) / total
        mean = numpy.exp(numpy.log(precision).mean(axis=-1))
        brevity = numpy.where(length < expected, numpy.exp(1 - expected / length), 1.0)
    scored = right.any(axis=-1) & (total > 0).all(axis=-1)
    return numpy.where(scored, brevity * numpy.where(scored, mean, 0.0), 0.0)


def count_chrf(predicted: str, gold: str, *, lowercase: bool = False) -> Tuple[int, ...]:
    """The counts of a translation.

    predicted (str): What was predicted.
    gold (str): What was expected.
    lowercase (bool): Whether case makes no difference.
    RETURNS (Tuple[int, ...]): For n from 1 to 6, the n-grams of characters, white space left out, of the one, of the
        other, and those that are in both; zeros if the one or the other has none.
    """
    counts: List[int] = []
    for order in range(1, CHARACTER_ORDER + 1):
        one, other = (_find_ngrams(text.lower() if lowercase else text, order) for text in (predicted, gold))
        shared = sum((one & other).values())
        counts += (sum(one.values()) if other else 0, sum(other.values()), shared)
    return tuple(counts)


def score_chrf(counts: NDArray) -> NDArray:
    """chrF of summed counts: F of recall and precision, of which each is the mean over the lengths of n-grams.

    counts (NDArray): Shape (..., 18).
    RETURNS (NDArray): One score each, from 0 to 1.
    """
    counts = numpy.asarray(counts, dtype="float64")
    found, expected, shared = counts[..., 0::3], counts[..., 1::3], counts[..., 2::3]
    counted = (found > 0) & (expected > 0)
    orders = numpy.maximum(counted.sum(axis=-1), 1)
    precision, recall = (_divide(shared, total, counted).sum(axis=-1) / orders for total in (found, expected))
    weighed = BETA**2 * precision + recall
    return _divide((1 + BETA**2) * precision * recall, weighed, weighed > 0)


def _divide(one: NDArray, other: NDArray, where: NDArray) -> NDArray:
    return numpy.divide(one, other, out=numpy.zeros_like(one), where=where)


def _find_ngrams(text: str, order: int) -> CounterType[str]:
    characters = "".join(text.split())
    return Counter(characters[i : i + order] for i in range(len(characters) - order + 1))


def sum_counts(rows: Sequence[Tuple[int, ...]], width: int) -> Tuple[int, ...]:
    """RETURNS (Tuple[int, ...]): The sums of counts; zeros of none."""
    return tuple(map(sum, zip(*rows))) if rows else (0,) * width
