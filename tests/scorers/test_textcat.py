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
    others = [OPEN, make_example(closed("cold"), {"elsewhere": 1.0}), make_example(closed("cold"), {"cold": 0.0})]
    assert score([*others, RIGHT, OPEN, WRONG], labels=LABELS, name="genre") == alone


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("examples", [[], [OPEN], [make_example(closed("cold"), {"elsewhere": 1.0})]])
def test_nothing_annotated_gives_none(examples, exclusive):
    found = score(examples, labels=LABELS, name="genre", exclusive=exclusive)
    assert {"genre_acc", "genre_macro_f", "cats_score", "cats_f_per_type"} <= set(found)
    assert set(found.values()) == {None}


def test_positive_alone_closes_the_exclusive_labels():
    partly = make_example(dict(RIGHT.predicted.cats), {"cold": 1.0})
    assert score([partly], labels=LABELS, name="a") == score([RIGHT], labels=LABELS, name="a")


def test_soft_exclusive_gold_is_its_best_label():
    soft = make_example(closed("warm"), {"cold": 0.2, "warm": 0.7, "mild": 0.1})
    assert score([soft, WRONG], labels=LABELS, name="genre")["genre_acc"] == 0.5


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
