"""Scores of entities: spaCy's own."""

from typing import Any, Callable, Dict, Iterable

from spacy.scorer import get_ner_prf
from spacy.training import Example


def make_ner_scorer() -> Callable[..., Dict[str, Any]]:
    """RETURNS (Callable[..., Dict[str, Any]]): The scorer of `mtl_ner`."""
    return score_ner


def score_ner(examples: Iterable[Example], **settings: Any) -> Dict[str, Any]:
    """Precision, recall and F-score of exact entities; Docs without entity annotation do not count.

    examples (Iterable[Example]): The Examples.
    **settings (Any): Ignored; spaCy passes the component's.
    RETURNS (Dict[str, Any]): The keys "ents_p", "ents_r", "ents_f" and "ents_per_type"; None if nothing counts.
    """
    return get_ner_prf(examples)
