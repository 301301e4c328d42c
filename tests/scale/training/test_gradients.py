"""Gradients are added up over the workers, and no more of them is sent than there is."""

from types import SimpleNamespace

import numpy
import pytest
import torch
from spacy.training import Example
from thinc.api import HashEmbed, Linear, Model, noop

from spacy_mtl.encoders.torch_layer import TorchShim
from spacy_mtl.pipeline.tok2vec.parameter_gradients import find_slots
from spacy_mtl.scale.training.gradients import GradientSum

from ...pipeline.shared_encoder import build, make_examples
from .threads import run_together

ROWS, WIDTH = 300, 4


class Module(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.table = torch.nn.Embedding(ROWS, WIDTH)
        self.linear = torch.nn.Linear(WIDTH, 3)
        self.unused = torch.nn.Linear(2, 2)


def make_model():
    layers = noop(Linear(3, 2).initialize(), HashEmbed(WIDTH, ROWS).initialize(), Linear(2, 2).initialize())
    return Model("model", None, layers=[layers], shims=[TorchShim(Module())])


def make_gradient(shape, *seed):
    """A few rows of a table, others in each step; small parameters whole, or none from this worker."""
    rng = numpy.random.default_rng(seed)
    gradient = rng.normal(size=shape).astype("float32")
    if shape[0] == ROWS:
        gradient[rng.random(ROWS) > 0.03] = 0
    return gradient


def learn(model, rank, number):
    """As a backward pass does: add to what there is. The last layers learn nothing, the first one in one worker."""
    gradients = []
    for i, slot in enumerate(find_slots(model)):
        is_learned = slot.shape != (2, 2) and slot.shape != (2,) and (i > 1 or rank == 1)
        gradient = make_gradient(slot.shape, rank, number, i) if is_learned else None
        if gradient is not None and slot.get() is None:
            slot.set(gradient)
        elif gradient is not None:
            found = slot.get()
            found += gradient
        gradients.append(gradient)
    return gradients


def add_up(group, batches, steps=3):
    model, sent, add = make_model(), [], group.add
    group.add = lambda row: (sent.append(row.size), add(row))
    gradients = GradientSum([SimpleNamespace(model=model)], group)
    found, places = [], []
    for number in range(steps):
        own = learn(model, group.rank, number)
        gradients.add(batches[group.rank])
        values = [slot.get() for slot in find_slots(model)]
        found.append((own, [None if value is None else value.copy() for value in values]))
        places.append([None if value is None else value.__array_interface__["data"][0] for value in values])
        for value in values:
            if value is not None:
                value.fill(0)
    return found, places, sent, [slot.shape for slot in find_slots(model)]


@pytest.fixture(scope="module")
def batch():
    return make_examples(build(heads=["tagger"], initialize=False))


@pytest.mark.parametrize("size", [2, 3])
def test_all_have_the_sum(size, batch):
    workers = run_together(lambda group: add_up(group, [batch] * size), size)
    for number in range(3):
        own = [found[number][0] for found, *_ in workers]
        for found, _, _, shapes in workers:
            of_first = workers[0][0][number][1]
            for shape, value, first, *parts in zip(shapes, found[number][1], of_first, *own):
                expected = [part for part in parts if part is not None]
                if expected:
                    numpy.testing.assert_allclose(value, sum(expected), rtol=1e-5, atol=1e-6)
                else:
                    assert value is None, shape
                assert value is first or numpy.array_equal(value, first)


def test_little_is_sent_and_nothing_moves(batch):
    found, places, sent, shapes = run_together(lambda group: add_up(group, [batch] * 2))[0]
    tables = [shape for shape in shapes if shape[0] == ROWS]
    assert len(tables) == 2
    whole = sum(int(numpy.prod(shape)) for shape in shapes)
    # every other exchange is of what there is
    assert max(sent[1::2]) < 0.2 * whole
    assert max(sent[::2]) < 0.4 * whole
    # gradients of parameters stay where they are added up
    assert places[1] == places[2]


def test_other_batches_are_found_out_before_gradients_are_sent(batch):
    other = [Example(example.predicted, example.reference) for example in batch[1:]]
    sent = []

    def work(group):
        add = group.add
        group.add = lambda row: (sent.append(row.size), add(row))
        with pytest.raises(ValueError, match="MTL-E723"):
            add_up(group, [batch, other])

    run_together(work)
    assert len(set(sent)) == 1
