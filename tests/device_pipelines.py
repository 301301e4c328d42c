"""Pipelines to run on a guarded device, and what a batch costs there. See `tests.devices`."""

from collections import Counter
from importlib.util import find_spec

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed

from spacy_mtl.frames import set_frames
from spacy_mtl.translations import set_translations

from .data.corpora import GIVE, GIVE_FRAMES, RUN, RUN_FRAMES
from .pipeline.shared_encoder import ENCODER_MODEL, LISTENER

ARGUMENTS = {"@architectures": "spacy-mtl.BiaffineArguments.v1", "hidden_width": 8, "max_distance": 4}
COUNTING = {"@architectures": "spacy-mtl.ConcatArguments.v1", "between": 3}
NGRAMS = {"linear_model": {"@architectures": "spacy-mtl.NgramModel.v1"}, "hidden_width": 8}
DECODER = {"width": 16, "depth": 1, "heads": 2, "dropout": 0.0}
# by name: factory, settings, and how often the host may read from the device, at an update and at a prediction
HEADS = {
    "textcat": ("mtl_textcat", {"model": {"tok2vec": LISTENER}}, 10, 2),
    "textcat, n-grams": ("mtl_textcat", {"exclusive": False, "model": {"tok2vec": LISTENER, **NGRAMS}}, 10, 2),
    "ner": ("mtl_ner", {"model": {"tok2vec": LISTENER}}, 9, 2),
    "ner, bio": ("mtl_ner", {"scheme": "bio", "model": {"tok2vec": LISTENER, "hidden_width": 8}}, 9, 2),
    "srl": ("mtl_srl", {"model": {"tok2vec": LISTENER}}, 8, 3),
    "srl, counting": ("mtl_srl", {"model": {"tok2vec": LISTENER, "arguments": COUNTING}}, 8, 3),
    "srl, biaffine": ("mtl_srl", {"model": {"tok2vec": LISTENER, "arguments": ARGUMENTS}}, 8, 3),
    "translate": ("mtl_translate", {"model": {**DECODER, "tok2vec": LISTENER}, "subwords": 40, "beam": 2}, 8, 1),
    "dependency": ("mtl_dependency", {"model": {"tok2vec": LISTENER}}, 10, 4),
}
# spaCy moves the features of each text by itself, and joins them
FEATURES = ("asarray2i", "vstack")
# each predicate has a product of matrices to itself, as large as its window
PRODUCTS = "heads/srl/biaffine.py"


def make_examples(nlp, size, times=1):
    """Examples of one sentence each, whose words come several times."""
    examples = []
    for i in range(size):
        tokens, frames = ((GIVE, GIVE_FRAMES), (RUN, RUN_FRAMES))[i % 2]
        root, tokens = 1 if tokens is GIVE else 0, tokens * times
        words = [token[0] for token in tokens]
        deps = ["ROOT" if j == root else "dep" for j in range(len(words))]
        doc = Doc(
            nlp.vocab,
            words=words,
            ents=[token[3] for token in tokens],
            tags=[token[2] for token in tokens],
            heads=[root] * len(words),
            deps=deps,
        )
        doc.cats = {"calm": float(i % 2), "busy": float(1 - i % 2)}
        set_frames(doc, frames)
        set_translations(doc, {"de": "Mary gab Oslo Hoffnung." if root else "Lauf!"})
        examples.append(Example(Doc(nlp.vocab, words=words), doc))
    return examples


def build(*heads, encoder=ENCODER_MODEL, balancer=None, hear=lambda number: LISTENER):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    settings = {"model": encoder} if balancer is None else {"model": encoder, "balancer": balancer}
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config=settings)
    for number, head in enumerate(heads):
        factory, config, *_ = HEADS[head]
        nlp.add_pipe(factory, name=head, config={**config, "model": {**config["model"], "tok2vec": hear(number)}})
    nlp.initialize(lambda: make_examples(nlp, 4))
    return nlp


def update(nlp, size, times=1):
    fix_random_seed(1)
    return nlp.update(make_examples(nlp, size, times), sgd=nlp.create_optimizer(), drop=0.1)


def predict(nlp, size, times=1):
    return list(nlp.pipe([example.predicted for example in make_examples(nlp, size, times)]))


def _is_of_each(place):
    return place.endswith(FEATURES) or place.startswith(PRODUCTS)


def count(nlp, run, ledger, is_joined=True):
    """What a batch costs, however many texts it has and however long they are: reads, writes, launches. Those that take
    one text after another have the reads alone."""
    found = []
    for size, times in ((4, 1), (12, 1), (4, 3)):
        ledger.clear()
        run(nlp, size, times)
        counters = (ledger.reads, ledger.writes, ledger.launches)
        kept = counters if is_joined else counters[:1]
        found.append([Counter({k: n for k, n in one.items() if not _is_of_each(k)}) for one in kept])
    first, many, long = found
    for more in (many, long):
        grown = [{k: (few[k], n[k]) for k in few.keys() | n.keys() if few[k] != n[k]} for few, n in zip(first, more)]
        assert not any(grown), ("it grows with the number of texts" if more is many else "with their length", grown)
    return first


NEEDS = {"translate": ["torch", "sentencepiece"]}


def params_of_heads():
    for name in HEADS:
        missing = [module for module in NEEDS.get(name, ()) if find_spec(module) is None]
        yield pytest.param(name, marks=pytest.mark.skipif(bool(missing), reason=f"needs {missing}"))
