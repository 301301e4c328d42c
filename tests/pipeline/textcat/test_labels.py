import warnings

import pytest
from thinc.api import fix_random_seed

from .examples import WEATHER, initialized, make_examples, make_nlp, train


@pytest.mark.parametrize("value", [1.5, -0.1, float("nan"), float("inf")])
def test_wrong_values_are_refused(value):
    nlp, _, _ = initialized()
    wrong = make_examples(nlp, [("Snow falls", {"cold": value})])
    for call in (lambda: nlp.update(wrong), lambda: nlp.initialize(lambda: wrong)):
        with pytest.raises(ValueError, match="MTL-E308") as error:
            call()
        assert "cold" in str(error.value) and "Snow falls" in str(error.value)


def test_two_exclusive_labels_are_refused():
    nlp, _, _ = initialized()
    with pytest.raises(ValueError, match="MTL-E309") as error:
        nlp.update(make_examples(nlp, [("Snow and sun", {"cold": 1.0, "warm": 1.0})]))
    assert "Snow and sun" in str(error.value) and "cold, warm" in str(error.value)


def test_no_exclusive_label_is_refused():
    nlp, _, _ = initialized()
    with pytest.raises(ValueError, match="MTL-E310"):
        nlp.update(make_examples(nlp, [("Fog", {"cold": 0.0, "warm": 0.0})]))


@pytest.mark.parametrize(
    "values,exclusive,is_said", [((0.9, 0.6), True, True), ((0.9, 0.6), False, False), ((0.505, 0.5), True, False)]
)
def test_shares_that_are_more_than_the_whole_are_said_once(values, exclusive, is_said):
    nlp = make_nlp(exclusive=exclusive)
    examples = make_examples(nlp, [("Snow melts", dict(zip(("cold", "warm"), values))), *WEATHER])
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        nlp.initialize(lambda: examples)
    said = [str(one.message) for one in found if "MTL-W302" in str(one.message)]
    assert len(said) == is_said and all("1 of 5" in message and "1.50" in message for message in said)


def test_several_labels_or_none_without_exclusion():
    data = [*WEATHER, ("Snow and sunshine", {"cold": 1.0, "warm": 1.0}), ("Fog", {"cold": 0.0, "warm": 0.0})]
    nlp, examples, optimizer = initialized(data, exclusive=False)
    train(nlp, examples, optimizer, 100)
    assert all(value > 0.5 for value in nlp("Snow and sunshine").cats.values())
    assert all(value < 0.5 for value in nlp("Fog").cats.values())


def test_labels_come_from_the_examples_in_one_order():
    data = [("b", {"zeta": 1.0}), ("a", {"beta": 1.0, "alpha": 0.0})]
    nlp, _, _ = initialized(data)
    assert nlp.get_pipe("genre").labels == ("alpha", "beta", "zeta")
    assert nlp.get_pipe("genre").label_data == nlp.get_pipe("genre").labels


def test_labels_of_the_config_keep_their_order_and_shut_out_others():
    data = [*WEATHER, ("Fog", {"mild": 1.0})]
    nlp, examples, optimizer = initialized(data, labels=["warm", "cold"])
    assert nlp.get_pipe("genre").labels == ("warm", "cold")
    train(nlp, examples, optimizer, 2)
    assert set(nlp("Fog").cats) == {"warm", "cold"}


def test_labels_of_initialize_come_before_those_of_the_config():
    nlp = make_nlp(labels=["warm", "cold"])
    nlp.config["initialize"]["components"]["genre"] = {"labels": ["cold", "mild", "warm"]}
    nlp.initialize(lambda: make_examples(nlp))
    assert nlp.get_pipe("genre").labels == ("cold", "mild", "warm")


def test_initialize_again_with_the_same_labels():
    nlp, examples, _ = initialized()
    optimizer = nlp.initialize(lambda: examples)
    assert train(nlp, examples, optimizer)["genre"] < 0.1


def test_add_label_after_initialization_is_refused():
    nlp, _, _ = initialized()
    assert nlp.get_pipe("genre").add_label("cold") == 0
    with pytest.raises(ValueError, match="E922"):
        nlp.get_pipe("genre").add_label("mild")


@pytest.mark.parametrize("exclusive,data", [(True, [("Snow", {"cold": 1.0})]), (False, [("Snow", {})])])
def test_too_few_labels(exclusive, data):
    with pytest.raises(ValueError, match="MTL-E305" if exclusive else "MTL-E304"):
        initialized(data, exclusive=exclusive)


def test_one_label_is_enough_without_exclusion():
    nlp, _, _ = initialized([("Snow", {"cold": 1.0}), ("Sun", {"cold": 0.0})], exclusive=False)
    assert set(nlp("Snow").cats) == {"cold"}


def test_no_annotated_example():
    with pytest.raises(ValueError, match="MTL-E304"):
        initialized([("Snow", {}), ("Sun", {})])
    with pytest.warns(UserWarning, match="MTL-W301"):
        initialized([("Snow", {}), ("Sun", {"other": 1.0})], labels=["cold", "warm"])


TWO_TASKS = [
    ("Snow falls on the quiet hills", {"cold": 1.0, "warm": 0.0}),
    ("Sunshine bakes the dusty road", {"warm": 1.0, "cold": 0.0, "dull": 0.0, "fine": 1.0}),
    ("A tedious evening", {"dull": 1.0, "fine": 0.0}),
    ("A splendid morning", {"dull": 0.0, "fine": 1.0}),
]


def make_two(**labels):
    fix_random_seed(0)
    nlp = make_nlp("weather", "mood", listening=True)
    for name, given in labels.items():
        nlp.config["initialize"]["components"][name] = {"labels": given}
    return nlp


def test_two_in_one_pipeline_share_doc_cats():
    nlp = make_two(weather=["cold", "warm"], mood=["dull", "fine"])
    examples = make_examples(nlp, TWO_TASKS)
    optimizer = nlp.initialize(lambda: examples)
    losses = train(nlp, examples, optimizer)
    assert set(losses) == {"tok2vec", "weather", "mood"} and losses["weather"] < 0.2 and losses["mood"] < 0.2
    cats = nlp("Sunshine bakes the dusty road").cats
    assert cats == pytest.approx({"cold": 0.0, "warm": 1.0, "dull": 0.0, "fine": 1.0}, abs=0.2)
    scores = nlp.evaluate(examples)
    assert scores["weather_acc"] == 1.0 and scores["mood_acc"] == 1.0
    assert set(scores["weather_f_per_type"]) == {"cold", "warm"}
    assert set(scores["mood_f_per_type"]) == {"dull", "fine"}


def test_labels_of_others_in_doc_cats_stay():
    nlp, _, _ = initialized()
    doc = nlp.make_doc("Snow")
    doc.cats = {"elsewhere": 0.25}
    assert nlp.get_pipe("genre")(doc).cats["elsewhere"] == 0.25


@pytest.mark.parametrize("given", [{"weather": ["cold", "warm"]}, {"mood": ["dull", "fine"]}])
def test_one_takes_what_the_other_leaves(given):
    nlp = make_two(**given)
    nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))
    assert nlp.get_pipe("weather").labels == ("cold", "warm")
    assert nlp.get_pipe("mood").labels == ("dull", "fine")


def test_two_without_labels_are_refused():
    nlp = make_two()
    with pytest.raises(ValueError, match=r"MTL-E307.*initialize\.components\.weather\.labels"):
        nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))


def test_nothing_is_left_by_the_other():
    nlp = make_two(weather=["cold", "warm", "dull", "fine"])
    nlp.get_pipe("weather").cfg["exclusive"] = False
    with pytest.raises(ValueError, match=r"MTL-E311.*weather"):
        nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))


def test_two_with_a_label_in_common_are_refused():
    nlp = make_two(weather=["cold", "warm"], mood=["warm", "fine"])
    with pytest.raises(ValueError, match=r"MTL-E306.*warm.*initialize\.components\.weather\.labels"):
        nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))


def test_overlap_with_stock_textcat_is_refused():
    nlp = make_nlp(labels=["cold", "warm"])
    nlp.add_pipe("textcat_multilabel", first=True)
    with pytest.raises(ValueError, match="MTL-E306.*textcat_multilabel"):
        nlp.initialize(lambda: make_examples(nlp))


def test_disabled_categorizer_keeps_its_labels():
    nlp = make_two(weather=["cold", "warm"], mood=["dull", "fine"])
    nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))
    nlp.config["initialize"]["components"] = {}
    with nlp.select_pipes(disable=["weather"]):
        nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))
    assert nlp.get_pipe("mood").labels == ("dull", "fine")
