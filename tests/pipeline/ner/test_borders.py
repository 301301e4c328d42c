"""Entities and the borders of sentences."""

import warnings

import numpy
import pytest
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_mtl.heads.ner.tagging_scheme import make_tag_set
from spacy_mtl.pipeline.ner.tags import gold_tags, open_tags, possible_tags, sentence_borders, solid_tokens

from .test_component import make_nlp, train

WORDS = ["They", "met", "Ida", "Holm", "there"]


def make_doc(nlp, words, starts=()):
    doc = Doc(nlp.vocab, words=words)
    for i, token in enumerate(doc if starts else ()):
        token.is_sent_start = i in starts
    return doc


@pytest.fixture(scope="module", params=["biluo", "bio"])
def trained(request):
    nlp = make_nlp(request.param)
    doc = make_doc(nlp, WORDS)
    doc.ents = [Span(doc, 2, 4, "PERSON")]
    train(nlp, [Example(make_doc(nlp, WORDS), doc)])
    return nlp


def found(nlp, doc):
    return [(ent.start, ent.end) for ent in nlp(doc).ents]


def test_no_entity_crosses_a_border(trained):
    nlp = trained
    assert found(nlp, make_doc(nlp, WORDS)) == [(2, 4)]
    assert found(nlp, make_doc(nlp, WORDS, {0, 2})) == [(2, 4)]
    for ent in nlp(make_doc(nlp, WORDS, {0, 3})).ents:
        assert not ent.start < 3 < ent.end
        assert 0 <= ent._.confidence <= 1


def test_an_entity_that_is_there_may_cross_a_border(trained):
    doc = make_doc(trained, WORDS, {0, 3})
    doc.ents = [Span(doc, 2, 4, "PERSON"), Span(doc, 0, 1, "ALIEN")]
    assert found(trained, doc) == [(0, 1), (2, 4)]


def test_a_border_at_white_space_is_left_to_the_next_token(trained):
    words = ["Ida", "\n", "Holm", " ", "\n"]
    doc = make_doc(trained, words, {0, 1, 4})
    assert sentence_borders(doc, solid_tokens(doc)).tolist() == [1]
    assert all(len(ent) == 1 for ent in trained(doc).ents)


def test_gold_that_crosses_a_border_is_open_and_named_once(trained):
    nlp = trained
    reference = make_doc(nlp, WORDS)
    reference.ents = [Span(reference, 2, 4, "PERSON")]
    example = Example(make_doc(nlp, WORDS, {0, 3}), reference)
    tag_set = make_tag_set("biluo", ["PERSON"])
    gold = gold_tags(example, numpy.arange(5), tag_set)
    assert gold.crossing == 1
    assert gold.allowed.sum(axis=1).tolist() == [1, 1, 5, 5, 1]
    nlp.get_pipe("mtl_ner")._forget()
    with pytest.warns(UserWarning, match="MTL-W211.*'mtl_ner'"):
        loss = nlp.update([example], sgd=False)["mtl_ner"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert nlp.update([example], sgd=False)["mtl_ner"] == pytest.approx(loss)
    assert numpy.isfinite(loss) and loss >= 0


def test_what_is_possible_is_not_learned(trained):
    """The likelihood is that of the tags within sentences: what decoding excludes, training excludes."""
    ner = trained.get_pipe("mtl_ner")
    losses = []
    for starts in ((), {0, 3}):
        reference = make_doc(trained, WORDS)
        reference.ents = []
        example = Example(make_doc(trained, WORDS, starts), reference)
        scores, _ = ner.begin_update([example])
        losses.append(ner.get_loss([example], scores)[0])
    # without "Ida Holm" the other ways are few, and nothing is the best of them
    assert losses[1] < losses[0]
    reference = make_doc(trained, WORDS)
    example = Example(make_doc(trained, WORDS, {0, 3}), reference)
    scores, _ = ner.begin_update([example])
    loss, gradient = ner.get_loss([example], scores)
    assert loss == 0.0 and not gradient.emissions.any()


def test_docs_without_borders_are_unconstrained(trained):
    docs = [make_doc(trained, WORDS), make_doc(trained, [])]
    kept = [solid_tokens(doc) for doc in docs]
    tag_set = trained.get_pipe("mtl_ner").tag_set
    assert possible_tags(docs, kept, tag_set) is None and open_tags(docs, kept, tag_set) is None
