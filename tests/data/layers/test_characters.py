import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_mtl.data.layers.characters import Characters, DoesNotFit, Mapping, remove_blanks

VOCAB = Vocab()


def make(words):
    return Characters(Doc(VOCAB, words=words))


def test_spans_move_where_both_ends_are_ends_of_tokens():
    mapping = Mapping(make(["New", "York", "is", "n't"]), make(["New York", "isn", "'t"]))
    assert mapping.move(0, 2) == (0, 1)
    assert mapping.move(0, 4) == (0, 3)
    assert mapping.move(2, 4) == (1, 3)
    for span in ((0, 1), (1, 2), (2, 3), (3, 4)):
        with pytest.raises(DoesNotFit):
            mapping.move(*span)
    assert [mapping.touch(i) for i in range(4)] == [[0], [0], [1], [1, 2]]


def test_white_space_tokens_are_passed_over():
    mapping = Mapping(make(["a", "\n\n", "b"]), make(["a", "b"]))
    assert (mapping.move(0, 3), mapping.move(2, 3), mapping.touch(1)) == ((0, 2), (1, 2), [])
    with pytest.raises(DoesNotFit):
        mapping.move(1, 2)


def cut(text, borders):
    ends = sorted({*borders, len(text)})
    return [text[start:end] for start, end in zip([0, *ends], ends)]


@given(st.text("ab\u00e9\U0001f600", min_size=1, max_size=12), st.data())
def test_what_moves_has_the_same_characters_and_moves_back(text, data):
    borders = st.sets(st.integers(1, len(text)), max_size=6)
    one, other = make(cut(text, data.draw(borders))), make(cut(text, data.draw(borders)))
    start = data.draw(st.integers(0, len(one.bounds) - 1))
    end = data.draw(st.integers(start + 1, len(one.bounds)))
    try:
        moved = Mapping(one, other).move(start, end)
    except DoesNotFit:
        return
    assert (other.bounds[moved[0]][0], other.bounds[moved[1] - 1][1]) == (one.bounds[start][0], one.bounds[end - 1][1])
    assert Mapping(other, one).move(*moved) == (start, end)


def test_all_white_space_goes():
    assert remove_blanks(" a\u00a0b\n\tc ") == "abc"
