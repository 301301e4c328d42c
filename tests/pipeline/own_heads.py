"""Our three heads over a shared encoder, over a stock one or each over its own, and sentences with annotation."""

import numpy
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed

from spacy_mtl.frames import set_frames
from spacy_mtl.types import FrameSpans, RoleSpan

from .shared_encoder import ENCODER, ENCODER_MODEL, LISTENER, OURS, fill_zeros

ARCHITECTURES = {"mtl_textcat": "TextCat", "mtl_ner": "CRFTagger", "mtl_srl": "SRL"}


def build_own_heads(encoder=OURS, heads=tuple(ARCHITECTURES), balancer=None):
    """A pipeline of our heads; without a shared encoder each has its own."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    if encoder is not None:
        settings = {} if balancer is None else {"balancer": balancer}
        nlp.add_pipe(encoder, name=ENCODER, config={"model": ENCODER_MODEL, **settings})
    for factory in heads:
        tok2vec = ENCODER_MODEL if encoder is None else LISTENER
        model = {"@architectures": f"spacy-mtl.{ARCHITECTURES[factory]}.v1", "tok2vec": tok2vec}
        if factory == "mtl_textcat":
            model.update(dropout=None, linear_model=None)
        if factory == "mtl_srl":
            model["arguments"] = {"@architectures": "spacy-mtl.ConcatArguments.v1", "hidden_width": 8}
        settings = {"min_role_freq": 1} if factory == "mtl_srl" else {}
        nlp.add_pipe(factory, config={"model": model, **settings})
    nlp.initialize(lambda: make_own_examples(nlp))
    for factory in heads:
        fill_zeros(nlp.get_pipe(factory).model)
    return nlp


def make_own_examples(nlp):
    """Categories: 1 Doc. Entities: 6 tokens. Roles: 1 predicate of 6 tokens."""
    words = [["Mira", "paints", "boats", "in", "Oslo", "."], ["Otto", "drives"], ["Oslo"]]
    references = [Doc(nlp.vocab, words=of_doc) for of_doc in words]
    references[1].cats = {"ART": 1.0, "WORK": 0.0}
    references[0].set_ents([references[0].char_span(0, 4, label="PER")], default="outside")
    set_frames(references[0], [FrameSpans(1, 2, "paint.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 2, 3)))])
    return [Example(Doc(nlp.vocab, words=of_doc), reference) for of_doc, reference in zip(words, references)]


def make_bare_examples(nlp):
    """The same sentences without any annotation."""
    examples = make_own_examples(nlp)
    return [Example(one.predicted, Doc(nlp.vocab, words=[token.text for token in one.reference])) for one in examples]


class SpoiledLoss:
    """Makes what a head finds for a batch not finite while it is switched on."""

    def __init__(self, pipe, what="loss", value=numpy.nan):
        self.is_on = True
        get_loss = pipe.get_loss

        def spoiled(examples, scores):
            loss, gradient = get_loss(examples, scores)
            if not self.is_on:
                return loss, gradient
            return (value, gradient) if what == "loss" else (loss, _spoil(gradient, value))

        pipe.get_loss = spoiled


def _spoil(gradient, value):
    """One element of the gradient, of its last part if it has several."""
    if isinstance(gradient, tuple):
        parts = [part for part in gradient if part.dtype.kind == "f"]
        last = parts[-1]
        return type(gradient)(*(_spoil(part, value) if part is last else part for part in gradient))
    gradient = gradient.copy()
    gradient.flat[0] = value
    return gradient
