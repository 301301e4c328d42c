"""The one answer to the question: is this Example annotated for this task, and how much of it?"""

from numbers import Real
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence

import numpy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab

from .errors import Errors
from .translations import get_translations

TASKS_KEY = "spacy_mtl_tasks"
"""Where a reference's user data names the components that its annotation is for; without it, it is for all."""
LESSONS_KEY = "spacy_mtl_lessons"
"""Where a reference's user data has what teachers say of the text: no annotation, it goes along with the tokens."""
TEXT_SHOWN = 60


def is_for(example: Example, name: str) -> bool:
    """Whether what the Example annotates is meant for a component.

    example (Example): The Example.
    name (str): The name of the component.
    RETURNS (bool): False if its source names its tasks, and this component is none of them.
    """
    tasks = example.reference.user_data.get(TASKS_KEY)
    return tasks is None or name in tasks


def mask_others(examples: Iterable[Example], name: str) -> Iterator[Example]:
    """Take the annotation from those Examples whose sources are not for a component.

    examples (Iterable[Example]): The Examples.
    name (str): The name of the component.
    YIELDS (Example): As many Examples, with the same predicted Docs. What is not for the component is unknown.
    """
    for example in examples:
        if is_for(example, name):
            yield example
        else:
            yield Example(example.predicted, copy_tokens(example.reference))


def copy_tokens(doc: Doc, vocab: Optional[Vocab] = None) -> Doc:
    """The tokens of a Doc without any annotation.

    doc (Doc): The Doc.
    vocab (Optional[Vocab]): The vocabulary of the copy; None for that of the Doc.
    RETURNS (Doc): Another Doc of the same text, with what teachers say of it.
    """
    words = [token.text for token in doc]
    spaces = None if doc.has_unknown_spaces else [bool(token.whitespace_) for token in doc]
    lessons = doc.user_data.get(LESSONS_KEY)
    user_data = None if lessons is None else {LESSONS_KEY: lessons}
    return Doc(vocab or doc.vocab, words=words, spaces=spaces, user_data=user_data)


def read_category(value: Any) -> Optional[float]:
    """The gold value of a category, whatever kind of number it is: Python's, numpy's, a boolean.

    value (Any): What lies in `doc.cats`.
    RETURNS (Optional[float]): The value in [0, 1]; None if it is none, such as NaN, 2.0, a string or None.
    """
    if not isinstance(value, (Real, numpy.bool_)):
        return None
    number = float(value)
    return number if 0.0 <= number <= 1.0 else None


def annotated_categories(example: Example, labels: Sequence[str]) -> Dict[str, float]:
    """The gold values of those labels that the Example annotates; a missing label is unknown, not negative.

    example (Example): The Example, of which the reference is asked.
    labels (Sequence[str]): The labels of one component.
    RETURNS (Dict[str, float]): Label to value in [0, 1]; empty if the Example says nothing about the labels.
    RAISES (ValueError): E308 for a value that is no number from 0 to 1.
    """
    categories = example.reference.cats
    annotated = {}
    for label in labels:
        if label in categories:
            value = read_category(categories[label])
            if value is None:
                text = example.reference.text[:TEXT_SHOWN]
                raise ValueError(Errors.E308.format(value=categories[label], label=label, text=text))
            annotated[label] = value
    return annotated


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


def has_annotation(doc: Doc, attribute: str) -> bool:
    """Whether any token of a Doc has an attribute. spaCy says yes of a Doc without tokens, of which there is nothing to
    know.

    doc (Doc): The Doc.
    attribute (str): The attribute, such as "ENT_IOB".
    RETURNS (bool): Whether one is set.
    """
    return len(doc) > 0 and doc.has_annotation(attribute)


def has_entities(example: Example) -> bool:
    """Whether any token of the reference is annotated for entities.

    example (Example): The Example.
    RETURNS (bool): Whether it is.
    """
    return has_annotation(example.reference, "ENT_IOB")


def has_frames(example: Example, spans_key: str = "srl") -> bool:
    """Whether the reference is annotated for semantic roles: a present but empty group counts, an absent one not, nor
    does a Doc without tokens.

    example (Example): The Example.
    spans_key (str): The span group of the frames.
    RETURNS (bool): Whether it is.
    """
    return len(example.reference) > 0 and spans_key in example.reference.spans


def has_translation(example: Example, language: Optional[str] = None) -> bool:
    """Whether the reference has a translation; one of a Doc without tokens does not count.

    example (Example): The Example.
    language (Optional[str]): The language of the translation; None for any.
    RETURNS (bool): Whether it has.
    RAISES (ValueError): E017 for a span group of translations that holds something else.
    """
    texts = get_translations(example.reference) if len(example.reference) else None
    return bool(texts) if language is None else language in (texts or {})
