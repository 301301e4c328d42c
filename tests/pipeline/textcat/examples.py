"""A tiny corpus for text categorizers, and the pipelines that learn it."""

import pytest
import spacy
from spacy.training import Example
from thinc.api import fix_random_seed

TINY_ENCODER = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": 16,
    "depth": 1,
    "embed_size": 200,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": False,
}
MODEL = {
    "@architectures": "spacy-mtl.TextCat.v1",
    "tok2vec": TINY_ENCODER,
    "dropout": None,
    "linear_model": None,
}
BOW = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": True,
    "length": 256,
    "ngram_size": 2,
    "no_output_layer": True,
}
LISTENING = {**MODEL, "tok2vec": {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "*"}}
WEATHER = [
    ("Snow falls on the quiet hills", {"cold": 1.0, "warm": 0.0}),
    ("Sunshine bakes the dusty road", {"cold": 0.0, "warm": 1.0}),
    ("A frozen lake and icy wind", {"cold": 1.0, "warm": 0.0}),
    ("Barefoot children in the summer heat", {"cold": 0.0, "warm": 1.0}),
]


def make_nlp(*names, listening=False, **settings):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    model = MODEL
    if listening:
        nlp.add_pipe("tok2vec", config={"model": TINY_ENCODER})
        model = LISTENING
    for name in names or ("genre",):
        nlp.add_pipe("mtl_textcat", name=name, config={"model": model, **settings})
    return nlp


def make_examples(nlp, data=WEATHER):
    examples = []
    for text, cats in data:
        reference = nlp.make_doc(text)
        reference.cats = cats
        examples.append(Example(nlp.make_doc(text), reference))
    return examples


def initialized(data=WEATHER, listening=False, **settings):
    nlp = make_nlp(listening=listening, **settings)
    examples = make_examples(nlp, data)
    return nlp, examples, nlp.initialize(lambda: examples)


def train(nlp, examples, optimizer, steps=100):
    for _ in range(steps):
        losses = {}
        nlp.update(examples, sgd=optimizer, losses=losses)
    return losses


def cats_of(nlp, texts):
    return [doc.cats for doc in nlp.pipe(texts)]


def assert_same_cats(found, expected, tolerance=1e-5):
    assert len(found) == len(expected)
    for one, other in zip(found, expected):
        assert one == pytest.approx(other, abs=tolerance)


TEXTS = [text for text, _ in WEATHER] + ["", "Snow", "   ", "\n\n"]
