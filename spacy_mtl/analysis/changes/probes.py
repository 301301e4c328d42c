"""Linear probes: how much of a task's labels can be read from frozen vectors in one linear step."""

from collections import Counter
from typing import Any, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from thinc.types import Floats2d

NONE = "none"
PENALTIES = tuple(10.0**power for power in range(-1, 6))


class Probe(NamedTuple):
    """A linear classifier.

    labels (List[str]): The labels.
    mean (Any): Of the vectors that it was fitted to, shape (width,).
    scale (Any): Their deviation, shape (width,).
    weights (Floats2d): Shape (width, labels).
    bias (Any): Shape (labels,).
    """

    labels: List[str]
    mean: Any
    scale: Any
    weights: Floats2d
    bias: Any

    def predict(self, vectors: Floats2d) -> List[str]:
        """RETURNS (List[str]): A label for each vector. vectors (Floats2d): Shape (vectors, width)."""
        scores = (numpy.asarray(vectors, dtype="f8") - self.mean) / self.scale @ self.weights + self.bias
        return [self.labels[i] for i in scores.argmax(axis=1)]


def fit_probe(vectors: Floats2d, labels: Sequence[str]) -> Probe:
    """Fit a ridge regression to the labels as indicators, in closed form. (Alain and Bengio 2017 for the question;
    Rifkin and Lippert 2007 for the penalty, that with the least leave-one-out error.)

    vectors (Floats2d): Shape (vectors, width).
    labels (Sequence[str]): One a vector.
    RETURNS (Probe): The classifier.
    """
    X = numpy.asarray(vectors, dtype="f8")
    names = sorted(set(labels))
    places = {label: i for i, label in enumerate(names)}
    Y = numpy.eye(len(names))[[places[label] for label in labels]]  # [vectors, labels]
    mean, bias = X.mean(axis=0), Y.mean(axis=0)
    deviation = X.std(axis=0)
    scale = numpy.where(deviation > 1e-8, deviation, 1.0)
    U, sizes, V = numpy.linalg.svd((X - mean) / scale, full_matrices=False)
    projected = U.T @ (Y - bias)
    best, least = PENALTIES[-1], numpy.inf
    for penalty in PENALTIES:
        shrunk = sizes**2 / (sizes**2 + penalty)
        rest = Y - bias - U @ (shrunk[:, None] * projected)
        leverage = (U**2) @ shrunk + 1.0 / len(X)
        error = float(((rest / numpy.maximum(1.0 - leverage, 1e-6)[:, None]) ** 2).sum())
        if error < least:
            best, least = penalty, error
    weights = V.T @ ((sizes / (sizes**2 + best))[:, None] * projected)
    return Probe(names, mean, scale, weights, bias)


def score_labels(predicted: Sequence[str], gold: Sequence[str]) -> float:
    """Micro-averaged F1 of the labels other than "none"; where that is no label, it is the accuracy.

    predicted (Sequence[str]): The labels.
    gold (Sequence[str]): The right ones.
    RETURNS (float): From 0 to 1.
    """
    right = sum(one == other != NONE for one, other in zip(predicted, gold))
    named = sum(label != NONE for label in predicted) + sum(label != NONE for label in gold)
    return 2 * right / named if named else 0.0


def probe_layer(vectors: Floats2d, labels: Sequence[str], is_training: Any) -> Optional[float]:
    """Fit a probe to one part of vectors and score it on the other.

    vectors (Floats2d): Shape (vectors, width).
    labels (Sequence[str]): One a vector.
    is_training (Any): Which are of the part that it is fitted to, an array of booleans, shape (vectors,).
    RETURNS (Optional[float]): The score; None if a part is empty, or that to fit to has one label only.
    """
    known, gold = _part(labels, is_training)
    if not known:
        return None
    training = numpy.asarray(is_training, dtype=bool)
    return score_labels(fit_probe(vectors[training], known).predict(vectors[~training]), gold)


def score_most_frequent(labels: Sequence[str], is_training: Any) -> Optional[float]:
    """What the most frequent label scores: a probe that reads nothing.

    labels (Sequence[str]): The labels.
    is_training (Any): As for `probe_layer`.
    RETURNS (Optional[float]): The score; None where `probe_layer` gives none.
    """
    known, gold = _part(labels, is_training)
    if not known:
        return None
    counts = Counter(sorted(label for label in known if label != NONE))
    return score_labels([counts.most_common(1)[0][0]] * len(gold), gold)


def _part(labels: Sequence[str], is_training: Any) -> Tuple[List[str], List[str]]:
    """The labels to fit to and those to score on; none where there is nothing to tell apart."""
    known = [label for label, is_known in zip(labels, is_training) if is_known]
    gold = [label for label, is_known in zip(labels, is_training) if not is_known]
    return (known, gold) if len(set(known)) > 1 and any(label != NONE for label in gold) else ([], [])
