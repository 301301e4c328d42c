"""Low-rank adapters: what learns, what is saved, and what peft is needed for."""

import numpy
import pytest
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Adam

from spacy_mtl.encoders.pretrained import lora as lora_module
from spacy_mtl.encoders.pretrained.lora import make_lora

torch = pytest.importorskip("torch")
pytest.importorskip("spacy_transformers")
pytest.importorskip("peft")

from transformers import AutoModel  # noqa: E402

from .tiny_transformer import get_shim, get_weights, make_encoder, write_bert, write_roberta  # noqa: E402

LORA = {"@misc": "spacy-mtl.LoRA.v1", "rank": 3, "alpha": 6.0}
DOCS = [Doc(Vocab(), words=words) for words in (["Mira", "paints", "boats"], ["Otto", "sleeps", "in", "Oslo", "zq"])]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("bert"))


def make(name, **settings):
    model = make_encoder(name, **{"lora": LORA, **settings})
    model.initialize(X=DOCS)
    return model


def spread(model):
    """Give the adapters' second matrices, which begin with zeros, other values."""
    generator = torch.Generator().manual_seed(1)
    for name, weights in get_shim(model)._model.named_parameters():
        if "lora_B" in name:
            weights.data = torch.randn(weights.shape, generator=generator)
    return model


def update(model, times=1):
    optimizer = Adam(0.01)
    for _ in range(times):
        vectors, backprop = model.begin_update(DOCS)
        backprop([numpy.ones_like(rows) * numpy.arange(rows.shape[1], dtype="f") for rows in vectors])
        model.finish_update(optimizer)
    return model


def joined(model):
    return numpy.concatenate(model.predict(DOCS))


@pytest.mark.parametrize("write", [write_bert, write_roberta])
def test_training_begins_with_the_transformer_as_it_is(write, tmp_path):
    name = write(tmp_path)
    found, expected = make(name), make(name, lora=None)
    numpy.testing.assert_allclose(joined(found), joined(expected), atol=1e-5)
    assert get_shim(found).is_packed


def test_only_adapters_learn(bert):
    model = make(bert)
    before = get_weights(model)
    after = get_weights(update(model, 2))
    moved = {name for name in before if not numpy.array_equal(before[name], after[name])}
    assert moved == {name for name in before if ".lora_" in name}
    assert len(moved) == 8
    # of two layers the higher one
    model = make(bert, frozen_layers=1)
    learning = {name for name, weights in get_shim(model)._model.named_parameters() if weights.requires_grad}
    assert learning == {name for name in moved if "layer.1." in name}


def test_gradients_are_those_of_the_whole_matrices_led_through_the_factors(bert):
    """W + s B A: the gradient of B is s dW A^T, that of A is s B^T dW, with dW of the merged transformer."""
    model = spread(make(bert))
    merged = make(bert, lora=None)
    get_shim(merged)._model.load_state_dict(get_shim(model)._model.state_dict())
    gradients = []
    for one in (model, merged):
        vectors, backprop = one.begin_update(DOCS)
        weights = numpy.random.default_rng(0)
        backprop([weights.normal(size=rows.shape).astype("f") for rows in vectors])
        named = get_shim(one)._model.named_parameters()
        gradients.append({name: part.grad.numpy() for name, part in named if part.grad is not None})
    found, whole = gradients
    values = get_weights(model)
    assert len(found) == 8
    for name in (name for name in values if name.endswith("lora_A.default.weight")):
        layer = name[: -len(".lora_A.default.weight")]
        other = f"{layer}.lora_B.default.weight"
        d_matrix = whole[f"{layer}.weight"]
        numpy.testing.assert_allclose(found[other], 2.0 * d_matrix @ values[name].T, rtol=1e-3, atol=1e-4)
        numpy.testing.assert_allclose(found[name], 2.0 * values[other].T @ d_matrix, rtol=1e-3, atol=1e-4)


def test_the_sums_are_saved_and_read_without_peft(bert, tmp_path, monkeypatch):
    model = spread(make(bert))
    expected = joined(model)
    assert numpy.abs(expected - joined(make(bert, lora=None))).max() > 0.1
    saved = model.to_bytes()
    assert b"lora_" not in saved
    # what is saved is not changed by that
    assert numpy.array_equal(joined(model), expected)
    with monkeypatch.context() as patch:
        patch.setattr(lora_module, "find_spec", lambda name: None)
        for settings in ({}, {"lora": None}):
            loaded = make_encoder(bert, **{"lora": LORA, **settings}).from_bytes(saved)
            numpy.testing.assert_allclose(joined(loaded), expected, atol=1e-5)
        with pytest.raises(ImportError, match="MTL-E444"):
            make_encoder(bert, lora=LORA).from_bytes(saved).begin_update(DOCS)
    # trained on, it begins with new adapters
    loaded = make_encoder(bert, lora=LORA).from_bytes(saved)
    numpy.testing.assert_allclose(numpy.concatenate(loaded.begin_update(DOCS)[0]), expected, atol=1e-5)
    assert numpy.abs(joined(update(loaded, 2)) - expected).max() > 1e-3
    get_shim(model)._model.save_pretrained(tmp_path)
    exported, own = AutoModel.from_pretrained(tmp_path).state_dict(), get_shim(model)._model.state_dict()
    assert exported.keys() == own.keys()
    assert all(torch.equal(value, exported[name]) for name, value in own.items())


def test_a_copy_keeps_its_adapters(bert):
    model = spread(make(bert))
    copied = model.copy()
    assert numpy.array_equal(joined(copied), joined(model))
    expected = joined(model)
    update(copied)
    assert numpy.array_equal(joined(model), expected) and not numpy.array_equal(joined(copied), expected)
    assert b"lora_" not in copied.to_bytes()


def test_bfloat16_predicts_with_the_sums(bert):
    model = spread(make(bert))
    exact, shim = joined(model), get_shim(model)
    shim.tuning = shim.tuning._replace(precision="bfloat16")
    reduced = joined(model)
    assert 0 < numpy.abs(reduced - exact).max() < 0.1
    names = [name for name, _ in shim._copy[1].named_parameters()]
    assert names == [name for name, _ in get_shim(make(bert, lora=None))._model.named_parameters()]


def test_targets(bert):
    model = make(bert, lora={**LORA, "targets": ["attention.output.dense"]})
    adapted = {name.partition(".lora_")[0] for name in get_weights(model) if ".lora_" in name}
    assert adapted == {f"encoder.layer.{i}.attention.output.dense" for i in range(2)}
    with pytest.raises(ValueError, match="MTL-E445.*nothing"):
        make(bert, lora={**LORA, "targets": ["nothing"]})


def test_peft_is_missing(bert, monkeypatch):
    monkeypatch.setattr(lora_module, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="MTL-E444"):
        make(bert)


@pytest.mark.parametrize("settings", [{"rank": 0}, {"alpha": 0.0}, {"dropout": 1.0}, {"targets": []}])
def test_settings_out_of_range(settings):
    with pytest.raises(ValueError, match=f"MTL-E409.*{list(settings)[0]}"):
        make_lora(**settings)
