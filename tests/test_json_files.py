import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import spacy_mtl
from spacy_mtl.cli.train import _make_command
from spacy_mtl.json_files import read_json, to_json, write_json

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers()
VALUES = st.recursive(
    NUMBERS | st.text() | st.booleans() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(VALUES)
def test_values_come_back_as_they_were(tmp_path_factory, value):
    assert json.loads(to_json(value)) == value
    path = tmp_path_factory.getbasetemp() / "value.json"
    write_json(path, value)
    assert read_json(path) == value


@pytest.mark.parametrize("number", [11.524, 1e-12, 1e-300, 0.1 + 0.2, 10**20])
def test_numbers_that_srsly_changes(number):
    assert json.loads(to_json(number)) == number


def test_a_line_has_no_spaces():
    assert to_json({"a": [1, "ü"]}) == '{"a":[1,"\\u00fc"]}'


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_word_for(tmp_path, number):
    with pytest.raises(ValueError):
        to_json([number])
    path = tmp_path / "value.json"
    with pytest.raises(ValueError):
        write_json(path, number)
    assert not path.exists()


def test_nothing_in_the_package_uses_json_that_changes_numbers():
    package = Path(spacy_mtl.__file__).parent
    using = [path for path in package.rglob("*.py") if re.search(r"srsly\.\w*json", path.read_text(encoding="utf8"))]
    assert not using


def test_a_small_setting_reaches_the_worker():
    command = _make_command(Path("config.cfg"), None, True, -1, None, {"training.optimizer.eps": 1e-12})
    assert command[-1] == "--training.optimizer.eps=1e-12"
