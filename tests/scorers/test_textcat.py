import numpy
import pytest
import spacy
from spacy.scorer import Scorer
from spacy.training import Example

from spacy_mtl.scorers.textcat import make_textcat_scorer

LABELS = ["cold", "warm", "mild"]
NLP = spacy.blank("en")


def make_example(predicted, gold):
    example = Example(NLP.make_doc("Rain again"), NLP.make_doc("Rain again"))
    example.predicted.cats = predicted
    example.reference.cats = gold
    return example


def closed(label):
    return {name: float(name == label) for name in LABELS}


RIGHT = make_example({"cold": 0.8, "warm": 0.1, "mild": 0.1}, closed("cold"))
WRONG = make_example({"cold": 0.5, "warm": 0.3, "mild": 0.2}, closed("warm"))
OPEN = make_example({"cold": 0.8, "warm": 0.1, "mild": 0.1}, {})
ELSEWHERE = {"here": 0.0, "elsewhere": 1.0}
score = make_textcat_scorer()


def test_scores_are_those_of_spacy_on_closed_annotation():
    examples = [RIGHT, WRONG, WRONG]
    expected = Scorer.score_cats(examples, "cats", labels=LABELS, multi_label=False)
    found = score(examples, labels=LABELS, name="genre")
    assert {key: found[key] for key in expected} == expected
    assert found["genre_acc"] == pytest.approx(1 / 3)
    for key in ("macro_f", "micro_f", "f_per_type"):
        assert found[f"genre_{key}"] == expected[f"cats_{key}"]


def test_unannotated_examples_do_not_count():
    alone = score([RIGHT, WRONG], labels=LABELS, name="genre")
    others = [OPEN, make_example(closed("cold"), ELSEWHERE), make_example(closed("cold"), {"cold": 0.0})]
    assert score([*others, RIGHT, OPEN, WRONG], labels=LABELS, name="genre") == alone


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("examples", [[], [OPEN], [make_example(closed("cold"), ELSEWHERE)]])
def test_nothing_annotated_gives_none(examples, exclusive):
    found = score(examples, labels=LABELS, name="genre", exclusive=exclusive)
    assert {"genre_acc", "genre_macro_f", "cats_score", "cats_f_per_type"} <= set(found)
    assert (found.pop("genre_texts"), found.pop("genre_unknown")) == (0, {})
    # spaCy's own command joins it to a string
    assert found.pop("cats_score_desc") == ("macro F" if exclusive else "macro AUC")
    assert set(found.values()) == {None}


def test_positive_alone_closes_the_exclusive_labels():
    partly = make_example(dict(RIGHT.predicted.cats), {"cold": 1.0})
    assert score([partly], labels=LABELS, name="a") == score([RIGHT], labels=LABELS, name="a")


def test_soft_exclusive_gold_is_its_best_label():
    soft = make_example(closed("warm"), {"cold": 0.2, "warm": 0.7, "mild": 0.1})
    assert score([soft, WRONG], labels=LABELS, name="genre")["genre_acc"] == 0.5


def test_soft_exclusive_gold_may_have_an_unknown_label_as_its_best():
    soft = make_example(closed("warm"), {"cold": 0.1, "warm": 0.3, "foggy": 0.6})
    assert score([soft, RIGHT], labels=LABELS, name="genre")["genre_acc"] == 0.5


def test_labels_of_others_are_left_out():
    crowded = make_example({**RIGHT.predicted.cats, "dull": 1.0}, {**closed("cold"), "dull": 1.0})
    assert score([crowded], labels=LABELS, name="a") == score([RIGHT], labels=LABELS, name="a")


def test_subset_accuracy_without_exclusion():
    both = make_example({"cold": 0.9, "warm": 0.7, "mild": 0.1}, {"cold": 1.0, "warm": 1.0, "mild": 0.0})
    one_missed = make_example({"cold": 0.9, "warm": 0.4, "mild": 0.1}, {"cold": 1.0, "warm": 1.0, "mild": 0.0})
    partly = make_example({"cold": 0.9, "warm": 0.4, "mild": 0.1}, {"cold": 1.0})
    found = score([both, one_missed, partly], labels=LABELS, name="tags", exclusive=False)
    assert found["tags_acc"] == pytest.approx(2 / 3)
    assert found["cats_micro_p"] == 1.0 and found["cats_micro_r"] == pytest.approx(4 / 5)
    assert found["tags_micro_f"] == found["cats_micro_f"]
    lower = score([both, one_missed, partly], labels=LABELS, name="tags", exclusive=False, threshold=0.3)
    assert lower["tags_acc"] == 1.0


def test_soft_gold_without_exclusion_is_true_from_a_half_on():
    soft = [make_example({"cold": 0.9}, {"cold": 0.6}), make_example({"cold": 0.1}, {"cold": 0.4})]
    found = score(soft, labels=["cold"], name="tags", exclusive=False)
    assert found["tags_acc"] == 1.0 and found["cats_micro_f"] == 1.0 and found["cats_macro_auc"] == 1.0


def test_a_gold_label_that_the_pipeline_does_not_know_is_missed():
    strange = make_example({"cold": 0.8, "warm": 0.1, "mild": 0.1}, {**closed(None), "foggy": 1.0})
    found = score([RIGHT, WRONG, strange], labels=LABELS, name="genre")
    assert found["genre_acc"] == pytest.approx(1 / 3) and found["genre_texts"] == 3
    assert found["genre_unknown"] == {"foggy": 1}
    # cold: one right and two chosen wrongly; warm and foggy: one missed of each
    assert found["genre_f_per_type"]["cold"]["p"] == pytest.approx(1 / 3)
    assert found["genre_f_per_type"]["foggy"] == {"p": 0.0, "r": 0.0, "f": 0.0}
    assert found["genre_micro_f"] == pytest.approx(1 / 3)
    assert found["genre_macro_f"] == pytest.approx(0.5 / 4)


def test_an_unknown_label_is_missed_where_labels_stand_together():
    both = make_example({"cold": 0.9, "warm": 0.1, "mild": 0.1}, {"cold": 1.0, "foggy": 1.0})
    found = score([both], labels=LABELS, name="tags", exclusive=False)
    assert found["tags_acc"] == 0.0 and found["tags_unknown"] == {"foggy": 1}
    assert (found["cats_micro_p"], found["cats_micro_r"]) == (1.0, 0.5)


@pytest.mark.parametrize("gold", [{"foggy": 1.0}, {"cold": 0.0, "foggy": 1.0}, {"foggy": 1.0, "cold": 0.0, "hazy": 0}])
@pytest.mark.parametrize("exclusive", [True, False])
def test_an_unknown_label_counts_however_sparse_the_annotation(gold, exclusive):
    strange = make_example(closed("cold"), gold)
    found = score([RIGHT, strange], labels=LABELS, name="genre", exclusive=exclusive)
    assert (found["genre_texts"], found["genre_acc"]) == (2, 0.5)


@pytest.mark.parametrize(
    "examples",
    [
        # another component of the pipeline predicts it
        [make_example({**closed("cold"), "dull": 0.4}, {"dull": 1.0})],
        # true beside a label of this component, so that it does not exclude these
        [make_example(closed("cold"), {"cold": 1.0, "dull": 1.0}), make_example(closed("cold"), {"dull": 1.0})],
        # named beside others, never beside a label of this component
        [make_example(closed("cold"), {"dull": 1.0, "bright": 0.0})],
    ],
)
def test_labels_of_another_task_are_not_unknown(examples):
    found = score([RIGHT, *examples], labels=LABELS, name="genre")
    assert found["genre_unknown"] == {} and found["genre_acc"] == 1.0
    assert found["genre_texts"] == len([one for one in examples if "cold" in one.reference.cats]) + 1


@pytest.mark.parametrize("value", [None, float("nan"), "1", "cold", 2.0, -0.1, [1.0]])
@pytest.mark.parametrize("label", ["cold", "foggy"])
def test_gold_values_that_are_no_probabilities(value, label):
    with pytest.raises(ValueError, match="MTL-E308.*Rain again"):
        score([make_example(closed("cold"), {label: value})], labels=LABELS, name="genre")


@pytest.mark.parametrize("one", [True, 1, numpy.float32(1), numpy.bool_(True), numpy.int64(1)])
def test_whatever_is_a_number_is_a_gold_value(one):
    example = make_example(closed("cold"), {"cold": one, "warm": 0, "mild": False})
    assert score([example], labels=LABELS, name="genre")["genre_acc"] == 1.0
