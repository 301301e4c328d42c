"""What a training needs to go on: the state of components, optimizer and random numbers, in one file."""

from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

import srsly
from spacy.language import Language
from thinc.api import Model, Optimizer, get_array_module, to_numpy, torch2xp

from ...errors import Errors
from ..writers import write_whole
from .random_numbers import State

NAME = "checkpoint.msgpack"
VERSION = 1


def save_checkpoint(
    folder: Path, fingerprint: str, nlp: Language, optimizer: Optimizer, progress: Dict[str, Any], states: List[State]
) -> None:
    """Write a checkpoint that is whole or absent, in place of the one before.

    folder (Path): The folder of the training.
    fingerprint (str): What the training depends on.
    nlp (Language): The pipeline, with the parameters that are trained, and not their averages.
    optimizer (Optimizer): The optimizer.
    progress (Dict[str, Any]): How far the training is, fit for msgpack.
    states (List[State]): The random numbers of each worker.
    """
    content = {
        "version": VERSION,
        "fingerprint": fingerprint,
        "components": read_components(nlp),
        "optimizer": _read_optimizer(nlp, optimizer),
        "progress": progress,
        "states": states,
    }
    write_whole(folder / NAME, lambda path: srsly.write_msgpack(path, content))


def read_checkpoint(folder: Path, fingerprint: str) -> Optional[Dict[str, Any]]:
    """Read a checkpoint.

    folder (Path): The folder of the training.
    fingerprint (str): What the training depends on.
    RETURNS (Optional[Dict[str, Any]]): What was saved; None if nothing was.
    RAISES (ValueError): E724 for that of another training, or a file that is damaged.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        content = srsly.read_msgpack(path)
        found = content["fingerprint"] if content["version"] == VERSION else None
    # msgpack's errors are of several kinds
    except Exception as error:
        raise ValueError(Errors.E724.format(path=path, found=f"a damaged file ({error})")) from error
    if found != fingerprint:
        raise ValueError(Errors.E724.format(path=path, found="one of another config, other data, code or versions"))
    return content


def remove_checkpoint(folder: Path) -> None:
    """Remove the checkpoint of a training that has come to its end, or begins anew.

    folder (Path): The folder of the training.
    """
    (folder / NAME).unlink(missing_ok=True)


def restore(content: Dict[str, Any], nlp: Language, optimizer: Optimizer) -> None:
    """Bring components and optimizer to the state of a checkpoint.

    content (Dict[str, Any]): From `read_checkpoint`.
    nlp (Language): The pipeline, initialized as it was then.
    optimizer (Optimizer): The optimizer, new.
    """
    steps = content["progress"]["step"]
    write_components(nlp, content["components"])
    for _, pipe in nlp.components:
        distillation: Any = getattr(pipe, "distillation", None)
        if distillation is not None:
            distillation.done = steps
    for _ in range(steps):
        optimizer.step_schedules()
    saved = content["optimizer"]
    for place, key, value in _find_places(nlp):
        if place not in saved["updates"]:
            continue
        xp = get_array_module(value)
        optimizer.nr_update[key] = saved["updates"][place]
        for arrays, name in ((optimizer.mom1, "mom1"), (optimizer.mom2, "mom2"), (optimizer.averages, "averages")):
            if arrays is not None and place in saved[name]:
                # a copy: what msgpack gives cannot be written to
                arrays[key] = xp.array(saved[name][place])


def read_components(nlp: Language) -> Dict[str, bytes]:
    """What the components of a pipeline have learned.

    nlp (Language): The pipeline.
    RETURNS (Dict[str, bytes]): By name, without the vocabulary.
    """
    return {name: pipe.to_bytes(exclude=["vocab"]) for name, pipe in _find_pipes(nlp)}


def write_components(nlp: Language, components: Dict[str, bytes]) -> None:
    """Give components what others of the same pipeline have learned.

    nlp (Language): The pipeline.
    components (Dict[str, bytes]): From `read_components`.
    """
    for name, pipe in _find_pipes(nlp):
        pipe.from_bytes(components[name], exclude=["vocab"])


def _read_optimizer(nlp: Language, optimizer: Optimizer) -> Dict[str, Dict[str, Any]]:
    """The state of an optimizer by places in the pipeline: the numbers that it knows layers by are of one process."""
    places = {key: place for place, key, _ in _find_places(nlp)}
    arrays = {"mom1": optimizer.mom1, "mom2": optimizer.mom2, "averages": optimizer.averages or {}}
    found: Dict[str, Dict[str, Any]] = {
        name: {places[key]: to_numpy(array) for key, array in by_key.items() if key in places}
        for name, by_key in arrays.items()
    }
    found["updates"] = {places[key]: number for key, number in optimizer.nr_update.items() if key in places}
    return found


def _find_pipes(nlp: Language) -> Iterator[Tuple[str, Any]]:
    for name, pipe in nlp.components:
        if hasattr(pipe, "to_bytes") and hasattr(pipe, "from_bytes"):
            yield name, pipe


def _find_places(nlp: Language) -> Iterator[Tuple[str, Tuple[int, str], Any]]:
    """Place, key for the optimizer, and value of every parameter, each key once."""
    seen = set()
    for name, pipe in nlp.components:
        model = getattr(pipe, "model", None)
        for i, node in enumerate(model.walk() if isinstance(model, Model) else ()):
            values = [(node.id, one, node.get_param(one)) for one in node.param_names if node.has_param(one)]
            for shim in node.shims:
                module: Any = shim._model
                found = module.named_parameters() if hasattr(module, "named_parameters") else ()
                values += [(shim.id, one, torch2xp(tensor.data)) for one, tensor in found]
            for number, one, value in values:
                if (number, one) not in seen:
                    seen.add((number, one))
                    yield f"{name}/{i}/{one}", (number, one), value
