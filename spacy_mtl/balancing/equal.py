"""The mean of the tasks' gradients."""

from typing import Dict, Mapping

from thinc.types import Floats2d

from .report import BatchReport
from .task_weights import TaskWeights


class Equal(TaskWeights):
    """Equal weighting: the joint objective is the mean of the losses of the tasks in the batch, (1 / T) sum_t L_t.

    Unlike the plain sum, the size of the result does not grow with the number of tasks.
    """

    def weigh(self, gradients: Mapping[str, Floats2d], report: BatchReport) -> Dict[str, float]:
        """Weigh all tasks of the batch alike.

        gradients (Mapping[str, Floats2d]): By task; one or more, none of them zero.
        report (BatchReport): Not used.
        RETURNS (Dict[str, float]): 1 / number of tasks, for each.
        """
        return dict.fromkeys(gradients, 1.0 / len(gradients))


def make_equal(level: str = "representation") -> Equal:
    """Create the balancer registered as spacy-mtl.Equal.v1.

    level (str): "representation" or "parameters".
    RETURNS (Equal): The balancer.
    RAISES (ValueError): E422.
    """
    return Equal(level)
