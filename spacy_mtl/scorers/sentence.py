"""Sentence accuracy: categories and entities of a text all right, as intents with slots are scored."""

from typing import Any, Callable, Dict, Iterable, List, Sequence

from spacy.training import Example

from ..annotation import has_entities
from .categories import judge_categories
from .textcat import score_textcat


def make_sentence_scorer() -> Callable[..., Dict[str, Any]]:
    """RETURNS (Callable[..., Dict[str, Any]]): A scorer for a `mtl_textcat` beside an entity recognizer."""
    return score_sentences


def score_sentences(
    examples: Iterable[Example],
    *,
    labels: Sequence[str],
    name: str = "mtl_textcat",
    exclusive: bool = True,
    threshold: float = 0.5,
    **settings: Any,
) -> Dict[str, Any]:
    """The scores of a text categorizer, and the share of texts of which everything is right.

    A text counts if its categories and its entities are annotated. It is right if its categories are, as
    `score_textcat` has it, and the entities are the annotated ones, boundaries and labels (sentence-level semantic
    frame accuracy; Goo et al. 2018).

    examples (Iterable[Example]): The Examples.
    labels (Sequence[str]): The categorizer's labels.
    name (str): The categorizer's name.
    exclusive (bool): Whether exactly one of the labels is true of a text; else all that are annotated must be right.
    threshold (float): The probability from which a label counts as true, if labels do not exclude each other.
    **settings (Any): The categorizer's others; see `score_textcat`.
    RETURNS (Dict[str, Any]): The scores of `score_textcat`, `{name}_sentence_acc`, None if no text counts, and
        `{name}_sentence_texts`, how many do.
    """
    examples = list(examples)
    judgements = judge_categories(examples, labels, name=name, exclusive=exclusive, threshold=threshold)
    right = [
        judged.is_right and _entities(example.predicted) == _entities(example.reference)
        for example, judged in zip(examples, judgements)
        if judged is not None and has_entities(example)
    ]
    scores = score_textcat(examples, labels=labels, name=name, exclusive=exclusive, threshold=threshold, **settings)
    accuracy = sum(right) / len(right) if right else None
    return {**scores, f"{name}_sentence_acc": accuracy, f"{name}_sentence_texts": len(right)}


def _entities(doc: Any) -> List:
    # characters, so that other tokens do not matter
    return [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents]
