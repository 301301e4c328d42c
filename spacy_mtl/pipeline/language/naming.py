"""What a pipeline knows of a component by its name, when it gets another one."""

from typing import Any, Callable, Dict, List, Set

from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2VecListener
from thinc.api import Model

from ...balancing.balancer import Balancer
from ...name_lists import rename
from ..reading import find_sources
from ..score_weights import find_scores

LISTENER = "Tok2VecListener"
READER = "spacy-mtl.StackPropagation.v1"
# settings outside [components] that are lists of components, by what they are settings of
LISTS = {"spacy-mtl.Source.v1": "tasks", "spacy-mtl.without_scaffold.v1": "components"}


def name_anew(nlp: Language, old: str, new: str) -> None:
    """Let what else a pipeline knows of a component go by its new name.

    That is: the components that listen to it or read it, the weights and the learning of balancers, whether it is
    disabled, frozen or annotating, the tasks of sources, the scaffold, the columns of the log, and those scores, with
    their weights, that begin with its name.

    nlp (Language): The pipeline, in which the component has its new name.
    old (str): The name that it had.
    new (str): Its new name.
    """
    for readers in find_sources(nlp).values():
        for reader in readers:
            if reader.source_name == old:
                reader.source_name = new
    if old in nlp._disabled:
        nlp._disabled.remove(old)
        nlp._disabled.add(new)
    pipes: Dict[str, Any] = dict(nlp.components)
    # spaCy tells those that are not disabled
    if getattr(pipes[new], "name", None) == old:
        pipes[new].name = new
    for name, pipe in pipes.items():
        config = nlp._pipe_configs[name]
        _rename_upstream(config, old, new)
        for layer in pipe.model.walk() if isinstance(getattr(pipe, "model", None), Model) else ():
            if isinstance(layer, Tok2VecListener) and layer.upstream_name == old:
                layer.upstream_name = new
        if isinstance(getattr(pipe, "balancer", None), Balancer):
            pipe.balancer = pipe.balancer.renamed(old, new)
        if isinstance(config.get("balancer"), dict):
            config["balancer"] = {setting: rename(value, old, new) for setting, value in config["balancer"].items()}
    _rename_in_config(nlp, old, new)


def _rename_upstream(block: Dict[str, Any], old: str, new: str) -> None:
    architecture = str(block.get("@architectures", ""))
    for key, is_meant in (("upstream", LISTENER in architecture), ("source", architecture == READER)):
        if is_meant and block.get(key) == old:
            block[key] = new
    for value in block.values():
        if isinstance(value, dict):
            _rename_upstream(value, old, new)


def _rename_in_config(nlp: Language, old: str, new: str) -> None:
    config, rename_score = nlp._config, _score_names(nlp, old, new)
    for section, block in config.items():
        if section != "components":
            _rename_in_lists(block, old, new)
    training = config["training"]
    for key in ("frozen_components", "annotating_components"):
        if key in training:
            training[key] = rename(training[key], old, new)
    for place in (training, nlp.meta):
        for key in ("score_weights", "performance"):
            if isinstance(place.get(key), dict):
                place[key] = {rename_score(score): value for score, value in place[key].items()}
    columns = (training.get("logger") or {}).get("columns")
    if isinstance(columns, list):
        losses = {f"loss_{old}": f"loss_{new}"}
        training["logger"]["columns"] = [losses.get(column, rename_score(column)) for column in columns]
    hashes = nlp.meta.get("_sourced_vectors_hashes", {})
    if old in hashes:
        hashes[new] = hashes.pop(old)
    if (config.get("pretraining") or {}).get("component") == old:
        config["pretraining"]["component"] = new


def _rename_in_lists(block: Any, old: str, new: str) -> None:
    if not isinstance(block, dict):
        return
    made_by: Set[str] = {value for key, value in block.items() if key.startswith("@")}
    for maker, key in LISTS.items():
        if maker in made_by and isinstance(block.get(key), list):
            block[key] = rename(block[key], old, new)
    for value in block.values():
        _rename_in_lists(value, old, new)


def _score_names(nlp: Language, old: str, new: str) -> Callable[[str], str]:
    """RETURNS (Callable[[str], str]): What a score is called now: one that no component gives any more, and whose name
    begins with the component's, was the component's own."""
    given = find_scores(nlp).names
    names: List[str] = sorted([old, *(name for name in nlp.component_names if name != new)], key=len)

    def rename_score(score: str) -> str:
        owners = [name for name in names if score.startswith(f"{name}_")]
        is_own = score not in given and owners[-1:] == [old]
        return f"{new}{score.removeprefix(old)}" if is_own else score

    return rename_score
