import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_mtl.data.formats.dev_split import parse_share, split_dev

VOCAB = Vocab()


def make_doc(text, document=None):
    doc = Doc(VOCAB, words=text.split())
    if document is not None:
        doc.user_data["doc_id"] = document
    return doc


def make_corpus(documents=20, size=5):
    return [make_doc(f"text {d} {i}", f"d{d}") for d in range(documents) for i in range(size)]


def test_documents_stay_whole_and_the_seed_decides():
    docs = make_corpus()
    split = split_dev(docs, 0.1, seed=1)
    ids = [{doc.user_data["doc_id"] for doc in part} for part in (split.train, split.dev)]
    assert not ids[0] & ids[1] and len(ids[1]) == split.documents == 2 and split.moved == 0
    assert sorted(map(id, split.train + split.dev)) == sorted(map(id, docs))
    assert split_dev(docs, 0.1, seed=1).dev == split.dev
    assert any(split_dev(docs, 0.1, seed=seed).dev != split.dev for seed in range(2, 6))


def test_no_text_is_on_both_sides():
    docs = [doc for d in range(30) for doc in (make_doc(f"text {d}", d), make_doc("Thanks !", d), make_doc("no", d))]
    split = split_dev(docs, 0.2)
    texts = [{doc.text for doc in part} for part in (split.train, split.dev)]
    assert not texts[0] & texts[1]
    assert split.documents == 6 and split.moved == 12 and len(split.dev) == 6


def test_without_documents_texts_that_are_the_same_stay_together():
    docs = [make_doc(f"text {i % 10}") for i in range(40)]
    split = split_dev(docs, 0.1)
    assert len(split.dev) == 4 and len({doc.text for doc in split.dev}) == 1 and split.moved == 0


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("stuvw")), min_size=2, max_size=30), st.data())
def test_every_doc_is_in_one_part(pairs, data):
    docs = [make_doc(f"text {text}", document) for document, text in pairs]
    try:
        split = split_dev(docs, data.draw(st.floats(0.05, 0.95)), data.draw(st.integers(0, 9)))
    except ValueError as error:
        assert "MTL-E182" in str(error)
        return
    assert sorted(map(id, split.train + split.dev)) == sorted(map(id, docs))
    assert not {doc.text for doc in split.train} & {doc.text for doc in split.dev}


def test_shares():
    assert parse_share("10%") == pytest.approx(0.1) and parse_share("0.25") == 0.25
    for found in ("0", "1", "100%", "-5%", "ten", "nan", "", "%"):
        with pytest.raises(ValueError, match="MTL-E181"):
            parse_share(found)
    with pytest.raises(ValueError, match="MTL-E181"):
        split_dev(make_corpus(), 1.0)
