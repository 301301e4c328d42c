"""Gold trees that are none: heads in a circle, several roots in a sentence, heads outside of it."""

from typing import Iterator, List, NamedTuple

import numpy
from spacy.tokens import Doc
from thinc.types import Array1d, Ints1d

from .annotation import has_annotation
from .errors import Errors
from .sentences import sentence_starts

CIRCLE = "heads go in a circle"
SEVERAL = "several roots"
OUTSIDE = "a head lies in another sentence"
_SHOWN = 80


class TreeFault(NamedTuple):
    """What is wrong with the tree of a sentence.

    start (int): The first token of the sentence.
    end (int): The token after it.
    problem (str): What is wrong.
    tokens (List[int]): The tokens that are concerned.
    """

    start: int
    end: int
    problem: str
    tokens: List[int]


def read_heads(doc: Doc) -> Ints1d:
    """The head of each token, in a Doc.

    doc (Doc): The Doc.
    RETURNS (Ints1d): Indices of tokens, a root's its own; -1 where it is not annotated.
    """
    if not has_annotation(doc, "DEP"):
        return numpy.full(len(doc), -1, dtype="int64")
    offsets, labels = doc.to_array(["HEAD", "DEP"]).reshape((len(doc), 2)).T
    return numpy.where(labels != 0, numpy.arange(len(doc)) + offsets.astype("int64"), -1)


def find_tree_faults(doc: Doc) -> Iterator[TreeFault]:
    """What is wrong with the trees of a Doc. A token whose head is not annotated is no fault.

    doc (Doc): The Doc.
    YIELDS (TreeFault): The first fault of a sentence.
    """
    heads = read_heads(doc)
    known = heads >= 0
    if not known.any():
        return
    starts = sentence_starts(doc)
    sentence = numpy.cumsum(numpy.isin(numpy.arange(len(doc)), starts)) - 1
    targets = numpy.where(known, heads, numpy.arange(len(doc)))
    outside = sentence[targets] != sentence
    roots = known & (heads == numpy.arange(len(doc)))
    several = numpy.bincount(sentence[roots], minlength=len(starts)) > 1
    circling = find_circling(targets)
    for i in numpy.flatnonzero(several | _mark(sentence, outside | circling, len(starts))).tolist():
        within = sentence == i
        tokens = numpy.flatnonzero(within & circling)
        problem = CIRCLE
        if len(tokens):
            tokens = numpy.asarray(_follow(targets, int(tokens[0])))
        elif (within & outside).any():
            tokens, problem = numpy.flatnonzero(within & outside), OUTSIDE
        else:
            tokens, problem = numpy.flatnonzero(within & roots), SEVERAL
        places = numpy.flatnonzero(within)
        yield TreeFault(int(places[0]), int(places[-1]) + 1, problem, tokens.tolist())


def refuse_faulty_trees(doc: Doc, text: str, name: str) -> None:
    """Raise an error for the first fault of a Doc's trees, if there is one.

    doc (Doc): The Doc.
    text (str): Which Doc it is, for the message.
    name (str): The name of the component that is to learn from it.
    RAISES (ValueError): E903 for a fault.
    """
    fault = next(find_tree_faults(doc), None)
    if fault is not None:
        raise ValueError(Errors.E903.format(name=name, text=text, fault=describe_tree_fault(doc, fault)))


def describe_tree_fault(doc: Doc, fault: TreeFault) -> str:
    """Say where a fault is and what it is.

    doc (Doc): The Doc.
    fault (TreeFault): The fault.
    RETURNS (str): The sentence, and the tokens with their numbers in the Doc and their heads.
    """
    tokens = ", ".join(f"'{doc[i].text}' ({i}) with head {doc[i].head.i}" for i in fault.tokens[:5])
    text = doc[fault.start : fault.end].text
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."
    return f"the sentence '{shown}' (tokens {fault.start} to {fault.end - 1}): {fault.problem}: {tokens}"


def find_circling(targets: Ints1d) -> Array1d:
    """Whether a token's heads lead into a circle.

    targets (Ints1d): The head of each token; its own place for a root, or where none is known.
    RETURNS (Array1d): Boolean, for each token.
    """
    reached = targets
    for _ in range(max(1, len(targets).bit_length())):
        reached = reached[reached]
    return targets[reached] != reached


def _mark(sentence: Ints1d, faulty: Array1d, count: int) -> Array1d:
    return numpy.bincount(sentence[faulty], minlength=count) > 0


def _follow(targets: Ints1d, token: int) -> List[int]:
    """The tokens of the circle that a token's heads lead to."""
    for _ in range(len(targets)):
        token = int(targets[token])
    circle = [token]
    while int(targets[circle[-1]]) != token:
        circle.append(int(targets[circle[-1]]))
    return circle
