"""What a step of one task does to the losses of others."""

import random

import numpy
import pytest
from thinc.api import get_current_ops

from spacy_mtl.analysis.affinity import steps as affinity_steps
from spacy_mtl.analysis.affinity.probes import Pool
from spacy_mtl.analysis.affinity.shadow import Shadow, find_length, read_parameters
from spacy_mtl.analysis.affinity.steps import Watcher, measure
from spacy_mtl.analysis.random_state import kept_random_state

from .pipelines import build_topics

FIRST, TWIN, FOE = ("first", "a-good", "b-bad"), ("twin", "c-good", "d-bad"), ("foe", "f-good", "e-bad")


def make_shadow(*topics):
    nlp, examples = build_topics(*topics)
    names = [name for name, *_ in topics]
    return nlp, Shadow(nlp, "tok2vec", names), dict.fromkeys(names, examples)


def test_twins_help_each_other_as_much_as_themselves():
    _, shadow, probes = make_shadow(FIRST, TWIN)
    found = measure(shadow, probes, 0.05).affinity
    values = [found[task][other] for task in probes for other in probes]
    assert values == pytest.approx([values[0]] * 4) and values[0] > 0.001


def test_opposite_labels_are_a_conflict():
    _, shadow, probes = make_shadow(FIRST, FOE)
    found = measure(shadow, probes, 0.05)
    assert found.affinity["first"]["first"] > 0.001 and found.affinity["foe"]["foe"] > 0.001
    assert found.affinity["first"]["foe"] < -0.001 and found.affinity["foe"]["first"] < -0.001
    ((*pair, cosine),) = found.cosines
    assert pair == ["first", "foe"] and cosine < -0.5


def test_a_short_step_does_what_the_gradients_say():
    _, shadow, probes = make_shadow(FIRST, TWIN, FOE)
    length = 0.003
    found = measure(shadow, probes, length)
    assert found.length == length
    rows = {task: shadow.find_gradient(task, examples)[0] for task, examples in probes.items()}
    cosines = {(first, second): cosine for first, second, cosine in found.cosines}
    for (first, second), cosine in cosines.items():
        norms = find_length([rows[first]]), find_length([rows[second]])
        assert cosine == pytest.approx(float(rows[first] @ rows[second]) / (norms[0] * norms[1]), abs=1e-4)
    for task, row in rows.items():
        for other, other_row in rows.items():
            expected = length * float(row @ other_row) / find_length([row]) / found.losses[other]
            assert found.affinity[task][other] == pytest.approx(expected, rel=0.15), (task, other)


def test_a_loss_that_is_not_finite_is_no_gain(monkeypatch):
    _, shadow, probes = make_shadow(FIRST, TWIN, FOE)
    pipe = shadow._nlp.get_pipe("foe")
    find_loss = pipe.get_loss
    monkeypatch.setattr(pipe, "get_loss", lambda *batch: (float("nan"), find_loss(*batch)[1]))
    found = measure(shadow, probes, 0.05)
    assert set(found.affinity) == {"first", "twin"}
    assert all(set(row) == {"first", "twin"} for row in found.affinity.values())


def test_a_step_has_its_length_and_is_taken_back():
    _, shadow, probes = make_shadow(FIRST, FOE)
    before = shadow.read_parameters()
    row = shadow.find_gradient("first", probes["first"])
    shadow.step(before, row, 0.25)
    moved = [now - then for now, then in zip(shadow.read_parameters(), before)]
    assert find_length(moved) == pytest.approx(0.25, rel=1e-3)
    assert numpy.concatenate([part.ravel() for part in moved]) @ row[0] < 0
    losses = shadow.find_losses(probes)
    measure(shadow, probes, 0.25)
    for now, then in zip(shadow.read_parameters(), before):
        assert now.tobytes() == then.tobytes()
    assert losses != shadow.find_losses(probes) == measure(shadow, probes, 0.25).losses


def test_too_long_a_step_is_halved_until_it_fits():
    _, shadow, probes = make_shadow(FIRST, FOE)
    found = measure(shadow, probes, 64.0)
    halvings = numpy.log2(64.0 / found.length)
    assert halvings == round(halvings) > 2
    assert all(found.affinity[task][task] > 0 for task in probes)


def test_a_pipeline_is_not_touched():
    nlp, shadow, probes = make_shadow(FIRST, FOE)
    for _, pipe in nlp.pipeline:
        for node in pipe.model.walk():
            for name in node.param_names:
                if node.has_param(name) and node.has_grad(name):
                    node.set_grad(name, node.get_grad(name) + 1)
    before = {name: pipe.to_bytes() for name, pipe in nlp.pipeline}
    gradients = [g.tobytes() for _, pipe in nlp.pipeline for g in find_gradients(pipe.model)]
    measure(shadow, probes, 0.1)
    assert {name: pipe.to_bytes() for name, pipe in nlp.pipeline} == before
    assert [g.tobytes() for _, pipe in nlp.pipeline for g in find_gradients(pipe.model)] == gradients


def find_gradients(model):
    return [
        node.get_grad(name)
        for node in model.walk()
        for name in node.param_names
        if node.has_param(name) and node.has_grad(name)
    ]


def test_the_copy_follows_the_pipeline():
    nlp, shadow, probes = make_shadow(FIRST, FOE)
    before = measure(shadow, probes, 0.01)
    for node in nlp.get_pipe("tok2vec").model.walk():
        for name in node.param_names:
            node.set_param(name, node.get_param(name) * 1.5)
    after = measure(shadow, probes, 0.01)
    assert before.losses != after.losses
    for own, copied in zip(read_parameters(nlp.get_pipe("tok2vec").model), shadow.read_parameters()):
        assert own.tobytes() == copied.tobytes()


def test_what_is_drawn_changes_nothing_of_what_is_drawn_later():
    ops = get_current_ops()

    def draw():
        return random.random(), numpy.random.rand(), ops.get_dropout_mask((3, 3), 0.5).tolist()

    random.seed(1)
    numpy.random.seed(1)
    expected = draw()
    random.seed(1)
    numpy.random.seed(1)
    with kept_random_state():
        draw()
    assert draw() == expected


def test_measures_when_it_is_time_and_the_encoder_has_moved():
    nlp, examples = build_topics(FIRST, FOE)
    pool = Pool({"first": examples, "foe": examples}, size=4, seed=0)
    seen = []
    watcher = Watcher("tok2vec", pool, every=3, before=lambda nlp, info: seen.append(info["step"]))
    for step in range(11):
        watcher(nlp, {"step": step, "epoch": 0})
        if step < 6:
            node = next(node for node in nlp.get_pipe("tok2vec").model.walk() if node.name == "maxout")
            node.set_param("W", node.get_param("W") + 1e-4)
    assert seen == list(range(11))
    assert [found.step for found in watcher.measurements] == [3, 6], "before 9 nothing has moved"
    expected = 1e-4 * node.get_param("W").size ** 0.5
    assert watcher.measurements[0].length == pytest.approx(expected, rel=0.01)


def test_each_measurement_draws_its_probes_and_keeps_to_them(monkeypatch):
    nlp, examples = build_topics(FIRST, FOE)
    pool = Pool({"first": examples, "foe": examples}, size=2, seed=1)
    read = []
    find_losses = Shadow.find_losses

    def spy(shadow, probes):
        read.append({id(example) for chosen in probes.values() for example in chosen})
        return find_losses(shadow, probes)

    monkeypatch.setattr(Shadow, "find_losses", spy)
    watcher = Watcher("tok2vec", pool, every=1)
    node = next(node for node in nlp.get_pipe("tok2vec").model.walk() if node.name == "maxout")
    chosen = []
    for step in range(6):
        read.clear()
        watcher(nlp, {"step": step, "epoch": 0})
        node.set_param("W", node.get_param("W") + 1e-4)
        expected = {id(example) for example in pool.draw(step)["first"]}
        assert all(found == expected for found in read) and len(read) >= (4 if step else 0)
        chosen.append(frozenset(expected))
    assert len(watcher.measurements) == 5 and len(set(chosen[1:])) > 2


def test_it_is_said_how_the_measure_differs_from_the_one_it_is_named_for():
    told = " ".join(f"{affinity_steps.__doc__} {measure.__doc__}".split())
    for part in ("Fifty", "learning rate", "training batch", "several groups"):
        assert part in told
