"""The config of a student: that of a pipeline, whose heads learn from teachers too."""

from pathlib import Path
from typing import Any, Collection, Dict, List, Mapping, NamedTuple, Optional, Sequence

from spacy.language import Language
from spacy.util import load_model_from_config, resolve_dot_names
from thinc.api import Config

from ..analysis.trainings.derived_configs import read_config
from ..annotation import is_for
from ..data.writing import whole_file
from ..errors import Errors
from ..json_files import write_json
from ..pipeline.distillation.settings import NAME as DISTILLATION
from .corpus import NAME as CORPUS
from .teachers import Teacher

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


def write_labels(student: Student, teachers: Sequence[Teacher], folder: Path) -> Dict[str, Path]:
    """Take over the labels of teachers for heads that have no gold to find them in.

    student (Student): The student.
    teachers (Sequence[Teacher]): The teachers.
    folder (Path): The folder for files of labels.
    RETURNS (Dict[str, Path]): By head the file of its labels, as `spacy init labels` writes it.
    RAISES (OSError, ValueError): What reading the training corpus raises.
    """
    taught = {name: (teacher, own) for teacher in reversed(teachers) for name, own in teacher.tasks.items()}
    blocks = student.config["initialize"]["components"]
    pipes: Dict[str, Any] = dict(student.nlp.components)
    without = {name for name in taught if "labels" not in blocks.get(name, {}) and not pipes[name].labels}
    (read,) = resolve_dot_names(student.config, [student.config["training"]["train_corpus"]])
    for example in read(student.nlp) if without else ():
        without -= {name for name in without if is_for(example, name) and pipes[name].read_labels(example)}
        if not without:
            break
    paths = {}
    for name in sorted(without):
        teacher, own = taught[name]
        pipe: Any = teacher.nlp.get_pipe(own)
        paths[name] = folder / f"{name}.json"
        with whole_file(paths[name]) as temporary:
            write_json(temporary, pipe.label_data)
    return paths


def derive_config(config: Config, tasks: Collection[str], lecture: Lecture, labels: Mapping[str, Path] = {}) -> Config:
    """Let the heads of a config learn from teachers.

    config (Config): The config, complete and without variables.
    tasks (Collection[str]): The names of the heads that are taught.
    lecture (Lecture): How.
    labels (Mapping[str, Path]): What `write_labels` gave.
    RETURNS (Config): Another config: its corpus is read by `spacy-mtl.DistilledCorpus.v1`, and each of the heads has a
        block `distillation`, by which the share of gold rises to 1 until the end of training.
    RAISES (ValueError): E708 for a training corpus that is no block of [corpora], or a head without a factory.
    """
    derived = config.copy()
    section, _, corpus = derived["training"]["train_corpus"].partition(".")
    block = derived.get(SECTION, {}).get(corpus)
    if section != SECTION or not isinstance(block, dict):
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
    derived[SECTION][corpus] = reader
    for name, path in labels.items():
        read = {"@readers": "spacy.read_labels.v1", "path": str(path)}
        derived["initialize"]["components"].setdefault(name, {})["labels"] = read
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
