"""Scores of entities: spaCy's own, and on how many texts."""

from collections import Counter
from typing import Any, Callable, Dict, Iterable, Optional, Sequence
from typing import Counter as CounterType

from spacy.scorer import get_ner_prf
from spacy.training import Example

from ..annotation import has_entities


def make_ner_scorer() -> Callable[..., Dict[str, Any]]:
    """RETURNS (Callable[..., Dict[str, Any]]): The scorer of `mtl_ner`."""
    return score_ner


def score_ner(
    examples: Iterable[Example], *, labels: Optional[Sequence[str]] = None, **settings: Any
) -> Dict[str, Any]:
    """Precision, recall and F-score of exact entities; Docs without entity annotation do not count. An entity with a
    label that the component does not know is one that it misses.

    examples (Iterable[Example]): The Examples.
    labels (Optional[Sequence[str]]): The component's labels.
    **settings (Any): Ignored; spaCy passes the component's.
    RETURNS (Dict[str, Any]): The keys "ents_p", "ents_r", "ents_f" and "ents_per_type", None if nothing counts;
        "ents_texts", the number of Docs that count; "ents_unknown", the labels of gold entities that are neither the
        component's nor predicted by another, with the number of entities.
    """
    annotated = [example for example in examples if has_entities(example)]
    unknown: CounterType[str] = Counter()
    if labels is not None:
        known = {*labels, *(entity.label_ for example in annotated for entity in example.predicted.ents)}
        gold = (entity.label_ for example in annotated for entity in example.reference.ents)
        unknown.update(label for label in gold if label not in known)
    return {**get_ner_prf(annotated), "ents_texts": len(annotated), "ents_unknown": dict(sorted(unknown.items()))}
