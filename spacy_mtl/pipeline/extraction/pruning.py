"""The config and the meta data of a pipeline without some of its components."""

import copy
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Set

from spacy.language import Language
from spacy.util import copy_config, dot_to_object, registry
from thinc.api import Config

from ..language.variables import inline
from ..tok2vec.component import MultiTaskTok2Vec

SUM = {"@misc": "spacy-mtl.Sum.v1"}


def prune_config(nlp: Language, dropped: Sequence[str]) -> Config:
    """The config of a pipeline without some components, and without what is said of them elsewhere.

    That is: their initialization, their scores' weights, their names among frozen and annotating components, in the
    balancers of encoders and in the tasks of sources. A source that has no task left goes, from the sampler too; a
    balancer that cannot do with the tasks that are left, for want of a second one, say, becomes the sum.
    Variables that refer to what goes are replaced by their values; others stay.

    nlp (Language): The pipeline.
    dropped (Sequence[str]): The names of the components.
    RETURNS (Config): The config. That of the pipeline is left as it is.
    """
    config = copy_config(nlp.config)
    whole = config.interpolate()
    names = set(dropped)
    sources = _find_idle_sources(whole, names)
    gone = [f"{section}.{name}" for section in ("components", "initialize.components") for name in dropped]
    gone += [f"corpora.{corpus}.sources.{name}" for corpus, idle in sources.items() for name in idle]
    inline(config, whole, gone)
    for path in gone:
        section, _, name = path.rpartition(".")
        dot_to_object(config, section).pop(name, None)
    config["nlp"]["pipeline"] = [name for name in config["nlp"]["pipeline"] if name not in names]
    config["nlp"]["disabled"] = [name for name in config["nlp"]["disabled"] if name not in names]
    training = config.get("training", {})
    for key in ("frozen_components", "annotating_components"):
        if key in training:
            training[key] = [name for name in whole["training"][key] if name not in names]
    if training.get("score_weights"):
        training["score_weights"] = _prune_weights(nlp, whole["training"]["score_weights"], names)
    _prune_sources(config, whole, names, sources)
    for name, pipe in nlp.components:
        if isinstance(pipe, MultiTaskTok2Vec) and name not in names and not names.isdisjoint(pipe.listener_map):
            left = [listening for listening in pipe.listener_map if listening not in names]
            config["components"][name]["balancer"] = _prune_balancer(whole["components"][name]["balancer"], names, left)
    return config


def prune_meta(nlp: Language, dropped: Sequence[str]) -> Dict[str, Any]:
    """The meta data of a pipeline without some components: without their labels, losses and scores.

    nlp (Language): The pipeline.
    dropped (Sequence[str]): The names of the components.
    RETURNS (Dict[str, Any]): A copy.
    """
    meta = copy.deepcopy(nlp.meta)
    is_kept = _make_filter(nlp, set(dropped))
    if "performance" in meta:
        meta["performance"] = {score: value for score, value in meta["performance"].items() if is_kept(score)}
    for name in dropped:
        meta.get("_sourced_vectors_hashes", {}).pop(name, None)
    return meta


def _make_filter(nlp: Language, dropped: Set[str]) -> Callable[[str], bool]:
    """RETURNS (Callable[[str], bool]): Whether a score is one of a component that stays, or of none: a component has
    those of its factory, and those that begin with its name."""
    scores: Dict[bool, Set[str]] = {True: set(), False: set()}
    for name in nlp.component_names:
        scores[name not in dropped].update(nlp.get_pipe_meta(name).default_score_weights or {})

    def is_kept(score: str) -> bool:
        if score in scores[True] or score in scores[False]:
            return score in scores[True]
        owner = max((name for name in nlp.component_names if score.startswith(f"{name}_")), key=len, default="")
        return owner not in dropped

    return is_kept


def _prune_weights(
    nlp: Language, weights: Mapping[str, Optional[float]], dropped: Set[str]
) -> Dict[str, Optional[float]]:
    """The weights of the scores that stay. If none of them counts, the components' own weights do."""
    is_kept = _make_filter(nlp, dropped)
    kept = {score: weight for score, weight in weights.items() if is_kept(score)}
    if any(kept.values()):
        return kept
    own = (nlp.get_pipe_meta(name).default_score_weights for name in nlp.component_names if name not in dropped)
    return {**kept, **{score: weight for of_component in own if of_component for score, weight in of_component.items()}}


def _find_idle_sources(whole: Config, dropped: Set[str]) -> Dict[str, List[str]]:
    """RETURNS (Dict[str, List[str]]): For each corpus with sources, those that teach dropped components alone."""
    return {
        corpus: [name for name, source in block["sources"].items() if _tasks(source) and _tasks(source) <= dropped]
        for corpus, block in whole.get("corpora", {}).items()
        if isinstance(block, dict) and isinstance(block.get("sources"), dict)
    }


def _tasks(source: Any) -> Set[str]:
    return set(source.get("tasks") or ()) if isinstance(source, dict) else set()


def _prune_sources(config: Config, whole: Config, dropped: Set[str], idle: Mapping[str, Sequence[str]]) -> None:
    for corpus, names in idle.items():
        block = config["corpora"][corpus]
        for name, source in block["sources"].items():
            settings = whole["corpora"][corpus]["sources"][name]
            if _tasks(settings) & dropped:
                source["tasks"] = [task for task in settings["tasks"] if task not in dropped]
        _prune_samplers(block, names, list(block["sources"]))
        if whole.get("training", {}).get("train_corpus") == f"corpora.{corpus}":
            _prune_samplers(config["training"].get("batcher"), names, list(block["sources"]))


def _prune_samplers(block: Any, idle: Sequence[str], left: Sequence[str]) -> None:
    """Take sources out of the settings of the samplers in a block."""
    for key, value in block.items() if isinstance(block, dict) and idle else ():
        if key == "sampler" and isinstance(value, dict):
            if isinstance(value.get("weights"), dict):
                weights = {name: weight for name, weight in value["weights"].items() if name not in idle}
                value["weights"] = weights if any(weights.values()) else dict.fromkeys(left, 1.0)
            if isinstance(value.get("order"), list):
                value["order"] = [name for name in value["order"] if name not in idle]
        _prune_samplers(value, idle, left)


def _prune_balancer(block: Dict[str, Any], dropped: Set[str], left: Sequence[str]) -> Dict[str, Any]:
    """The block of a balancer without some tasks; that of the sum if the method cannot do with those that are left."""
    pruned = _without(block, dropped)
    try:
        registry.resolve({"balancer": pruned})["balancer"].validate(left)
    except ValueError:
        return dict(SUM)
    return pruned


def _without(value: Any, names: Set[str]) -> Any:
    """Plain data without some names: list items, and keys of those dicts that are no blocks of settings."""
    if isinstance(value, dict):
        is_block = any(key.startswith("@") for key in value)
        return {key: _without(item, names) for key, item in value.items() if is_block or key not in names}
    if isinstance(value, list):
        return [_without(item, names) for item in value if not (isinstance(item, str) and item in names)]
    return value
