import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from spacy_mtl.heads.windows import argument_bounds, pack_windows, split_by_rows


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), max_size=6))
def test_rows_hold_every_pair_once_and_steps_are_prefixes(spans):
    starts = [start for start, _ in spans]
    ends = [start + length for start, length in spans]
    windows = pack_windows(starts, starts, ends)
    pairs = {(int(windows.order[owner]), int(token)) for owner, token in zip(windows.owners, windows.tokens)}
    assert pairs == {(i, token) for i in range(len(spans)) for token in range(starts[i], ends[i])}
    assert len(windows.tokens) == sum(length for _, length in spans)
    assert windows.sizes == sorted(windows.sizes, reverse=True)
    row = 0
    for step, size in enumerate(windows.sizes):
        assert windows.owners[row : row + size].tolist() == list(range(size))
        assert (windows.tokens[row : row + size] - windows.starts[:size] == step).all()
        row += size
    for i, length in enumerate(windows.lengths()):
        (rows,) = windows.rows_of([i])
        assert (windows.owners[rows] == i).all()
        assert windows.tokens[rows].tolist() == list(range(windows.starts[i], windows.starts[i] + length))


def test_bounds_follow_sentences_and_the_window():
    vocab = spacy.blank("en").vocab
    words = ["a"] * 10
    plain = Doc(vocab, words=words)
    assert argument_bounds(plain, 5, 0) == (0, 10)
    assert argument_bounds(plain, 5, 2) == (3, 8)
    assert argument_bounds(plain, 0, 2) == (0, 3)
    sentences = Doc(vocab, words=words, sent_starts=[i in (0, 4, 7) for i in range(10)])
    assert argument_bounds(sentences, 5, 0) == (4, 7)
    assert argument_bounds(sentences, 5, 1) == (4, 7)
    assert argument_bounds(sentences, 4, 1) == (4, 6)


@given(st.lists(st.integers(1, 9), max_size=20), st.integers(1, 12))
def test_groups_keep_order_and_stay_small(lengths, max_rows):
    groups = list(split_by_rows([0] * len(lengths), lengths, max_rows))
    assert [i for group in groups for i in group] == list(range(len(lengths)))
    assert all(len(group) == 1 or sum(lengths[i] for i in group) <= max_rows for group in groups)
