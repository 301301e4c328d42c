import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtl.data.formats.columns.spelling import MultiwordToken, merge_words, spell

WORDS = st.lists(st.text(st.sampled_from("aàb'.-\u00a0"), min_size=1, max_size=3), min_size=1, max_size=8)


@given(WORDS, st.data())
def test_blanks_are_found_again(words, data):
    spaces = data.draw(st.lists(st.sampled_from(["", " ", "  ", "\u00a0", "\t"]), min_size=len(words)))
    # a word of white space leaves no letter to tell where the blanks are
    words = [word if word.strip() else "x" for word in words]
    text = "".join(word + space for word, space in zip(words, spaces))
    spelling = spell(words, text)
    assert spelling is not None and spelling.multiword == []
    for i, (word, following) in enumerate(zip(words, words[1:])):
        known = bool(spaces[i]) or word[-1] == "\u00a0" or following[0] == "\u00a0"
        assert spelling.spaces[i] == known
    assert spelling.spaces[-1]


@pytest.mark.parametrize(
    "words, text, contracted",
    [
        ("Vou a o mercado .", "Vou ao mercado.", []),
        ("o livro de o menino", "o livro do menino", ["do"]),
        ("em a casa de os pais", "na casa dos pais", ["na", "dos"]),
        ("en dando me lo", "en dándomelo", ["dándomelo"]),
        ("de ess e", "dess e", ["dess"]),
        ("in dem Haus", "im Haus", ["im"]),
        ("I can not", "I can't", ["can't"]),
        ("I ca n't", "I can't", []),
        ("de le pain", "du pain", ["du"]),
    ],
)
def test_contractions(words, text, contracted):
    words = words.split()
    spelling = spell(words, text, contractions=True)
    assert [token.form for token in spelling.multiword] == contracted
    merged = merge_words(words, spelling.multiword)
    spelled = "".join(token.form + " " * spelling.spaces[token.end - 1] for token in merged)
    assert spelled == text + " "
    if contracted:
        assert spell(words, text) is None


@pytest.mark.parametrize("text", ["", "Mary left Oslo", "Mary  left. Really", "mary left."])
def test_other_texts(text):
    assert spell(["Mary", "left", "."], text, contractions=True) is None


def test_known_multiword_tokens_are_spelled_as_they_are_written():
    known = [MultiwordToken("do", 1, 3)]
    assert spell(["um", "de", "o", "x"], "um do x", known) == ([True, False, True, True], known)


def test_a_text_that_has_nothing_to_do_with_many_words_is_refused_soon():
    assert spell(["a"] * 3000, "a " * 2000 + "b", contractions=True) is None
