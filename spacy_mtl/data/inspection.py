"""What corpora hold: which Docs are annotated for which task, with which labels, and which texts they share."""

import statistics
from collections import Counter
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Counter as CounterType
from typing import Dict, FrozenSet, List, Mapping, Tuple

import spacy
from spacy.tokens import Doc
from spacy.training import Example

from ..annotation import annotated_entity_tags, has_annotation, has_entities, has_frames
from ..frames import SPANS_KEY, read_frame_spans
from ..translations import TRANSLATIONS_KEY, get_translations
from ..tree_checks import describe_tree_fault, find_tree_faults
from .category_values import find_bad_categories, good_categories
from .corpus import find_files, make_corpus
from .overlap import CATEGORIES, Annotated, Overlap, Texts

ENTITIES, FRAMES = "entities", "frames"
TOKEN_ATTRIBUTES = {"tags": "TAG", "parse": "DEP"}
POSITIVE = 0.5
ROUNDING = 0.01
FREQUENT = 10
_TRANSLATION = "translation "


@dataclass(frozen=True)
class Coverage:
    """How many Docs are annotated for a task.

    whole (int): Docs with all of their annotation. Categories: every label that occurs in the source has a value.
    part (int): Docs with some of it. Entities: some tokens are open. Categories: some labels have no value.
    none (int): Docs without.
    """

    whole: int
    part: int
    none: int


@dataclass(frozen=True)
class CategoryCount:
    """How often a category is chosen.

    positive (int): Docs with a value of 0.5 or more.
    annotated (int): Docs with any value.
    """

    positive: int
    annotated: int


@dataclass(frozen=True)
class SourceReport:
    """A corpus in numbers. All counts of labels are sorted, the most frequent first.

    name (str): Its name.
    path (str): The file or folder.
    files (int): DocBin files.
    docs (int): Docs with tokens; the reader leaves out those without.
    tokens (int): Tokens of all Docs.
    median_length (float): Tokens of the Doc in the middle.
    longest (int): Tokens of the longest Doc.
    duplicates (int): Docs whose text an earlier Doc has.
    near_duplicates (int): The same if case, spaces, tokens and punctuation make no difference.
    tasks (Dict[str, Coverage]): By task: "categories", "entities", "frames"; where there are any, "tags", "parse",
        "translation 'language'", and "spans 'key'" for other span groups.
    with_one_category (int): Docs with categories whose values add up to 1, as those of categories do that exclude each
        other.
    with_soft_categories (int): Docs with categories whose values lie between 0 and 1.
    categories (Dict[str, CategoryCount]): By label.
    entities (Dict[str, int]): Entities by label.
    frames (int): Predicates.
    without_roleset (int): Predicates of which the roleset is not annotated.
    rolesets (int): Different rolesets.
    frequent_rolesets (Dict[str, int]): The most frequent ten, with their predicates.
    roles (Dict[str, int]): Arguments by role.
    faulty_frames (int): Docs whose frames cannot be read; they count as annotated, but none of their frames does.
    first_fault (str): The message for the first of them, or "".
    faulty_categories (int): Docs with a category that is no string or has no value from 0 to 1; it is not counted.
    first_faulty_category (str): The message for the first of them, with its number, or "".
    faulty_trees (int): Docs with a dependency tree that is none; see `spacy_mtl.tree_checks`.
    first_faulty_tree (str): What is wrong with the first of them, with its number, or "".
    """

    name: str
    path: str
    files: int
    docs: int
    tokens: int
    median_length: float
    longest: int
    duplicates: int
    near_duplicates: int
    tasks: Dict[str, Coverage]
    with_one_category: int
    with_soft_categories: int
    categories: Dict[str, CategoryCount]
    entities: Dict[str, int]
    frames: int
    without_roleset: int
    rolesets: int
    frequent_rolesets: Dict[str, int]
    roles: Dict[str, int]
    faulty_frames: int
    first_fault: str
    faulty_categories: int
    first_faulty_category: str
    faulty_trees: int
    first_faulty_tree: str

    @property
    def translations(self) -> Dict[str, Coverage]:
        """RETURNS (Dict[str, Coverage]): How many Docs have a translation, by language."""
        return {
            task.removeprefix(_TRANSLATION)[1:-1]: coverage
            for task, coverage in self.tasks.items()
            if task.startswith(_TRANSLATION)
        }


@dataclass(frozen=True)
class Inspection:
    """What corpora hold.

    sources (List[SourceReport]): One report each, in the order given.
    overlaps (List[Overlap]): One for every ordered pair of sources.
    """

    sources: List[SourceReport]
    overlaps: List[Overlap]


def inspect_corpora(sources: Mapping[str, Path], spans_key: str = SPANS_KEY) -> Inspection:
    """Count what is annotated in corpora. Docs are read one by one; of each only hashes of its text are kept.

    sources (Mapping[str, Path]): Names and paths, each a .spacy file or a folder with such files.
    spans_key (str): The span group of the frames.
    RETURNS (Inspection): The numbers.
    RAISES (FileNotFoundError): E120, E121 if there is no corpus.
    RAISES (ValueError): E122, E123 for a file that is no DocBin, and for a corpus without Docs.
    """
    nlp = spacy.blank("xx")
    tallies = {name: _Tally(spans_key, path) for name, path in sources.items()}
    reports = []
    for name, path in sources.items():
        for example in make_corpus(path, keep_in_memory=False)(nlp):
            tallies[name].add(example)
        reports.append(tallies[name].report(name, path))
    texts = {name: tally.texts for name, tally in tallies.items()}
    return Inspection(reports, [texts[one].overlap(one, other, texts[other]) for one, other in permutations(texts, 2)])


class _Tally:
    """The running counts of one source."""

    def __init__(self, spans_key: str, path: Path) -> None:
        self.spans_key = spans_key
        self.path = path
        self.lengths: List[int] = []
        self.texts = Texts()
        self.tasks: CounterType[Tuple[str, bool]] = Counter()
        self.label_sets: CounterType[FrozenSet[str]] = Counter()
        self.with_one_category = 0
        self.with_soft_categories = 0
        self.positive: CounterType[str] = Counter()
        self.entities: CounterType[str] = Counter()
        self.rolesets: CounterType[str] = Counter()
        self.roles: CounterType[str] = Counter()
        self.faults = 0
        self.first_fault = ""
        self.faulty_categories = 0
        self.first_faulty_category = ""
        self.faulty_trees = 0
        self.first_faulty_tree = ""

    def add(self, example: Example) -> None:
        doc = example.reference
        tasks = self._find_tasks(example)
        self.tasks.update(tasks.items())
        categories = good_categories(doc)
        if len(categories) < len(doc.cats):
            problem = find_bad_categories(doc, len(self.lengths) + 1, self.path)
            self.faulty_categories += 1
            self.first_faulty_category = self.first_faulty_category or problem
        labels = frozenset(categories)
        self.label_sets[labels] += 1
        self.with_one_category += abs(sum(categories.values()) - 1) < ROUNDING
        self.with_soft_categories += any(0 < value < 1 for value in categories.values())
        self.positive.update(label for label, value in categories.items() if value >= POSITIVE)
        self.entities.update(entity.label_ for entity in doc.ents)
        self._add_frames(doc)
        fault = next(find_tree_faults(doc), None)
        if fault is not None:
            self.faulty_trees += 1
            text = f"Doc {len(self.lengths) + 1}, {describe_tree_fault(doc, fault)}"
            self.first_faulty_tree = self.first_faulty_tree or text
        self.lengths.append(len(doc))
        self.texts.add(doc.text, Annotated(frozenset(tasks) | ({CATEGORIES} if labels else set()), labels))

    def _find_tasks(self, example: Example) -> Dict[str, bool]:
        """Whether the Doc is annotated as a whole, for each task it is annotated for; without categories."""
        doc = example.reference
        others = [key for key in doc.spans if key not in (self.spans_key, TRANSLATIONS_KEY)]
        tasks = {f"spans '{key}'": True for key in others if len(doc)}
        tasks.update({f"{_TRANSLATION}'{language}'": True for language in self._read_translations(doc) if len(doc)})
        if has_entities(example):
            tasks[ENTITIES] = None not in annotated_entity_tags(example)
        if has_frames(example, self.spans_key):
            tasks[FRAMES] = True
        for task, attribute in TOKEN_ATTRIBUTES.items():
            if has_annotation(doc, attribute):
                tasks[task] = doc.has_annotation(attribute, require_complete=True)
        return tasks

    def _read_translations(self, doc: Doc) -> Dict[str, str]:
        try:
            return get_translations(doc) or {}
        except ValueError:
            # spans of another kind
            return {}

    def _add_frames(self, doc: Doc) -> None:
        try:
            frames = read_frame_spans(doc, self.spans_key)
        except ValueError as error:
            self.faults += 1
            self.first_fault = self.first_fault or str(error)
            return
        self.rolesets.update(frame.sense for frame in frames)
        self.roles.update(role.role for frame in frames for role in frame.roles)

    def report(self, name: str, path: Path) -> SourceReport:
        docs = len(self.lengths)
        annotated: CounterType[str] = Counter()
        for labels, count in self.label_sets.items():
            annotated.update(dict.fromkeys(labels, count))
        rolesets = Counter({sense: count for sense, count in self.rolesets.items() if sense})
        return SourceReport(
            name=name,
            path=str(path),
            files=len(find_files(path)),
            docs=docs,
            tokens=sum(self.lengths),
            median_length=float(statistics.median(self.lengths)),
            longest=max(self.lengths),
            duplicates=self.texts.count_duplicates(),
            near_duplicates=self.texts.count_near_duplicates(),
            tasks=self._cover_tasks(frozenset(annotated)),
            with_one_category=self.with_one_category,
            with_soft_categories=self.with_soft_categories,
            categories={
                label: CategoryCount(self.positive[label], annotated[label])
                for label in sorted(annotated, key=lambda label: (-self.positive[label], label))
            },
            entities=_rank(self.entities),
            frames=sum(self.rolesets.values()),
            without_roleset=self.rolesets[""],
            rolesets=len(rolesets),
            frequent_rolesets=dict(list(_rank(rolesets).items())[:FREQUENT]),
            roles=_rank(self.roles),
            faulty_frames=self.faults,
            first_fault=self.first_fault,
            faulty_categories=self.faulty_categories,
            first_faulty_category=self.first_faulty_category,
            faulty_trees=self.faulty_trees,
            first_faulty_tree=self.first_faulty_tree,
        )

    def _cover_tasks(self, labels: FrozenSet[str]) -> Dict[str, Coverage]:
        docs = len(self.lengths)
        whole = self.label_sets[labels] if labels else 0
        some = docs - self.label_sets[frozenset()]
        coverage = {CATEGORIES: Coverage(whole, some - whole, docs - some)}
        others = sorted({task for task, _ in self.tasks} - {ENTITIES, FRAMES})
        for task in (ENTITIES, FRAMES, *others):
            whole, part = self.tasks[task, True], self.tasks[task, False]
            coverage[task] = Coverage(whole, part, docs - whole - part)
        return coverage


def _rank(counts: CounterType[str]) -> Dict[str, int]:
    """The counts, the highest first, equal ones in the order of their labels."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
