"""What the components of a pipeline tell a balancer of a batch, and what is told to those who watch."""

import copy
import pickle

import numpy
import pytest
import spacy
from thinc.api import Adam

from spacy_mtl.balancing.total import Sum

from ..own_heads import build_own_heads, make_own_examples
from ..shared_encoder import ENCODER, build, encoder_gradient, make_examples, parameters, train


class Reader(Sum):
    """Adds up, and keeps the reports."""

    def __init__(self, needs_losses=False):
        super().__init__()
        self.needs_losses = needs_losses
        self.reports = []

    def __call__(self, gradients, report):
        self.reports.append(report)
        return super().__call__(gradients, report)


def make_reader(nlp, **settings):
    reader = nlp.get_pipe(ENCODER).balancer = Reader(**settings)
    return reader


def test_targets_and_losses_of_our_heads():
    nlp = build_own_heads()
    reader = make_reader(nlp)
    losses = {"mtl_ner": 100.0}
    nlp.update(make_own_examples(nlp), losses=losses, sgd=False)
    (report,) = reader.reports
    assert report.targets == {"mtl_textcat": 1, "mtl_ner": 6, "mtl_srl": 6}
    assert report.losses["mtl_ner"] == pytest.approx(losses["mtl_ner"] - 100)
    assert report.losses["mtl_textcat"] == losses["mtl_textcat"] > 0


def test_losses_are_those_of_the_batch():
    nlp = build_own_heads()
    reader = make_reader(nlp)
    losses = {}
    for _ in range(3):
        nlp.update(make_own_examples(nlp), losses=losses, sgd=False)
    assert sum(report.losses["mtl_srl"] for report in reader.reports) == pytest.approx(losses["mtl_srl"])


def test_targets_of_stock_components_are_the_rows_of_their_gradient():
    nlp = build(heads=("tagger", "textcat_multilabel"))
    reader = make_reader(nlp)
    examples = make_examples(nlp)
    for token in examples[0].reference[:2]:
        token.tag_ = ""
    train(nlp, [examples])
    assert reader.reports[0].targets == {"tagger": 10, "textcat_multilabel": 12}


@pytest.mark.parametrize("needs_losses", [True, False])
def test_waits_for_losses_only_where_they_are_needed(needs_losses):
    """spaCy's components add their losses after they backpropagate: the last one's is not there when it reports."""
    nlp = build(heads=("tagger", "textcat_multilabel"))
    reader = make_reader(nlp, needs_losses=needs_losses)
    losses = {}
    examples = make_examples(nlp)
    for _, pipe in nlp.pipeline:
        pipe.update(examples, losses=losses)
    assert len(reader.reports) == (0 if needs_losses else 1)
    nlp.get_pipe(ENCODER).finish_update(Adam(0.01))
    (report,) = reader.reports
    if needs_losses:
        assert report.losses == {name: pytest.approx(losses[name]) for name in ("tagger", "textcat_multilabel")}


def test_does_not_wait_for_our_heads():
    nlp = build_own_heads()
    reader = make_reader(nlp, needs_losses=True)
    before = parameters(nlp)
    nlp.update(make_own_examples(nlp), sgd=Adam(0.01))
    assert sorted(reader.reports[0].losses) == ["mtl_ner", "mtl_srl", "mtl_textcat"]
    assert numpy.abs(parameters(nlp) - before).max() > 1e-3


def test_observers_see_a_batch():
    nlp = build(heads=("tagger", "ner"))
    seen = []
    nlp.get_pipe(ENCODER).observers.append(seen.append)
    train(nlp, [make_examples(nlp), make_examples(nlp, leave_out=["entities"])])
    both, alone = seen
    assert both.weights == {"tagger": 1.0, "ner": 1.0}
    assert set(both.norms) == {"tagger", "ner"} and min(both.norms.values()) > 0
    (pair,) = both.cosines
    assert set(pair) == {"tagger", "ner"} and -1 <= both.cosines[pair] <= 1
    assert set(alone.norms) == {"tagger"} and alone.cosines == {} and alone.dropped == ()


@pytest.mark.parametrize("assigned", [True, False])
@pytest.mark.parametrize("clone", [lambda nlp: pickle.loads(pickle.dumps(nlp)), copy.deepcopy])
def test_observers_stay_with_the_pipeline_that_they_watch(clone, assigned, tmp_path):
    nlp = build(heads=("tagger", "ner"))
    encoder = nlp.get_pipe(ENCODER)
    with (tmp_path / "seen.txt").open("w") as file_:

        def observer(seen):
            file_.write("seen\n")

        if assigned:
            encoder.observers = [observer]
        else:
            encoder.observers.append(observer)
        other = clone(nlp)
        assert other.get_pipe(ENCODER).observers == [] and encoder.observers == [observer]
        train(other, [make_examples(other)])
        train(nlp, [make_examples(nlp)])
        later = []
        other.get_pipe(ENCODER).observers.append(later.append)
        train(other, [make_examples(other)])
        # what is loaded into a pipeline does not change who watches it
        assert nlp.from_bytes(other.to_bytes()).get_pipe(ENCODER).observers == [observer]
    assert (tmp_path / "seen.txt").read_text() == "seen\n" and len(later) == 1


class Spoiler:
    """Makes the gradient of a component infinite while it is switched on."""

    def __init__(self, nlp, name):
        self.is_on = True
        tok2vec = nlp.get_pipe(name).model.get_ref("tok2vec")
        listener = next(node for node in tok2vec.walk() if node in nlp.get_pipe(ENCODER).listeners)
        forward = listener._func

        def spoiled(model, X, is_train):
            Y, backprop = forward(model, X, is_train)
            return Y, lambda dY: backprop([rows * numpy.inf if self.is_on else rows for rows in dY])

        listener._func = spoiled


@pytest.mark.parametrize("level", ["representation", "parameters"])
def test_gradient_that_is_not_finite_is_dropped(level):
    balancer = {"@misc": "spacy-mtl.Weighted.v1", "weights": {}, "level": level}
    nlp, expected = (build(heads=("tagger", "senter"), balancer=balancer) for _ in range(2))
    Spoiler(nlp, "senter")
    seen = []
    nlp.get_pipe(ENCODER).observers.append(seen.append)
    losses = {}
    with pytest.warns(UserWarning, match="MTL-W403.*'senter'"):
        nlp.update(make_examples(nlp), losses=losses, sgd=False)
    expected.update(make_examples(expected, leave_out=["heads", "deps"]), sgd=False, exclude=["senter"])
    expected.get_pipe(ENCODER).close_batch()
    assert numpy.abs(encoder_gradient(expected)).max() > 1e-3
    numpy.testing.assert_allclose(encoder_gradient(nlp), encoder_gradient(expected), atol=1e-6)
    assert seen[0].dropped == ("senter",) and set(seen[0].norms) == {"tagger"}
    assert numpy.isfinite(losses[ENCODER])


@pytest.mark.filterwarnings("ignore:.*MTL-W403")
def test_many_in_a_row_stop_the_training():
    nlp = build(heads=("tagger", "senter"))
    spoiler = Spoiler(nlp, "senter")
    for i in range(60):
        # one good batch in twenty is enough to go on
        spoiler.is_on = i % 20 != 0
        nlp.update(make_examples(nlp), sgd=False)
    spoiler.is_on = True
    with pytest.raises(ValueError, match="MTL-E416.*'senter'.*20 batches.*'tok2vec'"):
        for _ in range(20):
            nlp.update(make_examples(nlp), sgd=False)


def test_state_goes_on_where_it_was():
    """A training that is saved, loaded and gone on with moves the balancer as one that never stopped."""
    block = {"@misc": "spacy-mtl.GradNorm.v1"}
    whole, first = (build(heads=("tagger", "senter"), balancer=block) for _ in range(2))
    train(whole, [make_examples(whole)] * 2, optimizer=Adam(0.0))
    train(first, [make_examples(first)], optimizer=Adam(0.0))
    second = spacy.util.load_model_from_config(first.config, auto_fill=True)
    second.from_bytes(first.to_bytes())
    train(second, [make_examples(second)], optimizer=Adam(0.0))
    balancers = [nlp.get_pipe(ENCODER).balancer for nlp in (whole, first, second)]
    assert balancers[2].get_state() == balancers[0].get_state() != balancers[1].get_state()
    assert min(balancers[0].weights.values()) < 1 < max(balancers[0].weights.values())
