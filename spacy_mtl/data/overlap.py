"""Texts that stand in two corpora, or twice in one: kept as hashes, so that corpora need not fit in memory."""

import hashlib
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Counter as CounterType
from typing import Dict, FrozenSet, List, NamedTuple

CATEGORIES = "categories"
_HASH_BYTES = 8


class Annotated(NamedTuple):
    """What a Doc annotates, in whole or in part.

    tasks (FrozenSet[str]): The tasks; "categories" is among them if there are labels.
    labels (FrozenSet[str]): The labels of the categories.
    """

    tasks: FrozenSet[str]
    labels: FrozenSet[str]

    def union(self, other: "Annotated") -> "Annotated":
        """What one of two Docs annotates.

        other (Annotated): The other Doc's.
        RETURNS (Annotated): Both together.
        """
        return Annotated(self.tasks | other.tasks, self.labels | other.labels)

    def in_common(self, other: "Annotated") -> FrozenSet[str]:
        """The tasks that two Docs annotate.

        other (Annotated): The other Doc's.
        RETURNS (FrozenSet[str]): The tasks; "categories" is among them only if a label is in common.
        """
        tasks = self.tasks & other.tasks
        return tasks if self.labels & other.labels else tasks - {CATEGORIES}


@dataclass(frozen=True)
class Overlap:
    """The Docs of a source that have the text of a Doc of another. It is not symmetric: a text may stand twice in one.

    source (str): Whose Docs are counted.
    other (str): Where their texts are looked for.
    same (int): Docs with the same text.
    near (int): Docs with the same text by `reduce_text`; those with the same text are among them.
    in_common (Dict[str, int]): Of these, by task, the Docs that both sources annotate; for categories, with at least
        one label in common.
    """

    source: str
    other: str
    same: int
    near: int
    in_common: Dict[str, int]


class Texts:
    """The texts of a source and what is annotated on them."""

    def __init__(self) -> None:
        self._texts: List[int] = []
        self._reduced: List[int] = []
        self._annotated: List[Annotated] = []
        self._known: Dict[Annotated, Annotated] = {}

    def add(self, text: str, annotated: Annotated) -> None:
        """Add a Doc.

        text (str): Its text.
        annotated (Annotated): What it annotates.
        """
        self._texts.append(_hash(text))
        self._reduced.append(_hash(reduce_text(text)))
        # Few different ones stand on many Docs: keep one of each.
        self._annotated.append(self._known.setdefault(annotated, annotated))

    def count_duplicates(self) -> int:
        """RETURNS (int): How many Docs have the text of an earlier one."""
        return len(self._texts) - len(set(self._texts))

    def count_near_duplicates(self) -> int:
        """RETURNS (int): How many Docs have the text of an earlier one by `reduce_text`."""
        return len(self._reduced) - len(set(self._reduced))

    def overlap(self, name: str, other: str, others: "Texts") -> Overlap:
        """Look for the texts in another source.

        name (str): This source's name.
        other (str): The other source's name.
        others (Texts): The other source's texts.
        RETURNS (Overlap): How many were found.
        """
        texts = set(others._texts)
        annotated: Dict[int, Annotated] = {}
        for text, has in zip(others._reduced, others._annotated):
            annotated[text] = annotated[text].union(has) if text in annotated else has
        near = 0
        in_common: CounterType[str] = Counter()
        for text, has in zip(self._reduced, self._annotated):
            if text in annotated:
                near += 1
                in_common.update(has.in_common(annotated[text]))
        return Overlap(name, other, sum(text in texts for text in self._texts), near, dict(sorted(in_common.items())))


def reduce_text(text: str) -> str:
    """What is left of a text if case, spaces, tokens and punctuation make no difference.

    text (str): The text.
    RETURNS (str): Letters, digits and symbols, lower-cased; if there are none, all but the spaces.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if unicodedata.category(char)[0] not in "PZC") or "".join(folded.split())


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf8"), digest_size=_HASH_BYTES).digest(), "big")
