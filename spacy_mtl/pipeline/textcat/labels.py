"""Which labels are a text categorizer's: several of them share `doc.cats`."""

from typing import Dict, Iterable, List, Mapping, Sequence, Set

from spacy.language import Language
from spacy.pipeline import Pipe, TextCategorizer
from spacy.training import Example

from ...annotation import is_for
from ...errors import Errors
from ..gold_labels import planned_labels
from ..label_checks import check_labels


def find_labels(
    examples: Iterable[Example], name: str, added: Sequence[str], others: Mapping[str, Sequence[str]]
) -> List[str]:
    """The categories of the Examples that are for a component, and that no other component claims.

    examples (Iterable[Example]): The Examples.
    name (str): The name of the component.
    added (Sequence[str]): Labels that it has.
    others (Mapping[str, Sequence[str]]): What `labels_of_others` gives.
    RETURNS (List[str]): The labels, in the order of the alphabet.
    RAISES (ValueError): E205 for a label that is not a string; E304, E307, E311 if there is none.
    """
    found = 0
    categories: Set[str] = set()
    for example in examples:
        found += 1
        if is_for(example, name) and example.reference.cats:
            categories.update(check_labels(example.reference.cats.keys(), name))
            for other, labels in others.items():
                if not labels and not added and is_for(example, other):
                    raise ValueError(Errors.E307.format(name=name, other=other))
    if not categories and not added:
        raise ValueError(Errors.E304.format(name=name, found=found))
    own = sorted(categories.difference(*others.values()))
    if not own and not added:
        raise ValueError(Errors.E311.format(name=name, others=", ".join(others)))
    return own


def check_label_sets(name: str, labels: Sequence[str], others: Mapping[str, Sequence[str]], exclusive: bool) -> None:
    """Refuse too few labels, and labels of another component.

    name (str): The name of the component.
    labels (Sequence[str]): Its labels.
    others (Mapping[str, Sequence[str]]): What `labels_of_others` gives.
    exclusive (bool): Whether exactly one of its labels is true of a Doc.
    RAISES (ValueError): E305, E306.
    """
    for other, theirs in others.items():
        shared = [label for label in labels if label in theirs]
        if shared:
            raise ValueError(Errors.E306.format(name=name, other=other, labels=", ".join(shared)))
    fewest = 2 if exclusive else 1
    if len(labels) < fewest:
        raise ValueError(
            Errors.E305.format(name=name, expected=fewest, exclusive=str(exclusive).lower(), found=list(labels))
        )


def labels_of_others(nlp: Language, component: Pipe) -> Dict[str, Sequence[str]]:
    """The labels that the other text categorizers have, or are to have by the config.

    nlp (Language): The pipeline.
    component (Pipe): The component that asks.
    RETURNS (Dict[str, Sequence[str]]): Component to labels; empty if they are yet unknown.
    """
    return {
        other: planned_labels(nlp, other) or pipe.labels
        for other, pipe in nlp.components
        if pipe is not component and isinstance(pipe, (TextCategorizer, type(component)))
    }
