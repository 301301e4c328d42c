"""Configs for one or some of the tasks of a joint one: the same encoder, the same data, without the other heads."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.util import load_config, load_model_from_config
from thinc.api import Config

from ...data.masking import CATEGORIES
from ...errors import Errors
from ...pipeline.ner.gold import find_labels_outside
from ..metrics.tasks import Task, find_own_scores, get_default_weights
from .aids import choose_aids, find_scaffold, stop_reading
from .config_variables import keep_variables, resolve
from .derived_sources import choose_sources

SUM = {"@misc": "spacy-mtl.Sum.v1"}


class Joint(NamedTuple):
    """A joint config and what it makes.

    path (Path): The file.
    config (Config): The config with variables, its sections filled with spaCy's defaults.
    nlp (Language): The pipeline, not initialized.
    tasks (List[Task]): The heads that it trains, in their order, without its scaffold.
    """

    path: Path
    config: Config
    nlp: Language
    tasks: List[Task]

    @property
    def shared_tasks(self) -> List[Task]:
        """RETURNS (List[Task]): The heads that share an encoder: those which joint training can change."""
        return [task for task in self.tasks if task.is_shared]


def read_config(path: Path, overrides: Optional[Mapping[str, Any]] = None, *, interpolate: bool = False) -> Config:
    """Read a config.

    path (Path): The file.
    overrides (Optional[Mapping[str, Any]]): Settings by their name with dots, as on the command line.
    interpolate (bool): Whether to fill in variables.
    RETURNS (Config): The config.
    RAISES (OSError, ValueError): What reading raises; E780 if there is no such file.
    """
    if not path.is_file():
        raise ValueError(Errors.E780.format(path=path, found="a folder" if path.is_dir() else "nothing"))
    return load_config(path, overrides=dict(overrides or {}), interpolate=interpolate)


def load_joint(path: Path, overrides: Optional[Mapping[str, Any]] = None) -> Joint:
    """Load a joint config, and check that it can be taken apart.

    path (Path): The file.
    overrides (Optional[Mapping[str, Any]]): Settings by their name with dots, as on the command line.
    RETURNS (Joint): The config, and what it makes.
    RAISES (OSError, ValueError): What loading raises; E780 if there is no such file; E711 if no two heads share an
        encoder, E716 for a text categorizer whose labels are what another leaves.
    """
    config = read_config(path, overrides)
    nlp = load_model_from_config(config, auto_fill=True)
    # from here on it is known who listens to whom, as when spaCy initializes
    nlp._link_components()
    for section, settings in nlp.config.items():
        # components stay as they are: what is sourced must not become a fresh one
        if section != "components":
            config[section] = {**settings, **config.get(section, {})}
    config["training"]["score_weights"] = nlp.config["training"]["score_weights"]
    training = config.interpolate()["training"]
    tasks = find_tasks(nlp, training["frozen_components"], find_scaffold(training))
    if not any(task.is_shared for task in tasks):
        found = ", ".join(f"{task.name} ({', '.join(task.encoders) or 'no encoder'})" for task in tasks) or "none"
        raise ValueError(Errors.E711.format(path=path, found=found))
    joint = Joint(path, config, nlp, tasks)
    _check_labels(joint)
    return joint


def find_tasks(nlp: Language, frozen: Sequence[str], scaffold: Sequence[str] = ()) -> List[Task]:
    """The heads that are trained.

    nlp (Language): The pipeline, its components linked.
    frozen (Sequence[str]): Names of components that are not trained.
    scaffold (Sequence[str]): Names of components that are trained for the encoder's sake: no tasks.
    RETURNS (List[Task]): The heads in their order.
    """
    listening = _find_listening(nlp)
    heads = [
        name
        for name, pipe in nlp.pipeline
        if getattr(pipe, "is_trainable", False) and name not in (*listening, *frozen, *scaffold)
    ]
    tasks = []
    for name in heads:
        encoders = tuple(encoder for encoder, heads_of in listening.items() if name in heads_of)
        is_shared = any(
            encoder not in frozen and sum(head in listening[encoder] for head in heads) > 1 for encoder in encoders
        )
        tasks.append(Task(name, nlp.get_pipe_meta(name).factory, encoders, is_shared))
    return tasks


def seed_config(config: Config, seed: int) -> Config:
    """A config with another seed.

    config (Config): The config.
    seed (int): The seed, for [system] and [training], and for what refers to them.
    RETURNS (Config): A complete copy, without variables, and without files that the logger would write.
    """
    config = config.copy()
    config["system"] = {**config.get("system", {}), "seed": seed}
    config["training"]["seed"] = seed
    return without_files(resolve(config))


def without_files(config: Config) -> Config:
    """A config whose logger writes no file, which would be that of all trainings.

    config (Config): The config.
    RETURNS (Config): A copy, with variables where it has them.
    """
    values = resolve(config)
    logger = values["training"].get("logger", {})
    logger.update({setting: None for setting in ("output_file", "balance_file") if logger.get(setting)})
    return keep_variables(values, config)


def derive_config(
    joint: Joint,
    config: Config,
    tasks: Sequence[Task],
    weights: Mapping[str, float],
    *,
    keep_aids: bool = False,
) -> Config:
    """Take the other heads out of a joint config.

    What stays: the heads and encoders of the tasks, components that are not trained, and those frozen components that
    annotate for others. Sources of a `spacy-mtl.MultiTaskCorpus.v1` stay if they teach one of the tasks. An encoder
    that is left with one task has nothing to balance: its balancer is the sum. Aids of the tasks, which are private
    paths, adapters and the scaffold on their encoders, go or stay as asked. A head does not read one that goes.

    joint (Joint): The joint config.
    config (Config): The same, for a seed as `seed_config` gives it, or with variables: these stay where they still
        say the same.
    tasks (Sequence[Task]): The heads that stay, one or more.
    weights (Mapping[str, float]): By score, how much it counts in the choice of the best pipeline. Other scores of the
        tasks that are logged are logged still.
    keep_aids (bool): Whether the heads keep what they have beside the listener, and the scaffold on their encoders.
    RETURNS (Config): A new config.
    RAISES (ValueError): E717 if a corpus has no source for one of the tasks.
    """
    original, config = config, resolve(config)
    training = config["training"]
    listening = _find_listening(joint.nlp)
    beside = {name for task in tasks for encoder in task.encoders for name in listening[encoder]}
    scaffold = choose_aids(config, [task.name for task in tasks], sorted(beside) if keep_aids else None)
    kept = _find_kept(joint, config, [*(task.name for task in tasks), *scaffold])
    for section, key in (("nlp", "pipeline"), ("nlp", "disabled")):
        config[section][key] = [name for name in config[section].get(key, []) if name in kept]
    for key in ("frozen_components", "annotating_components"):
        training[key] = [name for name in training[key] if name in kept]
    config["components"] = {name: block for name, block in config["components"].items() if name in kept}
    stop_reading(config, kept)
    initialize = config.get("initialize", {})
    planned = initialize.get("components", {})
    if "components" in initialize:
        initialize["components"] = {name: block for name, block in initialize["components"].items() if name in kept}
    for task in tasks:
        outside = find_labels_outside(joint.nlp, task.name, kept, planned) if task.factory == "mtl_ner" else []
        if outside:
            blocks = config.setdefault("initialize", {}).setdefault("components", {})
            blocks[task.name] = {**blocks.get(task.name, {}), "outside": outside}
    for encoder in dict.fromkeys(encoder for task in tasks for encoder in task.encoders):
        block = config["components"][encoder]
        if "balancer" in block:
            heads = [name for name in listening[encoder] if name in kept and name not in training["frozen_components"]]
            block["balancer"] = _choose_balancer(block["balancer"], heads)
    training["score_weights"] = _choose_weights(joint, kept, tasks, weights, training["score_weights"])
    choose_sources(config, [task.name for task in tasks], kept, scaffold)
    return keep_variables(config, original)


def derive_group(joint: Joint, config: Config, tasks: Sequence[Task]) -> Config:
    """A joint config for some of the tasks, with their aids, whose scores count as they did.

    joint (Joint): The joint config.
    config (Config): The same, with variables or without.
    tasks (Sequence[Task]): The heads that stay, one or more.
    RETURNS (Config): A new config.
    RAISES (ValueError): E717 if a corpus has no source for one of the tasks.
    """
    scores = resolve(config)["training"]["score_weights"]
    weights = {name: weight for name, weight in scores.items() if weight}
    own = [name for task in tasks for name in find_own_scores(joint.nlp, task, list(weights))]
    return derive_config(joint, config, tasks, {name: weights[name] for name in own}, keep_aids=True)


def _find_listening(nlp: Language) -> Dict[str, List[str]]:
    """The components that listen to each encoder."""
    pipes: List[Tuple[str, Any]] = list(nlp.pipeline)
    return {name: list(pipe.listening_components) for name, pipe in pipes if hasattr(pipe, "listening_components")}


def _find_kept(joint: Joint, config: Config, heads: Sequence[str]) -> List[str]:
    """The names of the components that a pipeline with some heads has."""
    nlp, training = joint.nlp, config["training"]
    listening = _find_listening(nlp)
    kept = list(heads)
    for name, pipe in nlp.pipeline:
        annotates = name in training["frozen_components"] and name in training["annotating_components"]
        if name not in (*listening, *heads) and (annotates or not getattr(pipe, "is_trainable", False)):
            kept.append(name)
    return [*kept, *(encoder for encoder, names in listening.items() if set(names) & set(kept))]


def _choose_balancer(balancer: Mapping[str, Any], listening: Sequence[str]) -> Dict[str, Any]:
    if len(listening) < 2:
        return dict(SUM)
    weights = balancer.get("weights")
    if not isinstance(weights, dict):
        return dict(balancer)
    return {**balancer, "weights": {name: weight for name, weight in weights.items() if name in listening}}


def _choose_weights(
    joint: Joint,
    kept: Sequence[str],
    tasks: Sequence[Task],
    chosen: Mapping[str, float],
    weights: Mapping[str, Optional[float]],
) -> Dict[str, Optional[float]]:
    # spaCy adds the weights of each factory that the config does not name
    found: Dict[str, Optional[float]] = {
        name: None for component in kept for name in get_default_weights(joint.nlp, component)
    }
    logged = [name for name, weight in weights.items() if weight is not None]
    shown = [name for task in tasks for name in find_own_scores(joint.nlp, task, logged)]
    return {**found, **dict.fromkeys(shown, 0.0), **chosen}


def _check_labels(joint: Joint) -> None:
    """Refuse a text categorizer whose labels depend on another's, which would not be there."""
    initialize = resolve(joint.config).get("initialize", {}).get("components", {})
    assigning = [task for task in joint.tasks if CATEGORIES in joint.nlp.get_pipe_meta(task.name).assigns]
    for task in assigning:
        pipe: Any = joint.nlp.get_pipe(task.name)
        given = getattr(pipe, "labels", ()) or initialize.get(task.name, {}).get("labels")
        if task.factory == "mtl_textcat" and task.is_shared and len(assigning) > 1 and not given:
            others = ", ".join(other.name for other in assigning if other is not task)
            raise ValueError(Errors.E716.format(name=task.name, others=others))
