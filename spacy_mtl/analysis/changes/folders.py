"""The pipelines of a comparison, where `spacy mtl compare` leaves them."""

from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from spacy.language import Language
from thinc.api import Model

from ...errors import Errors

BEST = "model-best"
SEED = "seed-"


class Pipelines(NamedTuple):
    """Folders of pipelines.

    joint (Path): The joint one.
    single (Dict[str, Path]): By task, that which is trained for it alone.
    """

    joint: Path
    single: Dict[str, Path]


def find_pipelines(compared: Path, seed: int, tasks: Sequence[str] = ()) -> Pipelines:
    """Find the pipelines of a comparison.

    compared (Path): Its folder.
    seed (int): Their seed.
    tasks (Sequence[str]): The tasks; empty for all that were trained alone.
    RETURNS (Pipelines): The pipelines.
    RAISES (OSError): E835 for a folder that is no comparison with that seed.
    RAISES (ValueError): E836 for a task without a pipeline of its own.
    """
    joint = compared / "joint" / f"{SEED}{seed}" / BEST
    if not (joint / "config.cfg").exists():
        seeds = sorted(path.parent.name for path in compared.glob(f"joint/{SEED}*/{BEST}"))
        found = ", ".join(seeds) or ("no folder" if not compared.is_dir() else "none")
        raise OSError(Errors.E835.format(path=compared, seed=seed, expected=f"joint/{SEED}{seed}/{BEST}", found=found))
    paths = sorted(compared.glob(f"single/*/{SEED}{seed}/{BEST}/config.cfg"))
    single = {path.parents[2].name: path.parent for path in paths}
    for task in tasks or [""]:
        if task not in single and (task or not single):
            expected = f"single/{task or 'TASK'}/{SEED}{seed}/{BEST}"
            raise ValueError(
                Errors.E836.format(task=task or "any", expected=expected, found=", ".join(single) or "none")
            )
    return Pipelines(joint, {task: single[task] for task in tasks or single})


def find_other_seed(pipeline: Path) -> Optional[Path]:
    """RETURNS (Optional[Path]): The same pipeline with the first other seed there is. pipeline (Path): Its folder."""
    others = sorted(pipeline.parents[1].glob(f"{SEED}*/{BEST}/config.cfg"))
    return next((path.parent for path in others if path.parent != pipeline), None)


def find_encoder(nlp: Language, tasks: Sequence[str], path: Path) -> Model:
    """The encoder that heads listen to.

    nlp (Language): The pipeline.
    tasks (Sequence[str]): The heads.
    path (Path): Where it was loaded from, for the message.
    RETURNS (Model): That which most of them listen to.
    RAISES (ValueError): E838 if they listen to none.
    """
    pipes: List[Any] = [pipe for _, pipe in nlp.pipeline if getattr(pipe, "listener_map", None)]
    heard = [sum(task in pipe.listener_map for task in tasks) for pipe in pipes]
    if not any(heard):
        raise ValueError(Errors.E838.format(task=", ".join(tasks), path=path))
    return pipes[heard.index(max(heard))].model
