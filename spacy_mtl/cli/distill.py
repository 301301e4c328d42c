"""A student of trained pipelines: taught, trained, and scored beside them."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

from spacy.language import Language
from spacy.training import Example
from spacy.util import fix_random_seed, resolve_dot_names
from tqdm import tqdm
from wasabi import msg

from ..analysis.tables import NOTHING
from ..analysis.trainings.executors import LOG, Run, is_done
from ..analysis.trainings.runs import train_runs
from ..data.writing import check_folder, whole_file
from ..distillation.corpus import DistilledCorpus
from ..distillation.student import Lecture, Student, derive_config, load_student, write_labels
from ..distillation.teachers import Teacher, find_teachers
from ..errors import Errors, Warnings
from ..json_files import write_json
from ..pipeline.distillation.learning import NONE, compare_labels
from ..pipeline.loading import load_pipeline
from .evaluate import print_table
from .evaluation_tables import find_task_lines, lay_out_summary

LESSONS, LABELS, MODEL, SCORES = "lessons", "labels", "model-best", "scores.json"
STUDENT, SPEED = "student", "speed"


def distill(
    config: Path,
    output: Path,
    lecture: Lecture,
    *,
    gpu_id: int = -1,
    code: Optional[Path] = None,
    overrides: Mapping[str, Any] = {},
) -> Dict[str, Dict[str, Any]]:
    """Let teachers read, train a student, and print the scores of all on the development corpus.

    config (Path): The config of the student.
    output (Path): The folder for what the teachers say, the student's config and the student.
    lecture (Lecture): How it is taught.
    gpu_id (int): The GPU; -1 for the processor.
    code (Optional[Path]): A Python file with registered functions.
    overrides (Mapping[str, Any]): Settings of the config by their name with dots.
    RETURNS (Dict[str, Dict[str, Any]]): The scores by pipeline.
    """
    try:
        check_folder(output)
        pipelines = {path: load_pipeline(path) for path in lecture.teachers}
        student = load_student(config, overrides)
        teachers = find_teachers(student.nlp, pipelines)
        tasks = [name for name in student.nlp.pipe_names if any(name in teacher.tasks for teacher in teachers)]
        labels = write_labels(student, teachers, output / LABELS)
        derived = derive_config(student.config, tasks, lecture, labels)
        for teacher in teachers:
            tasks_shown = (name if name == own else f"{name} by its {own}" for name, own in teacher.tasks.items())
            print(f"{teacher.path} teaches {', '.join(tasks_shown)}")
        teach(student, derived)
        train(derived, output, gpu_id=gpu_id, code=code)
        pipelines[STUDENT] = load_pipeline(str(output / MODEL))
        scores = score(pipelines, student.config)
        with whole_file(output / SCORES) as path:
            write_json(path, scores)
    except (ImportError, OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    tell_labels(pipelines[STUDENT], teachers)
    print_scores(pipelines[STUDENT], scores)
    msg.good(f"Saved to {output}")
    return scores


def teach(student: Student, config: Dict[str, Any]) -> None:
    """Let the teachers read what they have not read yet.

    student (Student): The student.
    config (Dict[str, Any]): Its config, with the reader of the teachers.
    """
    (reader,) = resolve_dot_names(config, [config["training"]["train_corpus"]])
    if isinstance(reader, DistilledCorpus):
        sizes = reader.prepare(student.nlp)
        print(f"Read by the teachers: {', '.join(f'{size:,} {part}' for part, size in sizes.items())}")


def train(config: Any, output: Path, *, gpu_id: int, code: Optional[Path]) -> None:
    """Train the student, if that is not done.

    config (Config): Its config.
    output (Path): The folder.
    gpu_id (int): The GPU.
    code (Optional[Path]): A Python file with registered functions.
    RAISES (ValueError): E709 if the training fails.
    """
    run = Run(STUDENT, config, output)
    with tqdm(total=config["training"]["max_steps"] or None, desc="Updates", disable=None, leave=False) as bar:

        def show(steps: Dict[str, int]) -> None:
            bar.update(steps.get(STUDENT, 0) - bar.n)

        outcome = train_runs([run], gpu_id=gpu_id, code=code, progress=show).get(STUDENT)
    if not is_done(run, outcome):
        raise ValueError(Errors.E709.format(log=output / LOG))


def score(pipelines: Mapping[str, Language], config: Any) -> Dict[str, Dict[str, Any]]:
    """Score pipelines on the development corpus of a config.

    pipelines (Mapping[str, Language]): The pipelines by name.
    config (Config): The config.
    RETURNS (Dict[str, Dict[str, Any]]): The scores by pipeline.
    """
    (read,) = resolve_dot_names(config, [config["training"]["dev_corpus"]])
    scores = {}
    for name, nlp in pipelines.items():
        examples: List[Example] = list(read(nlp))
        fix_random_seed()
        scores[name] = nlp.evaluate(examples)
    return scores


def tell_labels(student: Language, teachers: Sequence[Teacher]) -> None:
    """Say which labels only the student has, or only a teacher.

    student (Language): The student.
    teachers (Sequence[Teacher]): The teachers.
    """
    for teacher in teachers:
        for name, own in teacher.tasks.items():
            pipes: List[Any] = [teacher.nlp.get_pipe(own), student.get_pipe(name)]
            theirs, missing = compare_labels(*(pipe.labels for pipe in pipes))
            if theirs or missing:
                msg.warn(Warnings.W450.format(name=name, theirs=theirs or NONE, missing=missing or NONE))


def print_scores(student: Language, scores: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the scores of pipelines side by side.

    student (Language): The student, whose tasks count.
    scores (Mapping[str, Mapping[str, Any]]): The scores by pipeline.
    """
    table = lay_out_summary(find_task_lines(student, scores.values()), scores)
    speeds: Sequence[str] = [f"{found[SPEED]:,.0f}" if found.get(SPEED) else NOTHING for found in scores.values()]
    print_table(table._replace(rows=[*table.rows, ("", "words a second", *speeds)]))
