import numpy
from hypothesis import given
from hypothesis import strategies as st

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
    whole = numpy.asarray([0])
    assert argument_bounds(whole, 10, 5, window=0) == (0, 10)
    assert argument_bounds(whole, 10, 5, window=2) == (3, 8)
    assert argument_bounds(whole, 10, 0, window=2) == (0, 3)
    sentences = numpy.asarray([0, 4, 7])
    assert argument_bounds(sentences, 10, 5, window=0) == (4, 7)
    assert argument_bounds(sentences, 10, 5, window=1) == (4, 7)
    assert argument_bounds(sentences, 10, 4, window=1) == (4, 6)
    assert argument_bounds(sentences, 10, 9, window=0) == (7, 10)


@given(st.lists(st.integers(1, 9), max_size=20), st.integers(1, 12))
def test_groups_keep_order_and_stay_small(lengths, max_rows):
    groups = list(split_by_rows([0] * len(lengths), lengths, max_rows))
    assert [i for group in groups for i in group] == list(range(len(lengths)))
    assert all(len(group) == 1 or sum(lengths[i] for i in group) <= max_rows for group in groups)
