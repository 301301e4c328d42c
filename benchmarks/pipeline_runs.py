"""The trainings that tell what a joint pipeline gives: jointly, each task alone, and spaCy's own components."""

from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Sequence

import spacy
from spacy.util import load_config
from thinc.api import Config

from spacy_mtl.analysis.metrics.tasks import get_default_weights
from spacy_mtl.analysis.trainings.derived_configs import derive_config, load_joint, seed_config
from spacy_mtl.analysis.trainings.executors import Run

STOCK = Path(__file__).with_name("stock.cfg")
ENCODER = "tok2vec"
# The score that chooses the best pipeline of a task alone.
SCORES = {"genre": "genre_acc", "ner": "ents_f", "srl": "srl_argument_f"}


class Side(NamedTuple):
    """A pipeline that is compared.

    encoder (str): The name of the config.
    name (str): What it is, for people.
    group (str): "joint", "alone", "stock shared" or "stock separate".
    run (Run): Its training.
    """

    encoder: str
    name: str
    group: str
    run: Run


def plan(path: Path, overrides: Dict[str, Any], output: Path) -> List[Side]:
    """The trainings of one encoder, all for as many updates as the joint one.

    path (Path): A joint config with heads genre, ner and srl.
    overrides (Dict[str, Any]): Settings by their names with dots.
    output (Path): The folder for the trainings.
    RETURNS (List[Side]): The joint pipeline first.
    """
    joint = load_joint(path, overrides)
    config = seed_config(joint.config, joint.config.interpolate()["system"]["seed"])
    configs = {("joint", "joint"): config}
    for task in joint.tasks:
        configs["alone", task.name] = derive_config(joint, config, [task], {SCORES[task.name]: 1.0})
    stock = make_stock(config)
    configs["stock shared", "stock textcat+ner"] = stock
    for name in ("textcat", "ner"):
        configs["stock separate", f"stock {name}"] = keep(stock, [ENCODER, name])
    return [
        Side(path.stem, name, group, Run(f"{path.stem} {name}", found, output / path.stem / name.replace(" ", "-")))
        for (group, name), found in configs.items()
    ]


def make_stock(config: Config) -> Config:
    """spaCy's textcat and ner on the encoder of a joint config, trained as it is."""
    stock = load_config(STOCK, overrides={"paths.train": "", "paths.dev": ""}).interpolate()
    components = stock["components"]
    components[ENCODER]["model"] = config["components"][ENCODER]["model"]
    listener = config["components"]["ner"]["model"]["tok2vec"]
    for name in ("textcat", "ner"):
        components[name]["model"]["tok2vec"] = dict(listener)
    # where one category is right, micro F is accuracy, by which ours are chosen too
    weights = {"cats_micro_f": 0.5, "ents_f": 0.5}
    names = ("textcat", "ner")
    return make_config(config, components, names, weights)


def keep(stock: Config, names: Sequence[str]) -> Config:
    """A stock pipeline with some of its components."""
    components = {name: block for name, block in stock["components"].items() if name in names}
    weights = {"cats_micro_f": 1.0} if "textcat" in names else {"ents_f": 1.0}
    return make_config(stock, components, names[1:], weights)


def make_config(config: Config, components: Dict[str, Any], heads: Sequence[str], weights: Dict[str, float]) -> Config:
    """A config with other components."""
    made = config.copy()
    made["components"] = components
    made["nlp"]["pipeline"] = [ENCODER, *heads]
    made["initialize"] = {**made.get("initialize", {}), "components": {}}
    nlp = spacy.blank(made["nlp"]["lang"])
    for name in heads:
        nlp.add_pipe(name)
    # spaCy adds the weights of each factory that the config does not name
    defaults = {score: None for name in heads for score in get_default_weights(nlp, name)}
    made["training"]["score_weights"] = {**defaults, **weights}
    return made
