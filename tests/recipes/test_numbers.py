import pytest

from spacy_mtl.recipes.numbers import parse_numbers


def test_numbers_by_name():
    assert parse_numbers(" ner=5, srl = .5 ,", "--weights") == {"ner": 5.0, "srl": 0.5}
    assert parse_numbers("", "--weights") == {}


@pytest.mark.parametrize("text", ["ner", "ner=", "=5", "ner=much", "ner=-1", "ner=nan", "ner=inf", "ner=1,ner=2"])
def test_numbers_that_are_none(text):
    with pytest.raises(ValueError, match="MTL-E797.*--weights"):
        parse_numbers(text, "--weights")
