"""From what the components have reported for a batch to one gradient of the encoder."""

from typing import Dict, List, NamedTuple

from thinc.api import Model
from thinc.types import Floats2d

from ...balancing.balancer import Balancer
from ...balancing.report import BatchReport
from ..gradient_guard import GradientGuard, is_usable
from .batch import EncodedBatch
from .parameter_gradients import ParameterGradients


class Learned(NamedTuple):
    """What was learned from a batch.

    gradients (Dict[str, Floats2d]): What the balancer was given, by component; empty if there was nothing to balance.
    report (BatchReport): What it was told.
    dropped (List[str]): The components whose gradient was not finite.
    """

    gradients: Dict[str, Floats2d]
    report: BatchReport
    dropped: List[str]


def learn_batch(batch: EncodedBatch, model: Model, balancer: Balancer, guard: GradientGuard) -> Learned:
    """Make one gradient of those of the components, and leave it in the parameters, added to what waits there.

    batch (EncodedBatch): The batch, in which one component or more have reported.
    model (Model): The encoder that made its vectors.
    balancer (Balancer): Combines the gradients.
    guard (GradientGuard): Drops those that are not finite.
    RETURNS (Learned): What was learned. After an exception nothing waits in the parameters, not even what did before.
    RAISES (ValueError): E416 from the guard.
    """
    try:
        return _learn_batch(batch, model, balancer, guard)
    except BaseException:
        ParameterGradients(model).take()
        raise


def _learn_batch(batch: EncodedBatch, model: Model, balancer: Balancer, guard: GradientGuard) -> Learned:
    is_finite = {name: guard.admit(name, gradient) for name, gradient in batch.gradients.items()}
    gradients = {name: gradient for name, gradient in batch.gradients.items() if is_finite[name]}
    report = batch.report(gradients)
    if gradients and balancer.level == "parameters":
        waiting = ParameterGradients(model)
        earlier = waiting.take()
        rows = {}
        for name, gradient in gradients.items():
            if gradient.any():
                batch.backpropagate(gradient)
                row = waiting.take()
                is_finite[name] = guard.admit(name, row)
                if is_finite[name]:
                    rows[name] = row
        combined = balancer(rows, report) if rows else None
        if combined is not None and not is_usable(combined):
            is_finite[reject_largest(rows, guard)] = False
            combined = None
        waiting.put(earlier if combined is None else earlier + combined)
        gradients = rows
    elif gradients:
        batch.backpropagate(balancer(gradients, report))
        waiting = ParameterGradients(model)
        if not is_usable(list(waiting.read())):
            waiting.take()
            is_finite[reject_largest(gradients, guard)] = False
    for name, gradient in batch.gradients.items():
        if is_finite[name]:
            guard.reset(name, gradient)
    return Learned(gradients, report, [name for name, finite in is_finite.items() if not finite])


def reject_largest(gradients: Dict[str, Floats2d], guard: GradientGuard) -> str:
    """Blame the task with the largest gradient for one that nothing can be learned from.

    gradients (Dict[str, Floats2d]): By task.
    guard (GradientGuard): Counts it.
    RETURNS (str): The task.
    RAISES (ValueError): E416 from the guard.
    """
    name = max(gradients, key=lambda task: float(abs(gradients[task]).max()))
    guard.reject(name)
    return name
