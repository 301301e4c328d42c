"""Gold values of text categories, checked."""

from typing import Dict, Sequence

from spacy.training import Example

from ...annotation import TEXT_SHOWN, annotated_categories
from ...errors import Errors


def read_categories(example: Example, labels: Sequence[str], exclusive: bool, name: str) -> Dict[str, float]:
    """The annotated values of a component's labels.

    example (Example): The Example, of which the reference is asked.
    labels (Sequence[str]): The labels.
    exclusive (bool): Whether exactly one of them is true of a Doc.
    name (str): The name of the component, for messages.
    RETURNS (Dict[str, float]): Label to value in [0, 1]; empty if the Example says nothing about the labels.
    RAISES (ValueError): E308 for a value out of range, E309 for two labels that exclude each other, E310 for none.
    """
    cats = annotated_categories(example, labels)
    if exclusive and cats:
        true = [label for label, value in cats.items() if value == 1.0]
        if len(true) > 1:
            raise ValueError(
                Errors.E309.format(name=name, text=_begin(example), found=len(true), labels=", ".join(true))
            )
        if len(cats) == len(labels) and not any(cats.values()):
            raise ValueError(Errors.E310.format(name=name, text=_begin(example), labels=", ".join(cats)))
    return cats


def _begin(example: Example) -> str:
    return example.reference.text[:TEXT_SHOWN]
