"""The corpora of a pipeline, as a user names them, and the tasks that each teaches."""

import re
from pathlib import Path
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..data.inspection import SourceReport
from ..errors import Errors
from ..name_lists import split_names
from .tasks import FOUND, KINDS, TRANSLATE, Task, is_annotated, name_translators, read_language


class Source(NamedTuple):
    """A corpus for some of the tasks.

    name (str): What it is called in the config.
    tasks (Tuple[str, ...]): The names of the tasks that it teaches; empty for those that it is annotated for.
    train (Optional[str]): Its training part, a .spacy file or a folder; None to be named when training.
    dev (Optional[str]): Its development part, likewise.
    """

    name: str
    tasks: Tuple[str, ...] = ()
    train: Optional[str] = None
    dev: Optional[str] = None


def parse_source(text: str) -> Source:
    """Read a source as it is named on the command line.

    text (str): "name=train.spacy,dev.spacy:task,task"; the development part and the tasks may be missing, and the files
        too ("name:task").
    RETURNS (Source): The source.
    RAISES (ValueError): E762 for another form.
    """
    found = re.fullmatch(r"(?P<name>[A-Za-z_]\w*)(=(?P<paths>.+?))?(:(?P<tasks>[\w,-]+))?", text.strip())
    if found is None:
        raise ValueError(Errors.E762.format(found=text))
    paths = split_names(found["paths"])
    if len(paths) > 2:
        raise ValueError(Errors.E762.format(found=text))
    tasks = tuple(split_names(found["tasks"]))
    train, dev = [*paths, None, None][:2]
    return Source(found["name"], tasks, train, dev)


def read_sources(texts: Sequence[str], settings: Mapping[str, Any], are_needed: bool) -> List[Source]:
    """The corpora, by an option or, where it names none, by settings of a config.

    texts (Sequence[str]): The option, each as `parse_source` reads it.
    settings (Mapping[str, Any]): By section and name, such as "paths.train".
    are_needed (bool): Whether a corpus that is named by a setting has to be there: it has to say what the tasks are.
    RETURNS (List[Source]): The corpora; one, with the name "train", for `paths.train`.
    RAISES (ValueError): E762 as `parse_source`.
    """
    if texts:
        return [parse_source(text) for text in texts]
    train, dev = (path if isinstance(path, str) else None for path in map(settings.get, ("paths.train", "paths.dev")))
    if not train or not (are_needed or Path(train).exists()):
        return []
    return [Source("train", (), train, dev)]


def find_tasks(sources: Sequence[Source], reports: Mapping[str, SourceReport]) -> Tuple[Task, ...]:
    """The tasks that sources name, and those that they are annotated for.

    sources (Sequence[Source]): The corpora.
    reports (Mapping[str, SourceReport]): By corpus what it holds, where it is there.
    RETURNS (Tuple[Task, ...]): The tasks.
    RAISES (ValueError): E767 for a name that is no kind of task and no language of the corpus, where there are no
        categories.
    """
    silent = [reports[source.name] for source in sources if not source.tasks and source.name in reports]
    translators = name_translators(language for report in silent for language in report.translations)
    tasks: List[Task] = []
    for source in sources:
        report = reports.get(source.name)
        has = [kind for kind in FOUND if report and is_annotated(report, kind)]
        tasks += [Task(name, _find_kind(name, source, report)) for name in source.tasks]
        if not source.tasks:
            own = [name for name, language in translators.items() if report and language in report.translations]
            tasks += [Task(name, kind) for kind in has for name in (own if kind == TRANSLATE else [kind])]
    return tuple(dict.fromkeys(tasks))


def assign(source: Source, tasks: Sequence[Task], report: Optional[SourceReport]) -> Source:
    """Find the tasks that a source teaches.

    source (Source): The source.
    tasks (Sequence[Task]): All tasks.
    report (Optional[SourceReport]): What it holds; None if it is not there.
    RETURNS (Source): The source with its tasks: those that it names, else those that it is annotated for.
    RAISES (ValueError): E767 for a task that is none, E768 for a source that teaches nothing.
    """
    known = {task.name for task in tasks}
    for name in source.tasks:
        if name not in known:
            raise ValueError(Errors.E767.format(source=source.name, task=name))
    if source.tasks:
        return source
    if report is None:
        return source._replace(tasks=tuple(task.name for task in tasks))
    taught = [task.name for task in tasks if is_annotated(report, task.kind, task.lang)]
    if not taught:
        raise ValueError(Errors.E768.format(source=source.name, tasks=", ".join(known)))
    return source._replace(tasks=tuple(taught))


def describe(task: Task, tasks: Sequence[Task], sources: Sequence[Source], reports: Mapping[str, SourceReport]) -> Task:
    """Complete a task by what its corpora say: whether categories exclude each other, and which are whose.

    task (Task): The task.
    tasks (Sequence[Task]): All tasks.
    sources (Sequence[Source]): The corpora, with their tasks.
    reports (Mapping[str, SourceReport]): By corpus what it holds, where it is there.
    RETURNS (Task): The task.
    """
    if task.kind != "textcat":
        return task
    own = [reports[source.name] for source in sources if task.name in source.tasks and source.name in reports]
    if not own:
        return task
    several = sum(other.kind == "textcat" for other in tasks) > 1
    labels = sorted({label for report in own for label in report.categories}) if several else []
    exclusive = sum(report.with_one_category for report in own)
    covered = sum(report.tasks["categories"].whole + report.tasks["categories"].part for report in own)
    return task._replace(labels=tuple(labels), exclusive=exclusive == covered)


def _find_kind(name: str, source: Source, report: Optional[SourceReport]) -> str:
    if name in KINDS:
        return name
    if report is not None and read_language(name, report.translations) is not None:
        return TRANSLATE
    if report is not None and is_annotated(report, "textcat"):
        return "textcat"
    raise ValueError(Errors.E767.format(source=source.name, task=name))
