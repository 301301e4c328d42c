"""Pipelines that are initialized and not trained yet, and a corpus of which there is something to learn."""

from spacy.lang.en import English
from spacy.training.initialize import init_nlp
from spacy.util import load_config
from thinc.api import Config

from spacy_mtl.data.writing import write_docs

from ..joint_configs import NER_AND_TOPIC, make_config, make_docs, write_joint


def make_tagged_docs():
    docs = make_docs()
    for token in (token for doc in docs for token in doc):
        token.tag_ = "NAME" if token.is_title else "WORD"
    return docs


def start(folder, heads=NER_AND_TOPIC, **settings):
    """An initialized pipeline, and the config that it is made of."""
    path, corpus, overrides = write_joint(folder, make_config(heads, **settings))
    write_docs(make_tagged_docs(), corpus)
    config = load_config(path, overrides=overrides)
    return init_nlp(Config(English.default_config).merge(config)), config


def read_models(nlp):
    return {name: pipe.model.to_bytes() for name, pipe in nlp.pipeline if hasattr(pipe, "model")}
