"""A source of a multi-task corpus: texts that are annotated for some of the tasks."""

import itertools
import random
from pathlib import Path
from typing import Any, Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab

from ..annotation import TASKS_KEY, has_annotation
from ..errors import Errors
from ..shown import ShowsSettings
from ..translations import get_translations
from .corpus import Augmenter, Corpus, make_corpus
from .masking import CATEGORIES, ENTITIES, SPANS, TOKEN_ATTRIBUTES, TRANSLATION, mask

SOURCE_KEY = "spacy_mtl_source"
DEFAULT_SPANS_KEY = {"mtl_srl": "srl", "spancat": "sc"}


class Layers(NamedTuple):
    """The annotation that some tasks learn from.

    names (FrozenSet[str]): Layers in the words of spaCy's `assigns`.
    categories (Optional[FrozenSet[str]]): The categories; None for all.
    span_groups (Optional[FrozenSet[str]]): The span groups; None for all.
    """

    names: FrozenSet[str]
    categories: Optional[FrozenSet[str]]
    span_groups: Optional[FrozenSet[str]]

    def are_in(self, doc: Doc) -> bool:
        """Whether a Doc has any of this annotation.

        doc (Doc): The Doc.
        RETURNS (bool): Whether it has.
        """
        if CATEGORIES in self.names and any(self.categories is None or name in self.categories for name in doc.cats):
            return True
        if ENTITIES in self.names and has_annotation(doc, "ENT_IOB"):
            return True
        if SPANS in self.names and any(self.span_groups is None or name in self.span_groups for name in doc.spans):
            return True
        if TRANSLATION in self.names and get_translations(doc):
            return True
        attributes = {name for layer in self.names for name in TOKEN_ATTRIBUTES.get(layer, ())}
        return any(has_annotation(doc, name) for name in attributes)


def find_layers(nlp: Language, tasks: Sequence[str], source: str) -> Layers:
    """The annotation that some components of a pipeline learn from.

    nlp (Language): The pipeline.
    tasks (Sequence[str]): The names of the components.
    source (str): The name of the source, for messages.
    RETURNS (Layers): The annotation. A text categorizer that has its labels already learns from these categories;
        before, from all.
    RAISES (ValueError): E159 for a name that is no component of the pipeline.
    """
    unknown = [task for task in tasks if task not in nlp.component_names]
    if unknown:
        raise ValueError(Errors.E159.format(source=source, unknown=unknown, names=nlp.component_names))
    names: Set[str] = set()
    categories: Set[str] = set()
    groups: Set[str] = set()
    all_categories = False
    for task in tasks:
        assigned = set(nlp.get_pipe_meta(task).assigns)
        pipe = dict(nlp.components)[task]
        settings = getattr(pipe, "cfg", None) or {}
        # a recognizer of entities that has its gold in a span group
        if ENTITIES in assigned and settings.get("spans_key"):
            assigned = {SPANS}
        names |= assigned
        if CATEGORIES in assigned:
            labels = getattr(pipe, "labels", ())
            all_categories = all_categories or not labels
            categories.update(labels)
        if SPANS in assigned:
            groups.add(settings.get("spans_key", DEFAULT_SPANS_KEY.get(nlp.get_pipe_meta(task).factory, "sc")))
    return Layers(
        frozenset(names), None if all_categories else frozenset(categories), frozenset(groups) if groups else None
    )


def make_source(
    path: Optional[Path],
    tasks: Optional[List[str]] = None,
    format: Optional[str] = None,
    gold_tokens: bool = True,
    max_length: int = 0,
    split: str = "none",
    join: int = 1,
    join_share: float = 0.5,
    join_categories: str = "equal",
    limit: int = 0,
    keep_in_memory: bool = True,
    shuffle_buffer: int = 2000,
    augmenter: Optional[Augmenter] = None,
    options: Optional[Dict[str, Any]] = None,
) -> "Source":
    """Make `spacy-mtl.Source.v1`, a source for `spacy-mtl.MultiTaskCorpus.v1`.

    path (Optional[Path]): A file or a folder.
    tasks (Optional[List[str]]): The names of the components that learn from it. Other annotation is masked, even if it
        is there. None for all annotation.
    format (Optional[str]): A format of `spacy mtl convert`, to read it as it is; None for .spacy.
    gold_tokens (bool): As for `spacy-mtl.Corpus.v1`, and so are `max_length`, `split`, `join`, `join_share`,
        `join_categories`, `limit` and `augmenter`.
    keep_in_memory (bool): Whether to keep the texts. Else they are read again for every pass, and shuffled in a buffer.
    shuffle_buffer (int): Size of that buffer, in texts.
    options (Optional[Dict[str, Any]]): What the format's converter takes.
    RETURNS (Source): The source.
    RAISES (FileNotFoundError): E120 if the path is not given.
    RAISES (ValueError): E124 for an argument out of its range, E160 if `tasks` is empty.
    """
    if tasks is not None and not tasks:
        raise ValueError(Errors.E160.format(path=path))
    if shuffle_buffer < 1:
        raise ValueError(Errors.E124.format(name="shuffle_buffer", found=shuffle_buffer, expected="1 or more"))
    corpus = make_corpus(
        path,
        gold_tokens=gold_tokens,
        max_length=max_length,
        split=split,
        join=join,
        join_share=join_share,
        join_categories=join_categories,
        limit=limit,
        keep_in_memory=False,
        augmenter=augmenter,
        format=format,
        options=options,
    )
    return Source(corpus, tasks, keep_in_memory=keep_in_memory, shuffle_buffer=shuffle_buffer)


class Source(ShowsSettings):
    """Examples of one source, with the annotation of its tasks alone."""

    def __init__(
        self,
        corpus: Corpus,
        tasks: Optional[Sequence[str]] = None,
        *,
        keep_in_memory: bool = True,
        shuffle_buffer: int = 2000,
    ) -> None:
        """Create a source.

        corpus (Corpus): Reads the texts.
        tasks (Optional[Sequence[str]]): The names of the components that learn from it; None for all annotation.
        keep_in_memory (bool): Whether to keep the texts after the first reading.
        shuffle_buffer (int): Texts that are shuffled together where they are not kept.
        """
        self.corpus = corpus
        self.tasks = tasks
        self.keep_in_memory = keep_in_memory
        self.shuffle_buffer = shuffle_buffer
        self._size: Optional[int] = None
        self._kept: Optional[Tuple[Vocab, Optional[Layers], List[Doc]]] = None

    def count(self, nlp: Language, name: str) -> int:
        """Count the texts of the source, by a first pass, and check that they are annotated.

        nlp (Language): The pipeline.
        name (str): The name of the source, for messages.
        RETURNS (int): Texts, before augmentation.
        RAISES (ValueError): E161 if none of them is annotated for any of the tasks; and what reading raises.
        """
        if self._size is None:
            size, annotated = 0, 0
            layers = self._find_layers(nlp, name)
            for doc in self._read_docs(nlp, layers):
                size += 1
                annotated += layers is None or layers.are_in(doc)
            if not annotated:
                raise ValueError(Errors.E161.format(source=name, path=self.corpus.path, tasks=self.tasks, size=size))
            self._size = size
        return self._size

    def read(self, nlp: Language, name: str, rng: Optional[random.Random]) -> Iterator[List[Example]]:
        """One pass over the source.

        nlp (Language): The pipeline.
        name (str): The name of the source: it is set as `example.reference.user_data["spacy_mtl_source"]`, and the
            tasks as "spacy_mtl_tasks", so that two heads that read the same layer learn each from its own sources.
        rng (Optional[random.Random]): Shuffles the pass; None for the order of the files.
        YIELDS (List[Example]): A text's Examples: one, or what the augmenter gave.
        """
        layers, tasks = self._find_layers(nlp, name), self._find_names(nlp)
        for doc in self._order(self._read_docs(nlp, layers), rng):
            examples = list(self.corpus.make_examples(nlp, doc))
            for example in examples:
                example.reference.user_data[SOURCE_KEY] = name
                if tasks:
                    example.reference.user_data[TASKS_KEY] = tasks
            yield examples

    def _find_layers(self, nlp: Language, name: str) -> Optional[Layers]:
        return None if self.tasks is None else find_layers(nlp, self.tasks, name)

    def _find_names(self, nlp: Language) -> Tuple[str, ...]:
        """The names of the tasks. A component that was renamed in its pipeline keeps its own name beside."""
        pipes = dict(nlp.components)
        names = [name for task in self.tasks or () for name in (task, getattr(pipes[task], "name", task))]
        return tuple(dict.fromkeys(names))

    def _read_docs(self, nlp: Language, layers: Optional[Layers]) -> Iterator[Doc]:
        if self._kept is not None and self._kept[0] is nlp.vocab and self._kept[1] == layers:
            yield from self._kept[2]
            return
        docs = []
        for doc in self.corpus.read_references(nlp):
            if layers is not None:
                doc = mask(doc, layers.names, categories=layers.categories, span_groups=layers.span_groups)
            if self.keep_in_memory:
                docs.append(doc)
            yield doc
        if self.keep_in_memory:
            self._kept = (nlp.vocab, layers, docs)

    def _order(self, docs: Iterator[Doc], rng: Optional[random.Random]) -> Iterator[Doc]:
        if rng is None:
            yield from docs
            return
        # what is kept anyway is shuffled as a whole
        size = None if self.keep_in_memory else self.shuffle_buffer
        while buffer := list(itertools.islice(docs, size)):
            rng.shuffle(buffer)
            yield from buffer
