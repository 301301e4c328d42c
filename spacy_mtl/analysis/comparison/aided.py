"""Joint training against single tasks that have the same private paths, adapters and scaffold."""

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ..metrics.metrics import Metric
from ..metrics.tasks import Task
from .evaluation import Results
from .gain import Gain, find_gain, find_measures
from .scores import TaskScore, score_task
from .sides import JOINT, Aided, Key, Side, name_side

WHAT_AIDS_TELL = (
    "Alone is a plain listener. Alone with the same aids keeps the private path or adapter that the head has jointly, "
    "and the scaffold on its encoder; a task that has none of them is the same either way. What joint training gains "
    "over the first, the aids and the company of the other tasks gain together; what it gains over the second is the "
    "company's alone."
)


class WithAids(NamedTuple):
    """What joint training gains over tasks alone that have the same aids.

    pipelines (Dict[str, str]): By task, the name of the pipeline that is compared: of a task without aids, the one
        that has none.
    scores (List[TaskScore]): The same scores as without aids.
    gain (Gain): Their average relative gain.
    """

    pipelines: Dict[str, str]
    scores: List[TaskScore]
    gain: Gain

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The same, fit for JSON."""
        return {
            "pipelines": self.pipelines,
            "scores": [score._asdict() for score in self.scores],
            "delta_m": self.gain.mean,
            "delta_m_interval": self.gain.interval,
            "delta_m_reason": self.gain.reason,
        }


def score_with_aids(
    tasks: Sequence[Task],
    metrics: Mapping[str, Sequence[Metric]],
    sides: Sequence[Side],
    results: Mapping[Key, Results],
    corpora: Mapping[str, str],
    samples: int,
) -> Optional[WithAids]:
    """Compare joint training with tasks alone that have the same aids.

    tasks (Sequence[Task]): The tasks.
    metrics (Mapping[str, Sequence[Metric]]): The scores of each, the main one first.
    sides (Sequence[Side]): The pipelines that were to be trained.
    results (Mapping[Key, Results]): What the finished trainings gave.
    corpora (Mapping[str, str]): By task, the name of its test corpus.
    samples (int): Samples of randomization and bootstrap.
    RETURNS (Optional[WithAids]): The comparison; None if no pipeline was to be trained with aids.
    """
    if not any(isinstance(side, Aided) for side in sides):
        return None
    chosen: Dict[str, Side] = {
        task.name: Aided(task.name) if Aided(task.name) in sides else task.name for task in tasks
    }
    # under the task's name, so that scores need not know of aids
    found: Dict[Key, Results] = {key: result for key, result in results.items() if key[0] is JOINT}
    for name, side in chosen.items():
        found.update({(name, seed): result for (other, seed), result in results.items() if other == side})
    scores = [score for task in tasks for score in score_task(task, metrics[task.name], found, samples)]
    compared = [score for score in scores if score.is_main and score.difference is not None]
    pipelines = {task: name_side(side) for task, side in chosen.items()}
    return WithAids(pipelines, scores, find_gain(compared, found, corpora, samples, find_measures(metrics)))
