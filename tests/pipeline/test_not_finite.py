"""What our heads do with a batch whose loss, gradient or scores are not finite: nothing, and they say so."""

import warnings

import numpy
import pytest
import spacy
from thinc.api import Adam

from spacy_mtl.pipeline.gradient_guard import GradientGuard

from .own_heads import ARCHITECTURES, SpoiledLoss, build_own_heads, make_bare_examples, make_own_examples
from .shared_encoder import (
    ENCODER,
    OURS,
    STOCK,
    build,
    encoder_gradient,
    make_examples,
    parameters,
    train,
    waiting_gradient,
)

HEADS = list(ARCHITECTURES)
SPOILED = [
    ("loss", numpy.nan),
    ("loss", numpy.inf),
    ("gradient", numpy.nan),
    ("gradient", -numpy.inf),
    ("gradient", 1e37),
]
LEVELS = ["representation", "parameters"]
quiet = pytest.mark.filterwarnings("ignore:.*MTL-W403")


def update(nlp, examples=None, **settings):
    nlp.update(make_own_examples(nlp) if examples is None else examples, sgd=False, **settings)


def poison(nlp, name):
    """Makes all parameters of a component NaN, and with them all that it gives."""
    for node in nlp.get_pipe(name).model.walk():
        for parameter in node.param_names:
            if node.has_param(parameter):
                node.set_param(parameter, node.get_param(parameter) * numpy.nan)


def assert_learns(nlp, head):
    """Ten more updates move the head and lower its loss."""
    before = parameters(nlp, head)
    first, *_, last = [train(nlp, [make_own_examples(nlp)], optimizer=Adam(0.01))[head] for _ in range(10)]
    assert last < first
    for name in nlp.component_names:
        assert numpy.isfinite(parameters(nlp, name)).all(), name
    assert numpy.abs(parameters(nlp, head) - before).max() > 1e-3


@pytest.mark.parametrize("what, value", SPOILED)
@pytest.mark.parametrize("head", HEADS)
def test_batch_is_dropped(head, what, value):
    nlp, expected = build_own_heads(), build_own_heads()
    losses = {}
    for pipeline in (nlp, expected):
        update(pipeline, losses=losses if pipeline is nlp else None)
    kept, loss = waiting_gradient(nlp, head), losses[head]
    assert numpy.abs(kept).max() > 1e-3 and loss > 0
    spoiled = SpoiledLoss(nlp.get_pipe(head), what, value)
    with pytest.warns(UserWarning, match=f"MTL-W403.*'{head}'.*'{ENCODER}'"):
        update(nlp, losses=losses)
    update(expected, exclude=[head])
    expected.get_pipe(ENCODER).close_batch()
    # what the head had learned before the batch waits for the step
    assert (waiting_gradient(nlp, head) == kept).all()
    numpy.testing.assert_allclose(encoder_gradient(nlp), encoder_gradient(expected), atol=1e-6)
    assert losses[head] == loss and all(numpy.isfinite(value) for value in losses.values())
    spoiled.is_on = False
    assert_learns(nlp, head)


@quiet
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("head", HEADS)
def test_spoiled_every_other_time(head, level):
    nlp = build_own_heads(balancer={"@misc": "spacy-mtl.Weighted.v1", "weights": {}, "level": level})
    seen = []
    nlp.get_pipe(ENCODER).observers.append(seen.append)
    spoiled = SpoiledLoss(nlp.get_pipe(head), "gradient")
    first = parameters(nlp, head)
    for i in range(6):
        spoiled.is_on = i % 2 == 0
        nlp.update(make_own_examples(nlp), sgd=Adam(0.01))
        if i == 0:
            assert (parameters(nlp, head) == first).all()
    assert [batch.dropped for batch in seen] == [(head,), ()] * 3
    assert_learns(nlp, head)


@quiet
@pytest.mark.parametrize("encoder", [OURS, STOCK, None])
@pytest.mark.parametrize("head", HEADS)
def test_twenty_in_a_row_stop_the_training(head, encoder):
    nlp = build_own_heads(encoder, (head,))
    spoiled = SpoiledLoss(nlp.get_pipe(head))
    for i in range(40):
        # one good batch in between is enough to go on
        spoiled.is_on = i % 20 != 0
        update(nlp)
    with pytest.raises(ValueError, match=f"MTL-E416.*'{head}'.*20 batches"):
        update(nlp)


@pytest.mark.parametrize("head", HEADS)
def test_with_an_encoder_of_its_own(head):
    nlp = build_own_heads(None, (head,))
    update(nlp)
    kept = waiting_gradient(nlp, head)
    spoiled = SpoiledLoss(nlp.get_pipe(head), "gradient")
    with pytest.warns(UserWarning, match=f"MTL-W403.*'{head}'"):
        update(nlp)
    assert (waiting_gradient(nlp, head) == kept).all() and numpy.abs(kept).max() > 1e-3
    spoiled.is_on = False
    assert_learns(nlp, head)


@pytest.mark.parametrize("head", HEADS)
def test_on_a_stock_encoder(head):
    """Stock Tok2Vec adds up whatever it is given, and backpropagates when its last listener reports."""
    others = [name for name in HEADS if name != head]
    nlp, expected = (build_own_heads(STOCK, (*others, head)) for _ in range(2))
    SpoiledLoss(nlp.get_pipe(head))
    with pytest.warns(UserWarning, match=f"MTL-W403.*'{head}'"):
        update(nlp)
    update(expected, make_examples_without(expected, head))
    assert numpy.abs(encoder_gradient(expected)).max() > 1e-3
    numpy.testing.assert_allclose(encoder_gradient(nlp), encoder_gradient(expected), atol=1e-6)


def make_examples_without(nlp, head):
    """Examples without the annotation of one head."""
    examples = make_own_examples(nlp)
    for example in examples:
        if head == "mtl_textcat":
            example.reference.cats = {}
        elif head == "mtl_srl":
            example.reference.spans.pop("srl", None)
        else:
            example.reference.set_ents([], missing=[example.reference[:]], default="unmodified")
    return examples


@pytest.mark.parametrize("head", HEADS)
def test_over_a_frozen_encoder(head):
    nlp = build_own_heads(OURS, (head,))
    frozen = {"exclude": [ENCODER], "annotates": [ENCODER]}
    update(nlp, **frozen)
    kept = waiting_gradient(nlp, head)
    SpoiledLoss(nlp.get_pipe(head))
    for i in range(20):
        stops = pytest.raises(ValueError, match="MTL-E416") if i == 19 else pytest.warns(UserWarning, match="MTL-W403")
        with stops:
            update(nlp, **frozen)
    assert (waiting_gradient(nlp, head) == kept).all()


@quiet
@pytest.mark.parametrize("encoder", [OURS, None])
@pytest.mark.parametrize("head", HEADS)
def test_scores_that_are_not_finite(head, encoder):
    nlp = build_own_heads(encoder, (head,))
    poison(nlp, head)
    losses = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        for _ in range(19):
            update(nlp, losses=losses)
    assert losses[head] == 0.0 and not waiting_gradient(nlp, head).any()
    with pytest.raises(ValueError, match=f"MTL-E416.*'{head}'"):
        update(nlp)


@quiet
@pytest.mark.parametrize("head", HEADS)
def test_vectors_that_are_not_finite_spoil_no_head_that_learns_nothing_from_them(head):
    """Zero times NaN is NaN: a gradient of zeros, for texts without annotation, is no help."""
    nlp = build_own_heads()
    poison(nlp, ENCODER)
    update(nlp, make_bare_examples(nlp))
    assert not waiting_gradient(nlp, head).any()


@quiet
@pytest.mark.parametrize("head", HEADS)
def test_a_balancer_that_needs_losses_does_not_wait_for_that_of_a_dropped_batch(head):
    nlp = build_own_heads(balancer={"@misc": "spacy-mtl.GradNorm.v1"})
    SpoiledLoss(nlp.get_pipe(head))
    seen = []
    nlp.get_pipe(ENCODER).observers.append(seen.append)
    update(nlp)
    (batch,) = seen
    assert batch.dropped == (head,) and set(batch.losses) == set(batch.weights) == {*HEADS} - {head}


@quiet
@pytest.mark.parametrize("encoder", [OURS, None])
@pytest.mark.parametrize("head", HEADS)
def test_batches_without_annotation_do_not_begin_the_count_anew(head, encoder):
    nlp = build_own_heads(encoder, (head,))
    spoiled = SpoiledLoss(nlp.get_pipe(head))
    with pytest.raises(ValueError, match="MTL-E416"):
        for i in range(39):
            spoiled.is_on = i % 2 == 0
            update(nlp, None if spoiled.is_on else make_bare_examples(nlp))
    assert spoiled.is_on and i == 38


@quiet
@pytest.mark.parametrize("encoder", [OURS, None])
def test_initialize_begins_the_count_anew(encoder):
    nlp = build_own_heads(encoder)
    for name in HEADS:
        SpoiledLoss(nlp.get_pipe(name))
    for _ in range(2):
        for _ in range(19):
            update(nlp)
        nlp.initialize(lambda: make_own_examples(nlp))


@quiet
def test_zeros_of_stock_heads_do_not_begin_the_count_anew():
    nlp = build(heads=("tagger", "senter"))
    spoil = {"now": True}
    layer = nlp.get_pipe("senter").model
    forward = layer._func

    def spoiled(model, X, is_train):
        Y, backprop = forward(model, X, is_train)
        factor = numpy.nan if spoil["now"] else 0.0
        return Y, lambda dY: backprop([rows * factor for rows in dY])

    layer._func = spoiled
    with pytest.raises(ValueError, match="MTL-E416.*'senter'"):
        for i in range(39):
            spoil["now"] = i % 2 == 0
            nlp.update(make_examples(nlp), sgd=False)
    assert i == 38


def test_guard_counts_by_task():
    guard = GradientGuard("the encoder", most=3)
    bad, zero, good = (numpy.asarray(rows, dtype="f") for rows in ([[numpy.nan, 1]], [[0, 0]], [[0, 1]]))
    with pytest.warns(UserWarning, match="MTL-W403.*'a'.*the encoder"):
        assert not guard.admit("a", bad)
    assert guard.admit("a", zero) and guard.admit("a", good)
    guard.reset("a", zero)
    guard.reset("b", good)
    with pytest.warns(UserWarning, match="MTL-W403"):
        guard.reject("a")
        guard.reject("b")
    with pytest.raises(ValueError, match="MTL-E416.*'a'.*3 batches.*the encoder"):
        guard.reject("a")
    guard.reset("b", good)
    with pytest.warns(UserWarning, match="MTL-W403.*'b'"):
        guard.reject("b")
        guard.reject("b")


def test_calibration_says_what_is_wrong():
    for head in HEADS:
        nlp = build_own_heads(heads=(head,))
        poison(nlp, head)
        with numpy.errstate(all="ignore"), pytest.raises(ValueError, match=f"MTL-E010.*'{head}'"):
            nlp.get_pipe(head).calibrate(make_own_examples(nlp))


def test_decoding_entities_says_what_is_wrong():
    nlp = build_own_heads(heads=("mtl_ner",))
    poison(nlp, "mtl_ner")
    with pytest.raises(ValueError, match="MTL-E203.*'mtl_ner'"):
        nlp("Mira paints")


@pytest.mark.filterwarnings("ignore:.*MTL-W420")
@quiet
@pytest.mark.parametrize(
    "balancer", ["Sum", "Weighted", "PCGrad", "GradNorm", "UncertaintyWeighting", "MGDA", "CAGrad"]
)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("size", [1e14, 1e37])
def test_huge_gradients_of_stock_heads_are_dropped(size, level, balancer):
    settings = {} if balancer == "Sum" else {"level": level}
    if balancer == "Weighted":
        settings["weights"] = {"tagger": 1e30}
    nlp = build(heads=("tagger", "morphologizer"), balancer={"@misc": f"spacy-mtl.{balancer}.v1", **settings})
    for _ in range(2):
        examples, encoder = make_examples(nlp), nlp.get_pipe(ENCODER)
        encoder.update(examples, sgd=Adam(0.01))
        for listener in encoder.listener_map["tagger"]:
            report = listener._backprop
            listener._backprop = lambda rows, report=report: report([size * (row + 1) for row in rows])
        for name in ("tagger", "morphologizer"):
            nlp.get_pipe(name).update(examples)
        assert numpy.isfinite(parameters(nlp)).all()
    assert numpy.isfinite(encoder_gradient(nlp)).all()


def test_static_vectors_that_are_not_there():
    embed = {"@architectures": "spacy.MultiHashEmbed.v2", "width": 8, "attrs": ["NORM"], "rows": [50],
             "include_static_vectors": True}  # fmt: skip
    encode = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": 8, "depth": 1, "window_size": 1,
              "maxout_pieces": 2}  # fmt: skip
    model = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    for factory, config in (("mtl_tok2vec", {"model": model}), ("mtl_ner", {"model": {"tok2vec": model}})):
        nlp = spacy.blank("en")
        nlp.add_pipe(factory, config=config)
        with pytest.raises(ValueError, match=f"MTL-E425.*{factory}.*include_static_vectors"):
            nlp.initialize(lambda nlp=nlp: make_examples(nlp))
