"""The aids of a joint config: what a task has beside the shared encoder and its company."""

from typing import Any, Callable, Collection, Dict, List, Mapping, Optional, Sequence

from thinc.api import Config

from ...encoders.expert_gate import EXPERT_GATE
from ...encoders.stack_propagation import ARCHITECTURE

# What one task has of its own around its listener.
AIDS = ("spacy-mtl.PrivatePath.v1", "spacy-mtl.AdaptedListener.v1", ARCHITECTURE)
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


def stop_reading(config: Config, kept: Collection[str]) -> None:
    """Let no head read the decisions of one that is not there: the layers give way to what they have beside these.

    config (Config): The config, without variables; changed in place.
    kept (Collection[str]): The names of the components that are there.
    """
    for name, block in config["components"].items():
        config["components"][name] = _uncover(
            block, lambda layer: layer.get("@architectures") == ARCHITECTURE and layer.get("source") not in kept
        )


def _uncover_listeners(block: Any) -> Any:
    return _drop_private_experts(_uncover(block, lambda layer: layer.get("@architectures") in AIDS))


def _uncover(block: Any, goes: Callable[[Dict[str, Any]], bool]) -> Any:
    if not isinstance(block, dict):
        return block
    if goes(block):
        return _uncover(block["shared"], goes)
    return {key: _uncover(value, goes) for key, value in block.items()}


def _drop_private_experts(block: Any) -> Any:
    """The gate is how an encoder with experts is heard; experts of the head's own are an aid."""
    if not isinstance(block, dict):
        return block
    if block.get("@architectures") == EXPERT_GATE and block.get("private"):
        block = {**block, "private": None}
    return {key: _drop_private_experts(value) for key, value in block.items()}
