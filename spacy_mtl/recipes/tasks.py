"""The kinds of tasks, and the tasks of a pipeline, as a user names them."""

import re
from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

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
    lang (Optional[str]): Of "translate", the language to translate into; None for the one that the corpus has.
    """

    name: str
    kind: str
    labels: Tuple[str, ...] = ()
    exclusive: bool = True
    lang: Optional[str] = None


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


def name_translators(languages: Iterable[str]) -> Dict[str, str]:
    """Names for components that translate, where nobody names them.

    languages (Iterable[str]): The languages of the corpora.
    RETURNS (Dict[str, str]): The language by name: "translate" of a single one, and else "translate_de" and so on.
    """
    found = list(dict.fromkeys(languages))
    return {_name_translator(language) if len(found) > 1 else TRANSLATE: language for language in found}


def read_language(name: str, languages: Iterable[str]) -> Optional[str]:
    """The language that the name of a component says.

    name (str): The name, such as "de" or "translate_de".
    languages (Iterable[str]): The languages that there are.
    RETURNS (Optional[str]): One of them; None if it says none.
    """
    return next((language for language in languages if name in (language, _name_translator(language))), None)


def find_coverages(report: SourceReport, kind: str, lang: Optional[str] = None) -> List[Coverage]:
    """What a corpus says of the annotation that a kind of task learns from.

    report (SourceReport): What the corpus holds.
    kind (str): The kind.
    lang (Optional[str]): Of translations, the language; None for all.
    RETURNS (List[Coverage]): How many Docs have it; one for each language of translations, none for kinds that are not
        counted.
    """
    if kind == TRANSLATE:
        return [coverage for language, coverage in report.translations.items() if lang in (None, language)]
    return [report.tasks[LAYERS[kind]]] if LAYERS.get(kind) in report.tasks else []


def is_annotated(report: SourceReport, kind: str, lang: Optional[str] = None) -> bool:
    """Whether a corpus has annotation for a kind of task.

    report (SourceReport): What the corpus holds.
    kind (str): The kind.
    lang (Optional[str]): Of translations, the language; None for any.
    RETURNS (bool): Whether any Doc has some.
    """
    return any(coverage.whole + coverage.part for coverage in find_coverages(report, kind, lang))


def _name_translator(language: str) -> str:
    return re.sub(r"[^\w-]", "_", f"{TRANSLATE}_{language}")
