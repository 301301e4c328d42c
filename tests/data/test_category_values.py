import numpy
import pytest
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_mtl.data.category_values import find_bad_categories, good_categories

VOCAB = Vocab()


def make_doc(**cats):
    doc = Doc(VOCAB, words=["it", "rains"])
    doc.cats = cats
    return doc


@pytest.mark.parametrize("value", [None, float("nan"), "1", 2.0, -1, [1], {}])
def test_values_that_are_none_are_told_with_the_number_of_the_doc(value):
    doc = make_doc(wet=1.0, dry=value)
    problem = find_bad_categories(doc, 7, "a.spacy")
    assert (
        problem.startswith("[MTL-E190] Doc 7 of a.spacy ('it rains") and "'dry'" in problem and repr(value) in problem
    )
    assert good_categories(doc) == {"wet": 1.0}


def test_labels_that_are_no_strings():
    doc = make_doc()
    doc.cats = {3: 1.0}
    assert "MTL-E190" in find_bad_categories(doc, 1, "a.spacy") and good_categories(doc) == {}


def test_numbers_of_any_kind_are_good():
    doc = make_doc(a=1, b=True, c=numpy.float32(0.5), d=numpy.int64(0))
    assert find_bad_categories(doc, 1, "a.spacy") == ""
    assert good_categories(doc) == {"a": 1.0, "b": 1.0, "c": 0.5, "d": 0.0}
