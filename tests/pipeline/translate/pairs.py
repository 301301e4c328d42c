"""Small pipelines that translate, and sentences that they learn by heart."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("sentencepiece")

import spacy  # noqa: E402
from spacy.training import Example  # noqa: E402
from spacy.util import fix_random_seed  # noqa: E402

from spacy_mtl.translations import set_translations  # noqa: E402

from ..shared_encoder import ENCODER_MODEL  # noqa: E402
from ..toy_pipeline import train  # noqa: E402

PAIRS = {
    "a man sees a dog": "Ein Mann sieht einen Hund.",
    "a dog sleeps": "Ein Hund schläft.",
    "two dogs": "Zwei Hunde",
    "the man sleeps here today": "Der Mann schläft heute hier.",
}
TEXTS = list(PAIRS)
MODEL = {"width": 16, "depth": 1, "heads": 2, "dropout": 0.0, "label_smoothing": 0.0, "tok2vec": ENCODER_MODEL}


def make_nlp(initialized=True, model=MODEL, subwords=60, **settings):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_translate", name="translate", config={"model": model, "subwords": subwords, **settings})
    if initialized:
        nlp.initialize(lambda: make_examples(nlp))
    return nlp


def make_examples(nlp, pairs=PAIRS, language="de"):
    examples = []
    for text, translation in pairs.items():
        reference = nlp.make_doc(text)
        if translation is not None:
            set_translations(reference, {language: translation})
        examples.append(Example(nlp.make_doc(text), reference))
    return examples


def learn(nlp, steps=80, **settings):
    train(nlp, make_examples(nlp), steps, 0.02, **settings)
    return nlp


def read(nlp, texts=TEXTS, **settings):
    return [doc._.translation for doc in nlp.pipe(texts, **settings)]
