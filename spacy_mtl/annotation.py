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
    return {label: categories[label] for label in labels if label in categories}


def annotated_entity_tags(example: Example) -> List[Optional[str]]:
    """BILUO tags on the predicted Doc's tokens; None for a token that the reference leaves open.

    A Doc without any entity annotation is open everywhere; `doc.ents = []` closes it (all "O").

    example (Example): The Example.
    RETURNS (List[Optional[str]]): One tag for each token of `example.predicted`.
    """
    if not has_same_tokens(example):
        return list(example.get_aligned_ner())
    # what get_aligned_ner gives for one tokenization, six times as fast: this is asked of every Example at every update
    reference = example.reference
    if not has_entities(example):
        return [None] * len(reference)
    outside = 2
    iob = reference.to_array("ENT_IOB").tolist()
    is_space = reference.to_array("IS_SPACE").tolist()
    tags: List[Optional[str]] = ["O" if code == outside or space else None for code, space in zip(iob, is_space)]
    for entity in reference.ents:
        label, length = entity.label_, len(entity)
        if length == 1:
            tags[entity.start] = f"U-{label}"
        else:
            tags[entity.start : entity.end] = [f"B-{label}", *[f"I-{label}"] * (length - 2), f"L-{label}"]
    return tags


def has_same_tokens(example: Example) -> bool:
    """Whether predicted and reference Doc have the same tokens, those of white space included.

    example (Example): The Example.
    RETURNS (bool): True if token i of the one is token i of the other.
    """
    return example.predicted.to_array("ORTH").tolist() == example.reference.to_array("ORTH").tolist()


def has_entities(example: Example) -> bool:
    """Whether any token of the reference is annotated for entities."""
    return example.reference.has_annotation("ENT_IOB")


def has_frames(example: Example, spans_key: str = "srl") -> bool:
    """Whether the reference is annotated for semantic roles: a present but empty group counts, an absent one not."""
    return spans_key in example.reference.spans
