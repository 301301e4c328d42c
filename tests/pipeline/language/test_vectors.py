"""Vectors that are not there are named, whatever the encoder and wherever they are missed."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.vectors import Vectors

ENCODER = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": True,
    "width": 8,
    "depth": 1,
    "embed_size": 50,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": False,
}


def make_nlp(encoder):
    nlp = spacy.blank("en")
    nlp.add_pipe(encoder, name="encoder", config={"model": ENCODER})
    nlp.add_pipe("mtl_ner")
    return nlp


def make_examples(nlp):
    doc = Doc(nlp.vocab, words=["Oslo", "rains"])
    doc.ents = [Span(doc, 0, 1, label="LOC")]
    return [Example(nlp.make_doc(doc.text), doc)]


@pytest.mark.parametrize("encoder", ["tok2vec", "mtl_tok2vec"])
def test_missing_vectors(encoder):
    nlp = make_nlp(encoder)
    with pytest.raises(ValueError, match="MTL-E425.*'encoder'"):
        nlp.initialize(lambda: make_examples(nlp))
    nlp = make_nlp(encoder)
    data = numpy.ones((2, 3), dtype="f")
    nlp.vocab.vectors = Vectors(data=data, keys=["Oslo", "rains"], strings=nlp.vocab.strings)
    nlp.initialize(lambda: make_examples(nlp))
    assert len(list(nlp.pipe(["Oslo rains"]))) == 1
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings)
    for use in (nlp, lambda text: list(nlp.pipe([text])), lambda _: nlp.update(make_examples(nlp))):
        with pytest.raises(ValueError, match="MTL-E425.*'encoder'"):
            use("Oslo rains")


def test_other_errors_stay_as_they_are():
    nlp = make_nlp("mtl_tok2vec")
    nlp.vocab.vectors = Vectors(data=numpy.ones((1, 3), dtype="f"), keys=["Oslo"], strings=nlp.vocab.strings)
    nlp.initialize(lambda: make_examples(nlp))

    def fail(text):
        raise IndexError("elsewhere")

    nlp.tokenizer = fail
    for use in (nlp, lambda text: list(nlp.pipe([text]))):
        with pytest.raises(IndexError, match="elsewhere"):
            use("Oslo")
