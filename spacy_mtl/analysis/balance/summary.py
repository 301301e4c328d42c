"""What a balancer did over a training, in a few numbers for each task and each pair of tasks."""

from itertools import combinations
from typing import List, NamedTuple, Optional, Sequence

from .log import Batch, EncoderLog


class TaskBalance(NamedTuple):
    """What happened to a task.

    task (str): Its name.
    batches (int): In how many batches it had a gradient that is finite.
    loss (Optional[float]): The mean loss of a target; None if no batch has both losses and targets.
    weight (Optional[float]): The mean weight; None if there is none.
    norm (Optional[float]): The mean norm of its gradient; None if there is none.
    dropped (int): In how many batches its gradient was not finite.
    """

    task: str
    batches: int
    loss: Optional[float]
    weight: Optional[float]
    norm: Optional[float]
    dropped: int


class PairBalance(NamedTuple):
    """How the gradients of two tasks point.

    first (str): A task.
    second (str): Another.
    batches (int): In how many batches both have a gradient, one or more.
    conflict_rate (float): The share of these in which the cosine is below 0.
    mean_cosine (float): The mean of the cosines.
    """

    first: str
    second: str
    batches: int
    conflict_rate: float
    mean_cosine: float


def summarize_tasks(log: EncoderLog) -> List[TaskBalance]:
    """Sum up what happened to each task.

    log (EncoderLog): The batches.
    RETURNS (List[TaskBalance]): A summary for each task, in the log's order.
    """
    return [_summarize_task(task, log.batches) for task in log.tasks]


def summarize_pairs(log: EncoderLog) -> List[PairBalance]:
    """Sum up how the tasks' gradients point.

    log (EncoderLog): The batches.
    RETURNS (List[PairBalance]): A summary for each pair of tasks that shares a batch, in the log's order.
    """
    pairs = []
    for first, second in combinations(log.tasks, 2):
        found = [batch.cosines.get((first, second), batch.cosines.get((second, first))) for batch in log.batches]
        cosines = [cosine for cosine in found if cosine is not None]
        if cosines:
            conflicts = sum(cosine < 0 for cosine in cosines)
            count = len(cosines)
            pairs.append(PairBalance(first, second, count, conflicts / count, sum(cosines) / count))
    return pairs


def _summarize_task(task: str, batches: Sequence[Batch]) -> TaskBalance:
    norms = [batch.norms[task] for batch in batches if task in batch.norms]
    weights = [batch.weights[task] for batch in batches if task in batch.weights]
    known = [batch for batch in batches if task in batch.losses and batch.targets.get(task, 0.0) > 0]
    loss = sum(batch.losses[task] for batch in known)
    targets = sum(batch.targets[task] for batch in known)
    return TaskBalance(
        task,
        len(norms),
        loss / targets if known else None,
        sum(weights) / len(weights) if weights else None,
        sum(norms) / len(norms) if norms else None,
        sum(task in batch.dropped for batch in batches),
    )
