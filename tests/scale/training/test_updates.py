"""Several workers learn from a batch what one learns from it."""

import random
import threading

import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from spacy_mtl.scale.training.group import Group
from spacy_mtl.scale.training.updates import Progress, Updater, choose_share

from ...balancing.methods import FIXED, params
from ...pipeline.shared_encoder import ENCODER, build, make_examples, parameters
from .threads import run_together

BUILDING = threading.Lock()
HEADS = ("tagger", "morphologizer")
# one of each kind; how workers meet does not hang on the method
METHODS = ["Sum", "Weighted", "TargetDistributionAveraging", "GradNorm", "PCGrad", "UPGrad", "GradDrop"]
SETTINGS = {"Weighted": {"weights": {"tagger": 2.0}}}


def make_batches(nlp):
    """Batches in which the tasks are annotated in other texts, and one that is too small for all workers."""
    tagged, told = make_examples(nlp, leave_out=["pos"]), make_examples(nlp, leave_out=["tags"])
    return [[*tagged, *told], [*tagged, *told[:2]], told[:1], [*tagged[:2], *told[:2]]]


def learn(group, block, watch=False, accumulate=1, spoil=None):
    # threads have their random numbers in common
    with BUILDING:
        nlp = build(heads=HEADS, balancer=block)
    encoder = nlp.get_pipe(ENCODER)
    seen, losses = [], {}
    if watch and group.is_first:
        encoder.observers.append(seen.append)
    updater = Updater(nlp, Adam(0.001), group, dropout=0.0, accumulate_gradient=accumulate, frozen=[], annotating=[])
    if spoil == group.rank and group.size > 1:
        keep = encoder.learner
        encoder.learner = lambda batch: (batch.gradients["tagger"].fill(numpy.nan), keep(batch))
    for batch in make_batches(nlp):
        updater.update(batch, losses)
    updater.close()
    found = {name: parameters(nlp, name) for name in nlp.pipe_names}
    return found, encoder.balancer.get_state(), seen, losses


def assert_near(found, expected, start):
    """Near to each other, by the way from the start. Where a gradient is next to nothing, Adam makes large steps of
    rounding errors."""
    for name, values in expected.items():
        way, error = numpy.abs(values - start[name]).max(), numpy.abs(found[name] - values)
        assert way > 1e-3 and error.max() < 1e-2 * way and error.mean() < 1e-4 * way, name


@pytest.fixture(scope="module")
def start():
    nlp = build(heads=HEADS)
    return {name: parameters(nlp, name) for name in nlp.pipe_names}


@pytest.mark.parametrize("level", ["representation", "parameters"])
@pytest.mark.parametrize("method", params(METHODS))
def test_two_workers_are_one(method, level, start):
    block = {"@misc": f"spacy-mtl.{method}.v1", **SETTINGS.get(method, {})}
    if method not in FIXED:
        block["level"] = level
    (first, state, seen, losses), (other, other_state, _, other_losses) = run_together(
        lambda group: learn(group, block, watch=method == "Sum")
    )
    for name in first:
        assert numpy.array_equal(first[name], other[name])
    assert state == other_state
    alone, alone_state, alone_seen, alone_losses = learn(Group(), block, watch=method == "Sum")
    # its random signs are drawn by element, and the elements have another order
    if (method, level) != ("GradDrop", "representation"):
        assert_near(first, alone, start)
    assert state.keys() == alone_state.keys()
    for name in HEADS:
        assert losses.get(name, 0) + other_losses.get(name, 0) == pytest.approx(alone_losses[name], rel=1e-4)
    assert len(seen) == len(alone_seen)
    for found, expected in zip(seen, alone_seen):
        assert found.targets == expected.targets
        # alone, spaCy's components tell their losses when the batch is closed already
        assert {name: found.losses[name] for name in expected.losses} == pytest.approx(expected.losses, rel=1e-3)
        assert found.cosines == pytest.approx(expected.cosines, abs=1e-3)


def test_more_workers_and_gradients_that_accumulate(start):
    block = {"@misc": "spacy-mtl.GradNorm.v1"}
    found = run_together(lambda group: learn(group, block, accumulate=2), size=3)
    assert_near(found[2][0], learn(Group(), block, accumulate=2)[0], start)


@pytest.mark.filterwarnings("ignore:.*MTL-W403")
@pytest.mark.parametrize("level", ["representation", "parameters"])
def test_a_gradient_that_is_not_finite_anywhere_is_dropped_everywhere(level, start):
    block = {"@misc": "spacy-mtl.Equal.v1", "level": level}
    found = run_together(lambda group: learn(group, block, watch=True, spoil=1))
    assert numpy.array_equal(found[0][0][ENCODER], found[1][0][ENCODER])
    assert numpy.isfinite(found[0][0][ENCODER]).all()
    assert (found[0][0][ENCODER] != start[ENCODER]).any()
    assert [seen.dropped for seen in found[0][2]] == [("tagger",), ("tagger",), (), ("tagger",)]


VOCAB = spacy.blank("en").vocab


@given(st.lists(st.integers(0, 30), max_size=25), st.integers(1, 5))
def test_shares_are_whole_and_alike(lengths, size):
    batch = [Example.from_dict(Doc(VOCAB, words=["a"] * length), {}) for length in lengths]
    shares = []
    for rank in range(size):
        group = Group()
        group.rank, group.size = rank, size
        shares.append(choose_share(batch, group))
    assert sorted(map(id, batch)) == sorted(id(example) for share in shares for example in share)
    words = [sum(len(example.predicted) for example in share) for share in shares]
    assert max(words) - min(words) <= max(lengths, default=0)


def test_the_largest_share_is_near_a_fair_one():
    """What all wait for is next to the best that there could be, where there are many texts."""
    rng = random.Random(0)
    for size in (2, 4):
        batch = [Example.from_dict(Doc(VOCAB, words=["a"] * rng.randrange(2, 200)), {}) for _ in range(25)]
        group = Group()
        group.size = size
        largest = 0
        for group.rank in range(size):
            largest = max(largest, sum(len(example.predicted) for example in choose_share(batch, group)))
        assert largest < 1.02 * sum(len(example.predicted) for example in batch) / size


@pytest.mark.parametrize(
    "results, step, is_over",
    [([], 0, False), ([(0.5, 0)], 1, False), ([(0.5, 0), (0.5, 4)], 5, True), ([(0.1, 0), (0.5, 4)], 5, False)],
)
def test_patience_counts_from_the_first_of_the_best(results, step, is_over):
    assert Progress(step, results=results).is_over(0, 4) == is_over
    assert Progress(step, results=results).is_over(4, 0) == (step == 5)
