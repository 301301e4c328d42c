"""The answer of a comparison in one sentence."""

import pytest

from spacy_mtl.analysis.comparison.planning import TaskTexts
from spacy_mtl.analysis.comparison.scores import ALONE
from spacy_mtl.analysis.comparison.verdict import find_aided_verdict, find_verdict, is_told

from .comparisons import make_aided, make_comparison, make_score

SEEDS = {0: 0.6, 1: 0.6, 2: 0.6}
SURE = {"joint": SEEDS, "single": SEEDS}


def make_ner(low, high, p_value=0.001, **changes):
    difference = (low + high) / 2
    return make_score(**{**SURE, "difference": difference, "interval": (low, high), "p_value": p_value, **changes})


def make_genre(low=-0.03, high=0.02, p_value=0.5, **changes):
    return make_ner(low, high, p_value, **{"task": "genre", "title": "accuracy", "score": "genre_acc", **changes})


def make_roles(low=-0.03, high=0.02, p_value=0.5, **changes):
    return make_ner(low, high, p_value, **{"task": "srl", "title": "arguments, F", "score": "srl_f", **changes})


def tell(*scores, undertrained=(), tests=()):
    return find_verdict(scores, dict(tests), dict.fromkeys(undertrained, [0]))


def test_nothing_can_be_told():
    assert tell(make_ner(-0.1, 0.2, 0.4, texts=8), make_genre(texts=8)) == (
        "On 8 test texts no difference can be told."
    )
    assert tell(make_ner(-0.1, 0.2, texts=8), make_genre(texts=1200)).startswith("On 8 to 1,200 test texts no ")
    assert tell(make_ner(-0.1, 0.2, texts=1)).startswith("On 1 test text no ")


def test_texts_that_the_scorer_does_not_say_are_those_of_the_corpus():
    unknown = make_genre(texts=None)
    assert tell(unknown) == "No difference can be told."
    assert tell(unknown, tests={"genre": TaskTexts("x.spacy", 20, 9)}.items()).startswith("On 9 test texts no ")
    assert tell(unknown, tests={"genre": TaskTexts("x.spacy", 20, None)}.items()).startswith("On 20 test texts no ")


def test_one_task_loses_and_of_the_others_nothing_is_known():
    assert tell(make_ner(-0.05, -0.01), make_genre(), make_roles()) == (
        "Entities are worse jointly, by 1 to 5 points; for genre and arguments no difference can be told."
    )


def test_gains_and_losses():
    assert tell(make_ner(-0.05, -0.01), make_genre(0.012, 0.034, 0.01), make_roles(-0.02, -0.0104, 0.01)) == (
        "Entities (by 1 to 5 points) and arguments (by 1 to 2 points) are worse jointly; genre is better jointly, by "
        "1.2 to 3.4 points."
    )


@pytest.mark.parametrize(
    "low, high, told",
    [
        (0.0001, 0.05, "by up to 5 points"),
        (0.0001, 0.01, "by up to 1 point"),
        (0.00001, 0.0004, "by less than 0.1 points"),
        (0.0101, 0.0103, "by 1 point"),
        (-0.0512, -0.0513, "by 5.1 points"),
    ],
)
def test_points(low, high, told):
    assert told in tell(make_ner(low, high))


@pytest.mark.parametrize(
    "low, high, p_value, told",
    [
        (0.01, 0.02, 0.05, True),
        (-0.02, -0.01, 0.05, True),
        (0.01, 0.02, 0.0501, False),
        (0.0, 0.02, 0.01, False),
        (-0.02, 0.0, 0.01, False),
        (-0.01, 0.02, 0.01, False),
    ],
)
def test_a_difference_needs_its_interval_and_its_p(low, high, p_value, told):
    assert is_told(make_ner(low, high, p_value)) is told


def test_names_that_two_tasks_share_are_those_of_the_components():
    two = make_ner(-0.05, -0.01, task="people"), make_ner(-0.05, 0.01, task="places")
    assert tell(*two) == "people is worse jointly, by 1 to 5 points; for places no difference can be told."


def test_other_scores_of_a_task_do_not_decide():
    other = make_roles(-0.9, -0.5, 0.001, is_main=False)
    assert "no difference" in tell(make_roles(texts=100), other) and "worse" not in tell(make_roles(), other)


@pytest.mark.parametrize("seeds, number", [([0], "1 seed"), ([0, 1], "2 seeds")])
def test_few_seeds_are_about_the_trained_models(seeds, number):
    few = dict.fromkeys(seeds, 0.6)
    told = tell(make_ner(-0.05, -0.01, joint=few))
    assert told.endswith(f"; with {number} this is about these trained models, not about training them again.")
    assert "these trained" not in tell(make_ner(-0.05, -0.01))


def test_undertrained_sides_qualify_it():
    told = tell(make_ner(-0.05, -0.01), make_genre(), undertrained=["joint", "genre alone", "other alone"])
    assert told.endswith("; but joint and genre alone are undertrained, and more updates may change this.")
    assert "but ner alone is undertrained" in tell(make_ner(-0.05, -0.01), undertrained=["ner alone"])


def test_what_cannot_be_tested_or_compared():
    untested = make_genre(interval=None, p_value=None)
    assert tell(make_ner(-0.05, -0.01), untested).endswith("; for genre there is no test.")
    assert tell(untested) == "For genre there is no test."
    lacking = make_ner(-0.05, -0.01, single={}, difference=None, interval=None, p_value=None, notes=[ALONE])
    assert tell(lacking) == "Nothing can be compared: no task has a score both jointly and alone."


def test_a_comparison_has_it_first():
    comparison = make_comparison()
    assert next(iter(comparison.to_dict().items())) == ("verdict", comparison.verdict)
    assert comparison.verdict.startswith("Entities are better jointly, by 1 to 4.2 points; for topic there is no test;")


PIPELINES = {"ner": "ner alone with the same aids", "genre": "genre alone"}


def test_both_comparisons_are_told():
    comparison = make_aided()
    first, second = comparison.verdict.split(". Against ")
    assert first == make_comparison().verdict.removesuffix(".")
    assert second == (
        "pipelines of one task with the same aids, for entities no difference can be told; for topic there is no test."
    )


def test_with_the_same_aids():
    start = "Against pipelines of one task with the same aids, "
    one, other = make_ner(-0.01, 0.02), make_genre()
    assert find_aided_verdict([one, other], PIPELINES, {}) == f"{start}no difference can be told."
    gained = find_aided_verdict([make_ner(0.01, 0.02), other], PIPELINES, {})
    assert gained == f"{start}entities are better jointly, by 1 to 2 points; for genre no difference can be told."
    lacking = make_ner(0, 0, single={}, difference=None, interval=None, p_value=None)
    assert find_aided_verdict([lacking], PIPELINES, {}) == f"{start}nothing can be compared."
    undertrained = dict.fromkeys(["joint", "genre alone", "ner alone with the same aids"], [0])
    told = find_aided_verdict([one, other], PIPELINES, undertrained)
    assert told.endswith("; but ner alone with the same aids is undertrained, and more updates may change this.")
