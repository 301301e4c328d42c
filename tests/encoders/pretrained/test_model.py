"""Pretrained transformers are loaded with advice and trained at rates of their own."""

import copy
import os
import shutil
import warnings

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from thinc.api import SGD, Adam, ArgsKwargs, Linear

torch = pytest.importorskip("torch")
pytest.importorskip("spacy_transformers")

from spacy_transformers.data_classes import HFObjects  # noqa: E402
from spacy_transformers.layers.hf_shim import HFShim  # noqa: E402
from transformers import (  # noqa: E402
    AlbertConfig,
    AutoModel,
    BertConfig,
    DebertaV2Config,
    DistilBertConfig,
    GPT2Config,
    RobertaConfig,
)

from spacy_mtl.encoders.pretrained.fine_tuning import FineTunedShim  # noqa: E402
from spacy_mtl.encoders.pretrained.levels import find_levels  # noqa: E402
from spacy_mtl.encoders.pretrained.model import (  # noqa: E402
    check_alignment,
    count_positions,
    get_transformer,
    load_transformer,
    tune,
)
from spacy_mtl.encoders.pretrained.tokenizer import load_tokenizer  # noqa: E402
from spacy_mtl.encoders.pretrained.tuning import FineTuning  # noqa: E402

from .tiny_transformer import (  # noqa: E402
    POSITIONS,
    SIZES,
    WIDTH,
    get_shim,
    get_weights,
    make_stock,
    write_bert,
    write_roberta,
)

VOCAB = 30
NAMED = {"vocab_size": VOCAB, **SIZES}
# for each architecture the beginnings of its parameters' names, by level
ARCHITECTURES = {
    "bert": (
        BertConfig(**{**NAMED, "num_hidden_layers": 12}),
        [["embeddings."], *([f"encoder.layer.{i}."] for i in range(11)), ["encoder.layer.11.", "pooler."]],
    ),
    "roberta": (
        RobertaConfig(**NAMED),
        [["embeddings."], ["encoder.layer.0."], ["encoder.layer.1.", "pooler."]],
    ),
    "distilbert": (
        DistilBertConfig(vocab_size=VOCAB, dim=WIDTH, hidden_dim=32, n_heads=2, n_layers=3, dropout=0.0,
                         attention_dropout=0.0, initializer_range=0.4),
        [["embeddings."], ["transformer.layer.0."], ["transformer.layer.1."], ["transformer.layer.2."]],
    ),
    "gpt2": (
        GPT2Config(vocab_size=VOCAB, n_embd=WIDTH, n_head=2, n_layer=2, n_positions=POSITIONS, embd_pdrop=0.0,
                   attn_pdrop=0.0, resid_pdrop=0.0, initializer_range=0.4),
        [["wte.", "wpe."], ["h.0."], ["h.1.", "ln_f."]],
    ),
    "albert": (
        AlbertConfig(**{**NAMED, "num_hidden_groups": 2, "embedding_size": 8}),
        [
            ["embeddings.", "encoder.embedding_hidden_mapping_in."],
            ["encoder.albert_layer_groups.0."],
            ["encoder.albert_layer_groups.1.", "pooler."],
        ],
    ),
    "deberta": (
        DebertaV2Config(**{**NAMED, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]}),
        [["embeddings."], ["encoder.layer.0."], ["encoder.layer.1.", "encoder.rel_embeddings."]],
    ),
}  # fmt: skip
DOC = Doc(spacy.blank("en").vocab, words=["Mira", "paints", "abc", "boats"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("pretrained_model") / "bert")


@pytest.fixture
def load(folder):
    def loaded(tuning=None, **settings):
        model = make_stock(folder, **settings)
        tune(model, tuning or FineTuning())
        model.initialize()
        return model

    return loaded


def wrap(config, tuning):
    """A transformer of an architecture, with random weights, behind a shim."""
    torch.manual_seed(0)
    module = AutoModel.from_config(config)
    return FineTunedShim(HFShim(HFObjects(None, module, None)), tuning), module


def backpropagate(shim, seed=0):
    """A forward and a backward pass over random wordpieces."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(5, VOCAB, (3, 9), generator=generator)
    output, backprop = shim.begin_update(ArgsKwargs(args=(), kwargs={"input_ids": ids}))
    gradient = torch.randn(output.last_hidden_state.shape, generator=generator)
    backprop(ArgsKwargs(args=((output.last_hidden_state,),), kwargs={"grad_tensors": (gradient,)}))
    return output.last_hidden_state.detach()


def read(module):
    return {name: parameter.detach().numpy().copy() for name, parameter in module.named_parameters()}


def read_gradients(module):
    return {name: p.grad.numpy().copy() for name, p in module.named_parameters() if p.grad is not None}


def find_changed(before, after):
    return {name for name in before if not numpy.array_equal(before[name], after[name])}


def step(model, optimizer, docs=(DOC,)):
    vectors, backprop = model.begin_update(list(docs))
    backprop([numpy.cos(numpy.arange(of_doc.size)).reshape(of_doc.shape).astype("float32") for of_doc in vectors])
    model.finish_update(optimizer)


@pytest.mark.parametrize("config, beginnings", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_levels_of_known_architectures(config, beginnings):
    names = [name for name, _ in AutoModel.from_config(config).named_parameters()]
    found = find_levels(names)
    assert list(found) == names
    for level, of_level in enumerate(beginnings):
        for beginning in of_level:
            assert {found[name] for name in names if name.startswith(beginning)} == {level}
    known = tuple(beginning for of_level in beginnings for beginning in of_level)
    rest = {found[name] for name in names if not name.startswith(known)}
    assert rest <= {len(beginnings) - 1}, "what is not named here comes after the layers"


def test_levels_of_names_without_layers():
    assert find_levels([]) == {}
    assert find_levels(["embed.weight", "player.weight"]) == {"embed.weight": 0, "player.weight": 0}
    assert find_levels(["layer.weight", "mylayer.3.weight"]) == {"layer.weight": 0, "mylayer.3.weight": 0}


@pytest.mark.parametrize("config, beginnings", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_each_layer_learns_at_its_rate(config, beginnings):
    shim, module = wrap(config, FineTuning(learn_rate_factor=0.5, layer_decay=0.7))
    before = read(module)
    backpropagate(shim)
    gradients = read_gradients(module)
    shim.finish_update(SGD(0.1, L2=0.0, grad_clip=0.0, use_averages=False))
    changed = find_changed(before, read(module))
    for level, of_level in enumerate(beginnings):
        names = [name for name in gradients if name.startswith(tuple(of_level))]
        assert changed & set(names), f"level {level} learns"
        rate = 0.1 * 0.5 * 0.7 ** (len(beginnings) - 1 - level)
        for name in names:
            expected = before[name] - rate * gradients[name]
            numpy.testing.assert_allclose(read(module)[name], expected, rtol=1e-5, atol=1e-6)
    assert not read_gradients(module) or all(not g.any() for g in read_gradients(module).values())


def test_rates_scale_the_steps_of_adam():
    shim, module = wrap(ARCHITECTURES["roberta"][0], FineTuning(learn_rate_factor=0.2, layer_decay=0.5))
    before = read(module)
    backpropagate(shim)
    shim.finish_update(Adam(0.01, L2=0.0, grad_clip=0.0, use_averages=False))
    after = read(module)
    for level, beginning in enumerate(["embeddings.word", "encoder.layer.0.", "encoder.layer.1."]):
        steps = [abs(after[name] - before[name]).max() for name in before if name.startswith(beginning)]
        # Adam's first step is as long as the rate
        assert max(steps) == pytest.approx(0.01 * 0.2 * 0.5 ** (2 - level), rel=1e-2)


def test_plain_tuning_is_the_optimizers_own_rate():
    shim, module = wrap(ARCHITECTURES["gpt2"][0], FineTuning())
    assert {shim.get_rate(name) for name, _ in module.named_parameters()} == {1.0}


@pytest.mark.parametrize("optimizer", [SGD(0.1), Adam(0.1, L2=0.1, use_averages=False)], ids=["sgd", "adam"])
def test_factor_of_zero_freezes(optimizer):
    shim, module = wrap(ARCHITECTURES["bert"][0], FineTuning(learn_rate_factor=0.0))
    before = read(module)
    for seed in range(3):
        backpropagate(shim, seed)
        shim.finish_update(optimizer)
    assert find_changed(before, read(module)) == set()


@pytest.mark.parametrize(
    "tuning, frozen",
    [
        (FineTuning(freeze_embeddings=True), 1),
        (FineTuning(frozen_layers=1), 2),
        (FineTuning(frozen_layers=1, freeze_embeddings=True), 2),
        (FineTuning(frozen_layers=11), 12),
        (FineTuning(frozen_layers=12), 13),
        (FineTuning(frozen_layers=40), 13),
        (FineTuning(), 0),
    ],
)
def test_frozen_layers_stay_and_others_learn(tuning, frozen):
    config, beginnings = ARCHITECTURES["bert"]
    shim, module = wrap(config, tuning)
    before = read(module)
    for seed in range(2):
        backpropagate(shim, seed)
        shim.finish_update(Adam(0.01, L2=0.1))
    changed = find_changed(before, read(module))
    for level, of_level in enumerate(beginnings):
        # nothing is asked of the pooler
        names = {name for name in before if name.startswith(tuple(of_level)) and not name.startswith("pooler.")}
        assert changed & names == (names if level >= frozen else set())


def test_frozen_steps():
    config = RobertaConfig(**{**NAMED, "hidden_dropout_prob": 0.5})
    shim, module = wrap(config, FineTuning(frozen_steps=3))
    optimizer, before = Adam(0.01, L2=0.1), read(module)
    for _ in range(3):
        assert shim.is_frozen
        first, second = backpropagate(shim), backpropagate(shim)
        assert torch.equal(first, second), "no dropout"
        assert not read_gradients(module)
        shim.finish_update(optimizer)
        assert find_changed(before, read(module)) == set()
    assert not shim.is_frozen
    first, second = backpropagate(shim), backpropagate(shim)
    assert (first - second).abs().max() > 1e-3, "dropout"
    shim.finish_update(optimizer)
    unchanged = set(before) - find_changed(before, read(module))
    assert all(name.startswith("pooler.") for name in unchanged)


def test_frozen_layers_after_loading(load, tmp_path):
    model = load(FineTuning(frozen_layers=1))
    step(model, Adam(0.01))
    model.to_disk(tmp_path / "model")
    loaded = load(FineTuning(frozen_layers=1))
    step(loaded, Adam(0.1))
    loaded.from_disk(tmp_path / "model")
    before = get_weights(loaded)
    numpy.testing.assert_array_equal(loaded.predict([DOC])[0], model.predict([DOC])[0])
    step(loaded, Adam(0.01))
    changed = find_changed(before, get_weights(loaded))
    assert changed and all(name.startswith("encoder.layer.1.") for name in changed)


def test_frozen_steps_are_counted_on_after_loading(load, tmp_path):
    model = load(FineTuning(frozen_steps=2))
    step(model, Adam(0.01))
    model.to_disk(tmp_path / "model")
    loaded = load(FineTuning(frozen_steps=2)).from_disk(tmp_path / "model")
    before = get_weights(loaded)
    step(loaded, Adam(0.01))
    assert not find_changed(before, get_weights(loaded)) and not get_shim(loaded).is_frozen
    # what was learned is not frozen once more
    again = load(FineTuning(frozen_steps=2)).from_bytes(loaded.to_bytes())
    step(again, Adam(0.01))
    assert find_changed(before, get_weights(again))


def test_a_transformer_saved_without_the_count_begins_anew(load):
    model = load(FineTuning(frozen_steps=2))
    step(model, Adam(0.01))
    shim = get_shim(model)
    assert shim.from_bytes(HFShim.to_bytes(shim)).updates == 0


def test_copies_go_on_by_themselves(load):
    model = load(FineTuning(frozen_steps=2, layer_decay=0.5))
    step(model, Adam(0.01))
    before, vectors = get_weights(model), model.predict([DOC])[0]
    for copied in (model.copy(), copy.deepcopy(model)):
        assert get_shim(copied).tuning == get_shim(model).tuning
        step(copied, Adam(0.01))
        assert find_changed(before, get_weights(copied)) == set()
        step(copied, Adam(0.01))
        assert find_changed(before, get_weights(copied))
    assert get_shim(model.copy()).id != get_shim(model).id
    assert get_shim(model).is_frozen
    numpy.testing.assert_array_equal(model.predict([DOC])[0], vectors)


def test_tuning_changes_no_vectors(folder, load):
    stock = make_stock(folder)
    stock.initialize()
    expected = stock.predict([DOC])[0]
    numpy.testing.assert_array_equal(load(FineTuning(0.1, 0.9, 2, 1, True)).predict([DOC])[0], expected)


def test_counts_pieces_for_the_tokenizer_it_has(load, tmp_path):
    shim = get_shim(load())
    counter = shim.get_counter()
    assert shim.get_counter() is counter
    assert counter.count(["Mira", "abc"]).tolist() == [1, 3]
    other = make_stock(write_roberta(tmp_path / "roberta"))
    other.initialize()
    shim._hfmodel.tokenizer = get_transformer(other).tokenizer
    assert shim.get_counter().count(["Mira", "abc"]).tolist() == [5, 4]


def test_finds_the_transformer(load):
    model = load()
    node = get_transformer(model)
    assert node is get_transformer(node)
    assert node.attrs["name"] and node.transformer is get_shim(model)._model
    copied = get_transformer(model.copy())
    assert copied is not node
    assert copied.tokenizer is not node.tokenizer


def test_model_without_a_transformer():
    for use in (get_transformer, lambda model: tune(model, FineTuning())):
        with pytest.raises(ValueError, match="E412") as raised:
            use(Linear(2, 2))
        assert "'linear'" in str(raised.value)


def test_counts_positions(folder, tmp_path):
    stocks = [
        (make_stock(folder), POSITIONS),
        (make_stock(write_bert(tmp_path / "short", max_length=20)), 20),
        (make_stock(write_bert(tmp_path / "long", max_length=500)), POSITIONS),
        # the places of RoBERTa begin after the padding's
        (make_stock(write_roberta(tmp_path / "roberta")), POSITIONS - 2),
    ]
    for stock, expected in stocks:
        stock.initialize()
        assert count_positions(stock) == expected
        transformer = get_transformer(stock).transformer
        readable = min(expected, POSITIONS)
        transformer(input_ids=torch.full((1, readable), 7))
    for stock, expected in (stocks[0], stocks[3]):
        with pytest.raises((IndexError, RuntimeError)):
            get_transformer(stock).transformer(input_ids=torch.full((1, expected + 1), 7))


def test_loads_once(load):
    model = load()
    step(model, Adam(0.01))
    before = get_weights(model)
    load_transformer(model)
    assert find_changed(before, get_weights(model)) == set()


def test_mixed_precision_without_a_gpu(folder, load):
    model = make_stock(folder, mixed_precision=True)
    tune(model, FineTuning())
    with pytest.raises(ValueError, match="E413"):
        load_transformer(model)
    model.initialize()
    with warnings.catch_warnings():
        # of CUDA, which is not there
        warnings.simplefilter("error")
        found = model.predict([DOC])[0]
    numpy.testing.assert_array_equal(found, load().predict([DOC])[0])
    assert get_shim(model)._mixed_precision, "the setting is kept"
    with pytest.raises(ValueError, match="E413"):
        model.begin_update([DOC])
    with pytest.raises(ValueError, match="E413"):
        load_transformer(model)


class Scaler:
    """A gradient scaler that works without a GPU."""

    _enabled = True
    found_inf = False

    def scale(self, tensors, inplace):
        return [tensor * 64 for tensor in tensors]

    def unscale(self, tensors):
        for tensor in tensors:
            tensor /= 64
        return False

    def update(self):
        pass


def test_scaled_gradients_of_several_passes_add_up():
    found = []
    for scaler in (None, Scaler()):
        shim, module = wrap(ARCHITECTURES["roberta"][0], FineTuning(frozen_layers=1))
        shim._grad_scaler = scaler or shim._grad_scaler
        for seed in range(3):
            backpropagate(shim, seed)
        found.append(read_gradients(module))
    assert found[0] and found[0].keys() == found[1].keys()
    for name, gradient in found[0].items():
        numpy.testing.assert_allclose(found[1][name], gradient, rtol=1e-4, atol=1e-5)


def test_gradient_scaler_is_handed_on(folder):
    stock = make_stock(folder, mixed_precision=True, grad_scaler_config={"init_scale": 8.0})
    scaler = get_shim(stock)._grad_scaler
    tune(stock, FineTuning())
    assert get_shim(stock)._grad_scaler is scaler
    assert get_shim(stock)._mixed_precision


def leave_out(folder, copied, *ends):
    shutil.copytree(folder, copied)
    for file in copied.iterdir():
        if file.name.endswith(ends):
            os.remove(file)
    return copied


def spoil(folder, copied, name):
    shutil.copytree(folder, copied)
    (copied / name).write_bytes(b"{nothing")
    return copied


@pytest.mark.parametrize(
    "missing", ["folder", "config", "weights", "tokenizer", "all", "broken weights", "broken config"]
)
def test_what_cannot_be_loaded(folder, tmp_path, missing):
    path = {
        "folder": lambda: tmp_path / "missing",
        "all": lambda: leave_out(folder, tmp_path / "all", ""),
        "config": lambda: leave_out(folder, tmp_path / "config", "onfig.json"),
        "weights": lambda: leave_out(folder, tmp_path / "weights", ".safetensors"),
        "tokenizer": lambda: leave_out(folder, tmp_path / "tokenizer", "tokenizer.json", "vocab.txt"),
        "broken weights": lambda: spoil(folder, tmp_path / "weights", "model.safetensors"),
        "broken config": lambda: spoil(folder, tmp_path / "config", "config.json"),
    }[missing]()
    model = make_stock(str(path))
    with pytest.raises(ValueError, match="E414") as raised:
        load_transformer(model)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.__cause__ is not None
    if missing not in ("weights", "broken weights", "broken config"):
        with pytest.raises(ValueError, match="E414"):
            load_tokenizer(str(path))


def test_loads_a_tokenizer(folder):
    assert load_tokenizer(folder).tokenize("Mira paints") == ["mira", "paints"]


@pytest.mark.parametrize("use_fast", [True, False])
def test_words_without_pieces(folder, use_fast):
    model = make_stock(folder, tokenizer_config={"use_fast": use_fast})
    model.initialize()
    vocab = spacy.blank("en").vocab
    # BERT drops control characters
    texts = [[Doc(vocab, words=["Mira", " ", "\n", "\x01"])], [Doc(vocab, words=["\x02", "a", "b"]), DOC]]
    check_alignment(model, texts, least_share=0.75)
    with pytest.raises(ValueError, match="E415") as raised:
        check_alignment(model, texts, least_share=0.8)
    assert "2 of 9" in str(raised.value)
    assert all(repr(word) in str(raised.value) for word in ("\x01", "\x02"))
    check_alignment(model, [], least_share=1.0)
    check_alignment(model, [[Doc(vocab, words=[" ", "\n"])]], least_share=1.0)
