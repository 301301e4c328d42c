"""Two heads whose gradients point apart: the plain sum serves the louder one, and projection both."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Optimizer

from ...balancing.methods import make, params
from ..shared_encoder import ENCODER, ENCODER_MODEL, LISTENER, OURS, SENTENCES, WIDTH

HEADS = ("loud", "quiet")
STEPS = 10


def make_examples(nlp):
    """Both heads are to say yes to every text."""
    examples = []
    for sentence in SENTENCES:
        reference = Doc(nlp.vocab, words=sentence["words"])
        reference.cats = {f"{head}_{answer}": float(answer == "yes") for head in HEADS for answer in ("no", "yes")}
        examples.append(Example(Doc(nlp.vocab, words=sentence["words"]), reference))
    return examples


def build_conflict():
    """What makes the loud head say yes makes the quiet one say no, but there is a direction that is good for both."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe(OURS, name=ENCODER, config={"model": ENCODER_MODEL})
    model = {"@architectures": "spacy-mtl.TextCat.v1", "tok2vec": LISTENER, "pooling": ["mean"],
             "dropout": None, "linear_model": None}  # fmt: skip
    for head in HEADS:
        nlp.add_pipe("mtl_textcat", name=head, config={"model": model, "labels": [f"{head}_no", f"{head}_yes"]})
    nlp.initialize(lambda: make_examples(nlp))
    toward, aside = numpy.linalg.qr(numpy.random.default_rng(0).normal(size=(WIDTH, 2)))[0].T
    for head, direction in (("loud", 4 * toward), ("quiet", aside - toward)):
        weights = numpy.stack([numpy.zeros(WIDTH), direction]).astype("float32")
        output_layer = nlp.get_pipe(head).model.get_ref("output_layer")
        output_layer.set_param("W", weights)
        # so sure of no that its gradient does not wane
        output_layer.set_param("b", numpy.asarray([20.0 if head == "loud" else 0.0, 0.0], dtype="float32"))
    return nlp


def losses_before_and_after(nlp):
    """The losses of the heads, which stay as they are, before and after the encoder has learned from them."""
    found = []
    # without momentum a step is what the balancer makes it
    sgd = Optimizer(0.003, beta1=0.0, beta2=0.0, grad_clip=0.0, L2=0.0, use_averages=False)
    for _ in range(STEPS + 1):
        found.append(nlp.update(make_examples(nlp), sgd=False, losses={}))
        nlp.get_pipe(ENCODER).finish_update(sgd)
    return found[0], found[-1]


@pytest.mark.parametrize("level", ["representation", "parameters"])
@pytest.mark.parametrize("method", ["Weighted", *params(["PCGrad", "UPGrad"])])
def test_conflict(method, level):
    nlp = build_conflict()
    seen = []
    nlp.get_pipe(ENCODER).observers.append(seen.append)
    nlp.get_pipe(ENCODER).balancer = make(method, level=level, **({"weights": {}} if method == "Weighted" else {}))
    before, after = losses_before_and_after(nlp)
    assert all(cosine < -0.5 for batch in seen for cosine in batch.cosines.values()) and len(seen) == STEPS + 1
    assert after["loud"] < 0.5 * before["loud"]
    if method == "Weighted":
        assert after["quiet"] > 1.5 * before["quiet"]
    else:
        assert after["quiet"] < 0.5 * before["quiet"]
