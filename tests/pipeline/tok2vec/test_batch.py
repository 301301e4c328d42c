"""When a batch closes, what it takes from its listeners, and how the encoder is saved, copied and loaded."""

import copy
import pickle

import numpy
import pytest
import spacy
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.util import fix_random_seed
from thinc.api import Adam

from spacy_mtl.balancing.total import Sum

from ..shared_encoder import (
    ENCODER,
    OURS,
    STOCK,
    WIDTH,
    build,
    encoder_gradient,
    make_examples,
    parameters,
    train,
)


class Counter(Sum):
    """Adds up, and counts the batches."""

    def __init__(self):
        self.batches = 0

    def __call__(self, gradients, report):
        self.batches += 1
        return super().__call__(gradients, report)

    def get_state(self):
        return {"batches": self.batches}

    def set_state(self, state):
        self.batches = state["batches"]


CLOSING = {
    "next update": lambda nlp: nlp.get_pipe(ENCODER).update(make_examples(nlp)),
    "finish_update": lambda nlp: nlp.get_pipe(ENCODER).finish_update(Adam(0.01)),
    "close_batch": lambda nlp: nlp.get_pipe(ENCODER).close_batch(),
}
DROPPING = {
    "prediction": lambda nlp: nlp("Mira sleeps"),
    "pipe": lambda nlp: list(nlp.pipe(["Mira sleeps"])),
    "evaluate": lambda nlp: nlp.evaluate(make_examples(nlp)),
    "to_bytes": lambda nlp: nlp.to_bytes(),
    "pickle": pickle.dumps,
    "deepcopy": copy.deepcopy,
    "use_params": lambda nlp: nlp.use_params({(0, "W"): None}).__enter__(),
}


def moved(nlp, before):
    return numpy.abs(parameters(nlp) - before).max() > 1e-3


def is_clean(nlp):
    listeners = nlp.get_pipe(ENCODER).listeners
    return all(m._batch_id is None and m._outputs is None and m._backprop is None for m in listeners)


@pytest.mark.parametrize("heads", [("tagger",), ("tagger", "ner", "textcat_multilabel")])
def test_closes_when_every_head_has_reported(heads):
    nlp = build(heads=heads)
    before = parameters(nlp)
    nlp.update(make_examples(nlp), sgd=Adam(0.01))
    assert moved(nlp, before)
    assert is_clean(nlp)
    assert not encoder_gradient(nlp).any()


@pytest.mark.parametrize("silent", ["tagger", "ner"])
def test_closes_without_the_silent_when_the_update_ends(silent):
    nlp = build()
    before = parameters(nlp)
    nlp.update(make_examples(nlp), sgd=Adam(0.01), exclude=[silent])
    assert moved(nlp, before)
    assert is_clean(nlp)


def leave_open(nlp):
    """Update the encoder and one of its two heads, and not by `nlp.update`."""
    examples = make_examples(nlp)
    nlp.get_pipe(ENCODER).update(examples, sgd=Adam(0.01))
    nlp.get_pipe("tagger").update(examples)


@pytest.mark.parametrize("close", CLOSING)
def test_closes_when_components_are_updated_by_hand(close):
    nlp = build()
    before = parameters(nlp)
    leave_open(nlp)
    assert not moved(nlp, before)
    CLOSING[close](nlp)
    assert moved(nlp, before)
    # An update opens a batch of its own.
    assert is_clean(nlp) is (close != "next update")


@pytest.mark.parametrize("drop", DROPPING)
def test_prediction_and_serialization_learn_nothing(drop):
    nlp = build()
    before = parameters(nlp)
    leave_open(nlp)
    with pytest.warns(UserWarning, match=r"MTL-W423.*\['ner'\] reported no gradient.*reported by \['tagger'\]"):
        DROPPING[drop](nlp)
    assert is_clean(nlp)
    assert (parameters(nlp) == before).all()
    assert not encoder_gradient(nlp).any()
    CLOSING["next update"](nlp)
    assert (parameters(nlp) == before).all()


def test_to_disk_learns_nothing(tmp_path):
    nlp = build()
    before = parameters(nlp)
    leave_open(nlp)
    with pytest.warns(UserWarning, match="MTL-W423"):
        nlp.to_disk(tmp_path)
    assert (parameters(spacy.load(tmp_path)) == before).all()


def test_finish_update_steps():
    nlp = build()
    before = parameters(nlp)
    nlp.update(make_examples(nlp), sgd=False, exclude=["ner"])
    assert is_clean(nlp)
    assert not moved(nlp, before)
    nlp.get_pipe(ENCODER).finish_update(Adam(0.01))
    assert moved(nlp, before)


def test_optimizer_of_the_update_itself():
    nlp = build(heads=("tagger",))
    before = parameters(nlp)
    examples = make_examples(nlp)
    nlp.get_pipe(ENCODER).update(examples, sgd=Adam(0.01))
    assert not moved(nlp, before)
    nlp.get_pipe("tagger").update(examples)
    assert moved(nlp, before)


def test_gradients_accumulate_until_finish_update():
    """A last part without any annotation must not lose what the parts before it have given."""
    nlp, expected = build(heads=("ner",)), build(heads=("ner",))
    for pipeline in (nlp, expected):
        fix_random_seed(0)
        pipeline.update(make_examples(pipeline), sgd=False)
    before = parameters(nlp)
    nlp.update(make_examples(nlp, leave_out=["entities"]), sgd=False)
    nlp.get_pipe(ENCODER).finish_update(Adam(0.01))
    nlp("Mira sleeps")
    expected.get_pipe(ENCODER).finish_update(Adam(0.01))
    assert moved(nlp, before)
    assert (parameters(nlp) == parameters(expected)).all()


def test_gradients_of_several_updates_add_up():
    gradients = {}
    for silent in ([], ["senter"]):
        nlp = build(heads=("tagger", "senter"))
        steps = []
        for _ in range(3):
            nlp.update(make_examples(nlp), sgd=False, exclude=silent)
            steps.append(encoder_gradient(nlp))
        gradients[not silent] = steps
    for once, twice, thrice in gradients.values():
        assert numpy.abs(once).max() > 1e-3
        numpy.testing.assert_allclose(twice, 2 * once, atol=1e-5)
        numpy.testing.assert_allclose(thrice, 3 * once, atol=1e-5)


def listen_by_hand(nlp, listeners):
    """Open a batch over the given listeners. RETURNS their vectors' shapes and their callbacks."""
    encoder = nlp.get_pipe(ENCODER)
    encoder.listener_map = {}
    for name, listener in listeners:
        encoder.add_listener(listener, name)
    examples = make_examples(nlp)
    encoder.balancer = Sum()
    losses = {}
    encoder.update(examples, losses=losses)
    docs = [example.predicted for example in examples]
    return losses, [listener.begin_update(docs) for _, listener in listeners]


def test_one_component_with_several_listeners():
    nlp = build(heads=())
    calls = []

    class Recorder(Sum):
        def __call__(self, gradients, report):
            calls.append(gradients)
            return super().__call__(gradients, report)

    listeners = [("pair", Tok2VecListener("*", WIDTH)), ("pair", Tok2VecListener("*", WIDTH))]
    listeners.append(("single", Tok2VecListener("*", WIDTH)))
    losses, reports = listen_by_hand(nlp, listeners)
    nlp.get_pipe(ENCODER).balancer = Recorder()
    for factor, (vectors, report) in zip([1.0, 2.0, 4.0], reports):
        assert calls == []
        # Before the batch is complete, a listener may report in several parts.
        parts = [0.25, 0.75] if factor == 1.0 else [1.0]
        for part in parts:
            returned = report([numpy.full_like(rows, factor * part) for rows in vectors])
            assert [rows.shape for rows in returned] == [rows.shape for rows in vectors]
            assert not any(rows.any() for rows in returned)
    (gradients,) = calls
    assert list(gradients) == ["pair", "single"]
    assert (gradients["pair"] == 3.0).all() and (gradients["single"] == 4.0).all()
    numbers = 12 * WIDTH
    assert losses[ENCODER] == pytest.approx(numbers * (0.25**2 + 0.75**2 + 2.0**2 + 4.0**2))


def test_late_report():
    nlp = build(heads=())
    _, [(vectors, report)] = listen_by_hand(nlp, [("late", Tok2VecListener("*", WIDTH))])
    report(vectors)
    with pytest.raises(ValueError, match="MTL-E404.*'late'"):
        report(vectors)


@pytest.mark.parametrize(
    "spoil", [lambda rows: rows[:-1], lambda rows: [r[:1] for r in rows], lambda rows: [r[:, :1] for r in rows]]
)
def test_report_of_another_shape(spoil):
    nlp = build(heads=())
    _, [(vectors, report)] = listen_by_hand(nlp, [("odd", Tok2VecListener("*", WIDTH))])
    with pytest.raises(ValueError, match=r"MTL-E405.*'odd'.*\(6, 16\), \(4, 16\), \(2, 16\)"):
        report(spoil(vectors))


def test_reported_arrays_may_be_used_again():
    nlp = build(heads=())
    listeners = [("first", Tok2VecListener("*", WIDTH)), ("second", Tok2VecListener("*", WIDTH))]
    _, [(vectors, first), (_, second)] = listen_by_hand(nlp, listeners)
    rows = [numpy.ones_like(v) for v in vectors]
    first(rows)
    for array in rows:
        array *= 100
    batch = nlp.get_pipe(ENCODER)._batch
    assert (batch.gradients["first"] == 1.0).all()
    second(rows)


@pytest.mark.parametrize("silent", [[], ["ner"]])
@pytest.mark.parametrize("clone", [lambda nlp: pickle.loads(pickle.dumps(nlp)), copy.deepcopy])
def test_copies_train_on(clone, silent):
    nlp = build()
    nlp.update(make_examples(nlp), sgd=Adam(0.01), exclude=silent)
    other = clone(nlp)
    assert (parameters(other) == parameters(nlp)).all()
    before = parameters(other)
    train(other, [make_examples(other)])
    assert moved(other, before)
    assert (parameters(nlp) == before).all()


def test_bytes_and_disk_round_trips(tmp_path):
    nlp = build()
    nlp.get_pipe(ENCODER).balancer = Counter()
    train(nlp, [make_examples(nlp) for _ in range(3)])
    nlp.update(make_examples(nlp), sgd=Adam(0.01), exclude=["ner"])
    encoder = nlp.get_pipe(ENCODER)
    data = encoder.to_bytes()
    encoder.to_disk(tmp_path / "encoder")
    assert encoder.balancer.batches == 4
    for load in (lambda pipe: pipe.from_bytes(data), lambda pipe: pipe.from_disk(tmp_path / "encoder")):
        other = build()
        other.get_pipe(ENCODER).balancer = Counter()
        other.update(make_examples(other), sgd=Adam(0.01), exclude=["ner"])
        load(other.get_pipe(ENCODER))
        assert is_clean(other)
        assert (parameters(other) == parameters(nlp)).all()
        assert other.get_pipe(ENCODER).balancer.batches == 4
        text = "Otto drives boats"
        assert (other(text).tensor == nlp(text).tensor).all()
        # The batch that was open at loading is gone for good.
        other("Otto sleeps")
        assert (parameters(other) == parameters(nlp)).all()
        assert other.get_pipe(ENCODER).balancer.batches == 4


def test_loads_what_stock_tok2vec_saved():
    stock, ours = build(STOCK), build(OURS)
    train(stock, [make_examples(stock)])
    ours.get_pipe(ENCODER).from_bytes(stock.get_pipe(ENCODER).to_bytes())
    assert (parameters(ours) == parameters(stock)).all()


def test_use_params_of_averages():
    nlp = build()
    optimizer = Adam(0.01)
    train(nlp, [make_examples(nlp) for _ in range(3)], optimizer=optimizer)
    nlp.update(make_examples(nlp), sgd=False, exclude=["ner"])
    nlp.get_pipe(ENCODER).finish_update(optimizer)
    trained = parameters(nlp)
    nlp.update(make_examples(nlp), sgd=optimizer, exclude=["ner"])
    with nlp.use_params(optimizer.averages):
        averaged = parameters(nlp)
        saved = spacy.util.load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert moved(nlp, trained)
    assert numpy.abs(averaged - parameters(nlp)).max() > 1e-3
    assert (parameters(saved) == averaged).all()
    # The batch was closed with the trained parameters, not with their averages.
    later = parameters(nlp)
    nlp("Mira sleeps")
    assert (parameters(nlp) == later).all()


def test_batches_of_processes():
    nlp = build()
    train(nlp, [make_examples(nlp)])
    nlp.update(make_examples(nlp), sgd=Adam(0.01), exclude=["ner"])
    texts = ["Mira paints boats", "Otto sleeps", "Oslo"]
    single = [doc.tensor for doc in nlp.pipe(texts)]
    for one, other in zip(single, nlp.pipe(texts, n_process=2, batch_size=2)):
        numpy.testing.assert_allclose(one, other.tensor, atol=1e-6)
