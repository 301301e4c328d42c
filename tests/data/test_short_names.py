from spacy_mtl.data import conll, converting
from spacy_mtl.data.formats import converting as formats
from spacy_mtl.data.formats.columns import conll as columns


def test_programs_find_readers_and_conversion_under_short_names():
    assert converting.convert is formats.convert and converting.read_docs is formats.read_docs
    assert all(getattr(conll, name) is getattr(columns, name) for name in conll.__all__)
