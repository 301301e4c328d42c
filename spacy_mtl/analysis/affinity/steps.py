"""Inter-task affinity, measured at steps of a training.

Fifty, C., Amid, E., Zhao, Z., Yu, T., Anil, R., and Finn, C. (2021). Efficiently Identifying Task Groupings for
Multi-Task Learning. NeurIPS. https://arxiv.org/abs/2109.04617

The quantity is theirs: by what share of itself a task's loss falls when the shared parameters take a step for another
task. It differs from theirs in three ways. Their step is the learning rate times the gradient of the training batch;
here all steps of a measurement have one length, that of the encoder's last update or a half, a quarter... of it. Their
losses and gradients are those of the training batch, with its dropout; here those of texts drawn for the measurement,
without. And they choose networks such that a task may be trained in several groups, in some of them only to help;
`spacy_mtl.analysis.affinity.grouping` puts each task in one.
"""

from math import isfinite
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

from spacy.language import Language

from ...balancing.observation import observe
from ...balancing.report import NO_REPORT
from ..random_state import kept_random_state
from .probes import Pool
from .shadow import Probes, Shadow, find_length, read_parameters

MOST_HALVINGS = 12
# From one measurement to the next the fitting length may grow as much; more is found in several.
GROWTH = 4.0


class Measurement(NamedTuple):
    """What was found before one update.

    step (int): The number of the update.
    length (float): How long the steps were that were tried, in the space of the encoder's parameters.
    losses (Dict[str, float]): By task, the loss on its probes without a step.
    affinity (Dict[str, Dict[str, float]]): By the task whose step it is, and the task whose loss it is: the share of
        the loss that the step takes away, 1 - L_j(after the step of i) / L_j(before). What has no gradient is left out.
    cosines (List[List]): [task, task, cosine] of the gradients by the encoder's parameters.
    """

    step: int
    length: float
    losses: Dict[str, float]
    affinity: Dict[str, Dict[str, float]]
    cosines: List[List[Any]]


class Watcher:
    """Measures at every so many updates of a training: a `before_update` of spaCy's training loop.

    The training goes on as if it was not there: what is tried is tried on a copy, and the random state is put back.
    """

    def __init__(
        self,
        encoder: str,
        pool: Pool,
        *,
        every: int,
        annotating: Sequence[str] = (),
        before: Optional[Callable] = None,
    ) -> None:
        """Create the callback.

        encoder (str): The name of the component that the tasks share.
        pool (Pool): What the Examples of each measurement are drawn from, by the number of the update.
        every (int): Updates from one measurement to the next. There is none before the first update.
        annotating (Sequence[str]): Names of the components that annotate texts before they are learned from.
        before (Optional[Callable]): Another callback of the same kind, which is called first.
        """
        self.measurements: List[Measurement] = []
        self._encoder = encoder
        self._pool = pool
        self._every = every
        self._annotating = annotating
        self._before = before
        self._shadow: Optional[Shadow] = None
        self._earlier: Optional[List[Any]] = None

    def __call__(self, nlp: Language, info: Dict[str, Any]) -> None:
        """Measure, if it is time.

        nlp (Language): The pipeline.
        info (Dict[str, Any]): With the number of the update as "step".
        """
        if self._before is not None:
            self._before(nlp, info)
        pipe: Any = nlp.get_pipe(self._encoder)
        if self._earlier is not None:
            now = read_parameters(pipe.model)
            length = find_length([value - before for value, before in zip(now, self._earlier)])
            self._earlier = None
            # the first steps of a warmup can have the rate 0
            if length > 0:
                with kept_random_state():
                    if self._shadow is None:
                        self._shadow = Shadow(nlp, self._encoder, self._pool.tasks, self._annotating)
                    if self.measurements:
                        length = min(length, GROWTH * self.measurements[-1].length)
                    probes = self._pool.draw(info["step"])
                    self.measurements.append(measure(self._shadow, probes, length, info["step"]))
        if (info["step"] + 1) % self._every == 0:
            self._earlier = read_parameters(pipe.model)


def measure(shadow: Shadow, probes: Probes, length: float, step: int = 0) -> Measurement:
    """Try a step of each task alone.

    The step of a task goes straight against the gradient of its loss by the encoder's parameters, on its own probes;
    the losses of all tasks are then taken on theirs, without dropout before and after, and with the heads as they are.
    All steps have one length, so that directions are compared, and not how large the losses of tasks are: that of the
    encoder's last update, halved until no step goes beyond the lowest point of its own task's loss. (The gradient is
    the steepest way down: an update of Adam, which moves nearly all parameters by the same, is longer than makes sense
    for it. A parabola has its lowest point further on if and only if half the step brings at most 3/4 of its gain.
    The gradient's length promises nothing, since the losses of spaCy's components are not what they are trained by.)

    Fifty et al. (2021) take the learning rate times the gradient for a step, and the training batch for probes.

    shadow (Shadow): A copy of the pipeline; it is brought up to date.
    probes (Probes): For each task, the Examples that it is measured on.
    length (float): The length to begin with.
    step (int): The number of the update that comes next.
    RETURNS (Measurement): What was found.
    """
    shadow.synchronize()
    probes = shadow.annotate(probes)
    losses = shadow.find_losses(probes)
    rows = {task: shadow.find_gradient(task, examples) for task, examples in probes.items()}
    norms = {task: find_length([row]) for task, row in rows.items()}
    rows = {task: row for task, row in rows.items() if isfinite(norms[task]) and norms[task] > 0}
    parameters = shadow.read_parameters()

    def find_losses(task: str, length: float, probes: Probes) -> Dict[str, float]:
        shadow.step(parameters, rows[task], length)
        return shadow.find_losses(probes)

    for task in rows:

        def find_gain(length: float, task: str = task) -> float:
            return losses[task] - find_losses(task, length, {task: probes[task]})[task]

        length = _find_longest(find_gain, length)
    affinity: Dict[str, Dict[str, float]] = {}
    for task in rows:
        after = find_losses(task, length, probes)
        affinity[task] = {
            other: 1 - after[other] / losses[other]
            for other in probes
            if losses[other] > 0 and isfinite(losses[other]) and isfinite(after[other])
        }
    shadow.write_parameters(parameters)
    cosines = [[*pair, cosine] for pair, cosine in observe(rows, {}, NO_REPORT).cosines.items()]
    return Measurement(step, length, losses, affinity, cosines)


def _find_longest(find_gain: Callable[[float], float], length: float) -> float:
    """The length, halved until it does not go too far; or as it is, if a task does not even gain by the shortest."""
    longest, gain = length, find_gain(length)
    for _ in range(MOST_HALVINGS):
        of_half = find_gain(longest / 2)
        if gain > 0 and of_half <= 0.75 * gain:
            return longest
        longest, gain = longest / 2, of_half
    return longest if gain > 0 else length
