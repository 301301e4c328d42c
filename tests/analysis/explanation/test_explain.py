import copy
import random
import sys

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from spacy_mtl.analysis.explanation.attribution import measure
from spacy_mtl.analysis.explanation.explain import LIMITS, Explainer, explain
from spacy_mtl.analysis.explanation.readings import Hiding
from spacy_mtl.analysis.explanation.tasks import probability
from tests.pipeline.toy_pipeline import CNN, FACTORIES, fix_random_seed, head_config, listener, make_examples, train

from .pipelines import NGRAMS, TEXT, make_pipeline


@Language.component("merge_first_words", retokenizes=True)
def merge_first_words(doc):
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[:2])
    return doc


@pytest.fixture(scope="module", params=["cnn", "torch"])
def nlp(request):
    if request.param == "torch":
        pytest.importorskip("torch")
    return make_pipeline(request.param)


@pytest.fixture(scope="module")
def cnn():
    return make_pipeline()


def test_what_is_explained_is_the_probability_that_the_pipeline_shows(nlp):
    doc, found = nlp(TEXT), explain(nlp, TEXT)
    assert {one.kind for one in found} == {"category", "entity", "predicate", "sense", "argument"}
    assert all(abs(probability(one.log_odds) - one.probability) < 1e-5 for one in found)
    entities = [(one.label, one.start, one.end, one.probability) for one in found if one.kind == "entity"]
    assert entities == [(e.label_, e.start, e.end, e._.confidence) for e in doc.ents]
    roles = {(one.predicate, one.label, one.start): one.probability for one in found if one.kind == "argument"}
    shown = {(f.predicate.start, a.role, a.span.start): a.probability for f in doc._.frames for a in f.arguments}
    assert roles == pytest.approx(shown)


def test_parts_add_up_to_the_way_from_the_baseline(nlp):
    found = explain(nlp, TEXT, method="integrated")
    assert max(one.gap for one in found) < 0.1
    for one in found:
        assert sum(one.parts) == pytest.approx(one.log_odds - one.baseline, abs=0.1 * max(1, abs(one.log_odds)))
    # what has only the encoder gets nothing from elsewhere
    assert all(not any(one.own) for one in found if one.component == "srl")
    assert all(any(one.own) for one in found if one.component != "srl")


def test_gradients_are_those_of_finite_differences(nlp):
    with Explainer(nlp).opened(TEXT) as (queries, text):
        chance = numpy.random.default_rng(0)
        kept, direction, step = chance.uniform(0.3, 0.7, (2, len(text))), chance.normal(size=(2, 2, len(text))), 1e-3
        # n-grams have a gradient where all words are kept alike, which is the way that is integrated
        even = numpy.repeat([[0.4], [0.6]], len(text), axis=1)
        direction[1] = direction[1, :, :1]
        for query in queries:
            hiding = Hiding(kept.astype("f"), even.astype("f"))
            scores, backprop = query.reading.run(hiding)
            gradient = query.reading.task.measure(query.finding, scores, 2, None).gradient
            slope = sum((g * d).sum() for g, d in zip(backprop(gradient(numpy.array([1.0, -2.0]))), direction))
            ends = []
            for sign in (1, -1):
                moved = [(part + sign * step * d).astype("f") for part, d in zip(hiding, direction)]
                (values,) = measure([query], Hiding(*moved))
                ends.append(values @ [1.0, -2.0])
            assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=0.05, abs=0.02), query.finding


def test_a_head_that_reads_the_decisions_of_another_rests_on_the_words_of_both():
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    for name in ("sentiment", "ner"):
        config = head_config(name)
        if name == "sentiment":
            config["model"]["linear_model"] = NGRAMS
        else:
            reader = {"@architectures": "spacy-mtl.StackPropagation.v1", "source": "sentiment", "gradient": False}
            config["model"]["tok2vec"] = {**reader, "shared": listener()}
        nlp.add_pipe(FACTORIES[name], name=name, config=config)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, 12)
    found = explain(nlp, TEXT, "ner", method="integrated")
    assert found and max(one.gap for one in found) < 0.1
    # the n-grams are the other head's
    assert all(any(one.own) for one in found)
    assert all(abs(probability(one.log_odds) - one.probability) < 1e-5 for one in found)


def test_a_contrast_is_the_difference_of_two_labels(cnn):
    (one,) = explain(cnn, TEXT, target="PER:Ana", against="LOC", method="integrated")
    (other,) = explain(cnn, TEXT, component="ner", target="PER:Ana")
    assert one.against == "LOC" and one.gap < 0.1
    # of all that the word could be, LOC is a part
    assert one.log_odds > other.log_odds
    (against,) = explain(cnn, TEXT, "sentiment", "good", against="bad")
    (alone,) = explain(cnn, TEXT, "sentiment", "good")
    assert against.log_odds == pytest.approx(alone.log_odds)


def test_the_important_words_are_what_the_prediction_falls_with(cnn):
    found = explain(cnn, TEXT, check=True)
    lost = [one.log_odds - one.check.without_words for one in found]
    chance = [one.log_odds - one.check.without_random for one in found]
    assert sum(lost) > 1.5 * sum(chance)
    assert all(len(one.check.words) == 3 for one in found)
    (ana,) = [one for one in found if one.name == "PER:Ana"]
    assert max(range(len(ana.parts)), key=ana.parts.__getitem__) == 0


def test_white_space_is_no_word_and_a_doc_is_left_as_it_is(cnn):
    doc = cnn.make_doc(TEXT)
    before = doc.to_bytes()
    found = explain(cnn, doc)
    assert doc.to_bytes() == before
    words = found[0].words
    assert words == tuple(token.text for token in doc) and words[5] == " " and found[0].encoder[5] != 0
    assert found[0].to_dict()["tokens"][2] == {
        "text": "Oslo", "start": 10, "end": 14,
        "encoder": round(found[0].encoder[2], 6), "own": round(found[0].own[2], 6),
    }  # fmt: skip


def state(nlp):
    return [pipe.model.to_bytes() for _, pipe in nlp.pipeline]


@pytest.mark.parametrize("error", [False, True])
def test_training_goes_on_as_if_nobody_had_asked(nlp, error, monkeypatch):
    nlp, other = copy.deepcopy(nlp), copy.deepcopy(nlp)
    strings = len(nlp.vocab.strings)
    examples = make_examples(nlp)
    for pipeline, asks in ((nlp, True), (other, False)):
        spacy.util.fix_random_seed(1)
        optimizer = pipeline.create_optimizer()
        pipeline.update(examples[:6], sgd=False, drop=0.3)
        if asks:
            explain(pipeline, TEXT, method="integrated", check=True)
            if error:
                with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
                    patch.setattr("spacy_mtl.analysis.explanation.roles.forward_backward", lambda *_: 1 / 0)
                    explain(pipeline, TEXT)
        pipeline.update(examples[6:], sgd=optimizer, drop=0.3)
        pipeline.rest = random.random(), numpy.random.random()
    assert state(nlp) == state(other) and nlp.rest == other.rest
    assert len(nlp.vocab.strings) == strings
    if "torch" in sys.modules:
        modules = [shim._model for _, p in nlp.pipeline for node in p.model.walk() for shim in node.shims]
        assert not any("train" in module.__dict__ for module in modules)


def test_long_texts_are_integrated_for_few_predictions_and_longer_ones_refused(cnn):
    words = TEXT.split() * 9
    doc = Doc(cnn.vocab, words=words)
    (one,) = explain(cnn, doc, "sentiment", "good")
    assert len(words) > 64 and one.method == "integrated"
    # all of them are read from the same copies
    found = explain(cnn, doc, "ner")
    assert len(found) > 1 and {one.method for one in found} == {"occlusion"}
    with pytest.raises(ValueError, match="E805.*'integrated'"):
        explain(cnn, Doc(cnn.vocab, words=["Ana"] * (LIMITS["occlusion"] + 1)), "sentiment", "good", method="occlusion")


@pytest.mark.parametrize(
    "code,settings",
    [
        ("E801.*sentiment, ner, srl", {"component": "parser"}),
        ("E801.*gives no probability", {"component": "tok2vec"}),
        ("E802.*PER:Ana", {"target": "PER:Rome"}),
        ("E802.*by 'ner'", {"component": "ner", "target": "good"}),
        ("E803.*PER:Ana@0 of 'ner'", {"target": "PER"}),
        ("E806.*one of LOC", {"target": "PER:Ana", "against": "ORG"}),
        ("E806.*yes or no", {"target": "V:likes", "against": "O"}),
        ("E807.*auto, occlusion", {"method": "lime"}),
    ],
)
def test_what_cannot_be_explained_is_told(cnn, code, settings):
    with pytest.raises(ValueError, match=code):
        explain(cnn, TEXT, **settings)


@pytest.mark.parametrize("text", ["", " \n "])
def test_a_text_without_words_is_refused(cnn, text):
    with pytest.raises(ValueError, match="E804"):
        explain(cnn, text)


def test_targets_are_named_by_label_words_and_place(cnn):
    for name in ("PER:Ana", "PER:Ana@0", "Ana@0"):
        assert explain(cnn, TEXT, "ner", name)[0].name == "PER:Ana"
    assert explain(cnn, TEXT, "srl", "likes>ARG0:Ana")[0].kind == "argument"
    assert explain(cnn, TEXT, target="bad")[0].kind == "category"


def test_a_pipeline_without_heads_cannot_be_explained():
    with pytest.raises(ValueError, match="E801"):
        explain(spacy.blank("en"), "Ana")


def test_what_comes_behind_is_not_run_and_what_merges_tokens_between_is_refused(cnn):
    expected = explain(cnn, TEXT)
    cnn.add_pipe("merge_first_words")
    try:
        assert explain(cnn, TEXT) == expected
        cnn.remove_pipe("merge_first_words")
        cnn.add_pipe("merge_first_words", after="ner")
        with pytest.raises(ValueError, match="E811"):
            explain(cnn, TEXT)
        assert explain(cnn, TEXT, "sentiment") == [one for one in expected if one.component == "sentiment"]
    finally:
        cnn.remove_pipe("merge_first_words")


def test_copies_are_read_in_parts_that_fit_into_the_memory(cnn, monkeypatch):
    whole = explain(cnn, TEXT, check=True)
    monkeypatch.setattr("spacy_mtl.analysis.explanation.attribution.OCCLUDED_ROWS", 20)
    for one, other in zip(whole, explain(cnn, TEXT, check=True)):
        assert one.check.words == other.check.words
        assert other.check.without_words == pytest.approx(one.check.without_words, abs=1e-3)
