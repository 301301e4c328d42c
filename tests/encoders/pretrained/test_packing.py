"""Passages in one row are read as each by itself."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

torch = pytest.importorskip("torch")
pytest.importorskip("spacy_transformers")

from thinc.api import ArgsKwargs  # noqa: E402
from transformers import (  # noqa: E402
    AutoModel,
    BertConfig,
    CamembertConfig,
    DistilBertConfig,
    GPT2Config,
    RobertaConfig,
    XLMRobertaConfig,
)

from spacy_mtl.encoders.pretrained.packing import (  # noqa: E402
    PackedReading,
    can_pack,
    find_first_position,
    make_pack,
    pack_inputs,
    unpack_output,
)

from .tiny_transformer import SIZES  # noqa: E402

VOCAB = 30
# together more than a model has positions
LENGTHS = [20, 9, 4, 12, 20, 2, 15]
NAMED = {"vocab_size": VOCAB, "max_position_embeddings": 24, **SIZES}
PACKED = {
    "bert": BertConfig(**NAMED),
    "roberta": RobertaConfig(**NAMED),
    "xlm-roberta": XLMRobertaConfig(**NAMED),
    "camembert": CamembertConfig(**NAMED),
}
NOT_PACKED = {
    "decoder": BertConfig(**NAMED, is_decoder=True),
    "hidden states": BertConfig(**NAMED, output_hidden_states=True),
    "attention in the open": BertConfig(**NAMED),
    "relative positions": BertConfig(**NAMED, position_embedding_type="relative_key"),
    "gpt2": GPT2Config(vocab_size=VOCAB, n_embd=16, n_head=2, n_layer=2, n_positions=24),
    "distilbert": DistilBertConfig(vocab_size=VOCAB, dim=16, hidden_dim=32, n_heads=2, n_layers=2),
}


def make_module(config, attention="sdpa"):
    torch.manual_seed(0)
    return AutoModel.from_config(config, attn_implementation=attention).eval()


def make_mask(lengths):
    return (numpy.arange(max(lengths)) < numpy.asarray(lengths)[:, None]).astype("float32")


def make_inputs(lengths=LENGTHS, seed=0):
    mask = torch.from_numpy(make_mask(lengths))
    # 0 and 1 are padding, in some of the models
    ids = torch.randint(5, VOCAB, mask.shape, generator=torch.Generator().manual_seed(seed))
    return ArgsKwargs(args=(), kwargs={"input_ids": torch.where(mask > 0, ids, 1), "attention_mask": mask})


def read_packed(module, inputs):
    pack = make_pack(inputs.kwargs["attention_mask"].numpy())
    packed = pack_inputs(inputs, pack, find_first_position(module))
    with PackedReading(pack):
        return unpack_output(module(**packed.kwargs), pack).last_hidden_state


def read_padded(module, inputs):
    return module(**inputs.kwargs).last_hidden_state


def read_alone(module, inputs):
    lengths = inputs.kwargs["attention_mask"].sum(dim=1).int().tolist()
    return [
        module(input_ids=ids[None, :length]).last_hidden_state[0]
        for ids, length in zip(inputs.kwargs["input_ids"], lengths)
    ]


@given(arrays("int64", st.integers(1, 30), elements=st.integers(1, 90)))
def test_every_wordpiece_has_a_slot(lengths):
    mask = make_mask(lengths)
    pack = make_pack(mask)
    rows, slots = pack.rows.numpy(), pack.slots.numpy()
    places = numpy.arange(mask.size).reshape(mask.shape)
    numpy.testing.assert_array_equal(slots[rows][mask > 0], places[mask > 0])
    positions = numpy.broadcast_to(numpy.arange(mask.shape[1]), mask.shape)
    numpy.testing.assert_array_equal(pack.positions.numpy()[rows][mask > 0], positions[mask > 0])
    assert rows.max() < len(slots) == sum(passages * length for passages, length in pack.shapes)
    for (passages, length), known in zip(pack.shapes, pack.masks):
        assert known is None or known.shape == (passages, 1, 1, length)
    filled = sum(passages * length if known is None else int(known.sum()) for (passages, length), known in zip(
        pack.shapes, pack.masks))  # fmt: skip
    assert filled == lengths.sum()


@pytest.mark.parametrize("mask", [
    numpy.zeros((0, 4)),
    numpy.array([[1, 1], [0, 0]]),
    numpy.array([[1, 1, 1], [0, 1, 1]]),
    numpy.array([[1, 0, 1]]),
], ids=["none", "an empty one", "padded before", "holes"])  # fmt: skip
def test_what_cannot_be_packed(mask):
    assert make_pack(mask) is None


@pytest.mark.parametrize("config", PACKED.values(), ids=PACKED)
def test_a_row_is_read_as_its_passages(config):
    module, inputs = make_module(config), make_inputs()
    assert can_pack(module)
    with torch.no_grad():
        found, alone = read_packed(module, inputs), read_alone(module, inputs)
    assert found.shape[:2] == inputs.kwargs["input_ids"].shape
    for rows, expected in zip(found, alone):
        torch.testing.assert_close(rows[: len(expected)], expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("config", [PACKED["bert"], PACKED["roberta"]], ids=["bert", "roberta"])
def test_gradients_are_those_of_padded_passages(config):
    module, inputs = make_module(config), make_inputs()
    mask = inputs.kwargs["attention_mask"][:, :, None]
    gradients = []
    for read in (read_padded, read_packed):
        module.zero_grad()
        ((read(module, inputs) * mask) ** 2).sum().backward()
        gradients.append({name: p.grad.clone() for name, p in module.named_parameters() if p.grad is not None})
    assert gradients[0].keys() == gradients[1].keys()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, atol=2e-4, rtol=1e-3, msg=name)


@pytest.mark.parametrize("name", NOT_PACKED)
def test_models_that_are_read_otherwise(name):
    assert not can_pack(make_module(NOT_PACKED[name], "eager" if "open" in name else "sdpa"))


def test_dropout_stays_in_the_passage_and_follows_the_seed():
    settings = {**NAMED, "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.3}
    module, inputs = make_module(BertConfig(**settings)).train(), make_inputs()
    found = []
    for seed, changed in ((1, False), (1, False), (2, False), (1, True)):
        if changed:
            inputs.kwargs["input_ids"][0, 3] = 7
        torch.manual_seed(seed)
        with torch.no_grad():
            found.append(read_packed(module, inputs))
    torch.testing.assert_close(found[0], found[1], atol=0, rtol=0)
    assert (found[0] - found[2]).abs().max() > 0.1
    assert (found[0][0] - found[3][0]).abs().max() > 0.1
    is_piece = inputs.kwargs["attention_mask"][1:] > 0
    torch.testing.assert_close(found[0][1:][is_piece], found[3][1:][is_piece])


def test_dropout_of_attention_leaves_the_mean():
    torch.manual_seed(0)
    lengths = [6, 5]
    pack = make_pack(make_mask(lengths))
    slots = sum(passages * length for passages, length in pack.shapes)
    query, key, value = torch.randn(3, 1, 2, slots, 4)
    with PackedReading(pack):
        attend = torch.nn.functional.scaled_dot_product_attention
        expected = attend(query, key, value)
        mean = sum(attend(query, key, value, dropout_p=0.2) for _ in range(2000)) / 2000
    torch.testing.assert_close(mean, expected, atol=0.06, rtol=0.0)
