"""What the encoder learns: the same as stock Tok2Vec where that is right, and the gradients of all where it is not."""

from itertools import permutations

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.training.loop import subdivide_batch
from spacy.util import fix_random_seed
from thinc.api import Adam

from spacy_mtl.balancing.balancer import Balancer
from spacy_mtl.balancing.total import Sum
from spacy_mtl.pipeline.tok2vec.component import MultiTaskTok2Vec

from ..shared_encoder import (
    ENCODER,
    HEADS,
    OURS,
    STOCK,
    WEIGHTED,
    WIDTH,
    build,
    copy_parameters,
    encoder_gradient,
    make_examples,
    parameters,
    train,
)


class Recorder(Sum):
    """Adds up, and keeps the gradients that it was given."""

    def __init__(self):
        self.seen = []

    def __call__(self, gradients, report):
        self.seen.append({name: rows.copy() for name, rows in gradients.items()})
        return super().__call__(gradients, report)


def record(nlp):
    nlp.get_pipe(ENCODER).balancer = Recorder()
    return nlp.get_pipe(ENCODER).balancer


def assert_equal_pipelines(one, other):
    for name in one.component_names:
        assert numpy.abs(parameters(one, name) - parameters(other, name)).max() == 0.0, name


def gradient_after(nlp, examples, **kwargs):
    nlp.update(examples, sgd=False, **kwargs)
    encoder = nlp.get_pipe(ENCODER)
    if isinstance(encoder, MultiTaskTok2Vec):
        encoder.close_batch()
    return encoder_gradient(nlp)


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("heads", list(permutations(["tagger", "ner", "textcat_multilabel"])))
def test_sum_equals_stock(heads, accumulate):
    pipelines, losses = [], []
    for encoder in (STOCK, OURS):
        nlp = build(encoder, heads)
        before = parameters(nlp)
        losses.append(train(nlp, [make_examples(nlp) for _ in range(4)], accumulate=accumulate, drop=0.2))
        assert numpy.abs(parameters(nlp) - before).max() > 1e-3
        pipelines.append(nlp)
    assert_equal_pipelines(*pipelines)
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert losses[1][ENCODER] > 0


@pytest.mark.parametrize("head", sorted(HEADS))
def test_sum_equals_stock_with_each_head(head):
    other = "tagger" if head != "tagger" else "senter"
    pipelines = []
    for encoder in (STOCK, OURS):
        nlp = build(encoder, (head, other))
        train(nlp, [make_examples(nlp) for _ in range(2)])
        pipelines.append(nlp)
    assert_equal_pipelines(*pipelines)


def test_direct_update_equals_stock_in_the_training_loop():
    stock, ours = build(STOCK), build(OURS)
    optimizer = Adam(0.01)
    for step in range(3):
        fix_random_seed(step)
        # The training loop sorts the Docs of a batch.
        (batch,) = subdivide_batch(make_examples(ours), 1)
        ours.update(batch, sgd=optimizer)
    train(stock, [make_examples(stock) for _ in range(3)])
    assert_equal_pipelines(stock, ours)


@pytest.mark.parametrize("silence", ["excluded", "disabled", "without gold"])
def test_silent_last_head_takes_nothing_from_the_others(silence):
    gradients = {}
    for encoder in (STOCK, OURS):
        nlp = build(encoder, ("tagger", "ner"))
        if silence == "disabled":
            nlp.disable_pipe("ner")
        examples = make_examples(nlp, leave_out=["entities"] if silence == "without gold" else [])
        gradients[encoder] = gradient_after(nlp, examples, exclude=["ner"] if silence == "excluded" else [])
    alone = build(STOCK, ("tagger",))
    copy_parameters(build(STOCK, ("tagger", "ner")), alone)
    expected = gradient_after(alone, make_examples(alone))
    assert numpy.abs(expected).max() > 0
    # The fault in stock Tok2Vec: only the last listener backpropagates.
    assert (gradients[STOCK] == 0).all()
    assert (gradients[OURS] == expected).all()


def test_absent_task_is_absent_from_the_balancer():
    nlp = build(heads=("ner", "tagger"))
    recorder = record(nlp)
    train(nlp, [make_examples(nlp, leave_out=["entities"]), make_examples(nlp)])
    assert [list(seen) for seen in recorder.seen] == [["tagger"], ["ner", "tagger"]]


def test_gradients_are_kept_apart():
    heads = ("tagger", "ner", "textcat_multilabel")
    nlp = build(heads=heads)
    recorder = record(nlp)
    examples = make_examples(nlp)
    losses = {}
    fix_random_seed(0)
    nlp.update(examples, sgd=False, losses=losses)
    (seen,) = recorder.seen
    assert list(seen) == list(heads)
    tokens = sum(len(example.predicted) for example in examples)
    for head in heads:
        alone = build(heads=(head,))
        copy_parameters(nlp, alone)
        recorder_alone = record(alone)
        fix_random_seed(0)
        alone.update(make_examples(alone), sgd=False)
        assert seen[head].shape == (tokens, WIDTH)
        assert numpy.abs(seen[head]).max() > 0
        numpy.testing.assert_array_equal(seen[head], recorder_alone.seen[0][head])
    assert losses[ENCODER] == pytest.approx(sum((rows**2).sum() for rows in seen.values()), rel=1e-5)


def test_rows_are_the_tokens_in_order():
    class SecondDoc(Balancer):
        def __call__(self, gradients, report):
            rows = gradients["tagger"].copy()
            rows[:6] = 0
            rows[10:] = 0
            return rows

    nlp, second = build(heads=("tagger",)), build(heads=("tagger",))
    nlp.get_pipe(ENCODER).balancer = SecondDoc()
    examples = make_examples(nlp)
    assert [len(example.predicted) for example in examples] == [6, 4, 2]
    gradient = gradient_after(nlp, examples)
    assert numpy.abs(gradient).max() > 0
    numpy.testing.assert_allclose(gradient, gradient_after(second, make_examples(second)[1:2]), atol=1e-6)


def test_weight_zero_is_training_without_the_head():
    weighted = build(heads=("tagger", "ner"), balancer={"@misc": WEIGHTED, "weights": {"ner": 0.0}, "default": 1.0})
    alone = build(heads=("tagger",))
    copy_parameters(weighted, alone)
    ner_before = parameters(weighted, "ner")
    for nlp in (weighted, alone):
        train(nlp, [make_examples(nlp) for _ in range(3)])
    assert_equal_pipelines(alone, weighted)
    assert numpy.abs(parameters(weighted, "ner") - ner_before).max() > 1e-3


def test_weights_scale_the_gradient():
    gradients = {}
    for tagger, ner in [(1.0, 0.0), (0.0, 1.0), (2.0, 0.5)]:
        nlp = build(balancer={"@misc": WEIGHTED, "weights": {"tagger": tagger, "ner": ner}, "default": 1.0})
        gradients[tagger, ner] = gradient_after(nlp, make_examples(nlp))
    expected = 2.0 * gradients[1.0, 0.0] + 0.5 * gradients[0.0, 1.0]
    numpy.testing.assert_allclose(gradients[2.0, 0.5], expected, atol=1e-5)


def test_frozen_encoder_that_annotates():
    pipelines = []
    for encoder in (STOCK, OURS):
        nlp = build(encoder)
        before = parameters(nlp)
        tagger_before = parameters(nlp, "tagger")
        train(nlp, [make_examples(nlp) for _ in range(2)], exclude=[ENCODER], annotates=[ENCODER])
        assert (parameters(nlp) == before).all()
        assert numpy.abs(parameters(nlp, "tagger") - tagger_before).max() > 1e-3
        pipelines.append(nlp)
    assert_equal_pipelines(*pipelines)


@pytest.mark.parametrize("silent", [True, False])
def test_encoder_frozen_after_an_update(silent):
    nlp = build()
    nlp.update(make_examples(nlp, leave_out=["entities"] if silent else []), sgd=Adam(0.01))
    nlp.update(make_examples(nlp), sgd=Adam(0.01), exclude=[ENCODER], annotates=[ENCODER])
    before = parameters(nlp)
    train(nlp, [make_examples(nlp)], exclude=[ENCODER], annotates=[ENCODER])
    assert (parameters(nlp) == before).all()
    # The fault in stock Tok2Vec: the listeners still wait for the batch of the last update.
    stock = build(STOCK)
    stock.update(make_examples(stock), sgd=Adam(0.01))
    with pytest.raises(ValueError, match="E953"):
        stock.update(make_examples(stock)[:1], sgd=Adam(0.01), exclude=[ENCODER], annotates=[ENCODER])


def test_annotating_encoder_does_not_close_its_own_batch():
    plain, annotating = build(), build()
    recorder = record(annotating)
    train(plain, [make_examples(plain) for _ in range(2)])
    train(annotating, [make_examples(annotating) for _ in range(2)], annotates=[ENCODER])
    assert_equal_pipelines(plain, annotating)
    assert [list(seen) for seen in recorder.seen] == [["tagger", "ner"]] * 2
    before = parameters(annotating)
    annotating.update(make_examples(annotating), sgd=Adam(0.01), annotates=[ENCODER])
    assert numpy.abs(parameters(annotating) - before).max() > 1e-3


@pytest.mark.parametrize("lengths", [[0], [0, 0], [0, 3, 0], [1], [1, 0]])
@pytest.mark.parametrize("heads", [("tagger",), ("ner", "textcat_multilabel"), ("spancat", "tagger")])
def test_empty_docs(lengths, heads):
    nlp = build(heads=heads)
    words = ["Mira", "paints", "boats"]
    batch = []
    for length in lengths:
        annotation = {"tags": ["N"] * length, "entities": ["O"] * length, "cats": {"ART": 1.0, "WORK": 0.0}}
        example = Example.from_dict(Doc(nlp.vocab, words=words[:length]), annotation)
        example.reference.spans["sc"] = []
        batch.append(example)
    before = parameters(nlp)
    losses = train(nlp, [batch, make_examples(nlp)])
    assert numpy.isfinite(parameters(nlp)).all()
    assert numpy.isfinite(losses[ENCODER])
    assert numpy.abs(parameters(nlp) - before).max() > 0


def test_empty_batch_of_an_encoder_that_knows_no_width():
    nlp = build(heads=("tagger",))
    encoder = nlp.get_pipe(ENCODER)
    encoder.model._dims["nO"] = None
    doc = Doc(nlp.vocab, words=[])
    encoder.update([Example(doc, doc.copy())])
    outputs, backprop = encoder.listeners[0].begin_update([doc])
    assert [rows.shape for rows in outputs] == [(0, WIDTH)]
    assert [rows.shape for rows in backprop(outputs)] == [(0, WIDTH)]


def test_factory_defaults():
    nlp = spacy.blank("en")
    encoder = nlp.add_pipe("mtl_tok2vec")
    assert isinstance(encoder, MultiTaskTok2Vec)
    assert isinstance(encoder.balancer, Sum)
    assert nlp.config["components"]["mtl_tok2vec"]["balancer"] == {"@misc": "spacy-mtl.Sum.v1"}
    again = spacy.util.load_model_from_config(nlp.config, auto_fill=True)
    assert isinstance(again.get_pipe("mtl_tok2vec"), MultiTaskTok2Vec)
