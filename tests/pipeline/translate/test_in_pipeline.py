"""`mtl_translate` beside another head, on an encoder that both share."""

import re
from pathlib import Path

import numpy
import pytest

from .pairs import MODEL, PAIRS, TEXTS, make_examples, read  # isort: skip

import spacy
from spacy.tokens import Span
from spacy.util import fix_random_seed

from spacy_mtl.data.multitask import make_multi_task_corpus
from spacy_mtl.data.sampling.samplers import make_proportional
from spacy_mtl.data.sources import make_source
from spacy_mtl.data.writing import write_docs
from spacy_mtl.pipeline.extraction.extraction import extract
from spacy_mtl.translations import get_translations

from ..shared_encoder import ENCODER_MODEL, LISTENER, encoder_gradient, fill_zeros, parameters
from ..toy_pipeline import train

PAGE = Path(__file__).parents[3] / "docs" / "translation.md"
TDA = {"@misc": "spacy-mtl.TargetDistributionAveraging.v1", "tau": 1.0}


def make_joint_examples(nlp):
    """Every other word is an entity."""
    examples = make_examples(nlp)
    for example in examples:
        doc = example.reference
        doc.set_ents([Span(doc, i, i + 1, "X") for i in range(0, len(doc), 2)])
    return examples


def build(steps=0, balancer=None, initialize=True):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    settings = {"balancer": balancer} if balancer else {}
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": ENCODER_MODEL, **settings})
    nlp.add_pipe("mtl_ner", name="ner", config={"model": {"tok2vec": LISTENER}})
    settings = {"model": {**MODEL, "tok2vec": LISTENER}, "subwords": 60, "lang": "de"}
    nlp.add_pipe("mtl_translate", name="translate", config=settings)
    if initialize:
        examples = make_joint_examples(nlp)
        nlp.initialize(lambda: examples)
        train(nlp, examples, steps, 0.02)
    return nlp


@pytest.fixture(scope="module")
def trained():
    return build(steps=80)


def test_alone_and_with_an_encoder_of_its_own(trained):
    assert read(trained) == list(PAIRS.values())
    assert [[ent.start for ent in doc.ents] for doc in trained.pipe(TEXTS[:2])] == [[0, 2, 4], [0, 2]]
    alone = extract(trained, ["translate"])
    assert alone.pipe_names == ["tok2vec", "translate"] and read(alone) == list(PAIRS.values())
    alone.replace_listeners("tok2vec", "translate", ["model.tok2vec"])
    alone.remove_pipe("tok2vec")
    assert read(alone) == list(PAIRS.values())


def test_a_head_that_is_there_goes_along(trained):
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", source=trained)
    nlp.add_pipe("translate", source=trained)
    assert read(nlp) == list(PAIRS.values())


@pytest.mark.parametrize("frozen", ["translate", "ner"])
def test_a_frozen_head_waits_for_nothing(frozen):
    nlp = build()
    fill_zeros(nlp.get_pipe("ner").model)
    before = parameters(nlp, frozen)
    nlp.update(make_joint_examples(nlp), sgd=False, exclude=[frozen])
    assert encoder_gradient(nlp).any()
    train(nlp, make_joint_examples(nlp), steps=2, exclude=[frozen])
    assert (parameters(nlp, frozen) == before).all()


def test_a_balancer_weighs_it_by_its_subwords():
    nlp = build(balancer=TDA)
    nlp.update(make_joint_examples(nlp), sgd=False)
    weights = nlp.get_pipe("tok2vec").balancer.last_weights
    # in proportion to the targets, the mean loss of each counts: the sums of all alike
    assert weights["ner"] == pytest.approx(weights["translate"], rel=1e-5)


def test_it_changes_the_encoder_by_its_own_texts_alone():
    """The gradient in the encoder is that of a batch without the texts that have no translation."""
    gradients = []
    for others in (False, True):
        nlp = build()
        bare = make_examples(nlp, {"the cat": None, "a man and a dog": None}) if others else []
        nlp.update([*make_examples(nlp), *bare], sgd=False, exclude=["ner"])
        gradients.append(encoder_gradient(nlp))
    assert gradients[0].any()
    numpy.testing.assert_allclose(gradients[0], gradients[1], rtol=1e-3, atol=1e-4)


def test_the_gradient_in_the_shared_encoder_is_the_slope_of_the_loss():
    """By finite differences, of a parameter of the encoder, the steepest way down."""
    nlp = build()
    examples = make_joint_examples(nlp)
    encoder = nlp.get_pipe("tok2vec").model
    node = next(node for node in encoder.walk() if node.name == "maxout" and node.has_param("W"))
    nlp.update(examples, sgd=False, exclude=["ner"])
    gradient, weights = node.get_grad("W").copy(), node.get_param("W").copy()
    slope = float(numpy.linalg.norm(gradient))
    direction, losses = gradient / slope, []
    for step in (5e-3, -5e-3):
        node.set_param("W", weights + step * direction)
        # a second update would add to the gradient, which is not looked at any more
        losses.append(nlp.update(examples, sgd=False, exclude=["ner"])["translate"])
    assert slope > 1 and slope == pytest.approx((losses[0] - losses[1]) / 1e-2, rel=0.02)


def test_sources_for_it_and_for_others(tmp_path):
    nlp = build(initialize=False)
    sources = {}
    for name, tasks in (("one", ["ner"]), ("two", ["translate"])):
        path = tmp_path / f"{name}.spacy"
        write_docs([example.reference for example in make_joint_examples(nlp)], path)
        sources[name] = make_source(path=path, tasks=tasks)
    examples = list(make_multi_task_corpus(sources, make_proportional())(nlp))
    kept = {(get_translations(e.y) is not None, e.y.has_annotation("ENT_IOB")) for e in examples}
    assert kept == {(True, False), (False, True)}
    nlp.initialize(lambda: examples)
    train(nlp, examples, 80, 0.02)
    assert read(nlp) == list(PAIRS.values())


def test_what_the_page_shows():
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf8"), re.DOTALL)
    fix_random_seed(0)
    exec(block, {})
