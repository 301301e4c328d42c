import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.tree_checks import CIRCLE, OUTSIDE, SEVERAL, describe_tree_fault, find_tree_faults

from .pipeline.dependency.test_component import make_examples, make_nlp

VOCAB = spacy.blank("en").vocab
SOUND = {
    "one": [0],
    "two sentences": [1, 1, 2, 2],
    "arcs that cross": [1, 3, 3, 3, 1],
    "not annotated": [None, None],
    "a part": [1, None, 1],
    "no root known": [1, 2, None],
}
FAULTY = {
    "a circle": ([1, 0], [(0, 2, CIRCLE, {0, 1})]),
    "a circle below a root": ([0, 2, 3, 1, 0], [(0, 5, CIRCLE, {1, 2, 3})]),
    "led into a circle": ([0, 0, 1, 4, 3, 0, 3], [(0, 7, CIRCLE, {3, 4})]),
    "a circle beside what is not known": ([1, 0, None], [(0, 3, CIRCLE, {0, 1})]),
    "two roots across": ([0, 1, 0], [(1, 3, OUTSIDE, {2})]),
    "two roots in one": ([2, 3, 2, 3], [(0, 1, OUTSIDE, {0}), (1, 4, SEVERAL, {2, 3})]),
}


def make_doc(heads):
    deps = [None if head is None else "ROOT" if head == i else "dep" for i, head in enumerate(heads)]
    return Doc(VOCAB, words=[f"w{i}" for i in range(len(heads))], heads=heads, deps=deps)


@pytest.mark.parametrize("name", SOUND)
def test_trees_that_are_some(name):
    assert list(find_tree_faults(make_doc(SOUND[name]))) == []


@pytest.mark.parametrize("name", FAULTY)
def test_trees_that_are_none(name):
    heads, expected = FAULTY[name]
    doc = make_doc(heads)
    found = list(find_tree_faults(doc))
    assert [(fault.start, fault.end, fault.problem, set(fault.tokens)) for fault in found] == expected
    told = describe_tree_fault(doc, found[0])
    assert all(f"'w{i}' ({i}) with head {heads[i]}" in told for i in found[0].tokens) and found[0].problem in told


@pytest.mark.parametrize("name", FAULTY)
def test_nothing_is_learned_from_them(name):
    doc = make_doc(FAULTY[name][0])
    nlp = make_nlp()
    wrong = Example(Doc(nlp.vocab, words=[token.text for token in doc]), doc)
    examples = [*make_examples(nlp), wrong]
    with pytest.raises(ValueError, match=r"MTL-E903.*Text 6 of a batch.*parser.*'w\d' \(\d\) with head"):
        nlp.update(examples)
    with pytest.raises(ValueError, match="MTL-E903.*Text 6 of the training corpus"):
        make_nlp(initialized=False).initialize(lambda: examples)
