"""Sentence accuracy: categories and entities of a text all right, as intents with slots are scored."""

from typing import Any, Callable, Dict, Iterable, List, Sequence

from spacy.training import Example

from ..annotation import annotated_categories, has_entities
from .textcat import score_textcat


def make_sentence_scorer() -> Callable[..., Dict[str, Any]]:
    """RETURNS (Callable[..., Dict[str, Any]]): A scorer for an exclusive `mtl_textcat` beside an entity recognizer."""
    return score_sentences


def score_sentences(
    examples: Iterable[Example], *, labels: Sequence[str], name: str = "mtl_textcat", **settings: Any
) -> Dict[str, Any]:
    """The scores of a text categorizer, and the share of texts of which everything is right.

    A text counts if its category and all its entities are annotated. It is right if the most probable label is the
    annotated one and the entities are the annotated ones, boundaries and labels (sentence-level semantic frame
    accuracy; Goo et al. 2018).

    examples (Iterable[Example]): The Examples.
    labels (Sequence[str]): The categorizer's labels.
    name (str): The categorizer's name.
    **settings (Any): The categorizer's others; see `score_textcat`.
    RETURNS (Dict[str, Any]): The scores of `score_textcat`, and `{name}_sentence_acc`; None if no text counts.
    """
    examples = list(examples)
    right: List[bool] = []
    for example in examples:
        expected = annotated_categories(example, labels)
        if not any(expected.values()) or not has_entities(example):
            continue
        predicted = {label: example.predicted.cats.get(label, 0.0) for label in labels}
        answer = max(expected, key=lambda label: expected[label])  # noqa: B023
        is_right = max(predicted, key=lambda label: predicted[label]) == answer  # noqa: B023
        right.append(is_right and _entities(example.predicted) == _entities(example.reference))
    scores = score_textcat(examples, labels=labels, name=name, **settings)
    return {**scores, f"{name}_sentence_acc": sum(right) / len(right) if right else None}


def _entities(doc: Any) -> List:
    # characters, so that other tokens do not matter
    return [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents]
