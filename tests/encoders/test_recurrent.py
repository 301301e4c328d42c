"""Recurrent encoders against the recurrences written out in numpy."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from spacy_mtl.encoders import recurrent_layers  # noqa: E402
from spacy_mtl.encoders.padded_lstm import STEP_COST, group_sizes  # noqa: E402
from spacy_mtl.encoders.recurrent_layers import pack_order  # noqa: E402

from .layers import WIDTH, assert_same, get_weights, make_vectors, normalize, rnn  # noqa: E402


def logistic(x):
    return 1 / (1 + numpy.exp(-x))


def step_rnn(from_input, from_state, state, memory):
    return numpy.tanh(from_input + from_state), memory


def step_lstm(from_input, from_state, state, memory):
    let_in, forget, new, let_out = numpy.split(from_input + from_state, 4)
    memory = logistic(forget) * memory + logistic(let_in) * numpy.tanh(new)
    return logistic(let_out) * numpy.tanh(memory), memory


def step_gru(from_input, from_state, state, memory):
    (reset_x, update_x, new_x), (reset_h, update_h, new_h) = numpy.split(from_input, 3), numpy.split(from_state, 3)
    update = logistic(update_x + update_h)
    new = numpy.tanh(new_x + logistic(reset_x + reset_h) * new_h)
    return (1 - update) * new + update * state, memory


STEPS = {"rnn": step_rnn, "lstm": step_lstm, "gru": step_gru}


def read(rows, step, weights, prefix, suffix):
    """The states of one direction, in the order of the rows."""
    w, u, b, c = (weights[f"{prefix}.{name}_l0{suffix}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    state = memory = numpy.zeros(u.shape[1])
    states = []
    for row in rows:
        state, memory = step(w @ row + b, u @ state + c, state, memory)
        states.append(state)
    return numpy.array(states)


def encode(rows, model, cell, depth, bidirectional, residual):
    weights = get_weights(model)
    rows = rows.astype("float64")
    for i in range(depth):
        states = read(rows, STEPS[cell], weights, f"layers.{i}", "")
        if bidirectional:
            from_right = read(rows[::-1], STEPS[cell], weights, f"layers.{i}", "_reverse")[::-1]
            states = numpy.concatenate([states, from_right], axis=1)
        if residual:
            states = normalize(rows + states, weights[f"norms.{i}.weight"], weights[f"norms.{i}.bias"])
        rows = states
    return rows


@pytest.mark.parametrize("cell", STEPS)
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("residual,depth", [(True, 2), (False, 2), (True, 1)])
def test_computes_its_recurrence(cell, bidirectional, residual, depth):
    settings = {"cell": cell, "bidirectional": bidirectional, "residual": residual, "depth": depth}
    model = rnn(**settings)
    model.initialize()
    vectors = make_vectors([4, 9, 1, 9])
    assert_same(model.predict(vectors), [encode(of_doc, model, **settings) for of_doc in vectors])


def test_pack_order_by_hand():
    # tokens 0-1, none, 2-4 and 5: the third sequence is the longest, then the first, then the last
    order, sizes = pack_order(numpy.array([2, 0, 3, 1]))
    assert order.tolist() == [2, 0, 5, 3, 1, 4]
    assert sizes.tolist() == [3, 2, 1]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=8).filter(any))
def test_pack_order_is_step_by_step(lengths):
    order, sizes = pack_order(numpy.array(lengths))
    starts = numpy.cumsum(lengths) - lengths
    by_length = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    steps = [[starts[i] + step for i in by_length if lengths[i] > step] for step in range(max(lengths))]
    assert order.tolist() == [token for tokens in steps for token in tokens]
    assert sizes.tolist() == [len(tokens) for tokens in steps]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8).filter(any))
def test_groups_cost_least(lengths):
    falling = numpy.array(sorted(lengths, reverse=True))
    real = falling[falling > 0].tolist()

    def cost(sizes):
        begins = numpy.cumsum(sizes) - sizes
        return sum(real[begin] * (STEP_COST + size) for begin, size in zip(begins, sizes))

    def divide(number):
        return (
            [[]] if not number else [[size, *rest] for size in range(1, number + 1) for rest in divide(number - size)]
        )

    found = group_sizes(falling)
    assert sum(found) == len(real)
    assert cost(found) == min(map(cost, divide(len(real))))


def test_a_long_sequence_is_not_padded_with_short_ones():
    assert group_sizes(numpy.array([500, 9, 9, 8, 8, 8, 0])) == [1, 5]


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("lengths", [[4, 0, 9, 1, 90, 9, 3, 88], [1], [7, 7]])
def test_padded_and_packed_are_one(lengths, bidirectional, monkeypatch):
    stack = recurrent_layers.RecurrentStack(8, 2, "lstm", bidirectional, 0.0, True)
    rows = torch.randn(sum(lengths), 8, requires_grad=True)
    weights = torch.randn(sum(lengths), 8)
    parameters = [rows, *stack.parameters()]
    states, gradients = [], []
    for can_pad in (recurrent_layers.can_pad, lambda layer, rows: False):
        monkeypatch.setattr(recurrent_layers, "can_pad", can_pad)
        states.append(stack(rows, numpy.array(lengths)))
        gradients.append(torch.autograd.grad((states[-1] * weights).sum(), parameters))
    assert len(group_sizes(numpy.array(sorted(lengths, reverse=True)))) == (2 if 90 in lengths else 1)
    torch.testing.assert_close(*states, atol=1e-5, rtol=1e-4)
    for padded, packed in zip(*gradients):
        torch.testing.assert_close(padded, packed, atol=1e-5, rtol=1e-4)


def test_other_cells_and_precisions_are_packed():
    rows = torch.zeros(2, 4)
    assert recurrent_layers.can_pad(torch.nn.LSTM(4, 4), rows)
    assert not recurrent_layers.can_pad(torch.nn.GRU(4, 4), rows)
    assert not recurrent_layers.can_pad(torch.nn.LSTM(4, 4), rows.double())


@pytest.mark.parametrize("cell", STEPS)
def test_one_direction_sees_nothing_to_the_right(cell):
    model = rnn(cell=cell, bidirectional=False)
    model.initialize()
    (vectors,) = make_vectors([6])
    changed = vectors.copy()
    changed[4] += 1
    before, after = model.predict([vectors])[0], model.predict([changed])[0]
    numpy.testing.assert_allclose(before[:4], after[:4], atol=1e-6)
    assert (abs(before[4:] - after[4:]).max(axis=1) > 1e-4).all()


def test_settings_that_are_refused():
    for settings, setting in [
        ({"cell": "elman"}, "cell = 'elman'"),
        ({"depth": 0}, "depth = 0"),
        ({"dropout": -0.1}, "dropout = -0.1"),
        ({"dropout": 1.0}, "dropout = 1.0"),
        ({"dropout": float("nan")}, "dropout = nan"),
        ({"width": 7}, "width = 7"),
        ({"width": 0}, "width = 0"),
    ]:
        with pytest.raises(ValueError, match="E409") as raised:
            rnn(**settings)
        assert setting in str(raised.value)


def test_odd_width_reads_from_one_side():
    model = rnn(width=7, bidirectional=False)
    model.initialize()
    assert model.predict(make_vectors([3], width=7))[0].shape == (3, 7)
    assert model.get_dim("nO") == 7 != WIDTH
