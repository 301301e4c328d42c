import re
import warnings

import numpy
import pytest
import spacy
from spacy.cli.train import train as spacy_train
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from thinc.api import Config

from spacy_mtl.pipeline.textcat.component import MultiTaskTextCategorizer

from .examples import (
    BOW,
    LISTENING,
    MODEL,
    TEXTS,
    WEATHER,
    assert_same_cats,
    cats_of,
    initialized,
    make_examples,
    make_nlp,
    train,
)


def test_add_pipe_with_defaults():
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("mtl_textcat")
    assert isinstance(pipe, MultiTaskTextCategorizer)
    assert pipe.exclusive and pipe.labels == ()
    assert nlp.get_pipe_meta("mtl_textcat").assigns == ["doc.cats"]
    assert nlp.config["components"]["mtl_textcat"]["model"]["@architectures"] == "spacy-mtl.TextCat.v1"


def test_default_model_learns():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_textcat")
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    assert train(nlp, examples, optimizer, 10)["mtl_textcat"] < 1.0


def test_not_initialized():
    with pytest.raises(ValueError, match="MTL-E303"):
        make_nlp()("Snow")
    with pytest.raises(ValueError, match="MTL-E303"):
        make_nlp(labels=["cold", "warm"])("Snow")


@pytest.mark.parametrize("listening", [False, True])
@pytest.mark.parametrize("exclusive", [True, False])
def test_overfitting_and_round_trips(tmp_path, exclusive, listening):
    nlp, examples, optimizer = initialized(exclusive=exclusive, listening=listening)
    first = nlp.update(examples, losses={})["genre"]
    assert train(nlp, examples, optimizer)["genre"] < 0.05 * first
    expected = cats_of(nlp, TEXTS)
    for cats, (_, gold) in zip(expected, WEATHER):
        assert cats == pytest.approx(gold, abs=0.1)
    nlp.to_disk(tmp_path)
    assert_same_cats(cats_of(spacy.load(tmp_path), TEXTS), expected)
    blank = make_nlp(exclusive=exclusive, listening=listening)
    assert_same_cats(cats_of(blank.from_bytes(nlp.to_bytes()), TEXTS), expected)
    assert blank.get_pipe("genre").labels == ("cold", "warm")


def test_processes_agree():
    nlp, examples, optimizer = initialized(listening=True)
    train(nlp, examples, optimizer, 5)
    alone = cats_of(nlp, TEXTS)
    assert_same_cats([doc.cats for doc in nlp.pipe(TEXTS, n_process=2, batch_size=3)], alone)


@pytest.mark.parametrize("listening", [False, True])
def test_batch_equals_single(listening):
    nlp, examples, optimizer = initialized(listening=listening)
    train(nlp, examples, optimizer, 5)
    assert_same_cats([nlp(text).cats for text in TEXTS], cats_of(nlp, TEXTS))


@pytest.mark.parametrize("exclusive", [True, False])
def test_docs_without_tokens_get_zeros(exclusive):
    nlp, examples, optimizer = initialized(exclusive=exclusive)
    train(nlp, examples, optimizer, 5)
    assert nlp("").cats == {"cold": 0.0, "warm": 0.0}
    assert [doc.cats for doc in nlp.pipe(["", ""])] == [{"cold": 0.0, "warm": 0.0}] * 2
    for text in ("Snow", " ", "\t\n"):
        cats = nlp(text).cats
        assert all(0 < value < 1 for value in cats.values())
        if exclusive:
            assert sum(cats.values()) == pytest.approx(1)


@pytest.mark.parametrize("linear_model", [None, BOW])
def test_docs_without_tokens_in_training_change_nothing(linear_model):
    with_empty = [("", {"cold": 1.0, "warm": 0.0}), *WEATHER]
    losses, weights = [], []
    for data in (WEATHER, with_empty):
        nlp, _, optimizer = initialized(WEATHER, model={**LISTENING, "linear_model": linear_model}, listening=True)
        losses.append(train(nlp, make_examples(nlp, data), optimizer, 1)["genre"])
        weights.append(nlp.get_pipe("genre").model.get_ref("output_layer").get_param("b"))
    assert losses[0] == pytest.approx(losses[1])
    numpy.testing.assert_allclose(*weights, rtol=1e-4)
    only_empty = make_examples(nlp, with_empty[:1])
    assert nlp.update(only_empty, sgd=optimizer, losses={})["genre"] == 0.0


def test_equal_scores_without_examples_of_the_task():
    nlp, _, _ = initialized(listening=True)
    open_examples = make_examples(nlp, [(text, {}) for text, _ in WEATHER])
    losses = nlp.update(open_examples, sgd=None, losses={})
    assert losses["genre"] == 0.0
    for component in ("tok2vec", "genre"):
        for node in nlp.get_pipe(component).model.walk():
            for param in node.param_names:
                assert not node.has_grad(param) or not node.get_grad(param).any()


@pytest.mark.parametrize("exclusive", [True, False])
def test_masked_labels_have_exactly_no_gradient(exclusive):
    nlp, _, _ = initialized(exclusive=exclusive)
    pipe = nlp.get_pipe("genre")
    data = [("Snow", {}), ("Sun", {"other": 1.0}), ("Ice", {"cold": 1.0}), ("Heat", {"cold": 0.0})]
    examples = make_examples(nlp, data)
    scores = numpy.random.default_rng(0).normal(size=(4, 2)).astype("f")
    loss, gradient = pipe.get_loss(examples, scores)
    assert loss > 0
    assert (gradient[:2] == 0).all()
    assert gradient[2, 0] < 0 < gradient[3, 0]
    if exclusive:
        # With one of two labels excluded, the other must be true.
        numpy.testing.assert_allclose(gradient[2:].sum(axis=1), 0, atol=1e-6)
        closed = make_examples(nlp, [("Heat", {"cold": 0.0, "warm": 1.0})])
        numpy.testing.assert_allclose(pipe.get_loss(closed, scores[3:])[1], gradient[3:], atol=1e-6)
    else:
        assert (gradient[:, 1] == 0).all()


def test_soft_values_are_learnt_as_probabilities():
    data = [("Snow melts", {"cold": 0.75, "warm": 0.25})]
    nlp, examples, optimizer = initialized(data)
    train(nlp, examples, optimizer, 100)
    assert nlp("Snow melts").cats == pytest.approx({"cold": 0.75, "warm": 0.25}, abs=0.02)


@pytest.mark.parametrize("exclusive", [True, False])
def test_gradient_of_the_model_equals_finite_differences(exclusive):
    data = [*WEATHER[:2], ("Fog", {"cold": 0.0}), ("Rain", {})]
    nlp, examples, optimizer = initialized(data, exclusive=exclusive)
    train(nlp, examples, optimizer, 3)
    pipe = nlp.get_pipe("genre")
    output = pipe.model.get_ref("output_layer")
    scores, backprop = pipe.begin_update(examples)
    _, d_scores = pipe.get_loss(examples, scores)
    backprop(d_scores)
    for name in ("W", "b"):
        values, gradient = output.get_param(name).copy(), output.get_grad(name)
        for index in list(numpy.ndindex(*values.shape))[:12]:
            losses = []
            for sign in (1, -1):
                moved = values.copy()
                moved[index] += sign * 1e-2
                output.set_param(name, moved)
                losses.append(pipe.get_loss(examples, pipe.begin_update(examples)[0])[0])
            assert gradient[index] == pytest.approx((losses[0] - losses[1]) / 2e-2, abs=2e-3)
        output.set_param(name, values)


def test_stock_listener_and_stock_head_beside_it():
    nlp = make_nlp(listening=True)
    nlp.add_pipe("tagger", config={"model": {"tok2vec": LISTENING["tok2vec"]}})
    examples = make_examples(nlp)
    for example in examples:
        for token in example.reference:
            token.tag_ = "long" if len(token) > 4 else "short"
    optimizer = nlp.initialize(lambda: examples)
    before = [p.copy() for p in _parameters(nlp, "tok2vec")]
    losses = train(nlp, examples, optimizer)
    assert losses["genre"] < 0.1
    assert any((a != b).any() for a, b in zip(before, _parameters(nlp, "tok2vec")))


def _parameters(nlp: Language, name: str):
    return [node.get_param(param) for node in nlp.get_pipe(name).model.walk() for param in node.param_names]


def test_own_linear_model_from_a_config():
    nlp, examples, optimizer = initialized(model={**MODEL, "linear_model": BOW, "hidden_width": 8})
    assert train(nlp, examples, optimizer)["genre"] < 0.1
    expected = cats_of(nlp, TEXTS)
    assert_same_cats([nlp(text).cats for text in TEXTS], expected)
    blank = make_nlp(model={**MODEL, "linear_model": BOW, "hidden_width": 8})
    assert_same_cats(cats_of(blank.from_bytes(nlp.to_bytes()), TEXTS), expected)


def test_spacy_train_with_scores_of_the_component(tmp_path, capsys):
    nlp = make_nlp(listening=True)
    for name in ("train", "dev"):
        docs = [example.reference for example in make_examples(nlp)]
        extra = Doc(nlp.vocab, words=["Fog"])
        extra.cats = {"mild": 1.0} if name == "dev" else {}
        DocBin(docs=[*docs, extra], store_user_data=False).to_disk(tmp_path / f"{name}.spacy")
    config = Config(nlp.config).merge(
        {
            "paths": {"train": str(tmp_path / "train.spacy"), "dev": str(tmp_path / "dev.spacy")},
            "training": {
                "max_steps": 30,
                "eval_frequency": 15,
                "score_weights": {"genre_acc": 1.0, "cats_score": None},
                "logger": {"@loggers": "spacy-mtl.ConsoleLogger.v1", "progress_bar": None},
            },
        }
    )
    config.to_disk(tmp_path / "config.cfg")
    spacy_train(tmp_path / "config.cfg", tmp_path / "out")
    printed = capsys.readouterr().out
    headings = re.search(r"rate: .*?\n(.*?)\n *0  ", printed, re.DOTALL).group(1)
    assert "genre" in headings and "acc" in headings and "cats" not in headings
    best = spacy.load(tmp_path / "out" / "model-best")
    # the label that training never had is missed
    assert best.meta["performance"]["genre_acc"] == pytest.approx(4 / 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert best("Snow falls on the quiet hills").cats["cold"] > 0.5
