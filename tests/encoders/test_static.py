"""Embeddings that take static vectors where there are some."""

import numpy
import pytest
import spacy
from spacy.ml.models.tok2vec import MultiHashEmbed

from spacy_mtl.encoders.embed import build_multi_hash_embed, check_static_vectors
from spacy_mtl.encoders.static import uses_static_vectors

ATTRS, ROWS, WIDTH = ["NORM", "SUFFIX"], [50, 50], 8


def make_docs(with_vectors):
    nlp = spacy.blank("en")
    if with_vectors:
        for i, word in enumerate(("some", "words")):
            nlp.vocab.set_vector(word, numpy.arange(5, dtype="float32") + i)
    return [nlp.make_doc("some unknown words"), nlp.make_doc("one"), nlp.make_doc("")]


def build(docs, **settings):
    model = build_multi_hash_embed(WIDTH, ATTRS, ROWS, None, **settings)
    model.initialize(X=docs)
    return model


def list_params(model):
    # the layers of the two nest otherwise
    found = [(node.name, node, name) for node in model.walk() for name in node.param_names if node.get_param(name).size]
    return [(node, name) for _, node, name in sorted(found, key=lambda one: (one[0], one[2]))]


@pytest.mark.parametrize("with_vectors", [True, False])
def test_is_spacys_own_with_vectors_or_without(with_vectors):
    docs = make_docs(with_vectors)
    ours, stock = build(docs), MultiHashEmbed(WIDTH, ATTRS, ROWS, with_vectors)
    stock.initialize(X=docs)
    assert uses_static_vectors(ours) is uses_static_vectors(stock) is with_vectors
    for (node, name), (other, same) in zip(list_params(ours), list_params(stock), strict=True):
        assert name == same
        other.set_param(name, node.get_param(name))
    (vectors, backprop), (expected, backprop_expected) = ours.begin_update(docs), stock.begin_update(docs)
    for found, of_doc in zip(vectors, expected, strict=True):
        numpy.testing.assert_array_equal(found, of_doc)
    gradient = [numpy.ones_like(of_doc) for of_doc in vectors]
    backprop(gradient)
    backprop_expected(gradient)
    for (node, name), (other, _) in zip(list_params(ours), list_params(stock)):
        numpy.testing.assert_array_equal(node.get_grad(name), other.get_grad(name))


@pytest.mark.parametrize("with_vectors", [True, False])
def test_what_was_decided_is_saved(with_vectors):
    docs = make_docs(with_vectors)
    model = build(docs)
    copy = build_multi_hash_embed(WIDTH, ATTRS, ROWS, None).from_bytes(model.to_bytes())
    for found, expected in zip(copy.predict(docs), model.predict(docs), strict=True):
        numpy.testing.assert_array_equal(found, expected)


def test_every_parameter_is_there_without_vectors():
    model = build(make_docs(False))
    for one in (model, build_multi_hash_embed(WIDTH, ATTRS, ROWS, None).from_bytes(model.to_bytes())):
        params = [node.get_param(name) for node in one.walk() for name in node.param_names]
        assert sorted(param.size for param in params)[0] == 0 and all(param.dtype == "float32" for param in params)


def test_vectors_that_come_later_change_nothing():
    docs = make_docs(False)
    model = build(docs)
    expected = model.predict(docs)
    docs[0].vocab.set_vector("some", numpy.ones(5, dtype="float32"))
    numpy.testing.assert_array_equal(model.predict(docs)[0], expected[0])


def test_word_dropout_leaves_vectors_in_place():
    docs = make_docs(True)
    model = build(docs, word_dropout=0.5)
    static = next(node for node in model.walk() if node.name == "static_vectors")
    expected = static.predict(docs).data
    seen = []
    forward = static._func
    static._func = lambda model, docs, is_train: seen.append(forward(model, docs, is_train)) or seen[-1]
    model(docs, is_train=True)
    numpy.testing.assert_array_equal(seen[0][0].data, expected)


def test_a_model_that_was_trained_with_vectors_asks_for_them():
    model = build(make_docs(True))
    with pytest.raises(ValueError, match="E425"):
        check_static_vectors(model, spacy.blank("en").vocab, "tok2vec")
    check_static_vectors(build(make_docs(False)), spacy.blank("en").vocab, "tok2vec")
