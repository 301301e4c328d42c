from itertools import product

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtl.heads.crf.chain import LegalTags, TagScores, pack
from spacy_mtl.heads.crf.crf import crf_loss
from spacy_mtl.heads.crf.forward_backward import forward_backward, segment_probabilities
from spacy_mtl.heads.crf.viterbi import viterbi
from spacy_mtl.heads.ner.tagging_scheme import make_tag_set


def random_scores(rng, lengths, n_tags, scale=1.0):
    def normal(*shape):
        return (scale * rng.normal(size=shape)).astype("float32")

    lengths = numpy.array(lengths, dtype="int64")
    return TagScores(
        normal(int(lengths.sum()), n_tags), lengths, normal(n_tags, n_tags), normal(n_tags), normal(n_tags)
    )


def random_legal(rng, n_tags):
    legal = LegalTags(rng.random((n_tags, n_tags)) < 0.7, rng.random(n_tags) < 0.8, rng.random(n_tags) < 0.8)
    legal.transitions[0], legal.start[0], legal.end[0] = True, True, True
    legal.transitions[:, 0] = True
    return legal


def split(scores, allowed=None):
    """The sequences one by one: emissions and allowed tags."""
    ends = numpy.cumsum(scores.lengths)
    for start, end in zip(ends - scores.lengths, ends):
        yield start, scores.emissions[start:end].astype("float64"), None if allowed is None else allowed[start:end]


def enumerate_paths(scores, emissions, legal, allowed=None):
    """Every legal tag sequence of one sequence, with its score in double precision."""
    n_tags = emissions.shape[1]
    paths = []
    for path in product(range(n_tags), repeat=len(emissions)):
        steps = list(zip(path, path[1:]))
        if not legal.start[path[0]] or not legal.end[path[-1]] or not all(legal.transitions[s] for s in steps):
            continue
        if allowed is not None and not all(allowed[i, tag] for i, tag in enumerate(path)):
            continue
        score = float(scores.start[path[0]]) + float(scores.end[path[-1]])
        score += sum(emissions[i, tag] for i, tag in enumerate(path))
        score += sum(float(scores.transitions[s]) for s in steps)
        paths.append((path, score))
    return paths


def log_sum(values):
    values = numpy.array(values)
    return values.max() + numpy.log(numpy.exp(values - values.max()).sum()) if len(values) else -numpy.inf


def true_loss(scores, allowed, legal):
    loss = 0.0
    for _, emissions, mask in split(scores, allowed):
        if len(emissions):
            chosen = enumerate_paths(scores, emissions, legal, mask)
            if chosen:
                every = enumerate_paths(scores, emissions, legal)
                loss += log_sum([s for _, s in every]) - log_sum([s for _, s in chosen])
    return loss


cases = given(
    seed=st.integers(0, 10**6),
    lengths=st.lists(st.integers(0, 5), min_size=1, max_size=4),
    n_tags=st.integers(1, 4),
    scale=st.sampled_from([0.5, 3.0, 30.0]),
)


@cases
@settings(max_examples=40, deadline=None)
def test_sums_equal_enumeration(seed, lengths, n_tags, scale):
    rng = numpy.random.default_rng(seed)
    scores, legal = random_scores(rng, lengths, n_tags, scale), random_legal(rng, n_tags)
    posteriors = forward_backward(scores, legal)
    starts, ends, moves = numpy.zeros(n_tags), numpy.zeros(n_tags), numpy.zeros((n_tags, n_tags))
    for i, (offset, emissions, _) in enumerate(split(scores)):
        if not len(emissions):
            assert posteriors.log_partition[i] == 0.0
            continue
        paths = enumerate_paths(scores, emissions, legal)
        total = log_sum([score for _, score in paths])
        assert posteriors.log_partition[i] == pytest.approx(total, rel=1e-4, abs=1e-3)
        marginals = numpy.zeros_like(emissions)
        for path, score in paths:
            p = numpy.exp(score - total)
            marginals[numpy.arange(len(path)), path] += p
            starts[path[0]] += p
            ends[path[-1]] += p
            for step in zip(path, path[1:]):
                moves[step] += p
        assert posteriors.marginals[offset : offset + len(emissions)] == pytest.approx(marginals, abs=2e-4)
    assert posteriors.start == pytest.approx(starts, abs=5e-4)
    assert posteriors.end == pytest.approx(ends, abs=5e-4)
    assert posteriors.transitions == pytest.approx(moves, abs=5e-4)
    if n_tags > 1:
        assert (posteriors.transitions[~legal.transitions] == 0).all()


@cases
@settings(max_examples=40, deadline=None)
def test_viterbi_equals_enumeration(seed, lengths, n_tags, scale):
    rng = numpy.random.default_rng(seed)
    scores, legal = random_scores(rng, lengths, n_tags, scale), random_legal(rng, n_tags)
    allowed = rng.random(scores.emissions.shape) < 0.7
    for mask in (None, allowed):
        tags = viterbi(scores, legal, mask)
        for offset, emissions, part in split(scores, mask):
            if not len(emissions):
                continue
            paths = dict(enumerate_paths(scores, emissions, legal, part))
            found = tuple(tags[offset : offset + len(emissions)].tolist())
            if paths:
                assert paths[found] == pytest.approx(max(paths.values()), rel=1e-5, abs=1e-4)
            else:
                assert found == (-1,) * len(emissions)


@cases
@settings(max_examples=40, deadline=None)
def test_loss_of_partial_annotation_equals_enumeration(seed, lengths, n_tags, scale):
    rng = numpy.random.default_rng(seed)
    scores, legal = random_scores(rng, lengths, n_tags, scale), random_legal(rng, n_tags)
    allowed = rng.random(scores.emissions.shape) < 0.6
    allowed[rng.random(len(allowed)) < 0.3] = True
    result = crf_loss(scores, allowed, legal)
    assert result.loss == pytest.approx(true_loss(scores, allowed, legal), rel=1e-4, abs=2e-3)
    for offset, emissions, mask in split(scores, allowed):
        gradient = result.gradient.emissions[offset : offset + len(emissions)]
        assert numpy.isfinite(gradient).all()
        if len(emissions) and (mask.all() or not enumerate_paths(scores, emissions, legal, mask)):
            assert (gradient == 0).all()


@pytest.mark.parametrize("kind", ["known", "partial", "mixed"])
def test_gradients_equal_finite_differences(kind):
    rng = numpy.random.default_rng(3)
    n_tags = 4
    scores, legal = random_scores(rng, [4, 1, 3, 0, 2], n_tags), random_legal(rng, n_tags)
    tags = viterbi(random_scores(rng, scores.lengths, n_tags), legal)
    allowed = tags[:, None] == numpy.arange(n_tags)
    if kind == "partial":
        allowed |= rng.random(allowed.shape) < 0.4
    if kind == "mixed":
        allowed[:4] = True
        allowed[6] = True
    gradient = crf_loss(scores, allowed, legal).gradient
    step = 1e-3
    for name in ("emissions", "transitions", "start", "end"):
        values = getattr(scores, name)
        expected = numpy.zeros(values.shape)
        for index in numpy.ndindex(*values.shape):
            sides = []
            for sign in (1, -1):
                moved = values.astype("float64")
                moved[index] += sign * step
                sides.append(true_loss(scores._replace(**{name: moved}), allowed, legal))
            expected[index] = (sides[0] - sides[1]) / (2 * step)
        assert getattr(gradient, name) == pytest.approx(expected, abs=1e-4), name


def test_open_sequence_is_exactly_zero_and_changes_nothing():
    rng = numpy.random.default_rng(0)
    tag_set = make_tag_set("biluo", ["A", "B"])
    n_tags = len(tag_set.tags)
    scores = random_scores(rng, [6, 4], n_tags)
    everything = numpy.ones((10, n_tags), dtype="bool")
    result = crf_loss(scores, everything, tag_set.legal)
    assert result.loss == 0.0 and result.scored == 0
    assert all((getattr(result.gradient, name) == 0).all() for name in ("emissions", "transitions", "start", "end"))
    half = everything.copy()
    half[6:] = numpy.arange(n_tags) == 0
    both = crf_loss(scores, half, tag_set.legal)
    alone = crf_loss(
        scores._replace(emissions=scores.emissions[6:], lengths=scores.lengths[1:]), half[6:], tag_set.legal
    )
    assert both.loss == pytest.approx(alone.loss, rel=1e-6) and both.scored == 1
    assert (both.gradient.emissions[:6] == 0).all()
    assert both.gradient.transitions == pytest.approx(alone.gradient.transitions, abs=1e-6)


def test_contradictory_annotation_is_counted_and_not_learned():
    tag_set = make_tag_set("biluo", ["A"])
    index = {tag: i for i, tag in enumerate(tag_set.tags)}
    scores = random_scores(numpy.random.default_rng(0), [3, 3, 2], len(tag_set.tags))
    allowed = numpy.zeros(scores.emissions.shape, dtype="bool")
    for row, tag in enumerate(["O", "I-A", "O", "B-A", "?", "O", "O", "O"]):
        allowed[row] = tag == "?"
        if tag != "?":
            allowed[row, index[tag]] = True
    allowed[5, :] = False  # nothing may be the third token
    result = crf_loss(scores, allowed, tag_set.legal)
    assert (result.contradictory, result.scored) == (2, 1)
    assert (result.gradient.emissions[:6] == 0).all()
    assert result.loss == pytest.approx(true_loss(scores, allowed, tag_set.legal), abs=1e-4)


def test_scores_far_apart_fall_back_to_double_precision():
    scores = random_scores(numpy.random.default_rng(0), [4], 3)
    scores.emissions[:] = [[300, 0, 0], [0, 0, 300], [300, 0, 0], [0, 150, 0]]
    legal = LegalTags(numpy.ones((3, 3), dtype="bool"), numpy.ones(3, dtype="bool"), numpy.ones(3, dtype="bool"))
    legal.transitions[0, 2] = legal.transitions[2, 0] = False
    posteriors = forward_backward(scores, legal)
    paths = enumerate_paths(scores, scores.emissions.astype("float64"), legal)
    assert posteriors.log_partition[0] == pytest.approx(log_sum([score for _, score in paths]), rel=1e-5)
    assert posteriors.marginals.sum(axis=1) == pytest.approx(numpy.ones(4), abs=1e-5)


@cases
@settings(max_examples=40, deadline=None)
def test_segment_probabilities_equal_enumeration(seed, lengths, n_tags, scale):
    rng = numpy.random.default_rng(seed)
    scores, legal = random_scores(rng, [*lengths, 4], n_tags, scale), random_legal(rng, n_tags)
    posteriors = forward_backward(scores, legal)
    starts, tags, expected = [], [], []
    for offset, emissions, _ in split(scores):
        if not len(emissions):
            continue
        paths = enumerate_paths(scores, emissions, legal)
        total = log_sum([score for _, score in paths])
        for _ in range(3):
            begin = int(rng.integers(0, len(emissions)))
            end = int(rng.integers(begin + 1, len(emissions) + 1))
            path, _ = paths[int(rng.integers(0, len(paths)))]
            starts.append(offset + begin)
            tags.append(numpy.array(path[begin:end]))
            expected.append(sum(numpy.exp(s - total) for p, s in paths if p[begin:end] == path[begin:end]))
    found = segment_probabilities(scores, posteriors, numpy.array(starts), tags)
    assert found == pytest.approx(numpy.array(expected), abs=2e-4)


def test_a_sequence_does_not_depend_on_its_batch():
    rng = numpy.random.default_rng(1)
    tag_set = make_tag_set("biluo", ["A", "B", "C"])
    scores = random_scores(rng, [7, 1, 30, 0, 12], len(tag_set.tags), 2.0)
    posteriors = forward_backward(scores, tag_set.legal)
    tags = viterbi(scores, tag_set.legal)
    for i, (offset, emissions, _) in enumerate(split(scores)):
        single = scores._replace(emissions=emissions.astype("float32"), lengths=scores.lengths[i : i + 1])
        rows = slice(offset, offset + len(emissions))
        alone = forward_backward(single, tag_set.legal)
        assert posteriors.marginals[rows] == pytest.approx(alone.marginals, abs=1e-5)
        assert posteriors.log_partition[i] == pytest.approx(alone.log_partition[0], rel=1e-6)
        assert (viterbi(single, tag_set.legal) == tags[rows]).all()


def test_a_long_text_stays_exact():
    rng = numpy.random.default_rng(2)
    tag_set = make_tag_set("biluo", ["A", "B"])
    scores = random_scores(rng, [5000, 3], len(tag_set.tags), 2.0)
    posteriors = forward_backward(scores, tag_set.legal)
    assert posteriors.marginals.sum(axis=1) == pytest.approx(numpy.ones(5003), abs=1e-4)
    alone = scores._replace(emissions=scores.emissions[5000:], lengths=scores.lengths[1:])
    assert posteriors.marginals[5000:] == pytest.approx(forward_backward(alone, tag_set.legal).marginals, abs=1e-5)
    tags = viterbi(scores, tag_set.legal)[:5000]
    assert tag_set.legal.transitions[tags[:-1], tags[1:]].all()
    window = scores._replace(emissions=scores.emissions[:60], lengths=numpy.array([60]))
    assert (viterbi(window, tag_set.legal)[:40] == tags[:40]).all()


@given(st.lists(st.integers(0, 6), max_size=8))
def test_packing_is_a_permutation_by_time_step(lengths):
    lengths = numpy.array(lengths, dtype="int64")
    packing = pack(lengths)
    assert sorted(packing.rows.tolist()) == list(range(int(lengths.sum())))
    offsets = numpy.cumsum(lengths) - lengths
    for step, (begin, end) in enumerate(packing.steps):
        owners = packing.sequences[packing.sequence[begin:end]]
        assert packing.rows[begin:end].tolist() == (offsets[owners] + step).tolist()
        assert end - begin == int((lengths > step).sum())
    assert (packing.rows[packing.previous] + 1 == packing.rows[packing.first :]).all()
    assert packing.rows[packing.last].tolist() == (offsets + lengths - 1)[packing.sequences].tolist()
