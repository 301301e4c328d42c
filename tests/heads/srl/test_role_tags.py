import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtl.heads.srl.role_crf import forward_backward, viterbi
from spacy_mtl.heads.srl.role_tags import OPEN, RoleTagScheme, constrain_predicates, decode_spans, pack_tags, unpack
from spacy_mtl.heads.windows import pack_windows

from .test_role_crf import span_probability

SCHEME = RoleTagScheme(("ARG0", "C-V", "V"))


def test_encoding_of_a_window():
    tags = SCHEME.encode([(2, 3, 5), (0, 0, 2), (1, 6, 7)], 0, 8)
    assert tags.tolist() == [1, 4, 0, 3, 6, 0, 2, 0]
    assert SCHEME.size == 7


def test_what_crosses_the_window_or_is_unknown_is_open():
    tags = SCHEME.encode([(2, 5, 6), (0, 2, 4), (OPEN, 6, 7), (1, 7, 9)], 3, 8)
    assert tags.tolist() == [OPEN, 0, 3, OPEN, OPEN]


def random_spans(data, length):
    tokens, spans = 0, []
    while tokens < length:
        size = data.draw(st.integers(1, 3))
        if data.draw(st.booleans()) and tokens + size <= length:
            spans.append((data.draw(st.integers(0, 2)), tokens, tokens + size))
        tokens += size
    return spans


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_spans_survive_tagging_packing_and_decoding(data):
    lengths = data.draw(st.lists(st.integers(1, 7), min_size=1, max_size=4))
    starts = numpy.cumsum([0, *lengths[:-1]]).tolist()
    ends = [start + length for start, length in zip(starts, lengths)]
    spans = [
        [(role, start + a, start + b) for role, a, b in random_spans(data, length)]
        for start, length in zip(starts, lengths)
    ]
    windows = pack_windows(starts, starts, ends)
    tags = pack_tags([SCHEME.encode(s, a, b) for s, a, b in zip(spans, starts, ends)], windows)
    lattice = forward_backward(numpy.zeros((len(tags), SCHEME.size)), windows.sizes)
    found = decode_spans(tags, lattice, windows, SCHEME)
    expected = [[(SCHEME.roles[role], a, b) for role, a, b in sorted(s, key=lambda x: x[1])] for s in spans]
    assert [[span[:3] for span in of_predicate] for of_predicate in found] == expected


def test_probabilities_are_the_exact_ones():
    windows = pack_windows([0, 4], [0, 4], [4, 9])
    scores = numpy.random.default_rng(5).normal(size=(9, SCHEME.size)) * 2
    scores[:, 1:] += 1
    lattice = forward_backward(scores, windows.sizes)
    tags, _ = viterbi(scores, windows.sizes)
    count = 0
    for place, spans in enumerate(decode_spans(tags, lattice, windows, SCHEME)):
        packed = windows.order.tolist().index(place)
        (rows,) = windows.rows_of([packed])
        first = int(windows.starts[packed])
        for role, start, end, probability in spans:
            after = rows[end - first] if end - first < len(rows) else None
            expected = span_probability(lattice, rows[start - first : end - first], SCHEME.roles.index(role), after)
            assert probability == pytest.approx(expected, rel=1e-5)
            count += 1
    assert count >= 3


def test_the_predicates_own_token_begins_v_and_no_other_does():
    windows = pack_windows([1, 5], [0, 4], [3, 8])
    scores = numpy.random.default_rng(0).normal(size=(7, SCHEME.size))
    scores[:, SCHEME.begin(2)] += 100
    tags, _ = viterbi(constrain_predicates(scores, windows, 2), windows.sizes)
    table = unpack(tags, windows, fill=OPEN)
    for packed, predicate in enumerate(windows.predicates):
        begun = [int(windows.starts[packed]) + step for step in numpy.nonzero(table[packed] == SCHEME.begin(2))[0]]
        assert begun == [predicate]


def test_nothing_to_decode():
    windows = pack_windows([], [], [])
    lattice = forward_backward(numpy.zeros((0, SCHEME.size)), [])
    assert decode_spans(numpy.zeros(0, dtype=int), lattice, windows, SCHEME) == []
    assert len(pack_tags([], windows)) == 0
