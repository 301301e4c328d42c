"""The texts that affinity is measured on."""

import random
from collections import Counter
from itertools import count

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.analysis.affinity import probes as module
from spacy_mtl.analysis.affinity.probes import Pool, find_annotation, read_pool

TASKS = ["tagger", "mtl_textcat"]


def make_example(vocab, tag="", cats=None, words=("a", "b")):
    doc = Doc(vocab, words=words, tags=[tag] * len(words) if tag else None)
    doc.cats = cats or {}
    return Example(Doc(vocab, words=words), doc)


@pytest.fixture
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger")
    nlp.add_pipe("mtl_textcat", config={"labels": ["x", "y"]})
    return nlp


def make_both(nlp, number):
    return [make_example(nlp.vocab, "N", {"x": 1.0, "y": 0.0}) for _ in range(number)]


def make_tagged(nlp, number):
    return [make_example(nlp.vocab, "N", {"z": 1.0}) for _ in range(number)]


def read(nlp, examples, size=4, seed=0, **settings):
    return read_pool(nlp, lambda nlp: iter(examples), TASKS, size=size, seed=seed, **settings)


def list_ids(drawn):
    return {task: [id(example) for example in examples] for task, examples in drawn.items()}


def test_each_task_has_texts_annotated_for_it(nlp):
    both, tagged = make_both(nlp, 3), make_tagged(nlp, 4)
    pool = read(nlp, [*both, *tagged, make_example(nlp.vocab), make_example(nlp.vocab, words=())])
    assert pool.tasks == TASKS and pool.sizes == {"tagger": 7, "mtl_textcat": 3}
    for number in range(5):
        drawn = list_ids(pool.draw(number))
        assert set(drawn["mtl_textcat"]) == {id(example) for example in both} and len(drawn["mtl_textcat"]) == 3
        assert len(set(drawn["tagger"])) == 4
        assert set(drawn["tagger"]) <= {id(example) for example in both + tagged}


def test_each_measurement_has_texts_of_its_own(nlp):
    examples = make_tagged(nlp, 20) + make_both(nlp, 20)
    draws = [list_ids(read(nlp, examples).draw(number)) for number in range(10)]
    assert len({tuple(drawn["tagger"]) for drawn in draws}) == 10
    assert len({tuple(drawn["mtl_textcat"]) for drawn in draws}) == 10
    pool, state = read(nlp, examples), random.getstate()
    assert [list_ids(pool.draw(number)) for number in reversed(range(10))] == draws[::-1], "in whatever order"
    assert random.getstate() == state, "the training draws what it would have drawn"
    assert [list_ids(read(nlp, examples, seed=1).draw(number)) for number in range(10)] != draws


def test_a_text_annotated_for_several_tasks_serves_them_all(nlp):
    pool = read(nlp, make_both(nlp, 30))
    for number in range(5):
        drawn = pool.draw(number)
        assert list_ids(drawn)["tagger"] == list_ids(drawn)["mtl_textcat"]
    # half of the texts with tags have categories: those of them that have are taken for the categories too
    pool = read(nlp, [*make_both(nlp, 30), *make_tagged(nlp, 30)], size=10)
    for number in range(5):
        drawn = list_ids(pool.draw(number))
        shared = set(drawn["tagger"]) & set(drawn["mtl_textcat"])
        assert shared == {place for place in drawn["tagger"] if place in list_ids(pool.examples)["mtl_textcat"]}


def test_all_texts_are_drawn_alike(nlp):
    pool = read(nlp, [*make_both(nlp, 5), *make_tagged(nlp, 5)], size=3)
    for task, number in (("tagger", 10), ("mtl_textcat", 5)):
        times = Counter(place for draw in range(2000) for place in list_ids(pool.draw(draw))[task])
        assert len(times) == number
        # 600 of 2,000 with a deviation of 20, and 1,200 with one of 22
        assert all(abs(found - 2000 * 3 / number) < 100 for found in times.values())


def test_a_pool_is_bounded_and_each_text_as_likely_in_it(nlp, monkeypatch):
    both, tagged = make_both(nlp, 4), make_tagged(nlp, 16)
    places = {id(example): place for place, example in enumerate(both + tagged)}
    kept = Counter()
    for seed in range(600):
        pool = read(nlp, both + tagged, seed=seed, most=5)
        assert pool.sizes == {"tagger": 5, "mtl_textcat": 4}, "the rare task keeps all of its texts"
        kept.update(places[id(example)] for example in pool.examples["tagger"])
    # 150 of 600 with a deviation of 10.6
    assert len(kept) == 20 and all(abs(found - 150) < 50 for found in kept.values())
    monkeypatch.setattr(module, "MOST_READ", 50)
    endless = (make_example(nlp.vocab, "N", {"x": 1.0, "y": 0.0}) for _ in count())
    assert read(nlp, endless, most=7).sizes == {"tagger": 7, "mtl_textcat": 7}


def test_the_same_object_is_taken_once(nlp):
    examples = make_both(nlp, 3)
    assert read(nlp, examples * 4, size=9).sizes == {"tagger": 3, "mtl_textcat": 3}


def test_a_task_without_texts(nlp):
    with pytest.raises(ValueError, match="MTL-E752.*'mtl_textcat'.*5 texts"):
        read(nlp, [*make_tagged(nlp, 5), make_example(nlp.vocab, words=())])


def test_of_an_unknown_component_every_example_counts():
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_linker")
    assert find_annotation(nlp, "entity_linker")(make_example(nlp.vocab))


def test_a_pool_by_hand(nlp):
    examples = make_both(nlp, 2)
    pool = Pool({"a": examples, "b": examples[:1]}, size=5, seed=0)
    assert pool.sizes == {"a": 2, "b": 1} and {task: len(found) for task, found in pool.draw(3).items()} == pool.sizes
