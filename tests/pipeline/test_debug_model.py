"""What `spacy debug model` does: a few updates, then the model of the component is given Docs."""

import numpy
import pytest
from thinc.api import set_dropout_rate

from .own_heads import build_own_heads, make_own_examples
from .shared_encoder import ENCODER

NAMES = [ENCODER, "mtl_textcat", "mtl_ner", "mtl_srl"]


@pytest.mark.parametrize("name", NAMES)
def test_every_model_takes_docs(name):
    nlp = build_own_heads()
    examples = make_own_examples(nlp)
    pipe = nlp.get_pipe(name)
    set_dropout_rate(pipe.model, 0.2)
    for _ in range(3):
        if name != ENCODER:
            nlp.get_pipe(ENCODER).update(examples)
        pipe.update(examples)
    assert pipe.model.predict([example.predicted for example in examples]) is not None


def test_the_model_of_roles_scores_the_predicates_that_it_finds():
    nlp = build_own_heads(encoder=None, heads=["mtl_srl"])
    model = nlp.get_pipe("mtl_srl").model
    docs = [nlp.make_doc("Mira paints boats"), nlp.make_doc(""), nlp.make_doc("Otto drives")]
    model.get_ref("predicates").layers[-1].set_param("b", numpy.ones(1, dtype="float32") * 100)
    scores, backprop = model.begin_update(docs)
    assert scores.predicates.shape == (5,)
    assert len(scores.arguments) == 3 * 3 + 2 * 2, "every token is a predicate, every token of its Doc a row"
    assert len(scores.senses) == 0
    backprop(scores)
    model.get_ref("predicates").layers[-1].set_param("b", numpy.ones(1, dtype="float32") * -100)
    assert len(model.predict(docs).arguments) == 0
    assert len(model.predict(docs[1:2]).predicates) == 0
