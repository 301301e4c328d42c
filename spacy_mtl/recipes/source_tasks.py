"""What each of several corpora can teach, where nobody says so."""

from typing import Dict, List, Mapping, Sequence, Set, Tuple

from ..data.inspection import SourceReport
from ..errors import Errors
from .tasks import FOUND, KINDS, LAYERS, OURS, TRANSLATE, is_annotated, name_translators

RESERVED = {*KINDS, "tok2vec"}


def find_faults(report: SourceReport) -> Dict[str, str]:
    """What a corpus is annotated for without there being anything to learn.

    report (SourceReport): What it holds.
    RETURNS (Dict[str, str]): By kind of task, why.
    """
    faults = {}
    has = {kind for kind in OURS if is_annotated(report, kind)}
    counts = report.categories
    chosen = [label for label, count in counts.items() if count.positive]
    differ = any(0 < count.positive < count.annotated for count in counts.values())
    if "textcat" in has and not differ and len(chosen) < 2:
        faults["textcat"] = f"every text has the category '{chosen[0]}'" if chosen else "no text has a category"
    if "ner" in has and not report.entities:
        faults["ner"] = "there is no entity in them"
    if "srl" in has and not report.frames:
        faults["srl"] = "there is no predicate in them"
    return faults


def find_source_tasks(reports: Mapping[str, SourceReport]) -> Dict[str, Tuple[str, ...]]:
    """The tasks of corpora: one for entities, one for roles, one for each language of translations, and for categories
    as many as there are corpora without a category in common.

    reports (Mapping[str, SourceReport]): By corpus, what its training part holds.
    RETURNS (Dict[str, Tuple[str, ...]]): By corpus the names of its tasks. Tasks for categories have the names of the
        corpora that they come from first, or "textcat" if there is one only; those for translations have the names of
        `name_translators`.
    RAISES (ValueError): E790 for a corpus that has nothing to be learned.
    """
    kinds: Dict[str, List[str]] = {}
    for name, report in reports.items():
        faults = find_faults(report)
        kinds[name] = [kind for kind in FOUND if is_annotated(report, kind) and kind not in faults]
        if not kinds[name]:
            found = "; ".join(f"{LAYERS[kind]}, but {fault}" for kind, fault in faults.items()) or "nothing"
            raise ValueError(Errors.E790.format(name=name, path=report.path, found=found))
    groups = _group({name: set(reports[name].categories) for name, own in kinds.items() if "textcat" in own})
    names = {name: _name_task(group[0]) if len(groups) > 1 else "textcat" for group in groups for name in group}
    translators = name_translators(language for report in reports.values() for language in report.translations)
    tasks = {}
    for name, own in kinds.items():
        into = [task for task, language in translators.items() if language in reports[name].translations]
        called = {"textcat": [names.get(name, "")], TRANSLATE: into}
        tasks[name] = tuple(task for kind in own for task in called.get(kind, [kind]))
    return tasks


def _group(labels: Mapping[str, Set[str]]) -> Sequence[List[str]]:
    """Corpora that have a category in common, by themselves or by others between them."""
    groups: List[Tuple[List[str], Set[str]]] = []
    for name, own in labels.items():
        alike = [group for group in groups if group[1] & own]
        groups = [group for group in groups if group not in alike]
        names = [other for group in alike for other in group[0]]
        groups.append(([*names, name], own.union(*(group[1] for group in alike))))
    return [group[0] for group in groups]


def _name_task(name: str) -> str:
    return f"{name}_textcat" if name in RESERVED else name
