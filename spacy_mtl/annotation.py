"""The one answer to the question: is this Example annotated for this task, and how much of it?"""

from typing import Dict, List, Optional, Sequence

from spacy.training import Example


def annotated_categories(example: Example, labels: Sequence[str]) -> Dict[str, float]:
    """The gold values of those labels that the Example annotates; a missing label is unknown, not negative.

    example (Example): The Example, of which the reference is asked.
    labels (Sequence[str]): The labels of one component.
    RETURNS (Dict[str, float]): Label to value in [0, 1]; empty if the Example says nothing about the labels.
    """
    categories = example.reference.cats
    return {label: float(categories[label]) for label in labels if label in categories}


def annotated_entity_tags(example: Example) -> List[Optional[str]]:
    """BILUO tags on the predicted Doc's tokens; None for a token that the reference leaves open.

    A Doc without any entity annotation is open everywhere; `doc.ents = []` closes it (all "O").

    example (Example): The Example.
    RETURNS (List[Optional[str]]): One tag for each token of `example.predicted`.
    """
    return list(example.get_aligned_ner())


def has_entities(example: Example) -> bool:
    """Whether any token of the reference is annotated for entities."""
    return example.reference.has_annotation("ENT_IOB")


def has_frames(example: Example, spans_key: str = "srl") -> bool:
    """Whether the reference is annotated for semantic roles: a present but empty group counts, an absent one not."""
    return spans_key in example.reference.spans
