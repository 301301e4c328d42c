import numpy
from spacy.lang.en import English
from spacy.tokens import Doc

from spacy_mtl.heads.sentence_groups import LONGEST, MOST_PAIRS, lay_out


def test_every_token_has_one_place():
    random = numpy.random.default_rng(0)
    vocab = English().vocab
    docs = [Doc(vocab, words=random.choice(["a", "b", " "], size).tolist()) for size in (0, 3, 90, 1, 40)]
    starts = [numpy.unique(random.integers(0, max(len(doc), 1), 1 + len(doc) // 7)) for doc in docs]
    layout = lay_out(docs, starts)
    words = [token.text for doc in docs for token in doc]
    assert len(layout.sentence) == len(layout.place) == len(words)
    assert [number < 0 for number in layout.sentence] == [word == " " for word in words]
    seen = []
    for group in layout.groups:
        assert group.rows.shape == (len(group.lengths), group.lengths.max())
        for rows, length in zip(group.rows, group.lengths):
            assert (rows[length:] == len(words)).all()
            own = rows[:length]
            assert len(set(layout.sentence[own])) == 1 and layout.place[own].tolist() == list(range(length))
            seen += own.tolist()
    assert sorted(seen) == [i for i, word in enumerate(words) if word != " "]


def test_long_sentences_are_cut_and_groups_bounded():
    length = 2 * LONGEST + 5
    docs = [Doc(English().vocab, words=["a"] * length) for _ in range(12)]
    layout = lay_out(docs, [numpy.zeros(1, dtype="int64")] * 12)
    assert sorted(size for group in layout.groups for size in group.lengths) == [5] * 12 + [LONGEST] * 24
    assert all(group.rows.size * group.rows.shape[1] <= MOST_PAIRS for group in layout.groups)


def test_nothing_to_lay_out():
    assert lay_out([], []).groups == []
    layout = lay_out([Doc(English().vocab, words=[" "])], [numpy.zeros(1, dtype="int64")])
    assert layout.groups == [] and layout.sentence.tolist() == [-1]
