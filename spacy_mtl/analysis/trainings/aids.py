"""The aids of a joint config: what a task has beside the shared encoder and its company."""

from typing import Any, List, Mapping, Optional, Sequence

from thinc.api import Config

from ...encoders.private_path import AROUND_LISTENERS

SCAFFOLD = "spacy-mtl.without_scaffold.v1"


def find_scaffold(training: Mapping[str, Any]) -> List[str]:
    """The components that are trained for the encoder's sake and not saved.

    training (Mapping[str, Any]): The section [training], without variables.
    RETURNS (List[str]): Their names.
    """
    block = training.get("before_to_disk") or {}
    return list(block["components"]) if block.get("@callbacks") == SCAFFOLD else []


def choose_aids(config: Config, tasks: Sequence[str], beside: Optional[Sequence[str]]) -> List[str]:
    """Keep the aids of some tasks, or take them out of a config.

    Without aids, the layers around the tasks' listeners give way to the listeners, and there is no scaffold.

    config (Config): The config, without variables; changed in place.
    tasks (Sequence[str]): The names of the tasks.
    beside (Optional[Sequence[str]]): The heads that listen to the tasks' encoders, of which those of the scaffold stay;
        None for no aids.
    RETURNS (List[str]): The names of the scaffold's components that stay.
    """
    training = config["training"]
    scaffold = find_scaffold(training)
    stays = [name for name in scaffold if name in (beside or ())]
    if scaffold:
        training["before_to_disk"] = {**training["before_to_disk"], "components": stays} if stays else None
    if beside is None:
        for name in tasks:
            config["components"][name] = _uncover_listeners(config["components"][name])
    return stays


def _uncover_listeners(block: Any) -> Any:
    if not isinstance(block, dict):
        return block
    if block.get("@architectures") in AROUND_LISTENERS:
        return _uncover_listeners(block["shared"])
    return {key: _uncover_listeners(value) for key, value in block.items()}
