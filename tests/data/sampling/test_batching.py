"""Batches from several sources."""

import itertools
import logging
import random
from collections import Counter

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.training import Example
from spacy.training.batchers import (
    configure_minibatch,
    configure_minibatch_by_padded_size,
    configure_minibatch_by_words,
)

from spacy_mtl.data.sampling.batching import make_one_source_batches, make_sampled_batches
from spacy_mtl.data.sampling.samplers import make_proportional, make_uniform, make_weighted
from spacy_mtl.data.sources import SOURCE_KEY

VOCAB = spacy.blank("en").vocab
INNER = {
    "sequence": configure_minibatch(size=3),
    "words": configure_minibatch_by_words(size=6, tolerance=0.2, discard_oversize=False),
    "padded": configure_minibatch_by_padded_size(size=12, buffer=4, discard_oversize=False),
}


def make_example(source, length, number):
    reference = Doc(VOCAB, words=["word"] * length)
    reference.user_data.update({SOURCE_KEY: source, "number": number})
    return Example(Doc(VOCAB, words=["word"] * length), reference)


def describe(batch):
    return [(example.reference.user_data[SOURCE_KEY], example.reference.user_data["number"]) for example in batch]


@pytest.mark.parametrize("inner", INNER)
@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5)), max_size=40))
def test_each_example_once_and_no_batch_is_mixed(inner, texts):
    examples = [make_example(source, length, i) for i, (source, length) in enumerate(texts)]
    batches = [describe(batch) for batch in make_one_source_batches(INNER[inner])(examples)]
    assert all(len({source for source, _ in batch}) == 1 for batch in batches)
    assert sorted(number for batch in batches for _, number in batch) == list(range(len(texts)))
    if inner != "padded":
        for source in "abc":
            numbers = [number for batch in batches for name, number in batch if name == source]
            assert numbers == sorted(numbers)


def test_one_source_is_batched_as_the_inner_batcher_does():
    examples = [make_example("a", 1 + i % 4, i) for i in range(30)]
    for inner in INNER.values():
        found = [describe(batch) for batch in make_one_source_batches(inner)(examples)]
        assert found == [describe(batch) for batch in inner(examples)]


def test_sources_take_turns_as_they_come():
    rng = random.Random(0)
    endless = (make_example(rng.choices("ab", [3, 1])[0], 1, i) for i in itertools.count())
    batches = itertools.islice(make_one_source_batches(INNER["sequence"])(endless), 400)
    share = sum(describe(batch)[0][0] == "a" for batch in batches) / 400
    assert 0.68 < share < 0.82


def test_waiting_examples_are_bounded():
    taken = 0

    def endless():
        nonlocal taken
        for taken in itertools.count():
            yield make_example("ab"[taken % 2], 1, taken)

    batches = make_one_source_batches(INNER["sequence"])(endless())
    for n, _ in zip(range(1, 201), batches):
        assert taken <= 3 * n + 3 * 2 + 2


def corpus(**sizes):
    return [make_example(name, 1, i) for name, size in sizes.items() for i in range(size)]


def run_epochs(batcher, examples, n):
    """The texts of some epochs, from a list that is shuffled between them, as spaCy does."""
    epochs = []
    for epoch in range(n):
        random.Random(epoch).shuffle(examples)
        epochs.append([text for batch in batcher(examples) for text in describe(batch)])
    return epochs


def test_proportional_gives_each_text_once():
    examples = corpus(a=20, b=5)
    epochs = run_epochs(make_sampled_batches(make_proportional(), INNER["sequence"]), examples, 3)
    for epoch in epochs:
        assert sorted(epoch) == sorted((name, i) for name, size in (("a", 20), ("b", 5)) for i in range(size))
    assert epochs[0] != epochs[1]


def test_small_sources_cycle_and_large_ones_go_on(caplog):
    examples = corpus(a=40, b=4)
    with caplog.at_level(logging.INFO, logger="spacy"):
        epochs = run_epochs(make_sampled_batches(make_uniform(), INNER["sequence"]), examples, 4)
    assert [len(epoch) for epoch in epochs] == [44] * 4
    texts = [text for epoch in epochs for text in epoch]
    large = [i for name, i in texts if name == "a"]
    small = [i for name, i in texts if name == "b"]
    assert 60 < len(large) < 116
    assert sorted(large[:40]) == list(range(40))
    cycles = [small[i : i + 4] for i in range(0, len(small) - 3, 4)]
    assert all(sorted(cycle) == [0, 1, 2, 3] for cycle in cycles) and len(set(map(tuple, cycles))) > 1
    counts = Counter(name for name, _ in epochs[0])
    assert f"Epoch 0: 44 texts: a {counts['a']} ({counts['a'] / 44:.0%})" in caplog.text


def test_the_seed_decides_and_not_the_order_of_the_list():
    def batches(seed):
        random.seed(random.SystemRandom().random())
        examples = corpus(a=10, b=10)
        sampler = make_weighted({"a": 1.0, "b": 2.0})
        return run_epochs(make_sampled_batches(sampler, INNER["words"], seed=seed), examples, 2)

    assert [name for name, _ in batches(0)[0]] == [name for name, _ in batches(0)[0]]
    assert [name for name, _ in batches(0)[0]] != [name for name, _ in batches(1)[0]]


def test_one_source_a_batch():
    batcher = make_sampled_batches(make_uniform(), INNER["sequence"], one_source=True)
    for batch in batcher(corpus(a=30, b=30)):
        assert len({name for name, _ in describe(batch)}) == 1


def test_weights_of_unknown_sources():
    with pytest.raises(ValueError, match="MTL-E157"):
        list(make_sampled_batches(make_weighted({"c": 1.0}), INNER["sequence"])(corpus(a=2)))
