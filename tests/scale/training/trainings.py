"""A small training: two heads that are annotated in different texts."""

import numpy
from thinc.api import Config

from spacy_mtl.data.writing import write_docs

from ...pipeline.shared_encoder import build, make_examples, parameters

HEADS = ("tagger", "morphologizer")


def write_corpus(path):
    nlp = build(heads=HEADS, initialize=False)
    parts = [make_examples(nlp, leave_out=["pos"]), make_examples(nlp, leave_out=["tags"])]
    write_docs([example.reference for part in parts for example in part] * 3, path)
    return path


def make_config(corpus, **training):
    nlp = build(heads=HEADS, initialize=False, balancer={"@misc": "spacy-mtl.GradNorm.v1"})
    config = Config(nlp.config).copy()
    for part in ("train", "dev"):
        config["paths"][part] = config["corpora"][part]["path"] = str(corpus)
    settings = {"max_steps": 8, "eval_frequency": 2, "dropout": 0.2, "seed": 0, **training}
    config["training"].update(settings)
    config["training"]["batcher"] = {"@batchers": "spacy.batch_by_sequence.v1", "size": 7}
    config["training"]["logger"] = {"@loggers": "spacy-mtl.ConsoleLogger.v1"}
    config["training"]["optimizer"]["learn_rate"] = {"@schedules": "decaying.v1", "base_rate": 0.005, "decay": 0.1}
    config["training"]["score_weights"] = {"tag_acc": 0.5, "pos_acc": 0.5}
    return config.interpolate()


def read_parameters(nlp):
    return numpy.concatenate([parameters(nlp, name) for name in nlp.pipe_names])
