"""Annotate a text as the pipeline does, and keep how each component found it."""

from contextlib import nullcontext
from typing import Any, Collection, ContextManager, Dict, List, Optional, Tuple, Type, Union

from spacy.language import Language
from spacy.pipeline import (
    EditTreeLemmatizer,
    EntityRecognizer,
    Morphologizer,
    SentenceRecognizer,
    SpanCategorizer,
    Tagger,
    TextCategorizer,
)
from spacy.tokens import Doc

from ...errors import Errors
from ...pipeline.ner.component import MultiTaskNER
from ...pipeline.srl.component import SemanticRoleLabeller
from ...pipeline.textcat.component import MultiTaskTextCategorizer
from ...pipeline.translate.component import Translator
from ...sentences import has_borders
from ...span_places import copy_doc, copy_group
from .categories import Categories
from .entities import Entities
from .roles import Roles
from .stock import StockCategories, StockEntities, StockSpans, StockTags
from .tasks import Task
from .translations import Translations

TASKS: List[Tuple[type, Type[Task]]] = [
    (MultiTaskTextCategorizer, Categories),
    (MultiTaskNER, Entities),
    (SemanticRoleLabeller, Roles),
    (Translator, Translations),
    (TextCategorizer, StockCategories),
    (EntityRecognizer, StockEntities),
    (SpanCategorizer, StockSpans),
    (Tagger, StockTags),
]
# they are kinds of the tagger that have no tags, or tags of another make
UNKNOWN = (Morphologizer, EditTreeLemmatizer, SentenceRecognizer)


def annotate(
    nlp: Language, doc: Union[str, Doc], component: Union[str, Collection[str], None]
) -> Tuple[Doc, Dict[str, Task]]:
    """Annotate a text.

    nlp (Language): The pipeline.
    doc (Union[str, Doc]): The text, or a Doc, which is left as it is.
    component (Union[str, Collection[str], None]): The component to explain, or some; None for all that are explained
        where none is named.
    RETURNS (Tuple[Doc, Dict[str, Task]]): The text, annotated as far as is asked, and by the name of the component what
        it finds.
    RAISES (ValueError): E801 for a component that cannot be explained, E804 for a text without words, E811 if a
        component between two that are asked about changes the tokens.
    """
    makers = {name: maker for name, pipe in nlp.pipeline for maker in [find_maker(pipe)] if maker is not None}
    names = [component] if isinstance(component, str) else component
    unknown = [name for name in names or () if name not in makers] or ([] if makers else [""])
    if unknown:
        problem = "the pipeline has none of that name"
        if unknown[0] in nlp.component_names:
            problem = "it is disabled" if unknown[0] in nlp.disabled else "it gives no probability"
        elif not unknown[0]:
            problem = "no component of the pipeline gives probabilities"
        expected = ", ".join(makers) or "none"
        raise ValueError(Errors.E801.format(name=unknown[0] or "any", problem=problem, expected=expected))
    text = nlp.make_doc(doc) if isinstance(doc, str) else copy_bare(nlp, doc)
    if not has_words(text):
        raise ValueError(Errors.E804.format(found=text.text[:50]))
    asked = [name for name, maker in makers.items() if (maker.by_default if names is None else name in names)]
    tasks: Dict[str, Task] = {}
    for name, pipe in nlp.pipeline:
        if len(tasks) == len(asked):
            break
        if name in asked:
            # the component may see what it has written itself: it is asked about the text as it was
            before = copy_doc(text)
            tasks[name] = makers[name](name, pipe, text)
            tasks[name].doc = before
        else:
            text = pipe(text)
    for name, task in tasks.items():
        if len(task.doc) != len(text):
            raise ValueError(Errors.E811.format(name=name, expected=len(task.doc), found=len(text)))
    return text, tasks


def has_words(doc: Doc) -> bool:
    """RETURNS (bool): Whether a text is more than white space. doc (Doc): The text."""
    return any(not token.is_space for token in doc)


def passing_words(nlp: Language) -> ContextManager[Any]:
    """RETURNS (ContextManager): In its block words go to the vocabulary only for a while: what stands in for a word is
    none. nlp (Language): The pipeline."""
    vocab: Any = nlp.vocab
    return nullcontext() if vocab.in_memory_zone else nlp.memory_zone()


def find_maker(pipe: Any) -> Optional[Type[Task]]:
    """RETURNS (Optional[Type[Task]]): Makes a Task of a component; None if it cannot be explained. pipe (Any): The
    component."""
    if isinstance(pipe, UNKNOWN):
        return None
    return next((maker for kind, maker in TASKS if isinstance(pipe, kind)), None)


def copy_bare(nlp: Language, doc: Doc) -> Doc:
    """A Doc's tokens, with what the pipeline takes as given.

    nlp (Language): The pipeline.
    doc (Doc): The Doc.
    RETURNS (Doc): A new Doc.
    """
    words, spaces = [token.text for token in doc], [bool(token.whitespace_) for token in doc]
    assigned = {attribute for name in nlp.pipe_names for attribute in nlp.get_pipe_meta(name).assigns}
    borders = None
    if has_borders(doc) and not assigned & {"token.is_sent_start", "doc.sents"}:
        borders = [None if token.is_sent_start is None else bool(token.is_sent_start) for token in doc]
    bare = Doc(nlp.vocab, words=words, spaces=spaces, sent_starts=borders)  # type: ignore[arg-type]
    for _, pipe in nlp.pipeline:
        if isinstance(pipe, SemanticRoleLabeller) and pipe.cfg["predicates"] == "doc":
            key = pipe.cfg["spans_key"]
            if key in doc.spans:
                bare.spans[key] = copy_group(doc.spans[key], bare)
    return bare
