"""Components say what they are."""

import pickle

import pytest
import spacy

from spacy_mtl.pipeline.description import find_factory
from spacy_mtl.pipeline.head import Head

from .toy_pipeline import CNN, build, head_config


@pytest.fixture(scope="module")
def nlp():
    return build(steps=0)


def test_a_shared_encoder_and_its_heads(nlp):
    assert [repr(pipe) for _, pipe in nlp.pipeline] == [
        "<mtl_tok2vec 'tok2vec': width 16, shared by 'sentiment', 'ner', 'srl'>",
        "<mtl_textcat 'sentiment': 2 labels, listens to 'tok2vec'>",
        "<mtl_ner 'ner': 2 labels, listens to 'tok2vec'>",
        f"<mtl_srl 'srl': {len(nlp.get_pipe('srl').labels)} labels, listens to 'tok2vec'>",
    ]
    assert repr(pickle.loads(pickle.dumps(nlp.get_pipe("ner")))) == repr(nlp.get_pipe("ner"))


def test_before_anything_is_known():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="mine", config={"model": CNN})
    assert repr(nlp.get_pipe("mine")) == "<mtl_tok2vec 'mine': width 16, no head listens>"
    nlp.add_pipe("mtl_ner", name="people", config=head_config("ner", "mine"))
    assert repr(nlp.get_pipe("people")) == "<mtl_ner 'people': no labels, listens to 'mine'>"
    own = spacy.blank("en").add_pipe("mtl_ner", config={"model": {"tok2vec": CNN}})
    own.add_label("PER")
    assert repr(own) == "<mtl_ner 'mtl_ner': 1 label, encoder of its own>"


def test_half_made_ones_can_be_shown(nlp):
    for _, pipe in nlp.pipeline:
        kind = type(pipe)
        assert repr(kind.__new__(kind)).startswith(f"<{find_factory(kind)} ")


def test_a_class_without_a_default_name_shows_its_own():
    class Mine(Head):
        def __init__(self, vocab, model, name):
            super().__init__(vocab, model, name)

    assert find_factory(Mine) == "Mine"
