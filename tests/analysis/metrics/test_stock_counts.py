"""Counts of spaCy's own components: their sums are the scores that spaCy gives, whatever is annotated."""

import functools

import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_mtl.analysis.comparison.statistics import f_score
from spacy_mtl.analysis.metrics.counts import NOTHING, count_by_doc, find_metrics
from spacy_mtl.analysis.metrics.tasks import Task

from ...pipeline.shared_encoder import SENTENCES, build, make_examples

WORDS = ["The", "  ", "old", "boat", "\n", "sails", "."]
DEPENDENCIES = st.sampled_from(["nsubj", "obj", "OBJ", "punct", "P", "ROOT", ""])
LABELS = ("a", "b", "c")


@functools.cache
def make_pipeline(factory, **settings):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory, name="head", config=settings)
    for label in LABELS if factory.startswith("textcat") else ():
        pipe.add_label(label)
    return nlp


def score(nlp, examples):
    """The score and the counts of the main metric."""
    (metric,) = find_metrics(nlp, Task("head", nlp.get_pipe_meta("head").factory, ("tok2vec",), True), {})
    return metric.score, nlp.get_pipe("head").score(examples)[metric.score], count_by_doc(metric, nlp, "head", examples)


def assert_the_same(nlp, name, examples):
    found, value, counts = score(nlp, examples)
    assert found == name and counts.shape == (len(examples), 3) and (counts >= 0).all()
    assert float(f_score(counts.sum(axis=0))) == pytest.approx(value or 0.0, abs=1e-12)
    return counts


def make_parsed(vocab, parse):
    words = WORDS[: len(parse)]
    # a token's head is itself or one before
    heads = [min(head, i) for i, (head, _) in enumerate(parse)]
    return Doc(vocab, words=words, heads=heads, deps=[label for _, label in parse])


@st.composite
def draw_parses(draw):
    """A gold and a found parse of the same words; now and then there is none in the gold Doc."""
    size = draw(st.integers(1, len(WORDS)))
    parse = st.lists(st.tuples(st.integers(0, len(WORDS)), DEPENDENCIES), min_size=size, max_size=size)
    gold = draw(st.one_of(parse, st.just([(i, "") for i in range(size)])))
    found = gold if draw(st.booleans()) else draw(parse)
    return gold, found


@pytest.mark.parametrize("factory", ["parser", "beam_parser"])
@settings(max_examples=60, deadline=None)
@given(st.lists(draw_parses(), min_size=1, max_size=5))
def test_dependencies(factory, pairs):
    nlp = make_pipeline(factory)
    examples = [Example(make_parsed(nlp.vocab, found), make_parsed(nlp.vocab, gold)) for gold, found in pairs]
    counts = assert_the_same(nlp, "dep_las", examples)
    for (gold, _), of_doc in zip(pairs, counts):
        labels = [label.lower() for _, label in gold]
        assert of_doc[0] + of_doc[2] == sum(label not in ("", "p", "punct") for label in labels)


def test_dependencies_worked_by_hand():
    nlp = make_pipeline("parser")
    words = ["Ana", "sees", "Tom", "!"]
    gold = Doc(nlp.vocab, words=words, heads=[1, 1, 1, 1], deps=["nsubj", "ROOT", "obj", "punct"])
    found = Doc(nlp.vocab, words=words, heads=[1, 1, 0, 0], deps=["NSUBJ", "ROOT", "obj", "punct"])
    bare = Doc(nlp.vocab, words=words)
    assert score(nlp, [Example(found, gold)])[2].tolist() == [[2, 1, 1]]
    assert score(nlp, [Example(found, bare)])[2].tolist() == [list(NOTHING)]
    assert score(nlp, [Example(gold, gold)])[1] == pytest.approx(1.0)


def make_categorized(vocab, categories):
    doc = Doc(vocab, words=WORDS)
    doc.cats = categories
    return doc


VALUES = st.sampled_from([0.0, 0.3, 0.5, 1.0])
GOLD = st.dictionaries(st.sampled_from([*LABELS, "other"]), VALUES)
FOUND = st.fixed_dictionaries(dict.fromkeys(LABELS, VALUES))


@pytest.mark.parametrize(
    "factory, more", [("textcat", {}), ("textcat_multilabel", {}), ("textcat_multilabel", {"threshold": 0.3})]
)
@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(st.tuples(GOLD, FOUND), min_size=1, max_size=5))
def test_categories(factory, more, pairs):
    nlp = make_pipeline(factory, **more)
    examples = [Example(make_categorized(nlp.vocab, found), make_categorized(nlp.vocab, gold)) for gold, found in pairs]
    counts = assert_the_same(nlp, "cats_micro_f", examples)
    for example, of_doc in zip(examples, counts.tolist()):
        assert assert_the_same(nlp, "cats_micro_f", [example]).tolist() == [of_doc], "a Doc counts as it does alone"


@pytest.mark.parametrize(
    "factory, gold, found, counts",
    [
        ("textcat", {"a": 1.0, "b": 0.0}, {"a": 0.4, "b": 0.3, "c": 0.3}, (1, 0, 0)),
        ("textcat", {"a": 1.0, "b": 0.0}, {"a": 0.3, "b": 0.4, "c": 0.3}, (0, 1, 1)),
        # spaCy's scorer counts the choice as wrong where none is annotated
        ("textcat", {}, {"a": 0.3, "b": 0.4, "c": 0.3}, (0, 1, 0)),
        ("textcat_multilabel", {"a": 1.0, "b": 0.0, "c": 1.0}, {"a": 0.5, "b": 0.6, "c": 0.4}, (1, 1, 1)),
        ("textcat_multilabel", {"b": 0.0}, {"a": 0.9, "b": 0.4, "c": 0.9}, NOTHING),
        ("textcat_multilabel", {}, {"a": 0.9, "b": 0.4, "c": 0.9}, NOTHING),
    ],
)
def test_categories_worked_by_hand(factory, gold, found, counts):
    nlp = make_pipeline(factory)
    example = Example(make_categorized(nlp.vocab, found), make_categorized(nlp.vocab, gold))
    assert score(nlp, [example])[2].tolist() == [list(counts)]


SPANS = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4), st.sampled_from("ab")), max_size=5)


def make_grouped(vocab, key, spans):
    doc = Doc(vocab, words=WORDS)
    if spans is not None:
        doc.spans[key] = [Span(doc, start, min(start + size, len(WORDS)), label) for start, size, label in spans]
    return doc


@pytest.mark.parametrize(
    "factory, more",
    [
        ("spancat", {}),
        ("spancat", {"spans_key": "mine"}),
        ("spancat_singlelabel", {"allow_overlap": False}),
        ("span_finder", {"spans_key": "mine"}),
    ],
)
@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(st.tuples(st.none() | SPANS, st.none() | SPANS), min_size=1, max_size=5))
def test_spans(factory, more, pairs):
    nlp = make_pipeline(factory, **more)
    key = nlp.get_pipe("head").cfg["spans_key"]
    examples = [
        Example(make_grouped(nlp.vocab, key, found), make_grouped(nlp.vocab, key, gold)) for gold, found in pairs
    ]
    counts = assert_the_same(nlp, f"spans_{key}_f", examples)
    for (gold, _), of_doc in zip(pairs, counts.tolist()):
        assert gold is not None or tuple(of_doc) == NOTHING


def test_spans_worked_by_hand():
    gold, found = [(0, 1, "a"), (2, 2, "b")], [(0, 1, "a"), (2, 2, "a"), (2, 3, "b")]
    for factory, counts in (("spancat", [1, 2, 1]), ("span_finder", [2, 1, 0])):
        nlp = make_pipeline(factory)
        key = nlp.get_pipe("head").cfg["spans_key"]
        example = Example(make_grouped(nlp.vocab, key, found), make_grouped(nlp.vocab, key, gold))
        assert score(nlp, [example])[2].tolist() == [counts], factory


def make_split(vocab, starts):
    words = WORDS[: len(starts)]
    return Doc(vocab, words=words, sent_starts=starts)


@st.composite
def draw_sentences(draw):
    size = draw(st.integers(1, len(WORDS)))
    gold = draw(st.lists(st.sampled_from([True, False, None]), min_size=size, max_size=size) | st.just([None] * size))
    found = draw(st.lists(st.sampled_from([True, False]), min_size=size, max_size=size) | st.just([None] * size))
    return gold, found


@settings(max_examples=100, deadline=None)
@given(st.lists(draw_sentences(), min_size=1, max_size=5))
def test_sentences(pairs):
    nlp = make_pipeline("senter")
    examples = [Example(make_split(nlp.vocab, found), make_split(nlp.vocab, gold)) for gold, found in pairs]
    counts = assert_the_same(nlp, "sents_f", examples)
    for (gold, _), of_doc in zip(pairs, counts.tolist()):
        # one token is always a sentence
        assert len(gold) == 1 or any(start is not None for start in gold[1:]) or tuple(of_doc) == NOTHING


def test_sentences_worked_by_hand():
    nlp = make_pipeline("senter")
    gold, found = [True, False, False, True, False], [True, False, True, True, False]
    assert score(nlp, [Example(make_split(nlp.vocab, found), make_split(nlp.vocab, gold))])[2].tolist() == [[1, 2, 1]]


@pytest.mark.parametrize("factory", ["parser", "textcat", "textcat_multilabel", "spancat", "senter"])
def test_the_sums_are_what_the_pipeline_is_evaluated_by(factory):
    nlp = build(heads=(factory,))
    examples = make_examples(nlp)
    examples += [Example(Doc(nlp.vocab, words=one["words"]), Doc(nlp.vocab, words=one["words"])) for one in SENTENCES]
    (metric,) = find_metrics(nlp, Task(factory, factory, ("tok2vec",), True), {})
    value = nlp.evaluate(examples)[metric.score]
    annotated = [Example(nlp(example.predicted.copy()), example.reference) for example in examples]
    counts = count_by_doc(metric, nlp, factory, annotated)
    assert float(f_score(counts.sum(axis=0))) == pytest.approx(value, abs=1e-12)
    assert counts.sum() > 0 and numpy.any(counts[: len(SENTENCES), [0, 2]])
