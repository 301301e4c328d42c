"""The config of a student: that of a pipeline, whose heads learn from teachers too."""

from pathlib import Path
from typing import Any, Collection, Dict, List, Mapping, NamedTuple, Optional

from spacy.language import Language
from spacy.util import load_model_from_config
from thinc.api import Config

from ..analysis.trainings.derived_configs import read_config
from ..errors import Errors
from ..pipeline.distillation.settings import NAME as DISTILLATION
from .corpus import NAME as CORPUS

SECTION = "corpora"


class Student(NamedTuple):
    """A pipeline that is to be trained.

    config (Config): Its config, complete and without variables.
    nlp (Language): The pipeline, not initialized.
    """

    config: Config
    nlp: Language


class Lecture(NamedTuple):
    """How a student is taught.

    teachers (List[str]): The teachers' pipelines.
    texts (List[str]): Files of texts without annotation.
    folder (Path): The folder for what the teachers say.
    temperature (float): What scores are divided by.
    top_k (int): How many labels of a token are kept.
    max_length (int): The number of tokens that a text may have; 0 for no limit.
    text_ratio (Optional[float]): How many texts without annotation come for each with it; None for all.
    weight (float): The weight of what the teachers say.
    gold_share (float): The share of gold at the start, where there is gold.
    """

    teachers: List[str]
    texts: List[str]
    folder: Path
    temperature: float = 1.0
    top_k: int = 8
    max_length: int = 0
    text_ratio: Optional[float] = None
    weight: float = 1.0
    gold_share: float = 0.0


def load_student(path: Path, overrides: Mapping[str, Any]) -> Student:
    """Read a config and make its pipeline.

    path (Path): The config.
    overrides (Mapping[str, Any]): Settings by their name with dots.
    RETURNS (Student): The student.
    RAISES (OSError, ValueError): E780 if there is no such file; what loading raises.
    """
    config = read_config(path, overrides, interpolate=True)
    nlp = load_model_from_config(config, auto_fill=True)
    # components stay as they are: what is sourced must not become a fresh one
    filled = nlp.config.interpolate()
    rest = {name: {**section, **config.get(name, {})} for name, section in filled.items() if name != "components"}
    rest["training"]["score_weights"] = filled["training"]["score_weights"]
    return Student(Config({**config, **rest}), nlp)


def derive_config(config: Config, tasks: Collection[str], lecture: Lecture) -> Config:
    """Let the heads of a config learn from teachers.

    config (Config): The config, complete and without variables.
    tasks (Collection[str]): The names of the heads that are taught.
    lecture (Lecture): How.
    RETURNS (Config): Another config: its corpus is read by `spacy-mtl.DistilledCorpus.v1`, and each of the heads has a
        block `distillation`, by which the share of gold rises to 1 until the end of training.
    RAISES (ValueError): E708 for a training corpus that is no block of [corpora], or a head without a factory.
    """
    derived = config.copy()
    name = derived["training"]["train_corpus"].rpartition(".")
    block = derived.get(SECTION, {}).get(name[2])
    if name[0] != SECTION or not isinstance(block, dict):
        found = f"[training] train_corpus = {derived['training']['train_corpus']}"
        raise ValueError(Errors.E708.format(found=found, expected="the name of a block in [corpora]"))
    reader: Dict[str, Any] = {
        "@readers": CORPUS,
        "path": str(lecture.folder),
        "teachers": lecture.teachers,
        "texts": lecture.texts,
        "temperature": lecture.temperature,
        "top_k": lecture.top_k,
        "max_length": lecture.max_length,
        "text_ratio": lecture.text_ratio,
        "gold_tokens": block.get("gold_tokens", True),
        "keep_in_memory": derived["training"]["max_epochs"] >= 0,
        "corpus": block,
    }
    derived[SECTION][name[2]] = reader
    for task in tasks:
        component = derived["components"][task]
        if "factory" not in component:
            raise ValueError(Errors.E708.format(found=f"[components.{task}] without one", expected="a factory"))
        component["distillation"] = {
            "@misc": DISTILLATION,
            "weight": lecture.weight,
            "gold_share": lecture.gold_share,
            "final_gold_share": 1.0,
            "steps": max(derived["training"]["max_steps"], 0),
        }
    return derived
