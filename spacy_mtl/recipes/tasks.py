"""The kinds of tasks, and the tasks of a pipeline, as a user names them."""

import re
from typing import List, NamedTuple, Tuple

from ..data.inspection import Coverage, SourceReport
from ..errors import Errors
from ..name_lists import split_names

OURS = ("textcat", "ner", "srl")
DEPENDENCY = "dependency"
TRANSLATE = "translate"
STOCK = ("tagger", "morphologizer", "parser", "senter")
KINDS = (*OURS, DEPENDENCY, TRANSLATE, *STOCK)
FOUND = (*OURS, TRANSLATE)
"""What a corpus is looked through for where nobody names its tasks."""
LAYERS = {
    "textcat": "categories",
    "ner": "entities",
    "srl": "frames",
    DEPENDENCY: "parse",
    "tagger": "tags",
    "parser": "parse",
    TRANSLATE: "translation",
}
NAME = re.compile(r"[A-Za-z_][\w-]*")


class Task(NamedTuple):
    """A head of the pipeline.

    name (str): The name of its component.
    kind (str): "textcat", "ner", "srl", "dependency" or "translate", or one of spaCy's components that listen to an
        encoder.
    labels (Tuple[str, ...]): Of "textcat", where several components share `doc.cats`; empty for those of the corpus.
    exclusive (bool): Of "textcat", whether a text has one category.
    """

    name: str
    kind: str
    labels: Tuple[str, ...] = ()
    exclusive: bool = True


def parse_tasks(text: str) -> Tuple[Task, ...]:
    """Read tasks as they are named on the command line.

    text (str): Kinds with commas between them, each with a name if it is to have another: "textcat:intent,ner,srl".
    RETURNS (Tuple[Task, ...]): The tasks.
    RAISES (ValueError): E760 for a kind that is not known, E761 for a name that is none or comes twice.
    """
    tasks: List[Task] = []
    for part in split_names(text):
        kind, _, name = part.partition(":")
        if kind.removeprefix("mtl_") not in KINDS:
            raise ValueError(Errors.E760.format(found=kind, expected=", ".join(KINDS)))
        tasks.append(Task(name or kind.removeprefix("mtl_"), kind.removeprefix("mtl_")))
    names = [task.name for task in tasks]
    for name in names:
        if not NAME.fullmatch(name) or name == "tok2vec" or names.count(name) > 1:
            raise ValueError(Errors.E761.format(name=name, names=", ".join(names)))
    return tuple(tasks)


def find_coverages(report: SourceReport, kind: str) -> List[Coverage]:
    """What a corpus says of the annotation that a kind of task learns from.

    report (SourceReport): What the corpus holds.
    kind (str): The kind.
    RETURNS (List[Coverage]): How many Docs have it; one for each language of translations, none for kinds that are not
        counted.
    """
    if kind == TRANSLATE:
        return [coverage for layer, coverage in report.tasks.items() if layer.startswith(LAYERS[TRANSLATE])]
    return [report.tasks[LAYERS[kind]]] if LAYERS.get(kind) in report.tasks else []


def is_annotated(report: SourceReport, kind: str) -> bool:
    """Whether a corpus has annotation for a kind of task.

    report (SourceReport): What the corpus holds.
    kind (str): The kind.
    RETURNS (bool): Whether any Doc has some.
    """
    return any(coverage.whole + coverage.part for coverage in find_coverages(report, kind))
