"""Both levels of a balancer in real pipelines: the same sum, one encoder pass a task, and every method at work."""

import pickle

import numpy
import pytest
import spacy
from spacy.util import fix_random_seed
from thinc.api import Model

from spacy_mtl.balancing.balancer import Balancer
from spacy_mtl.balancing.task_weights import add_weighted
from spacy_mtl.balancing.weighted import Weighted
from spacy_mtl.pipeline.tok2vec.parameter_gradients import ParameterGradients

from ...balancing.methods import ALL, make, params
from ..shared_encoder import (
    ENCODER,
    ENCODER_MODEL,
    HEADS,
    LISTENER,
    OURS,
    STOCK,
    WIDTH,
    build,
    encoder_gradient,
    fill_zeros,
    make_examples,
    parameters,
    train,
)

EMBED = {
    "@architectures": "spacy-mtl.MultiHashEmbed.v1",
    "width": WIDTH,
    "attrs": ["NORM"],
    "rows": [100],
    "include_static_vectors": False,
    "word_dropout": 0.2,
}
TORCH = {
    "rnn": {"@architectures": "spacy-mtl.RNNEncoder.v1", "width": WIDTH, "depth": 2, "cell": "rnn"},
    "gru": {"@architectures": "spacy-mtl.RNNEncoder.v1", "width": WIDTH, "depth": 2, "cell": "gru"},
    "lstm": {"@architectures": "spacy-mtl.RNNEncoder.v1", "width": WIDTH, "depth": 2, "cell": "lstm"},
    "bilstm": {"@architectures": "spacy.TorchBiLSTMEncoder.v1", "width": WIDTH, "depth": 2, "dropout": 0.0},
    "transformer": {"@architectures": "spacy-mtl.TransformerEncoder.v1", "width": WIDTH, "depth": 1, "window": 4,
                    "overlap": 2},
}  # fmt: skip


@pytest.fixture
def encoder_block(request, tmp_path):
    """The model block of an encoder, by its name."""
    if request.param == "cnn":
        return ENCODER_MODEL
    pytest.importorskip("torch")
    if request.param.startswith("pretrained"):
        pytest.importorskip("spacy_transformers")
        from ...encoders.pretrained.tiny_transformer import encoder_config, stock_config, write_bert

        config = stock_config if request.param == "pretrained stock" else encoder_config
        return config(write_bert(tmp_path / "bert"))
    return {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED, "encode": TORCH[request.param]}


class ParameterSum(Balancer):
    """Adds up at the level of the parameters, and keeps what it was given."""

    level = "parameters"

    def __init__(self):
        super().__init__()
        self.seen = []
        self.reports = []

    def __call__(self, gradients, report):
        self.seen.append({name: rows.copy() for name, rows in gradients.items()})
        self.reports.append(report)
        self.last_weights = dict.fromkeys(gradients, 1.0)
        return add_weighted(gradients, self.last_weights)


def all_gradients(nlp):
    return ParameterGradients(nlp.get_pipe(ENCODER).model).take()[0]


def build_with(model, encoder=OURS):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe(encoder, name=ENCODER, config={"model": model})
    for name in ("tagger", "textcat_multilabel"):
        nlp.add_pipe(name, config=HEADS[name])
    nlp.add_pipe("mtl_ner", config={"model": {"@architectures": "spacy-mtl.CRFTagger.v1", "tok2vec": LISTENER}})
    nlp.initialize(lambda: make_examples(nlp))
    for name in nlp.get_pipe(ENCODER).listening_components:
        fill_zeros(nlp.get_pipe(name).model)
    return nlp


@pytest.mark.parametrize("encoder_block", ["cnn", *TORCH, "pretrained", "pretrained stock"], indirect=True)
def test_sum_is_that_of_stock_tok2vec_at_both_levels(encoder_block):
    gradients, norms = {}, []
    for level in ("stock", "representation", "parameters"):
        nlp = build_with(encoder_block, STOCK if level == "stock" else OURS)
        if level != "stock":
            nlp.get_pipe(ENCODER).balancer = Weighted({}, 1.0, level)
            nlp.get_pipe(ENCODER).observers.append(lambda seen: norms.append(seen.norms))
        fix_random_seed(0)
        nlp.update(make_examples(nlp), sgd=False, drop=0.2)
        gradients[level] = all_gradients(nlp)
    largest = numpy.abs(gradients["stock"]).max()
    assert largest > 1e-3
    for of_level in norms:
        assert set(of_level) == {"tagger", "textcat_multilabel", "mtl_ner"} and min(of_level.values()) > 1e-3
    for level in ("representation", "parameters"):
        numpy.testing.assert_allclose(gradients[level], gradients["stock"], atol=1e-5 * largest, err_msg=level)


def test_rows_are_what_each_task_alone_would_give():
    nlp = build(heads=("tagger", "ner"))
    balancer = nlp.get_pipe(ENCODER).balancer = ParameterSum()
    nlp.update(make_examples(nlp), sgd=False)
    rows = balancer.seen[0]
    assert sorted(rows) == ["ner", "tagger"]
    for name, leave_out in (("tagger", "entities"), ("ner", "tags")):
        alone = build(heads=("tagger", "ner"))
        alone.update(make_examples(alone, leave_out=[leave_out]), sgd=False)
        alone.get_pipe(ENCODER).close_batch()
        numpy.testing.assert_allclose(rows[name], [all_gradients(alone)], rtol=1e-4, atol=1e-6)


def test_task_without_annotation_is_absent():
    nlp = build(heads=("tagger", "textcat_multilabel"))
    balancer = nlp.get_pipe(ENCODER).balancer = ParameterSum()
    train(nlp, [make_examples(nlp, leave_out=["tags"])])
    assert [sorted(rows) for rows in balancer.seen] == [["textcat_multilabel"]]


def test_gradients_accumulate():
    once, thrice = (build(heads=("tagger", "senter")) for _ in range(2))
    for nlp, times in ((once, 1), (thrice, 3)):
        nlp.get_pipe(ENCODER).balancer = ParameterSum()
        for _ in range(times):
            nlp.update(make_examples(nlp), sgd=False)
    numpy.testing.assert_allclose(encoder_gradient(thrice), 3 * encoder_gradient(once), rtol=1e-4, atol=1e-5)


def test_trains_as_the_sum_does():
    one, other = build(heads=("tagger", "ner")), build(heads=("tagger", "ner"))
    other.get_pipe(ENCODER).balancer = ParameterSum()
    for nlp in (one, other):
        train(nlp, [make_examples(nlp)] * 5, accumulate=2, drop=0.1)
    numpy.testing.assert_allclose(parameters(other), parameters(one), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("encoder_block", ["bilstm"], indirect=True)
def test_torch_encoders_of_thinc_train_as_the_sum_does(encoder_block):
    """Their graph is freed by a backward pass, unless they are told to keep it."""
    trained = []
    for level in ("representation", "parameters"):
        nlp = build_with(encoder_block)
        nlp.get_pipe(ENCODER).balancer = Weighted({}, 1.0, level)
        before = parameters(nlp)
        train(nlp, [make_examples(nlp)] * 3, accumulate=2, drop=0.1)
        assert numpy.abs(parameters(nlp) - before).max() > 1e-2
        # nothing that was put into them for it stays behind
        trained.append(pickle.loads(pickle.dumps(nlp)))
    numpy.testing.assert_allclose(parameters(trained[1]), parameters(trained[0]), rtol=1e-3, atol=1e-4)


def test_a_layer_of_another_framework():
    class Shim:
        _model = None

    model = Model("odd", lambda model, X, is_train: (X, lambda dX: dX), shims=[Shim()])
    with pytest.raises(ValueError, match="MTL-E406.*'odd'.*Shim"):
        ParameterGradients(model)


def test_take_and_put_are_inverse():
    nlp = build(heads=("tagger",))
    nlp.update(make_examples(nlp), sgd=False)
    gradients = ParameterGradients(nlp.get_pipe(ENCODER).model)
    row = gradients.take()
    assert not encoder_gradient(nlp).any()
    gradients.put(2 * row)
    assert (gradients.take() == 2 * row).all()


def make_balancer(method, level):
    settings = {} if method == "Sum" else {"level": level}
    if method == "Weighted":
        settings["weights"] = {"ner": 2.0}
    return make(method, **settings)


@pytest.mark.parametrize("level", ["representation", "parameters"])
@pytest.mark.parametrize("method", params(ALL))
def test_every_method_trains(method, level):
    heads = ("tagger", "ner", "textcat_multilabel")
    nlp = build(heads=heads)
    balancer = nlp.get_pipe(ENCODER).balancer = make_balancer(method, level)
    before = parameters(nlp)
    absent = [[], ["tags"], ["entities", "cats"], []]
    losses = train(nlp, [make_examples(nlp, leave_out=leave_out) for leave_out in absent])
    after = parameters(nlp)
    assert numpy.isfinite(after).all() and numpy.abs(after - before).max() > 1e-3
    assert all(numpy.isfinite(loss) for loss in losses.values())
    again = build(heads=heads, initialize=False)
    again.get_pipe(ENCODER).balancer = make_balancer(method, level)
    again.from_bytes(nlp.to_bytes())
    assert again.get_pipe(ENCODER).balancer.get_state() == balancer.get_state()


@pytest.mark.parametrize("level, passes", [("representation", 1), ("parameters", 2)])
def test_one_backward_pass_a_task_at_the_level_of_the_parameters(level, passes):
    nlp = build(heads=("tagger", "ner", "textcat_multilabel"))
    encoder = nlp.get_pipe(ENCODER)
    encoder.balancer = Weighted({}, 1.0, level)
    encode, counted = encoder.model._func, []

    def counting(model, X, is_train):
        Y, backprop = encode(model, X, is_train)
        return Y, lambda dY: (counted.append(1), backprop(dY))[1]

    encoder.model._func = counting
    nlp.update(make_examples(nlp, leave_out=["tags"]), sgd=False)
    encoder.close_batch()
    assert len(counted) == passes
