"""Pipelines and corpora that affinity is measured on."""

import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from spacy_mtl.data.writing import write_docs

from ...pipeline.toy_pipeline import CNN, listener
from ..joint_configs import ENCODER, NER_AND_TOPIC, TAGGER, make_config, make_docs, make_head

THREE = {**NER_AND_TOPIC, "tagger": make_head(TAGGER, "tagger")}
TORCH = """@architectures = "spacy.Tok2Vec.v2"

[components.{name}.model.embed]
@architectures = "spacy-mtl.MultiHashEmbed.v1"
width = 16
attrs = ["NORM","SHAPE"]
rows = [100,50]
include_static_vectors = false
word_dropout = 0.3

[components.{name}.model.encode]
@architectures = "spacy-mtl.RNNEncoder.v1"
width = 16
depth = 1
dropout = 0.4
"""


def use_torch(text):
    """The config with an encoder that draws lots in torch and in its embedding."""
    block = ENCODER[ENCODER.index('@architectures = "spacy.HashEmbedCNN.v2"') :]
    assert block in text
    return text.replace(block, TORCH.format(name="tok2vec"))


def write_three(folder, text=None):
    """A config of three tasks, one of them spaCy's own tagger, and a corpus in which no text has all."""
    corpus = folder / "corpus.spacy"
    docs = [*make_docs(entities=False), *make_docs(categories=False)]
    for doc in docs:
        for token in doc:
            token.tag_ = "N" if token.text[0].isupper() else "V" if token.text.endswith("s") else "X"
    for doc in docs[::2]:
        for token in doc:
            token.tag_ = ""
    write_docs(docs, corpus)
    config = folder / "three.cfg"
    config.write_text(text or make_config(THREE), encoding="utf8")
    # the rate of the fixture's schedule falls to 0 after four updates
    settings = {"training.optimizer.learn_rate": 0.01, "training.max_steps": 12, "training.eval_frequency": 12}
    return config, corpus, {"paths.train": str(corpus), "paths.dev": str(corpus), **settings}


def build_topics(*topics, steps=8):
    """Text categorizers on one encoder, after some updates, with one set of weights for all.

    topics (Sequence[Dict[str, Tuple]]): For each, its name, and its two labels, the first of which is that of good
        texts.
    """
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    examples = []
    for words, is_good in ((["fine", "film"], 1), (["dull", "film"], 0), (["fine", "cast"], 1), (["dull", "plot"], 0)):
        doc = Doc(nlp.vocab, words=words)
        doc.cats = {label: float(is_good == (i == 0)) for _, *labels in topics for i, label in enumerate(labels)}
        examples.append(Example(Doc(nlp.vocab, words=words), doc))
    for name, *labels in topics:
        # sorted: what is the first label of one is the second of another
        model = {"tok2vec": listener(), "dropout": None, "linear_model": None}
        nlp.add_pipe("mtl_textcat", name=name, config={"labels": sorted(labels), "model": model})
    nlp.initialize(lambda: examples)
    optimizer = Adam(0.01)
    names = [name for name, *_ in topics]
    for _ in range(steps):
        nlp.update(examples, sgd=False, exclude=names[1:])
        for name, pipe in nlp.pipeline:
            if name not in names[1:]:
                pipe.finish_update(optimizer)
    for name in names[1:]:
        nlp.get_pipe(name).model.from_bytes(nlp.get_pipe(names[0]).model.to_bytes())
    return nlp, examples
