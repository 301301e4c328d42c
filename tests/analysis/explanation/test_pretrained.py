"""Pretrained encoders: words are hidden behind the mask."""

import copy

import numpy
import pytest
import spacy
from spacy.training import Example
from thinc.api import SGD

from spacy_mtl.analysis.explanation import pretrained_input
from spacy_mtl.analysis.explanation.attribution import measure
from spacy_mtl.analysis.explanation.explain import Explainer, explain
from spacy_mtl.analysis.explanation.readings import Hiding
from spacy_mtl.analysis.explanation.tasks import probability
from tests.pipeline.toy_pipeline import FACTORIES, fix_random_seed, head_config, make_docs

from .pipelines import NGRAMS

pytest.importorskip("spacy_transformers")

TEXT = "Ana likes Oslo . Otto  mocks Rome ."


@pytest.fixture(scope="module", params=["encoder", "stock", "mean of windows"])
def nlp(request, tmp_path_factory):
    from tests.encoders.pretrained.tiny_transformer import encoder_config, stock_config, write_bert

    fix_random_seed(0)
    nlp = spacy.blank("en")
    bert = write_bert(tmp_path_factory.mktemp("bert") / "bert")
    # the text has more pieces than one window, so some tokens are read in the second
    model = encoder_config(bert, window=30, frozen_layers=1)
    if request.param != "encoder":
        model = stock_config(bert)
    if request.param == "mean of windows":
        model["get_spans"] = {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 4, "stride": 2}
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": model})
    for name in ("sentiment", "ner"):
        config = head_config(name)
        config["model"]["tok2vec"] = {"@architectures": "spacy-mtl.Tok2VecListener.v1"}
        if name == "sentiment":
            config["model"]["linear_model"] = NGRAMS
        nlp.add_pipe(FACTORIES[name], name=name, config=config)
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in make_docs(nlp)]
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    for _ in range(20):
        nlp.update(examples, sgd=optimizer)
    return nlp


def test_it_is_explained_by_both_methods_and_both_routes(nlp, monkeypatch):
    monkeypatch.setattr(pretrained_input, "PIECES_GRADED", 100)
    monkeypatch.setattr(pretrained_input, "PIECES_READ", 300)
    for method in ("occlusion", "integrated"):
        found = explain(nlp, TEXT, method=method)
        assert found and {one.component for one in found} <= {"sentiment", "ner"}
        assert all(abs(probability(one.log_odds) - one.probability) < 1e-4 for one in found)
        assert all(one.own is not None and any(one.encoder) for one in found)
        assert all(any(one.own) == (one.component == "sentiment") for one in found)
        if method == "integrated":
            assert numpy.median([one.gap for one in found]) < 0.1


def test_it_is_explained_in_single_precision(nlp):
    nlp = copy.deepcopy(nlp)
    expected = explain(nlp, TEXT)
    for node in nlp.get_pipe("tok2vec").model.walk():
        for shim in node.shims:
            if hasattr(shim, "tuning"):
                shim.tuning = shim.tuning._replace(precision="bfloat16")
                assert explain(nlp, TEXT) == expected and shim.tuning.precision == "bfloat16"


def test_gradients_are_those_of_finite_differences(nlp):
    with Explainer(nlp).opened(TEXT) as (queries, text):
        chance = numpy.random.default_rng(0)
        kept, direction, step = chance.uniform(0.3, 0.7, (2, len(text))), chance.normal(size=(2, len(text))), 1e-2
        own = numpy.full((2, len(text)), 0.5, dtype="f")
        for query in queries[:4]:
            scores, backprop = query.reading.run(Hiding(kept.astype("f"), own))
            gradient = query.reading.task.measure(query.finding, scores, 2, None).gradient
            slope = float((backprop(gradient(numpy.array([1.0, -2.0])))[0] * direction).sum())
            ends = []
            for sign in (1, -1):
                moved = (kept + sign * step * direction).astype("f")
                ends.append(measure([query], Hiding(moved, own))[0] @ [1.0, -2.0])
            assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=0.05, abs=0.02), query.finding


def test_what_is_frozen_stays_so_and_nothing_else_is(nlp):
    nlp = copy.deepcopy(nlp)
    other = copy.deepcopy(nlp)
    explain(nlp, TEXT, "sentiment", method="integrated")
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in make_docs(nlp)]
    for pipeline in (nlp, other):
        fix_random_seed(1)
        pipeline.update(examples, sgd=SGD(0.1))
    assert nlp.get_pipe("tok2vec").model.to_bytes() == other.get_pipe("tok2vec").model.to_bytes()


def test_without_a_mask_words_are_replaced(nlp, monkeypatch):
    nlp = copy.deepcopy(nlp)
    monkeypatch.setattr("spacy_mtl.analysis.explanation.finding_inputs.find_pretrained", lambda model: [])
    (one,) = explain(nlp, "Ana likes Oslo .", "sentiment")
    assert abs(probability(one.log_odds) - one.probability) < 1e-5
    assert one.own is None and one.method == "occlusion"
