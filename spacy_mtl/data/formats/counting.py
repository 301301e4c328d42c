"""What a conversion wrote, in numbers."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Counter as CounterType
from typing import Dict, Iterable, Iterator, List, Mapping, Set, Tuple

from spacy.tokens import Doc

from ...annotation import has_annotation
from ...frames import SPANS_KEY, read_frame_spans
from ...translations import get_translations
from ..category_values import good_categories

POSITIVE = 0.5


@dataclass(frozen=True)
class Counts:
    """What a corpus holds. The fields after `roles` make no difference when counts are compared.

    docs (int): The number of Docs.
    tokens (int): The number of tokens.
    with_categories (int): How many Docs have categories.
    with_entities (int): How many Docs are annotated for entities, also if they have none.
    entities (int): The number of entities.
    with_frames (int): How many Docs are annotated for frames, also if they have none.
    frames (int): The number of frames.
    rolesets (int): The number of different rolesets.
    roles (int): The number of different roles.
    translations (Mapping[str, int]): How many Docs are translated, by language, the most frequent first.
    categories (Mapping[str, int]): How many Docs have a value of 0.5 or more, by label, the most frequent first.
    entity_labels (Mapping[str, int]): How many entities there are, by label, the most frequent first.
    example (str): The text of the first Doc.
    example_labels (Tuple[str, ...]): What of categories, entities and translations the first Doc has.
    """

    docs: int = 0
    tokens: int = 0
    with_categories: int = 0
    with_entities: int = 0
    entities: int = 0
    with_frames: int = 0
    frames: int = 0
    rolesets: int = 0
    roles: int = 0
    translations: Mapping[str, int] = field(default_factory=dict, compare=False)
    categories: Mapping[str, int] = field(default_factory=dict, compare=False)
    entity_labels: Mapping[str, int] = field(default_factory=dict, compare=False)
    example: str = field(default="", compare=False)
    example_labels: Tuple[str, ...] = field(default=(), compare=False)


class Tally:
    """Counts Docs as they pass."""

    def __init__(self) -> None:
        self._sums: CounterType[str] = Counter()
        self._rolesets: Set[str] = set()
        self._roles: Set[str] = set()
        self._categories: CounterType[str] = Counter()
        self._translations: CounterType[str] = Counter()
        self._entities: CounterType[str] = Counter()
        self._example: Tuple[str, Tuple[str, ...]] = ("", ())

    def count(self, docs: Iterable[Doc]) -> Iterator[Doc]:
        """Let Docs through and count them.

        docs (Iterable[Doc]): The Docs.
        YIELDS (Doc): The same Docs.
        """
        for doc in docs:
            if not self._sums["docs"]:
                self._example = doc.text.strip(), tuple(_describe(doc))
            frames = read_frame_spans(doc)
            self._rolesets.update(frame.sense for frame in frames if frame.sense)
            self._roles.update(role.role for frame in frames for role in frame.roles)
            self._categories.update({label: value >= POSITIVE for label, value in good_categories(doc).items()})
            self._translations.update((get_translations(doc) or {}).keys())
            self._entities.update(entity.label_ for entity in doc.ents)
            self._sums["docs"] += 1
            self._sums["tokens"] += len(doc)
            self._sums["with_categories"] += bool(doc.cats)
            self._sums["with_entities"] += has_annotation(doc, "ENT_IOB")
            self._sums["entities"] += len(doc.ents)
            self._sums["with_frames"] += len(doc) > 0 and SPANS_KEY in doc.spans
            self._sums["frames"] += len(frames)
            yield doc

    def total(self) -> Counts:
        """RETURNS (Counts): The counts of what has passed."""
        text, labels = self._example
        return Counts(
            **self._sums,
            rolesets=len(self._rolesets),
            roles=len(self._roles),
            translations=_rank(self._translations),
            categories=_rank(self._categories),
            entity_labels=_rank(self._entities),
            example=text,
            example_labels=labels,
        )


def _describe(doc: Doc) -> List[str]:
    chosen = [label for label, value in good_categories(doc).items() if value >= POSITIVE]
    entities = [f"{entity.text} ({entity.label_})" for entity in doc.ents]
    return chosen + entities + [f"{language}: {text}" for language, text in (get_translations(doc) or {}).items()]


def _rank(counts: CounterType[str]) -> Dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
