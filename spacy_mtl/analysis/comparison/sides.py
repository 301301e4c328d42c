"""The pipelines that a comparison trains."""

from typing import NamedTuple, Optional, Tuple, Union

JOINT = None
"""In place of a task's name: the joint pipeline."""
JOINT_SIDE = "joint"


class Aided(NamedTuple):
    """In place of a task's name: the pipeline for it alone that keeps the aids of the joint one.

    task (str): The name of the task.
    """

    task: str


Side = Union[None, str, Aided]
Key = Tuple[Side, int]


def find_task(side: Side) -> Optional[str]:
    """RETURNS (Optional[str]): The task that a pipeline is trained for; None for the joint one."""
    return side.task if isinstance(side, Aided) else side


def name_alone(task: str) -> str:
    """RETURNS (str): The name of the pipeline that is trained for one task."""
    return f"{task} alone"


def name_side(side: Side) -> str:
    """RETURNS (str): The name of a pipeline for people."""
    if side is JOINT:
        return JOINT_SIDE
    return f"{name_alone(side.task)} with the same aids" if isinstance(side, Aided) else name_alone(side)
