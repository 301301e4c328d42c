"""The annotation that `mtl_dependency` learns from, on the tokens of predicted Docs."""

from typing import Dict, Iterable, List, Sequence, Set, Tuple, Union

import numpy
from spacy.training import Example
from thinc.types import Array1d, Ints1d

from ...annotation import has_annotation, has_same_tokens
from ...heads.dependency.loss import OPEN, DependencyGold
from ...heads.sentence_groups import Layout
from ...tree_checks import find_circling, refuse_faulty_trees

ATTRIBUTES: List[Union[int, str]] = ["TAG", "HEAD", "DEP"]


def read_gold(
    examples: Sequence[Example], layout: Layout, relations: Dict[str, int], tags: Dict[str, int], name: str
) -> DependencyGold:
    """The annotation of a batch on the tokens of its predicted Docs. What is not annotated, or not known, is open, and
    so is a head outside of the sentence as it is laid out.

    examples (Sequence[Example]): The batch.
    layout (Layout): Its sentences.
    relations (Dict[str, int]): The component's relations, with their numbers.
    tags (Dict[str, int]): Its tags.
    name (str): Its name, for messages.
    RETURNS (DependencyGold): The annotation.
    RAISES (ValueError): E903 for a tree that is none.
    """
    parts: List[Tuple[Ints1d, Ints1d, Ints1d]] = []
    offset = 0
    for example in examples:
        of_tokens, heads, of_heads = _read(example, relations, tags)
        parts.append((of_tokens, numpy.where(heads == OPEN, OPEN, heads + offset), of_heads))
        offset += len(example.predicted)
    tag_numbers, heads, numbers = (numpy.concatenate(arrays) for arrays in zip(*parts))
    solid = layout.sentence >= 0
    known = solid & (heads != OPEN)
    strays = known & (layout.sentence[heads] != layout.sentence)
    if strays.any() or not _looks_well(numpy.where(known, heads, numpy.arange(len(heads))), known, layout.sentence):
        # what only looks wrong has other tokens in the predicted Doc, or a sentence that is cut
        for number, example in enumerate(examples, start=1):
            refuse_faulty_trees(example.reference, f"Text {number} of a batch", name)
    heads = numpy.where(known & ~strays, heads, OPEN)
    return DependencyGold(numpy.where(solid, tag_numbers, OPEN), heads, numbers)


def _looks_well(targets: Ints1d, known: Array1d, sentence: Ints1d) -> bool:
    """Whether no sentence has two roots, and no heads go in a circle."""
    roots = sentence[known & (targets == numpy.arange(len(targets)))]
    return len(numpy.unique(roots)) == len(roots) and not find_circling(targets).any()


def _read(example: Example, relations: Dict[str, int], tags: Dict[str, int]) -> Tuple[Ints1d, Ints1d, Ints1d]:
    """Tags, heads in the Doc, and relations."""
    reference = example.reference
    length = len(example.predicted)
    nothing = numpy.full(length, OPEN, dtype="int64")
    has_tree, has_tags = has_annotation(reference, "DEP"), has_annotation(reference, "TAG")
    if not length or not (has_tree or has_tags):
        return nothing, nothing, nothing
    if has_same_tokens(example):
        strings = reference.vocab.strings
        values = reference.to_array(ATTRIBUTES).reshape((length, len(ATTRIBUTES)))
        labels = values[:, 2].tolist()
        known = values[:, 2] != 0
        heads = numpy.where(known, numpy.arange(length) + values[:, 1].astype("int64"), OPEN)
        of_tokens = [tags.get(strings[key], OPEN) if key else OPEN for key in values[:, 0].tolist()]
        of_heads = [relations.get(strings[key], OPEN) if key else OPEN for key in labels]
        return numpy.asarray(of_tokens), heads, numpy.asarray(of_heads)
    of_tokens, of_heads, heads = nothing.tolist(), nothing.tolist(), nothing
    if has_tags:
        of_tokens = [tags.get(tag or "", OPEN) for tag in example.get_aligned("TAG", as_string=True)]
    if has_tree:
        found, labels = example.get_aligned_parse(projectivize=False)
        of_heads = [relations.get(label or "", OPEN) for label in labels]
        heads = numpy.asarray([OPEN if head is None or not label else head for head, label in zip(found, labels)])
    return numpy.asarray(of_tokens), heads, numpy.asarray(of_heads)


def collect_tags(examples: Iterable[Example]) -> List[str]:
    """The tags of a corpus.

    examples (Iterable[Example]): The corpus.
    RETURNS (List[str]): The tags of the references, in alphabetical order.
    """
    found: Set[int] = set()
    strings = None
    for example in examples:
        strings = example.reference.vocab.strings
        found.update(example.reference.to_array("TAG").reshape(-1).tolist())
    return [] if strings is None else sorted(strings[key] for key in found if key)


def number_labels(labels: Sequence[str]) -> Dict[str, int]:
    """RETURNS (Dict[str, int]): The number of each label."""
    return {label: i for i, label in enumerate(labels)}
