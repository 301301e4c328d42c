import numpy
import pytest
import spacy
from thinc.api import Adam

from spacy_mtl.heads.textcat.ngrams import build_ngram_model

NLP = spacy.blank("en")


def make_model(texts=("a b",), **settings):
    model = build_ngram_model(**{"length": 5000, "dropout": 0.0, **settings})
    model.initialize(X=[NLP.make_doc(text) for text in texts], Y=numpy.zeros((len(texts), 2), dtype="f"))
    return model


def count_ngrams(text, **settings):
    """The number of a text's n-grams of each kind: with every weight at one, a score is the sum of their values."""
    model = make_model(**settings)
    model.set_param("W", numpy.ones_like(model.get_param("W")))
    return model.predict([NLP.make_doc(text)])[0, 0] ** 2


@pytest.mark.parametrize(
    "text, settings, expected",
    [
        # three words, two pairs, one triple
        ("red kites soar", {"ngram_size": 3, "max_characters": 0}, 6),
        # a word that comes twice counts once
        ("red red red", {"ngram_size": 1, "max_characters": 0}, 1),
        # " re", "red", "ed ", and " red", "red "
        ("red", {"ngram_size": 0, "min_characters": 3, "max_characters": 4}, 5),
        ("a", {"ngram_size": 0, "min_characters": 5, "max_characters": 5}, 1),
    ],
)
def test_ngrams_count_once_and_have_length_one_together(text, settings, expected):
    assert count_ngrams(text, **settings) == pytest.approx(expected)


def test_words_and_characters_have_length_one_each():
    assert count_ngrams("red kites", ngram_size=2, min_characters=3, max_characters=3) == pytest.approx(
        (3**0.5 + (3 + 5) ** 0.5) ** 2
    )


def test_the_order_of_words_matters_to_pairs_only():
    one, other = NLP.make_doc("kites soar"), NLP.make_doc("soar kites")
    for size, same in ((1, True), (2, False)):
        model = make_model(ngram_size=size, max_characters=0)
        model.set_param("W", numpy.random.default_rng(0).normal(size=(5000, 2)).astype("f"))
        scores = model.predict([one, other])
        assert numpy.allclose(scores[0], scores[1]) is same


def test_gradients_are_those_of_finite_differences():
    docs = [NLP.make_doc(text) for text in ("Red kites soar.", "", "Kites")]
    model = make_model(length=50)
    rng = numpy.random.default_rng(0)
    model.set_param("W", rng.normal(size=(50, 2)).astype("f"))
    weights = rng.normal(size=(3, 2)).astype("f")
    scores, backprop = model.begin_update(docs)
    assert backprop(weights) == []
    for name in ("W", "b"):
        array, gradient = model.get_param(name), model.get_grad(name)
        for place in numpy.ndindex(*array.shape):
            moved = array.copy()
            moved[place] += 0.5
            model.set_param(name, moved)
            change = ((model.predict(docs) - scores) * weights).sum() / 0.5
            model.set_param(name, array)
            assert gradient[place] == pytest.approx(change, abs=1e-3)


def test_docs_do_not_depend_on_their_batch_and_empty_ones_get_zeros():
    docs = [NLP.make_doc(text) for text in ("Red kites soar.", "", "Kites", "")]
    model = make_model()
    model.set_param("W", numpy.random.default_rng(0).normal(size=(5000, 2)).astype("f"))
    model.set_param("b", numpy.ones(2, dtype="f"))
    together = model.predict(docs)
    numpy.testing.assert_allclose(together, numpy.vstack([model.predict([doc]) for doc in docs]), rtol=1e-5)
    assert not together[[1, 3]].any() and together[[0, 2]].all()
    assert model.predict([]).shape == (0, 2)


def test_dropout_is_for_training_only():
    docs = [NLP.make_doc("Seven red kites soar over the harbour.")]
    model = make_model(dropout=0.5)
    model.set_param("W", numpy.random.default_rng(0).normal(size=(5000, 2)).astype("f"))
    assert (model.predict(docs) == model.predict(docs)).all()
    assert (model.begin_update(docs)[0] != model.begin_update(docs)[0]).any()


def test_parts_of_words_tell_about_words_that_training_lacks():
    texts = {"helpful": 0, "thankful": 0, "joyful": 0, "useless": 1, "joyless": 1, "helpless": 1}
    docs = [NLP.make_doc(text) for text in texts]
    gold = numpy.eye(2, dtype="f")[list(texts.values())]
    model = make_model(list(texts), dropout=0.2)
    optimizer = Adam(0.01)
    for _ in range(50):
        scores, backprop = model.begin_update(docs)
        backprop(scores - gold)
        model.finish_update(optimizer)
    assert model.predict([NLP.make_doc("restful"), NLP.make_doc("restless")]).argmax(axis=1).tolist() == [0, 1]


@pytest.mark.parametrize(
    "settings",
    [
        {"length": 0},
        {"ngram_size": -1},
        {"ngram_size": 0, "max_characters": 0},
        {"min_characters": 4, "max_characters": 3},
        {"min_characters": 0},
        {"dropout": 1.0},
    ],
)
def test_settings_out_of_their_range_are_refused(settings):
    with pytest.raises(ValueError, match="E312"):
        build_ngram_model(**settings)
