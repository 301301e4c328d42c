"""`mtl_dependency` beside another head, as a scaffold and for its own sake."""

import re
from pathlib import Path

import numpy
import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import fix_random_seed

from spacy_mtl.data.multitask import make_multi_task_corpus
from spacy_mtl.data.sampling.samplers import make_proportional
from spacy_mtl.data.sources import make_source
from spacy_mtl.data.writing import write_docs
from spacy_mtl.pipeline.extraction.extraction import extract
from spacy_mtl.pipeline.extraction.scaffold import WithoutScaffold

from ..shared_encoder import ENCODER_MODEL, LISTENER, encoder_gradient, fill_zeros, parameters
from ..toy_pipeline import train
from .test_component import SENTENCES, TEXTS, make_doc, read

PAGE = Path(__file__).parents[3] / "docs" / "heads.md"
TDA = {"@misc": "spacy-mtl.TargetDistributionAveraging.v1", "tau": 0.5}


def make_examples(nlp):
    """Every other word is an entity."""
    examples = []
    for sentence in SENTENCES:
        doc = make_doc(nlp, *sentence)
        doc.set_ents([Span(doc, i, i + 1, "X") for i in range(0, len(doc), 2)])
        examples.append(Example(Doc(nlp.vocab, words=sentence[0].split()), doc))
    return examples


def build(steps=0, balancer=None, initialize=True):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe(
        "mtl_tok2vec", name="tok2vec", config={"model": ENCODER_MODEL, **({"balancer": balancer} if balancer else {})}
    )
    nlp.add_pipe("mtl_ner", name="ner", config={"model": {"tok2vec": LISTENER}})
    nlp.add_pipe("mtl_dependency", name="parser", config={"model": {"tok2vec": LISTENER, "hidden_width": 16}})
    if initialize:
        examples = make_examples(nlp)
        nlp.initialize(lambda: examples)
        train(nlp, examples, steps)
    return nlp


def entities(nlp):
    return [[(ent.start, ent.end, ent._.confidence) for ent in doc.ents] for doc in nlp.pipe(TEXTS)]


@pytest.fixture(scope="module")
def trained():
    return build(steps=60)


def test_it_shapes_the_encoder_and_is_not_saved(trained, tmp_path):
    assert [read(doc) for doc in trained.pipe(TEXTS)] == SENTENCES
    scaffold = WithoutScaffold(["parser"])
    trained.config["training"]["score_weights"].update(dep_las=0.0)
    scaffold.check(trained)
    scaffold(trained).to_disk(tmp_path)
    saved = spacy.load(tmp_path)
    assert saved.pipe_names == ["tok2vec", "ner"] and entities(saved) == entities(trained)


@pytest.mark.parametrize("frozen", ["parser", "ner"])
def test_a_frozen_head_waits_for_nothing(frozen):
    nlp = build()
    for name in ("ner", "parser"):
        fill_zeros(nlp.get_pipe(name).model)
    before = parameters(nlp, frozen)
    nlp.update(make_examples(nlp), sgd=False, exclude=[frozen])
    assert encoder_gradient(nlp).any()
    train(nlp, make_examples(nlp), steps=2, exclude=[frozen])
    assert (parameters(nlp, frozen) == before).all()


def test_alone_and_with_an_encoder_of_its_own(trained):
    alone = extract(trained, ["parser"])
    assert alone.pipe_names == ["tok2vec", "parser"]
    assert [read(doc) for doc in alone.pipe(TEXTS)] == SENTENCES
    alone.replace_listeners("tok2vec", "parser", ["model.tok2vec"])
    alone.remove_pipe("tok2vec")
    assert [read(doc) for doc in alone.pipe(TEXTS)] == SENTENCES


def test_a_balancer_weighs_it_by_its_targets():
    nlp = build(balancer=TDA)
    nlp.update(make_examples(nlp), sgd=False)
    weights = nlp.get_pipe("tok2vec").balancer.last_weights
    # as many tokens have entities as trees
    assert weights["ner"] == pytest.approx(weights["parser"]) and set(weights) == {"ner", "parser"}


def test_a_weight_of_zero_keeps_it_from_the_encoder():
    balancer = {"@misc": "spacy-mtl.Weighted.v1", "weights": {"parser": 0.0}}
    gradients = []
    for nlp, exclude in ((build(balancer=balancer), []), (build(balancer=balancer), ["parser"])):
        for name in ("ner", "parser"):
            fill_zeros(nlp.get_pipe(name).model)
        nlp.update(make_examples(nlp), sgd=False, exclude=exclude)
        gradients.append(encoder_gradient(nlp))
    numpy.testing.assert_allclose(gradients[0], gradients[1], atol=1e-5)


def test_sources_for_it_and_for_others(tmp_path):
    nlp = build(initialize=False)
    sources = {}
    for name, tasks in (("one", ["ner"]), ("two", ["parser"])):
        path = tmp_path / f"{name}.spacy"
        write_docs([example.reference for example in make_examples(nlp)], path)
        sources[name] = make_source(path=path, tasks=tasks)
    corpus = make_multi_task_corpus(sources, make_proportional())
    examples = list(corpus(nlp))
    nlp.initialize(lambda: examples)
    kept = {
        (doc.has_annotation("DEP"), doc.has_annotation("TAG"), doc.has_annotation("ENT_IOB"))
        for doc in (one.y for one in examples)
    }
    assert kept == {(False, False, True), (True, True, False)}
    train(nlp, examples, steps=60)
    assert [read(doc) for doc in nlp.pipe(TEXTS)] == SENTENCES


def test_what_the_page_shows():
    block = re.search(r"## Tags and trees.*?```python\n(.*?)```", PAGE.read_text(encoding="utf8"), re.DOTALL)
    fix_random_seed(0)
    exec(block[1], {})
