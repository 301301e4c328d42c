import numpy
import pytest

from spacy_mtl.heads.crf.chain import TagScores
from spacy_mtl.heads.crf.forward_backward import forward_backward
from spacy_mtl.heads.crf.soft_targets import SMALLEST, expected_crf_loss, pack_rows, unpack_rows

from .test_crf import enumerate_paths, log_sum, random_legal, random_scores, split


def expect(scores, legal, possible=None):
    posteriors = forward_backward(scores, legal, possible)
    return TagScores(posteriors.marginals, scores.lengths, posteriors.transitions, posteriors.start, posteriors.end)


@pytest.mark.parametrize("seed", range(3))
def test_cross_entropy_over_all_sequences(seed):
    rng = numpy.random.default_rng(seed)
    lengths, n_tags = [3, 1, 4], 3
    legal = random_legal(rng, n_tags)
    own, teacher = random_scores(rng, lengths, n_tags), random_scores(rng, lengths, n_tags)
    loss, _ = expected_crf_loss(own, expect(teacher, legal), legal)
    expected = 0.0
    for (_, emissions, _), (_, theirs, _) in zip(split(own), split(teacher)):
        own_paths, their_paths = enumerate_paths(own, emissions, legal), enumerate_paths(teacher, theirs, legal)
        own_z, their_z = (log_sum([score for _, score in paths]) for paths in (own_paths, their_paths))
        own_logs = {path: score - own_z for path, score in own_paths}
        expected -= sum(numpy.exp(score - their_z) * own_logs[path] for path, score in their_paths)
    assert loss == pytest.approx(expected, rel=1e-4)


def test_zero_gradient_at_the_teachers_scores():
    rng = numpy.random.default_rng(0)
    legal, scores = random_legal(rng, 4), random_scores(rng, [5, 2], 4)
    loss, gradient = expected_crf_loss(scores, expect(scores, legal), legal)
    assert loss > 0
    assert all(abs(part).max() < 1e-5 for part in (gradient.emissions, *gradient[2:]))


def test_gradient_by_finite_differences():
    rng = numpy.random.default_rng(1)
    legal = random_legal(rng, 3)
    own, teacher = random_scores(rng, [4, 2], 3), random_scores(rng, [4, 2], 3)
    possible = rng.random((6, 3)) < 0.8
    possible[:, 0] = True
    target = expect(teacher, legal, possible)
    _, gradient = expected_crf_loss(own, target, legal, possible)
    step = 1e-2
    for part, found in ((own.emissions, gradient.emissions), *zip(own[2:], gradient[2:])):
        for index in numpy.ndindex(part.shape):
            old = part[index]
            part[index] = old + step
            up, _ = expected_crf_loss(own, target, legal, possible)
            part[index] = old - step
            down, _ = expected_crf_loss(own, target, legal, possible)
            part[index] = old
            assert found[index] == pytest.approx((up - down) / (2 * step), abs=2e-3)


def test_rows_are_kept_to_half_precision():
    rng = numpy.random.default_rng(2)
    rows = rng.dirichlet(numpy.full(20, 0.1), size=30).astype("float32")
    rows[3] = 0
    packed = pack_rows(rows, top_k=8)
    assert packed["sizes"].max() <= 8 and packed["values"].dtype == "float16"
    found = unpack_rows(packed, numpy.arange(20), 20)
    assert not found[3].any() and numpy.allclose(numpy.delete(found, 3, 0).sum(axis=1), 1, atol=1e-5)
    whole = unpack_rows(pack_rows(rows, top_k=20), numpy.arange(20), 20)
    assert abs(whole - rows).max() < 20 * SMALLEST
    # labels that fall together are added up
    halves = unpack_rows(pack_rows(rows, top_k=20), numpy.arange(20) % 2, 2)
    assert abs(halves[:, 0] - rows[:, ::2].sum(axis=1)).max() < 20 * SMALLEST
