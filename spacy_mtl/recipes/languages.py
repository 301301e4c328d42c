"""The languages that components translate into, as a user names them and as corpora have them."""

import warnings
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..data.inspection import SourceReport
from ..errors import Errors, Warnings
from ..name_lists import split_names
from ..translations import is_known_language, is_language_code
from .sources import Source
from .tasks import TRANSLATE, Task, read_language


def parse_languages(text: str) -> Dict[str, str]:
    """Read which component translates into which language.

    text (str): Names of components with languages, with commas between them: "german=de,french=fr".
    RETURNS (Dict[str, str]): The language by component.
    RAISES (ValueError): E1008 for another form, and for a name that comes twice.
    """
    languages: Dict[str, str] = {}
    for part in split_names(text):
        name, _, language = (piece.strip() for piece in part.partition("="))
        if not name or not language or name in languages:
            raise ValueError(Errors.E1008.format(found=part, names="the components that translate"))
        languages[name] = language
    return languages


def read_languages(text: str, settings: Mapping[str, Any]) -> Dict[str, str]:
    """Which component translates into which language, by an option and by settings of a config, which go before it.

    text (str): The option, as `parse_languages` reads it.
    settings (Mapping[str, Any]): By section and name, such as "components.german.lang".
    RETURNS (Dict[str, str]): The language by component.
    RAISES (ValueError): E1008 as `parse_languages`.
    """
    parts = [(*name.split("."), value) for name, value in settings.items() if isinstance(value, str)]
    by_setting = {part[1]: part[3] for part in parts if len(part) == 4 and (part[0], part[2]) == ("components", "lang")}
    return {**parse_languages(text), **by_setting}


def choose_languages(
    tasks: Sequence[Task],
    sources: Sequence[Source],
    reports: Mapping[str, SourceReport],
    given: Mapping[str, str],
) -> Tuple[Task, ...]:
    """Give each task that translates its language: the one that is said, or that its name says ("de", "translate_de"),
    or the only one of its corpora that no other component has. Where no corpus is there to be asked, it is warned of a
    language that spaCy does not know (W1004).

    tasks (Sequence[Task]): All tasks.
    sources (Sequence[Source]): The corpora, with the tasks that they name.
    reports (Mapping[str, SourceReport]): By corpus what it holds, where it is there.
    given (Mapping[str, str]): By task, the language that is said.
    RETURNS (Tuple[Task, ...]): The tasks. One that translates alone may have None, for the language of a corpus that is
        not there yet.
    RAISES (ValueError): E1008 for a name that no such task has, E1009 for a language that is none or that its corpora
        do not have, E1010 for two tasks with one language, E1011 for a task whose language nobody says.
    """
    translators = [task.name for task in tasks if task.kind == TRANSLATE]
    for name, language in given.items():
        if name not in translators:
            raise ValueError(Errors.E1008.format(found=f"{name}={language}", names=", ".join(translators) or "none"))
    own = {name: _find_own(name, sources, reports) for name in translators}
    chosen = {name: given.get(name) or _read_name(name, own[name]) for name in translators}
    taken = set(chosen.values())
    for name, languages in own.items():
        if name in given:
            _check(name, given[name], languages)
        # one that another has by its name or by what is said is the other's, unless there is nothing else
        left = [language for language in languages or () if language not in taken] or languages or ()
        if chosen[name] is None and len(left) == 1:
            chosen[name] = left[0]
        elif chosen[name] is None and (len(translators) > 1 or len(left) > 1):
            example = ",".join(f"{one}={language or 'CODE'}" for one, language in chosen.items())
            found = "its corpora are not there to be read" if languages is None else _list(languages)
            raise ValueError(Errors.E1011.format(name=name, found=found, example=example))
    for found in filter(None, chosen.values()):
        alike = [name for name in translators if chosen[name] == found]
        if len(alike) > 1:
            raise ValueError(Errors.E1010.format(names=", ".join(alike), language=found))
    return tuple(task._replace(lang=chosen.get(task.name)) for task in tasks)


def _find_own(name: str, sources: Sequence[Source], reports: Mapping[str, SourceReport]) -> Optional[List[str]]:
    """RETURNS (Optional[List[str]]): The languages of the corpora that may teach a task; None if one is not there."""
    teachers = [source.name for source in sources if name in source.tasks or not source.tasks]
    if not teachers or any(teacher not in reports for teacher in teachers):
        return None
    return list(dict.fromkeys(language for teacher in teachers for language in reports[teacher].translations))


def _read_name(name: str, languages: Optional[Sequence[str]]) -> Optional[str]:
    """RETURNS (Optional[str]): The language that a component is called by; one that its corpora have, if they are
    there, and else one that spaCy knows, since many short names are no language."""
    if languages is not None:
        return read_language(name, languages)
    language = name.removeprefix(f"{TRANSLATE}_")
    return language if is_known_language(language) else None


def _check(name: str, language: str, languages: Optional[Sequence[str]]) -> None:
    if languages is None and not is_language_code(language):
        expected = "a code, such as de or pt-BR"
    elif languages is not None and language not in languages:
        expected = f"a language of the corpora that teach it: {_list(languages)}"
    else:
        if languages is None and not is_known_language(language):
            warnings.warn(Warnings.W1004.format(name=name, found=language), stacklevel=3)
        return
    raise ValueError(Errors.E1009.format(name=name, found=language, expected=expected))


def _list(languages: Sequence[str]) -> str:
    return ", ".join(languages) or "none"
