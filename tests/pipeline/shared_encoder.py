"""Small pipelines over a shared encoder, sentences to train them on, and ways to look at the encoder."""

import numpy
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.training.loop import subdivide_batch
from spacy.util import fix_random_seed
from thinc.api import Adam, torch2xp

WIDTH = 16
ENCODER = "tok2vec"
WEIGHTED = "spacy-mtl.Weighted.v1"
STOCK = "tok2vec"
OURS = "mtl_tok2vec"

ENCODER_MODEL = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": WIDTH,
    "depth": 1,
    "embed_size": 100,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": True,
}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH, "upstream": "*"}
TAGGER = {"@architectures": "spacy.Tagger.v2", "nO": None, "normalize": False, "tok2vec": LISTENER}
SPANCAT = {
    "@architectures": "spacy.SpanCategorizer.v1",
    "reducer": {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 8},
    "scorer": {"@layers": "spacy.LinearLogistic.v1", "nO": None, "nI": None},
    "tok2vec": LISTENER,
}
SUGGESTER = {"@misc": "spacy.ngram_suggester.v1", "sizes": [1, 2]}


def _parser(state_type):
    return {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": state_type,
        "extra_state_tokens": False,
        "hidden_width": 8,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": LISTENER,
    }


def _textcat(exclusive):
    return {
        "@architectures": "spacy.TextCatReduce.v1",
        "exclusive_classes": exclusive,
        "use_reduce_first": False,
        "use_reduce_last": False,
        "use_reduce_max": False,
        "use_reduce_mean": True,
        "nO": None,
        "tok2vec": LISTENER,
    }


HEADS = {
    "tagger": {"model": TAGGER},
    "morphologizer": {"model": TAGGER},
    "senter": {"model": TAGGER},
    "trainable_lemmatizer": {"model": TAGGER, "min_tree_freq": 1},
    "ner": {"model": _parser("ner")},
    "parser": {"model": _parser("parser"), "min_action_freq": 1},
    "textcat": {"model": _textcat(True)},
    "textcat_multilabel": {"model": _textcat(False)},
    "spancat": {"model": SPANCAT, "suggester": SUGGESTER},
    "span_finder": {
        "model": {
            "@architectures": "spacy.SpanFinder.v1",
            "tok2vec": LISTENER,
            "scorer": {"@layers": "spacy.LinearLogistic.v1", "nO": 2, "nI": None},
        }
    },
}

SENTENCES = [
    {
        "words": ["Mira", "paints", "boats", "in", "Oslo", "."],
        "tags": ["N", "V", "N", "P", "N", "."],
        "pos": ["PROPN", "VERB", "NOUN", "ADP", "PROPN", "PUNCT"],
        "lemmas": ["Mira", "paint", "boat", "in", "Oslo", "."],
        "heads": [1, 1, 1, 1, 3, 1],
        "deps": ["nsubj", "ROOT", "obj", "prep", "pobj", "punct"],
        "entities": ["U-PER", "O", "O", "O", "U-LOC", "O"],
        "cats": {"ART": 1.0, "WORK": 0.0},
        "spans": [(0, 1, "PER"), (4, 5, "LOC")],
    },
    {
        "words": ["Otto", "drives", "a", "lorry"],
        "tags": ["N", "V", "D", "N"],
        "pos": ["PROPN", "VERB", "DET", "NOUN"],
        "lemmas": ["Otto", "drive", "a", "lorry"],
        "heads": [1, 1, 3, 1],
        "deps": ["nsubj", "ROOT", "det", "obj"],
        "entities": ["U-PER", "O", "O", "O"],
        "cats": {"ART": 0.0, "WORK": 1.0},
        "spans": [(0, 1, "PER")],
    },
    {
        "words": ["Oslo", "sleeps"],
        "tags": ["N", "V"],
        "pos": ["PROPN", "VERB"],
        "lemmas": ["Oslo", "sleep"],
        "heads": [1, 1],
        "deps": ["nsubj", "ROOT"],
        "entities": ["U-LOC", "O"],
        "cats": {"ART": 0.0, "WORK": 1.0},
        "spans": [(0, 1, "LOC")],
    },
]  # fmt: skip


def make_examples(nlp, leave_out=()):
    """Fresh Examples of every sentence, without the annotation of the keys in `leave_out`."""
    examples = []
    for sentence in SENTENCES:
        annotation = {key: value for key, value in sentence.items() if key not in (*leave_out, "spans")}
        example = Example.from_dict(Doc(nlp.vocab, words=sentence["words"]), annotation)
        if "spans" not in leave_out:
            spans = [Span(example.reference, *span) for span in sentence["spans"]]
            example.reference.spans["sc"] = spans
        examples.append(example)
    return examples


def build(encoder=OURS, heads=("tagger", "ner"), balancer=None, initialize=True):
    """A pipeline of the encoder and stock heads, with the same parameters whenever the heads are the same."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    config = {"model": ENCODER_MODEL}
    if balancer is not None:
        config["balancer"] = balancer
    nlp.add_pipe(encoder, name=ENCODER, config=config)
    for name in heads:
        nlp.add_pipe(name, config=HEADS[name])
    if initialize:
        nlp.initialize(lambda: make_examples(nlp))
        for name in heads:
            fill_zeros(nlp.get_pipe(name).model)
    return nlp


def fill_zeros(model):
    """An output layer that starts from zeros sends no gradient back at the first step."""
    random = numpy.random.RandomState(0)
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name) and not node.get_param(name).any():
                node.set_param(name, random.normal(0.0, 0.1, node.get_param(name).shape).astype("float32"))


def copy_parameters(source, target):
    """Give the components of `target` the parameters of those of the same name in `source`."""
    for name, pipe in target.components:
        pipe.model.from_bytes(source.get_pipe(name).model.to_bytes())


def train(nlp, batches, accumulate=1, drop=0.0, exclude=(), annotates=(), optimizer=None):
    """What `spacy train` does with batches, without the rest of it."""
    optimizer = Adam(0.01) if optimizer is None else optimizer
    losses = {}
    for step, batch in enumerate(batches):
        fix_random_seed(step)
        for part in subdivide_batch(batch, accumulate):
            nlp.update(part, sgd=False, drop=drop, losses=losses, exclude=exclude, annotates=annotates)
        for name, pipe in nlp.pipeline:
            if name not in exclude:
                pipe.finish_update(optimizer)
        optimizer.step_schedules()
    return losses


def _flat(model, names_of, value_of):
    arrays = [value_of(node, name) for node in model.walk() for name in names_of(node) if node.has_param(name)]
    return numpy.concatenate([array.ravel() for array in arrays]) if arrays else numpy.zeros((0,))


def parameters(nlp, name=ENCODER):
    """All parameters of a component as one array, those of torch modules at its end."""
    model = nlp.get_pipe(name).model
    own = _flat(model, lambda node: node.param_names, lambda node, key: node.get_param(key))
    modules = [shim._model for node in model.walk() for shim in node.shims if shim._model is not None]
    arrays = [torch2xp(parameter.detach()) for module in modules for parameter in module.parameters()]
    return numpy.concatenate([own, *(array.ravel() for array in arrays)])


def waiting_gradient(nlp, name):
    """All gradients that wait in a component's model as one array, zeros where there is none."""
    return _flat(
        nlp.get_pipe(name).model,
        lambda node: node.param_names,
        lambda node, key: node.get_grad(key) if node.has_grad(key) else numpy.zeros_like(node.get_param(key)),
    )


def encoder_gradient(nlp):
    """All gradients that wait in the encoder's model as one array, zeros where there is none."""
    return waiting_gradient(nlp, ENCODER)
