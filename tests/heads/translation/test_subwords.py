import pickle

import pytest

sentencepiece = pytest.importorskip("sentencepiece")

from spacy_mtl.heads.translation.subwords import END, START, UNKNOWN, Subwords, train_subwords  # noqa: E402

TEXTS = ["Ein Hund läuft über die Wiese.", "Eine Frau, die Äpfel isst", "Zwei Hunde laufen.\nEin Hund isst!", "  "] * 5


@pytest.fixture(scope="module")
def subwords():
    return train_subwords(TEXTS, 60, "translate")


def test_texts_come_back_as_they_were(subwords):
    divided = subwords.encode(TEXTS[:2])
    assert all(text[0] == START and text[-1] == END and UNKNOWN not in text for text in divided)
    assert subwords.decode([text[1:-1] for text in divided]) == TEXTS[:2]
    assert 30 < len(subwords) <= 60
    assert subwords.encode([]) == []


def test_what_is_saved_divides_alike(subwords):
    for copy in (Subwords(subwords.model), pickle.loads(pickle.dumps(subwords))):
        assert copy.encode(TEXTS) == subwords.encode(TEXTS)


def test_the_same_texts_give_the_same_model(subwords):
    assert train_subwords(TEXTS, 60, "translate").model == subwords.model


def test_few_texts_give_few_subwords():
    assert len(train_subwords(["ab"], 4000, "translate")) < 10


def test_unknown_characters(subwords):
    assert UNKNOWN in subwords.encode(["Собака"])[0]


@pytest.mark.parametrize("model", [b"", b"no model"])
def test_what_is_no_model(model):
    with pytest.raises(ValueError, match="MTL-E1003.*'translate'"):
        Subwords(model, "translate")


def test_a_model_with_other_marks(tmp_path):
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS), model_prefix=str(tmp_path / "other"), vocab_size=60, hard_vocab_limit=False,
        minloglevel=2,
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"MTL-E1003.*\[-1, 1, 2, 0\]"):
        Subwords((tmp_path / "other.model").read_bytes())
