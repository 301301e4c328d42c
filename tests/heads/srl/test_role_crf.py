import itertools

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtl.heads.srl.role_crf import ILLEGAL, forward_backward, viterbi
from spacy_mtl.heads.windows import pack_windows


def is_legal(tags, roles):
    return all(tag <= roles or (i and tags[i - 1] in (tag, tag - roles)) for i, tag in enumerate(tags))


def enumerate_taggings(scores, roles):
    """Every legal tagging of one sequence with its score."""
    for tags in itertools.product(range(2 * roles + 1), repeat=len(scores)):
        if is_legal(tags, roles):
            yield tags, float(sum(scores[i, tag] for i, tag in enumerate(tags)))


def span_probability(lattice, rows, role, row_after):
    """A span begun, continued and ended just there; `row_after` is None if the window ends with it."""
    probability = lattice.forward[rows[0], 1 + role] * numpy.prod([lattice.inside[row, role] for row in rows[1:]])
    return float(probability * (1.0 if row_after is None else lattice.fresh[row_after]))


def spans_of(tags, roles):
    spans = []
    for i, tag in enumerate(tags):
        if 0 < tag <= roles:
            end = i + 1
            while end < len(tags) and tags[end] == tag + roles:
                end += 1
            spans.append((tag - 1, i, end))
    return spans


@st.composite
def batches(draw):
    roles = draw(st.integers(1, 2))
    lengths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    seed = draw(st.integers(0, 2**16))
    starts = numpy.cumsum([0, *lengths[:-1]])
    windows = pack_windows(starts.tolist(), starts.tolist(), (starts + lengths).tolist())
    scores = numpy.random.default_rng(seed).normal(size=(sum(lengths), 2 * roles + 1)) * 2
    return roles, windows, scores


@settings(max_examples=40, deadline=None)
@given(batches())
def test_partition_marginals_and_best_tagging_equal_enumeration(batch):
    roles, windows, scores = batch
    lattice = forward_backward(scores, windows.sizes)
    tags, totals = viterbi(scores, windows.sizes)
    for i, length in enumerate(windows.lengths()):
        (rows,) = windows.rows_of([i])
        taggings = list(enumerate_taggings(scores[rows], roles))
        weights = numpy.exp([score for _, score in taggings])
        marginals = numpy.zeros((length, scores.shape[1]))
        for (found, _), weight in zip(taggings, weights):
            marginals[numpy.arange(length), found] += weight
        assert lattice.log_z[i] == pytest.approx(numpy.log(weights.sum()), abs=1e-6)
        numpy.testing.assert_allclose(lattice.marginals()[rows], marginals / weights.sum(), atol=1e-6)
        best, best_score = max(taggings, key=lambda item: item[1])
        assert totals[i] == pytest.approx(best_score, abs=1e-6)
        assert tuple(tags[rows]) == best


@settings(max_examples=30, deadline=None)
@given(batches())
def test_span_probability_is_the_share_of_taggings_that_hold_the_span(batch):
    roles, windows, scores = batch
    lattice = forward_backward(scores, windows.sizes)
    for i, length in enumerate(windows.lengths()):
        (rows,) = windows.rows_of([i])
        taggings = list(enumerate_taggings(scores[rows], roles))
        total = sum(numpy.exp(score) for _, score in taggings)
        for role in range(roles):
            for start, end in itertools.combinations(range(length + 1), 2):
                share = sum(numpy.exp(s) for tags, s in taggings if (role, start, end) in spans_of(tags, roles)) / total
                after = rows[end] if end < length else None
                assert span_probability(lattice, rows[start:end], role, after) == pytest.approx(share, abs=1e-6)


def test_gradient_of_the_partition_function_is_the_marginals():
    windows = pack_windows([0, 3], [0, 3], [3, 5])
    scores = numpy.random.default_rng(1).normal(size=(5, 5))
    marginals = forward_backward(scores, windows.sizes).marginals()
    step = 1e-5
    for row in range(5):
        for tag in range(5):
            shifted = []
            for sign in (1, -1):
                moved = scores.copy()
                moved[row, tag] += sign * step
                shifted.append(forward_backward(moved, windows.sizes).log_z.sum())
            assert (shifted[0] - shifted[1]) / (2 * step) == pytest.approx(marginals[row, tag], abs=1e-6)


def test_forbidden_tags_have_no_probability_and_large_scores_do_not_overflow():
    windows = pack_windows([0], [0], [3])
    scores = numpy.array([[500, 0, 0], [0, 500, 0], [0, 0, -500]], dtype="float32")
    scores[0, 0] = ILLEGAL
    lattice = forward_backward(scores, windows.sizes)
    assert numpy.isfinite(lattice.log_z).all()
    assert lattice.marginals()[0, 0] == 0.0
    numpy.testing.assert_allclose(lattice.marginals().sum(axis=1), 1.0, rtol=1e-5)


def test_no_sequences():
    windows = pack_windows([], [], [])
    scores = numpy.zeros((0, 5), dtype="float32")
    assert len(forward_backward(scores, windows.sizes).log_z) == 0
    assert len(viterbi(scores, windows.sizes)[0]) == 0
