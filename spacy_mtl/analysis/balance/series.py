"""What a balancer did, as one series of numbers a task, ready to be drawn."""

from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

import numpy
from thinc.types import Floats1d, Ints1d

from .log import Batch, EncoderLog

# A running mean is taken over about this share of the steps, and at no more places than a page can show.
SHARE = 50
MOST_PLACES = 2000


class Series(NamedTuple):
    """Numbers of one task over the steps.

    steps (Ints1d): The steps that have one.  # [steps]
    values (Floats1d): The number at each.  # [steps]
    places (Ints1d): Steps at which the running mean is known.  # [places]
    means (Floats1d): The running mean at each.  # [places]
    """

    steps: Ints1d
    values: Floats1d
    places: Ints1d
    means: Floats1d


def choose_window(log: EncoderLog) -> int:
    """How many steps a running mean covers.

    log (EncoderLog): The batches, one or more.
    RETURNS (int): An odd number: the step itself and as many before it as after it.
    """
    steps = log.batches[-1].step - log.batches[0].step + 1
    return 2 * (steps // (2 * SHARE)) + 1


def get_losses(log: EncoderLog) -> Dict[str, Series]:
    """The mean loss of a target; over several batches, all losses by all targets.

    log (EncoderLog): The batches.
    RETURNS (Dict[str, Series]): By task, if it has losses and targets.
    """

    def read(batch: Batch, task: str) -> Optional[Tuple[float, float]]:
        targets = batch.targets.get(task, 0.0)
        return (batch.losses[task], targets) if task in batch.losses and targets > 0 else None

    return _make_series(log, read)


def get_weights(log: EncoderLog) -> Dict[str, Series]:
    """The weights of the tasks.

    log (EncoderLog): The batches.
    RETURNS (Dict[str, Series]): By task, if it has one.
    """
    return _make_series(log, lambda batch, task: (batch.weights[task], 1.0) if task in batch.weights else None)


def get_norms(log: EncoderLog) -> Dict[str, Series]:
    """The norms of the tasks' gradients, without those of 0, for which a logarithmic axis has no place.

    log (EncoderLog): The batches.
    RETURNS (Dict[str, Series]): By task, if it has one above 0.
    """
    return _make_series(log, lambda batch, task: (batch.norms[task], 1.0) if batch.norms.get(task, 0.0) > 0 else None)


def _make_series(log: EncoderLog, read: Callable[[Batch, str], Optional[Tuple[float, float]]]) -> Dict[str, Series]:
    window = choose_window(log)
    found = {}
    for task in log.tasks:
        # By step, the sum and what it is divided by.
        sums: Dict[int, List[float]] = {}
        for batch in log.batches:
            value = read(batch, task)
            if value is not None:
                total = sums.setdefault(batch.step, [0.0, 0.0])
                total[0] += value[0]
                total[1] += value[1]
        if sums:
            found[task] = _smooth(numpy.asarray(list(sums)), numpy.asarray(list(sums.values())), window)
    return found


def _smooth(steps: Ints1d, sums: Floats1d, window: int) -> Series:
    chosen = numpy.unique(numpy.linspace(0, len(steps) - 1, min(len(steps), MOST_PLACES)).astype(int))
    places = steps[chosen]
    first = numpy.searchsorted(steps, places - window // 2, side="left")
    last = numpy.searchsorted(steps, places + window // 2, side="right")
    # [places, 2]
    totals = numpy.asarray([sums[a:b].sum(axis=0) for a, b in zip(first, last)])
    return Series(steps, sums[:, 0] / sums[:, 1], places, totals[:, 0] / totals[:, 1])
