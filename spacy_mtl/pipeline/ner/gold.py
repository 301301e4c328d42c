"""Entities of a Doc, in `doc.ents` or in a span group: reading them to learn or to score, and writing them."""

from collections import Counter
from typing import Any, Collection, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple
from typing import Counter as CounterType

import numpy
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example
from spacy.util import filter_spans

from ...annotation import copy_tokens, has_annotation
from ...heads.ner.tagging_scheme import EntitySpan
from ...span_places import place_spans, read_spans
from ..gold_labels import Claims, planned_labels
from ..head import Head
from .tags import preset_spans


class GroupEntities(NamedTuple):
    """The entities of a span group as those of a Doc.

    doc (Doc): The same tokens, with the spans as `doc.ents`.
    overlapping (Counter[str]): By label, the spans that are left out because they overlap with a longer one, or with
        an earlier one of the same length.
    """

    doc: Doc
    overlapping: CounterType[str]


def read_group(doc: Doc, spans_key: str) -> GroupEntities:
    """The entities of a span group. Without the group all tokens are open, and so are those of spans without a label.

    doc (Doc): The Doc.
    spans_key (str): The name of the group.
    RETURNS (GroupEntities): The entities.
    """
    copy = copy_tokens(doc)
    if spans_key not in doc.spans:
        return GroupEntities(copy, Counter())
    placed = place_spans(doc.spans[spans_key], widen=True)
    group = [Span(doc, start, end, label=stored.label) for stored, start, end in placed]
    chosen = filter_spans([span for span in group if span.label])
    taken = {i for span in chosen for i in range(span.start, span.end)}
    missing = [copy[i : i + 1] for span in group if not span.label for i in range(span.start, span.end)]
    copy.set_ents(
        [Span(copy, span.start, span.end, label=span.label) for span in chosen],
        missing=[token for token in missing if token.start not in taken],
        default="outside",
    )
    kept = {(span.start, span.end, span.label) for span in chosen}
    dropped = [span.label_ for span in group if span.label and (span.start, span.end, span.label) not in kept]
    return GroupEntities(copy, Counter(dropped))


def restrict_entities(doc: Doc, only: Optional[Collection[str]] = None, without: Collection[str] = ()) -> Doc:
    """A copy of a Doc with some of its entities; where the others are it has none. Open tokens stay open.

    doc (Doc): The Doc.
    only (Optional[Collection[str]]): The labels that stay; None for all.
    without (Collection[str]): Labels that go.
    RETURNS (Doc): The same tokens, with these entities alone.
    """
    copy = copy_tokens(doc)
    if doc.has_annotation("ENT_IOB"):
        missing = [copy[i : i + 1] for i, code in enumerate(doc.to_array("ENT_IOB").tolist()) if code == 0]
        spans = [
            Span(copy, entity.start, entity.end, label=entity.label)
            for entity in doc.ents
            if entity.label_ not in without and (only is None or entity.label_ in only)
        ]
        copy.set_ents(spans, missing=missing, default="outside")
    return copy


def read_entity_labels(doc: Doc, spans_key: Optional[str]) -> Optional[List[str]]:
    """The labels of a Doc's entities.

    doc (Doc): The Doc.
    spans_key (Optional[str]): The span group that holds them; None for `doc.ents`.
    RETURNS (Optional[List[str]]): The labels; None if the Doc is not annotated for any entity.
    """
    if spans_key is not None:
        group = doc.spans.get(spans_key)
        return None if group is None else [span.label_ for span in read_spans(group) if span.label]
    return [entity.label_ for entity in doc.ents] if has_annotation(doc, "ENT_IOB") else None


def find_claims(nlp: Language, component: Head, are_given: bool, blocks: Optional[Mapping[str, Any]] = None) -> Claims:
    """The labels of other components of the same kind that read the same entities. One without given labels takes what
    there is: that leaves nothing unknown, but takes nothing from another that has none either.

    nlp (Language): The pipeline.
    component (Head): The component that asks.
    are_given (bool): Whether its own labels are given.
    blocks (Optional[Mapping[str, Any]]): As for `planned_labels`.
    RETURNS (Claims): Component to labels.
    """
    claims: Dict[str, Optional[Sequence[str]]] = {}
    for name, pipe in nlp.components:
        if pipe is component or not isinstance(pipe, type(component)):
            continue
        if pipe.cfg["spans_key"] == component.cfg["spans_key"]:
            planned = planned_labels(nlp, name, blocks) or pipe.cfg["given_labels"]
            if planned or are_given:
                claims[name] = planned
    return claims


def find_labels_outside(
    nlp: Language, name: str, kept: Collection[str], blocks: Optional[Mapping[str, Any]] = None
) -> List[str]:
    """The labels that a pipeline gives to recognizers of the same entities which a part of it does not have.

    nlp (Language): The pipeline.
    name (str): The name of a component of the part.
    kept (Collection[str]): The names of all its components.
    blocks (Optional[Mapping[str, Any]]): As for `planned_labels`.
    RETURNS (List[str]): The labels that are none of the component's.
    """
    pipe: Any = nlp.get_pipe(name)
    claims = find_claims(nlp, pipe, False, blocks)
    own = {*(planned_labels(nlp, name, blocks) or pipe.cfg["given_labels"] or ())}
    return sorted({label for other, labels in claims.items() if other not in kept for label in labels or ()} - own)


def read_groups(examples: Sequence[Example], spans_key: str) -> Tuple[List[Example], str]:
    """Examples whose references have the entities of a span group.

    examples (Sequence[Example]): The Examples.
    spans_key (str): The name of the group.
    RETURNS (Tuple[List[Example], str]): As many Examples, and the labels of spans that overlap with others and are left
        out, with their number, in words.
    """
    groups = [read_group(example.reference, spans_key) for example in examples]
    overlapping: CounterType[str] = sum((group.overlapping for group in groups), Counter())
    found = ", ".join(f"{label} ({count})" for label, count in sorted(overlapping.items()))
    return [Example(example.predicted, group.doc) for example, group in zip(examples, groups)], found


def restrict_examples(
    examples: Iterable[Example], labels: Collection[str], left_out: Collection[str], spans_key: Optional[str]
) -> List[Example]:
    """Examples with the entities by which a component is scored, all of them in `doc.ents`.

    examples (Iterable[Example]): The Examples.
    labels (Collection[str]): The component's labels: of predicted entities these stay.
    left_out (Collection[str]): Labels of other components: gold entities of these go.
    spans_key (Optional[str]): The component's span group, in which all stay; None for `doc.ents`.
    RETURNS (List[Example]): As many Examples, of the same texts.
    """
    if spans_key is not None:
        groups = [(read_group(one.predicted, spans_key), read_group(one.reference, spans_key)) for one in examples]
        return [Example(predicted.doc, reference.doc) for predicted, reference in groups]
    return [
        Example(restrict_entities(one.predicted, only=labels), restrict_entities(one.reference, without=left_out))
        for one in examples
    ]


def write_group(doc: Doc, entities: Sequence[EntitySpan], spans_key: str) -> None:
    """Write entities to a span group, their probabilities to its attrs, where spaCy's `spancat` has them.

    doc (Doc): The Doc to modify.
    entities (Sequence[EntitySpan]): The entities.
    spans_key (str): The name of the group.
    """
    spans = [Span(doc, start, end, label=label) for label, start, end, _ in entities]
    scores = numpy.asarray([probability for *_, probability in entities], dtype="float32")
    doc.spans[spans_key] = SpanGroup(doc, name=spans_key, attrs={"scores": scores}, spans=spans)


def write_entities(doc: Doc, entities: Sequence[EntitySpan], overwrite: bool) -> None:
    """Write entities to `doc.ents`, their probabilities to `span._.confidence`. No token is left open.

    doc (Doc): The Doc to modify.
    entities (Sequence[EntitySpan]): The entities.
    overwrite (bool): Whether they take the place of entities that are there. Blocked tokens always stay blocked.
    """
    preset, blocked = preset_spans(doc)
    taken = {i for span in blocked for i in range(span.start, span.end)}
    if not overwrite:
        taken.update(i for span in preset for i in range(span.start, span.end))
    spans = []
    for label, start, end, probability in entities:
        if taken.isdisjoint(range(start, end)):
            span = Span(doc, start, end, label=label)
            span._.confidence = probability
            spans.append(span)
    covered = {i for span in spans for i in range(span.start, span.end)}
    kept = [span for span in preset if covered.isdisjoint(range(span.start, span.end))]
    doc.set_ents([*kept, *spans], blocked=blocked, default="outside")
