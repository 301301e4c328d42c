"""Counts by Doc: their sums are the scores of the pipeline."""

import functools

import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.api import fix_random_seed

from spacy_mtl.analysis.comparison.statistics import f_score
from spacy_mtl.analysis.metrics.counts import (
    METRICS,
    NOTHING,
    RIGHT,
    WRONG,
    count_by_doc,
    count_categories,
    count_entities,
    find_metrics,
)
from spacy_mtl.analysis.metrics.tasks import Task
from spacy_mtl.annotation import TASKS_KEY
from spacy_mtl.frames import set_frames
from spacy_mtl.scorers.ner import score_ner
from spacy_mtl.translations import set_translations
from spacy_mtl.types import FrameSpans, RoleSpan

from ...pipeline.shared_encoder import ENCODER_MODEL, HEADS, OURS, build

VOCAB = spacy.blank("en").vocab
WORDS = [f"w{i}" for i in range(6)]


def make_task(name, factory=None):
    return Task(name, factory or name, ("tok2vec",), True)


def make_doc(vocab, words=WORDS, **annotation):
    return Doc(vocab, words=words, **annotation)


def assert_counts_give_the_score(nlp, task, metrics, examples):
    scores = nlp.get_pipe(task).score(examples)
    for metric in metrics:
        counts = count_by_doc(metric, nlp, task, examples)
        assert counts.shape == (len(examples), 3)
        assert float(f_score(counts.sum(axis=0))) == pytest.approx(scores[metric.score], abs=1e-9), metric.score


TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC", ""])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TAGS, TAGS), min_size=1, max_size=8), st.booleans())
def test_entities_count_as_spacy_scores_them(tags, annotated):
    words = [f"w{i}" for i in range(len(tags))]

    def mend(column):
        mended = []
        for tag in column:
            before = mended[-1] if mended else "O"
            is_inside = tag.startswith("I-") and before[2:] == tag[2:] and before not in ("", "O")
            mended.append(tag if not tag.startswith("I-") or is_inside else tag.replace("I-", "B-"))
        return mended

    gold = make_doc(VOCAB, words, ents=mend([one for one, _ in tags])) if annotated else make_doc(VOCAB, words)
    # a prediction leaves nothing open
    found = make_doc(VOCAB, words, ents=mend([other or "O" for _, other in tags]))
    example = Example(found, gold)
    (counts,) = count_entities(None, "ner", [example])
    expected = score_ner([example])["ents_f"]
    assert f_score(numpy.asarray(counts)) == pytest.approx(expected or 0.0, abs=1e-12)
    assert annotated or counts == NOTHING


def test_an_open_token_is_neither_right_nor_wrong():
    gold = make_doc(VOCAB, ents=["B-PER", "O", "", "", "O", "O"])
    found = make_doc(VOCAB, ents=["B-PER", "B-PER", "B-LOC", "O", "O", "O"])
    assert count_entities(None, "ner", [Example(found, gold)]) == [(1, 1, 0)]


@functools.lru_cache
def make_categorizer(exclusive):
    nlp = spacy.blank("en")
    settings = {"labels": ["a", "b", "c"], "exclusive": exclusive, "threshold": 0.4}
    nlp.add_pipe("mtl_textcat", name="topic", config=settings)
    return nlp


def make_categorized(nlp, gold, found):
    reference, predicted = make_doc(nlp.vocab), make_doc(nlp.vocab)
    reference.cats, predicted.cats = gold, found
    return Example(predicted, reference)


@pytest.mark.parametrize(
    "exclusive, gold, found, counts",
    [
        (True, {"a": 1.0, "b": 0.0, "c": 0.0}, {"a": 0.4, "b": 0.3, "c": 0.3}, RIGHT),
        (True, {"a": 1.0, "b": 0.0, "c": 0.0}, {"a": 0.3, "b": 0.4, "c": 0.3}, WRONG),
        (True, {"a": 0.0, "b": 0.0}, {"a": 0.9, "b": 0.1, "c": 0.0}, NOTHING),
        (True, {"other": 1.0, "more": 0.0}, {"a": 0.9, "b": 0.1, "c": 0.0}, NOTHING),
        (True, {"a": 0.0, "other": 1.0}, {"a": 0.9, "b": 0.1, "c": 0.0}, WRONG),
        (True, {"other": 1.0}, {"a": 0.9, "b": 0.1, "c": 0.0, "other": 0.5}, NOTHING),
        (False, {"a": 1.0, "b": 0.0, "c": 1.0}, {"a": 0.4, "b": 0.3, "c": 0.9}, RIGHT),
        (False, {"a": 1.0, "b": 0.0, "c": 1.0}, {"a": 0.3, "b": 0.3, "c": 0.9}, WRONG),
        (False, {"b": 0.0}, {"a": 0.9, "b": 0.3, "c": 0.9}, RIGHT),
        (False, {}, {"a": 0.9, "b": 0.3, "c": 0.9}, NOTHING),
    ],
)
def test_categories_worked_by_hand(exclusive, gold, found, counts):
    nlp = make_categorizer(exclusive)
    assert count_categories(nlp, "topic", [make_categorized(nlp, gold, found)]) == [counts]


@settings(max_examples=50, deadline=None)
@given(st.booleans(), st.data())
def test_categories_count_as_they_are_scored(exclusive, data):
    nlp = make_categorizer(exclusive)
    examples = []
    for _ in range(data.draw(st.integers(1, 5))):
        labels = data.draw(st.sets(st.sampled_from("abc")))
        gold = {label: float(data.draw(st.booleans())) for label in labels}
        found = {label: data.draw(st.floats(0, 1)) for label in "abc"}
        examples.append(make_categorized(nlp, gold, found))
    metrics = find_metrics(nlp, make_task("topic", "mtl_textcat"), {})
    assert [metric.score for metric in metrics] == ["topic_acc"]
    counts = count_by_doc(metrics[0], nlp, "topic", examples)
    expected = nlp.get_pipe("topic").score(examples)["topic_acc"]
    assert expected is None if not counts.any() else f_score(counts.sum(axis=0)) == pytest.approx(expected)


FRAMES = [
    [FrameSpans(1, 2, "x.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 2, 4), RoleSpan("C-ARG1", 5, 6)))],
    [FrameSpans(3, 4, "y.01", (RoleSpan("ARG1", 4, 6),)), FrameSpans(1, 2, "x.02", (RoleSpan("ARG0", 0, 1),))],
    [],
    None,
]


@pytest.mark.parametrize("predicates", ["predict", "doc"])
def test_arguments_count_as_they_are_scored(predicates):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_srl", name="roles", config={"predicates": predicates, "threshold": 0.4})
    references = []
    for frames in FRAMES * 3:
        reference = make_doc(nlp.vocab)
        if frames is not None:
            set_frames(reference, frames)
        references.append(reference)
    examples = [Example(make_doc(nlp.vocab), reference) for reference in references]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(12):
        nlp.update(examples, sgd=optimizer)
    annotated = [Example(nlp(make_doc(nlp.vocab)), reference) for reference in references]
    metrics = find_metrics(nlp, make_task("roles", "mtl_srl"), {})
    assert [metric.score for metric in metrics] == ["srl_argument_f", "srl_gold_argument_f"]
    assert_counts_give_the_score(nlp, "roles", metrics, annotated)
    gold = count_by_doc(metrics[1], nlp, "roles", annotated)
    # the parts of an argument are one argument
    assert (gold[:, 0] + gold[:, 2]).tolist() == [2, 2, 0, 0] * 3
    assert gold[:, 0].sum() > 0, "a test of nothing otherwise"


def test_gold_predicates_are_left_out_where_they_are_not_scored():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_srl", config={"score_gold_predicates": False})
    assert [metric.score for metric in find_metrics(nlp, make_task("mtl_srl"), {})] == ["srl_argument_f"]


@pytest.mark.parametrize("name", ["tagger", "morphologizer", "trainable_lemmatizer", "ner"])
def test_stock_components_count_as_they_are_scored(name):
    nlp = build(heads=(name,))
    words = ["Mira", "paints", "  ", "boats"]
    gold = {
        "tags": ["N", "V", "_SP", ""],
        "pos": ["PROPN", "VERB", "SPACE", ""],
        "lemmas": ["Mira", "paint", "  ", ""],
        "entities": ["U-PER", "O", "O", "-"],
    }
    examples = [Example.from_dict(Doc(nlp.vocab, words=words), gold) for _ in range(3)]
    examples.append(Example(Doc(nlp.vocab, words=words), Doc(nlp.vocab, words=words)))
    annotated = [Example(nlp(example.predicted), example.reference) for example in examples]
    assert_counts_give_the_score(nlp, name, find_metrics(nlp, make_task(name), {}), annotated)
    assert not count_by_doc(METRICS[name], nlp, name, annotated)[-1].any()


@Language.factory("score_of_its_own", default_score_weights={"dep_uas": 0.2, "dep_las": 0.8})
def make_other(nlp, name):
    return lambda doc: doc


def test_other_components_have_a_score_without_counts():
    nlp = spacy.blank("en")
    nlp.add_pipe(OURS, name="tok2vec", config={"model": ENCODER_MODEL})
    nlp.add_pipe("score_of_its_own", name="other")
    (metric,) = find_metrics(nlp, make_task("other", "score_of_its_own"), {"dep_uas": 0.2, "dep_las": 0.3, "x": 0.5})
    assert metric.score == "dep_las" and count_by_doc(metric, nlp, "other", []) is None
    (metric,) = find_metrics(nlp, make_task("other", "score_of_its_own"), {"dep_uas": 0.4, "dep_las": 0.3})
    assert metric.score == "dep_uas" and metric.counter is None
    assert find_metrics(nlp, make_task("tok2vec", OURS), {}) == []


def test_the_parser_is_compared_by_labelled_attachment_whatever_weighs_more():
    nlp = spacy.blank("en")
    nlp.add_pipe(OURS, name="tok2vec", config={"model": ENCODER_MODEL})
    nlp.add_pipe("parser", config=HEADS["parser"])
    (metric,) = find_metrics(nlp, make_task("parser"), {"dep_uas": 0.9, "dep_las": 0.1})
    assert metric.score == "dep_las" and metric.counter is not None


RECOGNIZERS = {
    "people": {"labels": ["PER"]},
    "places": {"labels": ["LOC", "LAND"]},
    "things": {"spans_key": "things", "labels": ["THING"]},
}


def make_recognized(nlp, tags, things, tasks=None):
    doc = make_doc(nlp.vocab, ents=tags)
    doc.spans["things"] = [Span(doc, start, end, label="THING") for start, end in things]
    if tasks is not None:
        doc.user_data[TASKS_KEY] = tasks
    return doc


def test_each_of_several_recognizers_counts_its_own_entities():
    nlp = spacy.blank("en")
    for name, config in RECOGNIZERS.items():
        nlp.add_pipe("mtl_ner", name=name, config=config)
    gold = ["B-PER", "O", "B-LOC", "O", "B-LAND", "O"]
    found = ["B-PER", "B-PER", "O", "O", "B-LAND", "B-LOC"]
    reference = make_recognized(nlp, gold, [(0, 2), (3, 4)])
    nlp.initialize(lambda: [Example(reference.copy(), reference)])
    others = make_recognized(nlp, ["O"] * 6, [], tasks=["places"])
    examples = [
        Example(make_recognized(nlp, found, [(0, 2), (4, 6)]), reference),
        Example(make_recognized(nlp, found, []), others),
    ]
    expected = {"people": [(1, 1, 0), NOTHING], "places": [(1, 1, 1), (0, 2, 0)], "things": [(1, 1, 1), NOTHING]}
    for name, counts in expected.items():
        (metric,) = find_metrics(nlp, make_task(name, "mtl_ner"), {})
        assert metric.score == f"{name}_f"
        assert [tuple(row) for row in count_by_doc(metric, nlp, name, examples)] == counts
        assert_counts_give_the_score(nlp, name, [metric], examples)


def test_a_recognizer_alone_counts_all_entities():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_ner")
    assert find_metrics(nlp, make_task("mtl_ner"), {}) == [METRICS["mtl_ner"]]
    nlp.add_pipe("ner")
    assert [metric.score for metric in find_metrics(nlp, make_task("mtl_ner"), {})] == ["mtl_ner_f"]


def test_each_of_several_role_labellers_counts_its_own_arguments():
    nlp = spacy.blank("en")
    for name, key in (("verbs", "srl"), ("nouns", "nouns")):
        nlp.add_pipe("mtl_srl", name=name, config={"spans_key": key})

    def make(verbs, nouns, tasks=None):
        doc = make_doc(nlp.vocab)
        for key, roles in (("srl", verbs), ("nouns", nouns)):
            set_frames(doc, [FrameSpans(0, 1, "", tuple(RoleSpan(role, i, i + 1) for role, i in roles))], key)
        if tasks is not None:
            doc.user_data[TASKS_KEY] = tasks
        return doc

    gold = make([("A", 1), ("B", 2)], [("C", 3)])
    nlp.initialize(lambda: [Example(gold.copy(), gold)])
    found = make([("A", 1)], [("C", 3), ("C", 4)])
    examples = [Example(found, gold), Example(found.copy(), make([("B", 1)], [("C", 3)], tasks=["verbs"]))]
    expected = {"verbs": [(1, 0, 1), (0, 1, 1)], "nouns": [(1, 1, 0), NOTHING]}
    for name, counts in expected.items():
        metrics = find_metrics(nlp, make_task(name, "mtl_srl"), {})
        assert [metric.score for metric in metrics] == [f"{name}_argument_f", f"{name}_gold_argument_f"]
        assert [tuple(row) for row in count_by_doc(metrics[0], nlp, name, examples)] == counts
        assert_counts_give_the_score(nlp, name, metrics, examples)


def test_trees_count_as_they_are_scored():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_dependency")
    words = ["the", "dog", "sees", "it", "."]
    gold = [
        ([1, 2, 2, 2, 2], ["det", "nsubj", "ROOT", "obj", "punct"]),
        ([1, None, None, 2, 2], ["det", None, None, "obj", "punct"]),
    ]
    examples = []
    for heads, deps in gold:
        for found in ([1, 2, 2, 2, 2], [2, 2, 2, 1, 2]):
            predicted = make_doc(nlp.vocab, words, heads=found, deps=["det", "nsubj", "ROOT", "dep", "punct"])
            examples.append(Example(predicted, make_doc(nlp.vocab, words, heads=heads, deps=deps)))
    bare = make_doc(nlp.vocab, words)
    examples.append(Example(examples[0].predicted, bare))
    task = make_task("mtl_dependency")
    (metric,) = find_metrics(nlp, task, {})
    assert_counts_give_the_score(nlp, "mtl_dependency", [metric], examples)
    assert count_by_doc(metric, nlp, "mtl_dependency", examples).tolist() == [
        [3, 1, 1],
        [2, 2, 2],
        [1, 1, 1],
        [0, 2, 2],
        [0, 0, 0],
    ]


def test_translations_count_as_sacrebleu_scores_them():
    pytest.importorskip("sacrebleu")
    pytest.importorskip("sentencepiece")
    from ...pipeline.translate.pairs import make_examples, make_nlp

    nlp = make_nlp(scorer={"@scorers": "spacy-mtl.translation_scorer.v1", "lowercase": True})
    examples = make_examples(nlp)
    for example, found in zip(examples, ["ein mann sieht einen Hund.", "Ein Hund schläft dort.", "Zwei", None]):
        if found is not None:
            set_translations(example.predicted, {"de": found})
    examples += make_examples(nlp, {"no gold": None})
    metrics = find_metrics(nlp, make_task("translate", "mtl_translate"), {})
    assert [metric.score for metric in metrics] == ["translation_bleu", "translation_chrf"]
    scores = nlp.get_pipe("translate").score(examples)
    for metric in metrics:
        counts = count_by_doc(metric, nlp, "translate", examples)
        assert counts.shape == (len(examples), metric.width) and not counts[-1].any()
        found = float(metric.measure(counts.sum(axis=0)))
        assert found > 0.2 and found == pytest.approx(scores[metric.score], abs=1e-12)
