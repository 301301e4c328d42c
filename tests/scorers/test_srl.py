import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.frames import set_frames
from spacy_mtl.scorers.srl import join_continuations, score_srl
from spacy_mtl.types import FrameSpans, RoleSpan

VOCAB = spacy.blank("en").vocab


def frame(start, sense, *roles, end=None):
    return FrameSpans(start, end or start + 1, sense, tuple(RoleSpan(*role) for role in roles))


def make_example(gold, predicted, length=10):
    reference, doc = (Doc(VOCAB, words=[f"w{i}" for i in range(length)]) for _ in range(2))
    if gold is not None:
        set_frames(reference, gold)
    set_frames(doc, predicted)
    return Example(doc, reference)


def test_a_case_worked_by_hand():
    gold = [
        frame(1, "give.01", ("ARG0", 0, 1), ("ARG1", 2, 4), ("ARG2", 4, 6)),
        frame(7, "go.02", ("ARG0", 6, 7)),
        frame(9, "be.01"),
    ]
    predicted = [
        frame(1, "give.01", ("ARG0", 0, 1), ("ARG2", 2, 4), ("ARG1", 4, 5)),
        frame(7, "go.01", ("ARG0", 6, 7)),
        frame(8, "run.01", ("ARG0", 6, 7)),
    ]
    scores = score_srl([make_example(gold, predicted)])
    # predicates: 1 and 7 right, 8 too many, 9 missed
    assert (scores["srl_predicate_p"], scores["srl_predicate_r"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert scores["srl_sense_acc"] == pytest.approx(1 / 3), "only give.01, of three gold predicates"
    # labelled: two ARG0 right of five predicted and four gold
    assert scores["srl_argument_p"] == pytest.approx(2 / 5)
    assert scores["srl_argument_r"] == pytest.approx(2 / 4)
    assert scores["srl_argument_f"] == pytest.approx(2 * 0.4 * 0.5 / 0.9)
    # as srl-eval.pl counts: the predicate 8, which gold does not have, is left out with its argument
    assert scores["srl_conll05_p"] == pytest.approx(2 / 4)
    assert scores["srl_conll05_r"] == pytest.approx(2 / 4)
    assert scores["srl_conll05_f"] == pytest.approx(0.5)
    # unlabelled: (2, 4) is right as well
    assert scores["srl_argument_unlabelled_p"] == pytest.approx(3 / 5)
    assert scores["srl_argument_unlabelled_r"] == pytest.approx(3 / 4)
    assert scores["srl_argument_per_role"]["ARG0"]["r"] == 1.0
    assert scores["srl_argument_per_role"]["ARG1"] == {"p": 0.0, "r": 0.0, "f": 0.0}


def test_v_is_no_argument_and_its_extent_does_not_matter():
    scores = score_srl([make_example([frame(2, "light.01", ("C-V", 5, 6), end=4)], [frame(2, "light.01")])])
    assert scores["srl_predicate_f"] == 1.0
    assert "V" not in scores["srl_argument_per_role"]
    assert scores["srl_argument_f"] == 0.0 and scores["srl_argument_per_role"] == {}


def test_a_continuation_joins_its_argument():
    gold = [frame(4, "say.01", ("ARG1", 0, 3), ("C-ARG1", 5, 8), ("ARG0", 3, 4))]
    whole = score_srl([make_example(gold, gold)])
    assert (whole["srl_argument_f"], set(whole["srl_argument_per_role"])) == (1.0, {"ARG0", "ARG1"})
    half = [frame(4, "say.01", ("ARG1", 0, 3), ("ARG0", 3, 4))]
    scores = score_srl([make_example(gold, half)])
    assert scores["srl_argument_p"] == scores["srl_argument_r"] == 0.5, "the part alone is not the argument"


def test_continuations_join_the_nearest_argument_before_them_or_stand_alone():
    joined = join_continuations(
        frame(3, "x.01", ("C-ARG2", 0, 1), ("ARG1", 1, 2), ("ARG1", 4, 5), ("C-ARG1", 6, 7), ("C-ARG1", 8, 9))
    )
    assert [(a.role, a.parts) for a in joined] == [
        ("ARG2", ((0, 1),)),
        ("ARG1", ((1, 2),)),
        ("ARG1", ((4, 5), (6, 7), (8, 9))),
    ]


def test_a_reference_argument_is_a_role_of_its_own():
    gold = [frame(3, "x.01", ("ARG1", 0, 1), ("R-ARG1", 2, 3))]
    scores = score_srl([make_example(gold, gold)])
    assert set(scores["srl_argument_per_role"]) == {"ARG1", "R-ARG1"}


def test_unannotated_docs_do_not_count():
    right = make_example([frame(1, "a.01")], [frame(1, "a.01")])
    unannotated = make_example(None, [frame(1, "a.01")])
    assert score_srl([right, unannotated])["srl_predicate_p"] == 1.0
    nothing = score_srl([unannotated])
    assert nothing["srl_predicate_f"] is None and nothing["srl_argument_per_role"] is None


def test_an_annotated_doc_without_predicates_counts_false_ones():
    scores = score_srl([make_example([frame(1, "a.01")], [frame(1, "a.01")]), make_example([], [frame(1, "a.01")])])
    assert scores["srl_predicate_p"] == 0.5 and scores["srl_predicate_r"] == 1.0


def test_tokenizations_may_differ():
    reference = Doc(VOCAB, words=["Don't", "go", "home", "!"])
    set_frames(reference, [frame(1, "go.01", ("ARGM-NEG", 0, 1), ("ARG4", 2, 3))])
    predicted = Doc(VOCAB, words=["Do", "n't", "go", "home!"], spaces=[False, True, True, False])
    set_frames(predicted, [frame(2, "go.01", ("ARGM-NEG", 0, 2), ("ARG4", 3, 4))])
    scores = score_srl([Example(predicted, reference)])
    assert scores["srl_predicate_f"] == 1.0
    assert scores["srl_argument_p"] == scores["srl_argument_r"] == 0.5


def test_no_gold_sense_means_no_accuracy():
    assert score_srl([make_example([frame(1, "")], [frame(1, "a.01")])])["srl_sense_acc"] is None


def test_the_official_figure_counts_what_missed_predicates_have_as_missed():
    gold = [frame(1, "a.01", ("ARG0", 0, 1)), frame(5, "b.01", ("ARG0", 4, 5), ("ARG1", 6, 8))]
    predicted = [frame(1, "a.01", ("ARG0", 0, 1)), frame(2, "c.01", ("ARG0", 0, 1), ("ARG1", 4, 5))]
    scores = score_srl([make_example(gold, predicted), make_example([], predicted)])
    assert (scores["srl_conll05_p"], scores["srl_conll05_r"]) == (1.0, pytest.approx(1 / 3))
    assert scores["srl_argument_p"] == pytest.approx(1 / 6), "ours: arguments of invented predicates are wrong"
    assert scores["srl_argument_r"] == pytest.approx(1 / 3)


def test_roles_that_the_component_does_not_know_are_missed_and_named():
    gold = [frame(1, "a.01", ("ARG0", 0, 1), ("ARGM-XYZ", 3, 4), ("C-ARG0", 5, 6))]
    scores = score_srl([make_example(gold, [frame(1, "a.01", ("ARG0", 0, 1))])], labels=["V", "ARG0"])
    assert scores["srl_unknown"] == {"ARGM-XYZ": 1, "C-ARG0": 1} and scores["srl_texts"] == 1
    assert scores["srl_argument_r"] == 0.0 and scores["srl_argument_per_role"]["ARGM-XYZ"]["r"] == 0.0
