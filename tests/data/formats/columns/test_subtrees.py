import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtl.data.formats.columns.subtrees import widen_heads

# "And the old man , who sold us bread , waved ." with the heads of Universal Dependencies.
WORDS = ["And", "the", "old", "man", ",", "who", "sold", "us", "bread", ",", "waved", "."]
HEADS = [10, 3, 3, 10, 6, 6, 3, 6, 6, 6, 10, 10]
DEPS = ["cc", "det", "amod", "nsubj", "punct", "nsubj", "acl:relcl", "iobj", "obj", "punct", "root", "punct"]
WAVED, SOLD, MAN, WHO, US, BREAD = 10, 6, 3, 5, 7, 8


def text(spans):
    return [" ".join(WORDS[start:end]) for start, end in spans]


def test_an_argument_is_its_heads_subtree():
    assert text(widen_heads(HEADS, DEPS, WAVED, [MAN])) == ["the old man , who sold us bread"]


def test_the_predicate_and_what_hangs_on_it_is_left_out():
    assert text(widen_heads(HEADS, DEPS, SOLD, [MAN, WHO, US, BREAD])) == ["the old man", "who", "us", "bread"]


def test_the_head_of_a_copula_leaves_the_subject_to_itself():
    # "he is a sailor" hangs on "sailor"; "is" is the predicate
    assert widen_heads([3, 3, 3, 3], ["nsubj", "cop", "det", "root"], 1, [0, 3]) == [(0, 1), (2, 4)]


def test_what_is_not_contiguous_with_the_head_is_left_out():
    # "news arrived of rain": "of rain" hangs on "news"
    assert widen_heads([1, 1, 3, 0], ["nsubj", "root", "case", "nmod"], 1, [0]) == [(0, 1)]


def test_punctuation_and_conjunctions_stay_off_the_borders_unless_they_are_the_head():
    deps = ["punct", "cc", "obj", "punct", "conj", "punct"]
    assert widen_heads([2, 2, 6, 2, 2, 2, 6], [*deps, "root"], 6, [2]) == [(2, 5)]
    assert widen_heads([1, 1], ["punct", "root"], 1, [0]) == [(0, 1)]


def test_an_open_head_belongs_to_no_subtree():
    assert widen_heads([-1, -1, 1], ["", "", "det"], 0, [1]) == [(1, 3)]


@st.composite
def trees(draw):
    """Heads of words, cycles and open heads among them, a predicate and its arguments."""
    length = draw(st.integers(2, 9))
    heads = draw(st.lists(st.integers(-1, length - 1), min_size=length, max_size=length))
    deps = draw(st.lists(st.sampled_from(["nsubj", "obj", "punct", "cc", ""]), min_size=length, max_size=length))
    predicate, *arguments = draw(st.permutations(range(length)))[: draw(st.integers(1, length))]
    return heads, deps, predicate, arguments


@given(trees())
def test_spans_hold_their_heads_and_never_overlap(case):
    heads, deps, predicate, arguments = case
    spans = widen_heads(heads, deps, predicate, arguments)
    assert len(spans) == len(arguments)
    assert all(start <= argument < end for argument, (start, end) in zip(arguments, spans))
    members = [word for start, end in spans for word in range(start, end)] + [predicate]
    assert len(members) == len(set(members))


@pytest.mark.parametrize("heads", [[1, 2, 0, 0], [0, 0, 0, 0]])
def test_a_cycle_ends(heads):
    assert widen_heads(heads, ["x"] * 4, 3, [0]) == [(0, 3)]
