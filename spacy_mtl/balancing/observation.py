"""What a balancer saw and did in one batch, for logs and plots."""

from typing import Dict, Mapping, NamedTuple, Sequence, Tuple

from thinc.types import Floats2d

from .gramian import compute_gramian, find_norms
from .presence import find_present
from .report import BatchReport


class Observation(NamedTuple):
    """One batch. Tasks whose gradient is zero, because nothing in the batch is annotated for them, are left out.

    losses (Dict[str, float]): By task, the loss summed over its targets, where the component reports one.
    targets (Dict[str, float]): By task, how many annotated targets are behind it.
    weights (Dict[str, float]): What the balancer gave each task; empty for a method without weights.
    norms (Dict[str, float]): By task, the length of the gradient summed over its rows: over the tokens at the
        representation level, where it is the direction that methods compare; of the whole gradient at that of the
        parameters.
    cosines (Dict[Tuple[str, str], float]): By pair of tasks, in the order of `norms`, between these gradients.
    dropped (Tuple[str, ...]): Tasks whose gradient was not finite, and did not count.
    """

    losses: Dict[str, float] = {}
    targets: Dict[str, float] = {}
    weights: Dict[str, float] = {}
    norms: Dict[str, float] = {}
    cosines: Dict[Tuple[str, str], float] = {}
    dropped: Tuple[str, ...] = ()


def observe(
    gradients: Mapping[str, Floats2d],
    weights: Mapping[str, float],
    report: BatchReport,
    dropped: Sequence[str] = (),
) -> Observation:
    """Look at a batch.

    gradients (Mapping[str, Floats2d]): By task, all finite and of one shape.
    weights (Mapping[str, float]): The weights that the balancer gave.
    report (BatchReport): The losses and targets of the batch.
    dropped (Sequence[str]): Tasks whose gradient was not finite.
    RETURNS (Observation): What is to be told of it.
    """
    present = list(find_present(gradients))
    norms: Dict[str, float] = {}
    cosines: Dict[Tuple[str, str], float] = {}
    if present:
        gramian = compute_gramian([gradients[name] for name in present])
        lengths = find_norms(gramian)
        norms = dict(zip(present, lengths.tolist()))
        for i, first in enumerate(present):
            for j, second in enumerate(present[:i]):
                if lengths[i] > 0 and lengths[j] > 0:
                    cosine = gramian[i, j] / (lengths[i] * lengths[j])
                    cosines[second, first] = float(min(1.0, max(-1.0, cosine)))
    return Observation(
        {name: report.losses[name] for name in present if name in report.losses},
        {name: report.targets[name] for name in present if name in report.targets},
        {name: float(weights[name]) for name in present if name in weights},
        norms,
        cosines,
        tuple(dropped),
    )
