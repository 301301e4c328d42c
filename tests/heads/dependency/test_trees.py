from itertools import product

import numpy
import pytest

from spacy_mtl.heads.dependency.trees import best_tree, best_trees


def is_tree(heads):
    """One root, and all heads lead to it."""
    roots = [i for i, head in enumerate(heads) if i == head]
    for i in range(len(heads)):
        for _ in range(len(heads)):
            i = heads[i]
        if i not in roots:
            return False
    return len(roots) == 1


def sum_arcs(scores, heads):
    return sum(scores[i, head] for i, head in enumerate(heads))


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5])
def test_best_of_all_trees(length):
    random = numpy.random.default_rng(length)
    trees = [heads for heads in product(range(length), repeat=length) if is_tree(heads)]
    assert len(trees) == length ** (length - 1)
    for _ in range(40):
        scores = random.normal(size=(length, length)).astype("float32")
        heads = best_tree(scores).tolist()
        assert is_tree(heads)
        best = max(sum_arcs(scores, tree) for tree in trees)
        assert sum_arcs(scores, heads) == pytest.approx(best, abs=1e-4)


def test_sentences_of_a_batch_are_as_each_alone():
    random = numpy.random.default_rng(0)
    scores = random.normal(size=(60, 9, 9)).astype("float32")
    lengths = random.integers(1, 10, 60)
    # among them some whose best heads are a tree as they are
    scores[:20, :, 0] += 5
    for i, found in enumerate(best_trees(scores, lengths)):
        length = lengths[i]
        alone = best_tree(scores[i, :length, :length])
        assert found[:length].tolist() == alone.tolist() and is_tree(alone.tolist())


@pytest.mark.parametrize("scale", [1e-3, 1e4])
def test_one_root_whatever_the_scores(scale):
    scores = numpy.random.default_rng(1).normal(size=(40, 40)) * scale
    scores[numpy.arange(40), numpy.arange(40)] += 100 * scale
    assert is_tree(best_tree(scores).tolist())


def test_two_circles():
    scores = numpy.zeros((5, 5), dtype="float32")
    for dependent, head in [(0, 1), (1, 0), (2, 3), (3, 2)]:
        scores[dependent, head] = 10
    scores[4, 4], scores[1, 4], scores[3, 0] = 3, 2, 1
    assert best_tree(scores).tolist() == [1, 4, 3, 0, 4]
