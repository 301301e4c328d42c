"""What a shared encoder learns from a batch whose parts are with several workers."""

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from thinc.types import Floats2d

from ...balancing.report import BatchReport
from ...pipeline.gradient_guard import is_usable
from ...pipeline.tok2vec.batch import EncodedBatch
from ...pipeline.tok2vec.component import MultiTaskTok2Vec
from ...pipeline.tok2vec.learning import Learned, reject_largest
from ...pipeline.tok2vec.parameter_gradients import ParameterGradients
from .group import Group


class Told(NamedTuple):
    """What a worker tells the others of a task.

    is_usable (bool): Whether its gradient is finite.
    is_present (bool): Whether the gradient is not zero.
    loss (float): The loss of the worker's part.
    targets (float): How many annotated targets are behind it.
    """

    is_usable: bool = True
    is_present: bool = False
    loss: float = 0.0
    targets: float = 0.0


class SharedEncoder:
    """An encoder of this worker, which waits for the others at the end of each batch.

    The balancer sees the batch as one process would: at the level of the representation the rows of all workers, one
    after the other; at that of the parameters the sums of their gradients. Every worker balances the same, and so every
    balancer has the same state. What it needs not see, because the weights are fixed and nobody watches, is not sent.
    """

    def __init__(self, pipe: MultiTaskTok2Vec, group: Group) -> None:
        """Let an encoder keep its batches until `learn`.

        pipe (MultiTaskTok2Vec): The encoder.
        group (Group): The workers.
        """
        self._pipe = pipe
        self._group = group
        self._batch: Optional[EncodedBatch] = None
        pipe.learner = self._keep

    def close(self) -> None:
        """Let the encoder learn from its batches alone."""
        self._pipe.learner = None

    def learn(self) -> None:
        """Learn from the batch of all workers. Each calls it once for each batch, also one without a part of it.

        RAISES (ValueError): E416 from the guard.
        RAISES (ConnectionError): E721 if another worker is gone.
        """
        batch, self._batch = self._batch, None
        pipe = self._pipe
        own = _tell(batch)
        shape = (0, 0) if batch is None else _find_shape(batch)
        heard = self._group.gather((own, shape, bool(pipe.observers)))
        told = [tasks for tasks, _, _ in heard]
        known = [*pipe.listening_components, *sorted({name for tasks in told for name in tasks})]
        names = [name for name in dict.fromkeys(known) if any(name in tasks for tasks in told)]
        if not names:
            return
        dropped = [name for name in names if not all(tasks.get(name, Told()).is_usable for tasks in told)]
        for name in dropped:
            pipe.guard.reject(name)
        present = {
            name: any(tasks.get(name, Told()).is_present for tasks in told) for name in names if name not in dropped
        }
        report = _add_reports(told, list(present))
        if pipe.balancer.has_fixed_weights and not any(watched for _, _, watched in heard):
            learned = self._learn_alone(batch, present, report)
        elif pipe.balancer.level == "parameters":
            learned = self._learn_parameters(batch, [name for name in present if present[name]], report)
        else:
            learned = self._learn_rows(batch, list(present), [shape for _, shape, _ in heard], report)
        dropped += learned.dropped
        for name, is_present in present.items():
            if is_present and name not in dropped:
                pipe.guard.forget(name)
        pipe.tell(learned._replace(dropped=dropped))

    def _keep(self, batch: EncodedBatch) -> None:
        self._batch = batch

    def _learn_alone(self, batch: Optional[EncodedBatch], present: Dict[str, bool], report: BatchReport) -> Learned:
        """Combine the gradients of this worker's part."""
        pipe = self._pipe
        own = {} if batch is None else {name: batch.gradients[name] for name in present if name in batch.gradients}
        if batch is not None and own:
            # the gradient is linear in those of the tasks: what is left out here is that of the parameters
            batch.backpropagate(pipe.balancer(own, report))
        return self._check(own, report)

    def _learn_rows(
        self, batch: Optional[EncodedBatch], names: List[str], shapes: List[Tuple[int, int]], report: BatchReport
    ) -> Learned:
        """Combine the gradients at the encoder's output, of which each worker has some rows."""
        pipe, rank = self._pipe, self._group.rank
        n_rows = [rows for rows, _ in shapes]
        most, width = max(n_rows), max(width for _, width in shapes)
        padded: Any = pipe.model.ops.alloc3f(len(names), most, width)
        for i, name in enumerate(names):
            if batch is not None and name in batch.gradients:
                padded[i, : n_rows[rank]] = batch.gradients[name]
        parts: Any = self._group.collect(padded) if names else []
        xp = pipe.model.ops.xp
        gradients: Dict[str, Floats2d] = {
            name: xp.concatenate([part[i, :count] for part, count in zip(parts, n_rows)])
            for i, name in enumerate(names)
        }
        if gradients:
            combined = pipe.balancer(gradients, report)
            start = sum(n_rows[:rank])
            if batch is not None:
                batch.backpropagate(combined[start : start + n_rows[rank]])
        return self._check(gradients, report)

    def _learn_parameters(self, batch: Optional[EncodedBatch], names: List[str], report: BatchReport) -> Learned:
        """Combine the gradients of the parameters, summed over the workers."""
        pipe = self._pipe
        waiting = ParameterGradients(pipe.model)
        earlier = waiting.take()
        rows, dropped = {}, []
        for name in names:
            gradient = None if batch is None else batch.gradients.get(name)
            if batch is not None and gradient is not None and gradient.any():
                batch.backpropagate(gradient)
            row: Any = waiting.take()
            self._group.add(row[0])
            if pipe.guard.admit(name, row):
                rows[name] = row
            else:
                dropped.append(name)
        combined = pipe.balancer(rows, report) if rows else None
        if combined is not None and not is_usable(combined):
            dropped.append(reject_largest(rows, pipe.guard))
            combined = None
        for reached in self._group.gather(waiting.reached):
            waiting.reached.update(reached)
        # all workers have the same, and gradients are going to be added up
        if combined is not None and self._group.is_first:
            earlier = earlier + combined
        waiting.put(earlier)
        return Learned(rows, report, dropped)

    def _check(self, gradients: Dict[str, Floats2d], report: BatchReport) -> Learned:
        """Learn nothing from a batch that leaves a gradient in the parameters of any worker that is not finite."""
        waiting = ParameterGradients(self._pipe.model)
        if all(self._group.gather(all(is_usable(part) for part in waiting.read()))):
            return Learned(gradients, report, [])
        waiting.take()
        own = {name: float(abs(gradient).max()) for name, gradient in gradients.items() if gradient.size}
        _, largest = max((size, name) for found in self._group.gather(own) for name, size in found.items())
        self._pipe.guard.reject(largest)
        return Learned(gradients, report, [largest])


def _find_shape(batch: EncodedBatch) -> Tuple[int, int]:
    return sum(rows.shape[0] for rows in batch.vectors), max(rows.shape[1] for rows in batch.vectors)


def _tell(batch: Optional[EncodedBatch]) -> Dict[str, Told]:
    if batch is None:
        return {}
    report = batch.report(batch.gradients)
    return {
        name: Told(
            is_usable(gradient), bool(gradient.any()), report.losses.get(name, 0.0), float(report.targets.get(name, 0))
        )
        for name, gradient in batch.gradients.items()
    }


def _add_reports(told: List[Dict[str, Told]], names: List[str]) -> BatchReport:
    losses = {name: sum(tasks[name].loss for tasks in told if name in tasks) for name in names}
    targets = {name: sum(tasks[name].targets for tasks in told if name in tasks) for name in names}
    return BatchReport({name: loss for name, loss in losses.items() if loss != 0}, targets)
