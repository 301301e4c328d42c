from collections import Counter
from random import Random

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.vectors import Vectors

from spacy_mtl.data.variants import find_neighbours, read_words, vary, vary_all


@pytest.fixture
def vocab():
    vocab = spacy.blank("en").vocab
    table = {"oslo": (1, 0), "rome": (0.9, 0.1), "paris": (0.8, 0.3), "eats": (0, 1), "sees": (0.1, 0.9), "42": (1, 0)}
    for name, vector in table.items():
        vocab.set_vector(name, numpy.asarray(vector, dtype="float32"))
    vocab.vectors.add(vocab.strings.add("Rome"), row=vocab.vectors.find(key="rome"))
    # a word that nothing spells
    vocab.vectors.add(12345, row=vocab.vectors.find(key="rome"))
    return vocab


def make_doc(vocab, words, tags=None, **settings):
    return Doc(vocab, words=words.split(), tags=tags and tags.split(), **settings)


def test_neighbours_are_those_of_the_highest_cosine(vocab):
    found = find_neighbours(vocab, ["oslo", "eats", "unheard"], 2)
    assert found == {"oslo": ["rome", "paris"], "eats": ["sees", "paris"]}
    names = ["oslo", "rome", "paris", "eats", "sees"]
    table = numpy.asarray([vocab.get_vector(name) for name in names])
    cosine = table @ table.T / numpy.outer(*[numpy.linalg.norm(table, axis=1)] * 2)
    for i, name in enumerate(names):
        ranked = [names[j] for j in numpy.argsort(-cosine[i]) if j != i]
        assert find_neighbours(vocab, names, 4)[name] == ranked


def test_vectors_of_no_words_are_refused(vocab):
    with pytest.raises(ValueError, match="E195.*found none"):
        find_neighbours(spacy.blank("en").vocab, ["oslo"])
    data = numpy.ones((10, 2), dtype="float32")
    vocab.vectors = Vectors(data=data, mode="floret", minn=2, maxn=3, hash_count=1)
    with pytest.raises(ValueError, match="E195.*floret"):
        find_neighbours(vocab, ["oslo"])


def test_words_of_a_corpus_by_tag(vocab):
    docs = [make_doc(vocab, "Kim sees 3 dogs", "NNP VBZ CD NNS"), make_doc(vocab, "Kim sleeps", "NNP VBZ")]
    words = read_words(docs)
    assert words.forms == {"kim", "sees", "dogs", "sleeps"}
    assert {tag: Counter(found) for tag, found in words.by_tag.items()} == {
        "NNP": {"Kim": 2},
        "VBZ": {"sees": 1, "sleeps": 1},
        "NNS": {"dogs": 1},
    }
    assert not read_words([make_doc(vocab, "Kim sees")]).by_tag


def test_a_variant_keeps_all_but_words(vocab):
    doc = make_doc(vocab, "Oslo EATS 42 oslo !", sent_starts=[True, False, False, True, False])
    doc.cats = {"travel": 1.0}
    doc.ents = [doc.char_span(0, 4, label="LOC")]
    variant = vary(doc, Random(0), 1.0, {"oslo": ["rome"], "eats": ["sees"], "42": ["oslo"]}, {})
    assert [token.text for token in variant] == ["Rome", "SEES", "42", "rome", "!"]
    assert [token.is_sent_start for token in variant] == [token.is_sent_start for token in doc]
    assert [token.whitespace_ for token in variant] == [token.whitespace_ for token in doc]
    assert not variant.cats and not variant.ents
    assert doc.text == "Oslo EATS 42 oslo ! "


def test_a_mixed_spelling_is_that_of_the_new_word(vocab):
    doc = make_doc(vocab, "iPhone McKay")
    variant = vary(doc, Random(0), 1.0, {"iphone": ["eBook"], "mckay": ["oslo"]}, {})
    assert [token.text for token in variant] == ["eBook", "oslo"]


def test_both_sources_and_the_share_are_drawn_evenly(vocab):
    doc = make_doc(vocab, " ".join(["oslo"] * 4000), " ".join(["NNP"] * 4000))
    variant = vary(doc, Random(0), 0.25, {"oslo": ["rome", "paris"]}, {"NNP": ["Kim", "Ana", "Bo", "Al"]})
    counts = Counter(token.text for token in variant)
    assert counts["oslo"] / 4000 == pytest.approx(0.75, abs=0.02)
    assert (counts["rome"] + counts["paris"]) / (4000 - counts["oslo"]) == pytest.approx(0.5, abs=0.05)
    assert counts["kim"] / (4000 - counts["oslo"]) == pytest.approx(1 / 8, abs=0.03)


def test_texts_without_an_exchange_are_left_out(vocab):
    docs = [make_doc(vocab, "42 !"), make_doc(vocab, "oslo"), make_doc(vocab, "unheard")]
    assert [doc.text for doc in vary_all(docs, Random(0), 1.0, {"oslo": ["rome"]}, {})] == ["rome "]
    assert vary(docs[1], Random(0), 1.0, {"oslo": ["oslo"]}, {}) is None
