"""Small trained pipelines of all three tasks, with n-grams, a private path and temperatures."""

from functools import lru_cache

import spacy

from tests.pipeline.test_private_paths import AROUND
from tests.pipeline.toy_pipeline import CNN, FACTORIES, HEADS, TORCH, fix_random_seed, head_config, make_examples, train

TEXT = "Ana likes Oslo . Otto  mocks Rome ."
BAG = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "ngram_size": 2, "no_output_layer": True,
       "length": 512}  # fmt: skip
NGRAMS = {"@architectures": "spacy-mtl.NgramModel.v1", "length": 512}


@lru_cache
def make_pipeline(encoder="cnn", steps=12):
    """The pipeline, made once: change only copies of it."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": TORCH if encoder == "torch" else CNN})
    for name in HEADS:
        config = head_config(name)
        if name == "ner":
            config["model"]["tok2vec"] = AROUND["private"]
        if name == "sentiment":
            config["model"]["linear_model"] = BAG if encoder == "torch" else NGRAMS
        nlp.add_pipe(FACTORIES[name], name=name, config=config)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps)
    nlp.get_pipe("sentiment").cfg["temperatures"] = {"categories": 1.7}
    nlp.get_pipe("ner").cfg["temperatures"] = {"entities": 2.5}
    nlp.get_pipe("srl").cfg["temperatures"] = {"predicates": 1.4, "senses": 0.8, "arguments": 3.0}
    return nlp
