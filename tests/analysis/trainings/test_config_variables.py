"""Variables of a config that outlive changes of its values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from thinc.api import Config

from spacy_mtl.analysis.trainings.config_variables import keep_variables, resolve

TEXT = """
[paths]
root = "data"
train = "${paths.root}/train.spacy"
dev = null

[a]
x = 1
same = ${x}
y = ${paths.train}
chain = ${b.first}
list = ["${paths.root}",2]
price = "5$$"
both = "${paths.root} for 5$$"

[b]
first = ${a.x}
second = ${b.part}
third = ${b.part}

[b.part]
value = ${paths.root}
other = 7
"""


def read(text=TEXT, **overrides):
    return Config().from_str(text, interpolate=False, overrides=overrides)


def restore(edit, original=None):
    """Edit the values, put the variables back. RETURNS: the values, and what has variables again."""
    original = original or read()
    values = resolve(original)
    edit(values)
    kept = keep_variables(values, original)
    assert kept.interpolate() == values and not kept.is_interpolated
    return values, kept


def test_nothing_edited_is_nothing_changed():
    values, kept = restore(lambda values: None)
    assert kept == read() and kept is not read()
    assert values["paths"]["train"] == "data/train.spacy" and values["a"]["both"] == "data for 5$"


def test_what_is_edited_is_a_value_and_the_rest_keeps_its_variables():
    def edit(values):
        values["a"]["y"] = "mine"
        values["a"]["list"] = ["data"]

    _, kept = restore(edit)
    assert kept["a"]["y"] == "mine" and kept["a"]["list"] == ["data"]
    assert kept["a"]["chain"] == "${b.first}" and kept["paths"]["train"] == read()["paths"]["train"]


def test_what_is_referred_to_is_edited():
    def edit(values):
        values["a"]["x"] = 2
        values["paths"]["root"] = "elsewhere"

    _, kept = restore(edit)
    assert kept["a"]["same"] == kept["b"]["first"] == 1, "the value stays, and the variable would change it"
    assert kept["paths"]["train"] == "data/train.spacy" and kept["b"]["part"]["value"] == "data"
    assert kept["a"]["price"] == "5$$" and kept["a"]["both"] == "data for 5$"


def test_a_variable_that_gives_the_edited_value_is_one_still():
    def edit(values):
        values["a"]["x"] = values["b"]["first"] = 9
        values["a"]["chain"] = values["a"]["same"] = 9

    _, kept = restore(edit)
    assert kept["b"]["first"] == "${a.x}" and kept["a"]["chain"] == "${b.first}" and kept["a"]["same"] == "${x}"


def test_of_a_section_that_is_edited_the_rest_keeps_its_variables():
    def edit(values):
        # both names stand for one dict
        values["b"]["second"] = {"value": "data", "other": 8}

    _, kept = restore(edit)
    assert kept["b"]["second"] == {"value": "${paths.root}", "other": 8} and kept["b"]["third"] == "${b.part}"


def test_of_a_section_that_is_gone_the_variables_lead_on():
    def edit(values):
        del values["b"]["part"]
        del values["b"]["first"]

    _, kept = restore(edit)
    assert kept["b"]["second"] == {"value": "${paths.root}", "other": 7}
    assert kept["a"]["chain"] == "${a.x}"


def test_overrides_are_values():
    original = read(**{"paths.root": "mine", "a.y": "yours"})
    _, kept = restore(lambda values: values["a"].update(x=3), original)
    assert kept["paths"]["root"] == "mine" and kept["a"]["y"] == "yours"
    assert kept.interpolate()["paths"]["train"] == "mine/train.spacy"


def test_a_config_without_variables_is_left_alone():
    values = read().interpolate()
    assert resolve(values) == values and resolve(values) is not values
    assert keep_variables(values, values) is values


PLACES = [("paths", "root"), ("paths", "train"), ("paths", "dev"), *(("a", name) for name in read()["a"])]
PLACES += [("b", "first"), ("b", "second"), ("b", "third"), ("b", "part")]
VALUES = st.sampled_from([1, 7, None, "data", "data/train.spacy", ["data", 2], [], {"value": "data"}, {}])


@pytest.mark.parametrize("is_removed", [False, True])
@given(edits=st.dictionaries(st.sampled_from(PLACES), VALUES, max_size=5))
def test_with_variables_it_says_the_same_as_without(is_removed, edits):
    def edit(values):
        for (section, name), value in edits.items():
            if is_removed and (section, name) not in PLACES[:3]:
                values[section].pop(name, None)
            else:
                values[section][name] = value

    restore(edit)
