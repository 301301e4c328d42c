"""The part that every word has in predictions: by hiding it, or along the way from no words to all."""

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Protocol, Sequence, Tuple

import numpy
from thinc.types import Floats1d, Floats2d

from .readings import Hiding
from .results import Attribution
from .tasks import Finding, Task

OCCLUDED_ROWS = 4096
INTEGRATED_ROWS = 8192
"""Tokens that are read at once, in copies of a text: what bounds the memory."""
POINTS, MOST_POINTS = 16, 64
LARGEST_GAP = 0.05
"""By how much of the whole the parts may miss it before the gradient is taken at more points."""


class Readable(Protocol):
    """A component that reads copies of a text.

    task (Task): The component and what it finds.
    own (Sequence[Any]): What it reads words by beside the encoder.
    splits (bool): Whether the two routes can be told apart.
    problem (str): Why it has no gradient; "" if it has one.
    """

    task: Task
    own: Sequence[Any]
    splits: bool
    problem: str

    def run(self, hiding: Hiding) -> Tuple[Any, Any]:
        """RETURNS (Tuple[Any, Callable]): Scores and a callback, as `Reading.run` gives them."""
        ...


class Query(NamedTuple):
    """A prediction that is asked about.

    reading (Readable): The component that made it.
    finding (Finding): The prediction.
    against (Optional[str]): The label that it is set against.
    """

    reading: Readable
    finding: Finding
    against: Optional[str]


def measure(queries: Sequence[Query], hiding: Hiding) -> List[Floats1d]:
    """How sure components are in copies of a text.

    queries (Sequence[Query]): The predictions.
    hiding (Hiding): What the copies keep of the words.
    RETURNS (List[Floats1d]): The log-odds of each prediction, shape (copies,).
    """
    scores: Dict[int, Any] = {}
    found = []
    for reading, finding, against in queries:
        if id(reading) not in scores:
            scores[id(reading)] = reading.run(hiding)[0]
        found.append(reading.task.measure(finding, scores[id(reading)], len(hiding.own), against).values)
    return found


def measure_many(queries: Sequence[Query], kept: Floats2d) -> List[Floats1d]:
    """As `measure`, with no more copies at once than fit into the memory.

    queries (Sequence[Query]): The predictions.
    kept (Floats2d): What the copies keep of the words, by either route, shape (copies, tokens).
    RETURNS (List[Floats1d]): The log-odds of each prediction, shape (copies,).
    """
    chunks = [measure(queries, Hiding(chunk, chunk)) for chunk in _chunks(kept, OCCLUDED_ROWS)]
    return [numpy.concatenate(parts) for parts in zip(*chunks)]


def occlude(queries: Sequence[Query], tokens: int) -> List[Attribution]:
    """Hide one word at a time; what the log-odds lose is its part (Zeiler and Fergus 2014; Li, Monroe and Jurafsky
    2016). All predictions of all components are read from the same copies of the text.

    Where a head reads the word by two routes, each gets the mean of what is lost where the word is hidden from it
    alone, and of what is lost more where the other does not have it either: the Shapley value.

    queries (Sequence[Query]): The predictions.
    tokens (int): How many tokens the text has.
    RETURNS (List[Attribution]): Of each prediction.
    """
    kept = numpy.ones((tokens + 2, tokens), dtype="f")
    kept[1] = 0
    kept[numpy.arange(tokens) + 2, numpy.arange(tokens)] = 0
    places = [i for i, query in enumerate(queries) if query.reading.own]
    others = [i for i in range(len(queries)) if i not in places]
    values = numpy.zeros((len(queries), 3, len(kept)))
    start = 0
    for chunk in _chunks(kept, OCCLUDED_ROWS):
        rows = slice(start, start + len(chunk))
        start += len(chunk)
        everything = numpy.ones_like(chunk)
        # by both routes, by the encoder alone, by the head's own alone
        hiding = Hiding(numpy.concatenate([chunk, chunk, everything]), numpy.concatenate([chunk, everything, chunk]))
        for i, of_query in zip(others, measure([queries[i] for i in others], Hiding(chunk, chunk))):
            values[i, 0, rows] = of_query
        for i, of_query in zip(places, measure([queries[i] for i in places], hiding)):
            values[i, :, rows] = of_query.reshape((3, len(chunk)))
    attributions = []
    for i, (both, through, own) in enumerate(values):
        whole = both[0] - both[2:]
        of_encoder = whole
        if i in places:
            of_encoder = ((both[0] - through[2:]) + (own[2:] - both[2:])) / 2
        attributions.append(_attribution(both, of_encoder, whole - of_encoder))
    return attributions


def integrate(queries: Sequence[Query], tokens: int, points: int = POINTS) -> List[Attribution]:
    """Integrate the gradient from the text without words to the text (integrated gradients, Sundararajan, Taly and Yan
    2017), by Gauss-Legendre quadrature. The parts of the words add up to the log-odds less those of the baseline, but
    for the error of the quadrature.

    queries (Sequence[Query]): The predictions, of components with gradients.
    tokens (int): How many tokens the text has.
    points (int): Where the gradient is taken. Where the parts miss the whole by too much, it is taken at more.
    RETURNS (List[Attribution]): Of each prediction.
    """
    found = _integrate(queries, tokens, points)
    missed = [i for i, attribution in enumerate(found) if attribution.gap > LARGEST_GAP]
    if missed and points < MOST_POINTS:
        finer = integrate([queries[i] for i in missed], tokens, min(4 * points, MOST_POINTS))
        for i, attribution in zip(missed, finer):
            found[i] = attribution
    return found


def _integrate(queries: Sequence[Query], tokens: int, points: int) -> List[Attribution]:
    nodes, weights = numpy.polynomial.legendre.leggauss(points)
    kept = numpy.repeat(((nodes + 1) / 2)[:, None], tokens, axis=1).astype("f")
    parts = numpy.zeros((len(queries), 2, tokens))
    start = 0
    for chunk in _chunks(kept, INTEGRATED_ROWS):
        of_chunk = weights[start : start + len(chunk)] / 2
        start += len(chunk)
        runs: Dict[int, Any] = {}
        for i, (reading, finding, against) in enumerate(queries):
            if id(reading) not in runs:
                runs[id(reading)] = reading.run(Hiding(chunk, chunk))
            scores, backprop = runs[id(reading)]
            measured = reading.task.measure(finding, scores, len(chunk), against)
            assert measured.gradient is not None
            for route, gradient in enumerate(backprop(measured.gradient(of_chunk))):
                parts[i, route] += gradient.sum(axis=0)
    ends = numpy.array([[1.0], [0.0]], dtype="f").repeat(tokens, axis=1)
    values = measure(queries, Hiding(ends, ends))
    return [_attribution(value, *of_query) for value, of_query in zip(values, parts)]


def _attribution(values: Floats1d, encoder: Floats1d, own: Floats1d) -> Attribution:
    """From log-odds of the text, and of the text without words, and the parts of the words."""
    return Attribution(float(values[0]), float(values[1]), encoder.tolist(), own.tolist())


def _chunks(kept: Floats2d, rows: int) -> Iterator[Floats2d]:
    size = max(2, rows // max(1, kept.shape[1]))
    for start in range(0, len(kept), size):
        yield kept[start : start + size]
