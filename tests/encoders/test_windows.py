import numpy
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtl.encoders.windows import bucket_sizes, cut_windows


def test_short_docs_are_windows_longest_first():
    windows = cut_windows(numpy.array([2, 0, 3]), window=8, overlap=4)
    assert windows.lengths.tolist() == [3, 2]
    assert windows.tokens.tolist() == [2, 3, 4, 0, 1]
    assert windows.positions.tolist() == [0, 1, 2, 0, 1]
    assert windows.kept.tolist() == [3, 4, 0, 1, 2]


def test_no_tokens():
    windows = cut_windows(numpy.array([0, 0]), window=8, overlap=4)
    assert [len(array) for array in windows] == [0, 0, 0, 0]


@given(
    st.lists(st.integers(0, 23), max_size=6),
    st.integers(1, 8).flatmap(lambda window: st.tuples(st.just(window), st.integers(0, window - 1))),
)
def test_every_token_is_kept_where_it_is_most_central(lengths, settings):
    window, overlap = settings
    windows = cut_windows(numpy.array(lengths, dtype="int64"), window, overlap)
    ends = numpy.cumsum(windows.lengths)
    cut = [windows.tokens[end - length : end] for end, length in zip(ends, windows.lengths)]
    assert all(numpy.diff(tokens).tolist() == [1] * (len(tokens) - 1) for tokens in cut)
    assert windows.positions.tolist() == [i for tokens in cut for i in range(len(tokens))]
    assert (numpy.diff(windows.lengths) <= 0).all()
    doc_of = numpy.repeat(numpy.arange(len(lengths)), lengths)
    assert all(len(set(doc_of[tokens])) == 1 for tokens in cut), "no window crosses the border of a Doc"
    for doc, length in enumerate(lengths):
        own = sorted(tokens[0] for tokens in cut if doc_of[tokens[0]] == doc)
        sizes = {len(tokens) for tokens in cut if doc_of[tokens[0]] == doc}
        assert sizes == ({min(length, window)} if length else set())
        assert all(0 < right - left <= window - overlap for left, right in zip(own, own[1:]))
    assert windows.tokens[windows.kept].tolist() == list(range(sum(lengths)))
    owners = numpy.repeat(numpy.arange(len(cut)), windows.lengths)
    for token, row in enumerate(windows.kept):
        distances = {i: abs(2 * token + 1 - (t[0] + t[-1] + 1)) for i, t in enumerate(cut) if token in t}
        assert distances[owners[row]] == min(distances.values())


@given(st.lists(st.integers(1, 256), max_size=40))
def test_buckets_waste_little(lengths):
    falling = numpy.array(sorted(lengths, reverse=True), dtype="int64")
    sizes = bucket_sizes(falling)
    assert sum(sizes) == len(lengths) and all(sizes)
    for group in numpy.split(falling, numpy.cumsum(sizes)[:-1]) if sizes else []:
        assert group.min() >= 0.75 * group.max()


def test_padding_of_running_text():
    rng = numpy.random.default_rng(0)
    lengths = numpy.sort(rng.geometric(1 / 13, size=200))[::-1]
    groups = numpy.split(lengths, numpy.cumsum(bucket_sizes(lengths))[:-1])
    slots = sum(len(group) * group.max() for group in groups)
    assert 1 - lengths.sum() / slots < 0.15
