import pytest

from spacy_mtl.name_lists import split_names


@pytest.mark.parametrize(
    "text, names", [("ner,srl", ["ner", "srl"]), (" ner , srl ,", ["ner", "srl"]), (" , ", []), ("", []), (None, [])]
)
def test_split(text, names):
    assert split_names(text) == names
