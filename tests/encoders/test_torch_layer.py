"""What every torch encoder must do, whatever it computes."""

import copy
import pickle
import sys

import numpy
import pytest
from spacy.util import fix_random_seed
from thinc.api import Adam

from spacy_mtl.encoders.recurrent import build_rnn_encoder
from spacy_mtl.encoders.transformer import build_transformer_encoder

torch = pytest.importorskip("torch")

from .layers import ENCODERS, WIDTH, assert_same, get_module, make_vectors  # noqa: E402


@pytest.fixture(params=ENCODERS)
def build(request):
    def built(**settings):
        fix_random_seed(1)
        model = ENCODERS[request.param](**settings)
        model.initialize()
        return model

    return built


def step(model, vectors, optimizer):
    encoded, backprop = model.begin_update(vectors)
    backprop([of_doc - 0.5 for of_doc in encoded])
    model.finish_update(optimizer)


def take_gradients(model):
    found = {name: parameter.grad.numpy().copy() for name, parameter in get_module(model).named_parameters()}
    get_module(model).zero_grad()
    return found


def test_doc_alone_is_as_in_a_batch(build):
    model, vectors = build(), make_vectors()
    together = model.predict(vectors)
    assert_same([model.predict([of_doc])[0] for of_doc in vectors], together)
    assert_same(model.predict(vectors[::-1])[::-1], together)
    assert_same(model.begin_update(vectors)[0], together)
    assert [of_doc.dtype for of_doc in together] == ["float32"] * len(vectors)


def test_dims_and_input_left_alone(build):
    model, vectors = build(), make_vectors()
    before = copy.deepcopy(vectors)
    assert (model.get_dim("nI"), model.get_dim("nO")) == (WIDTH, WIDTH)
    step(model, vectors, Adam(0.01))
    assert_same(vectors, before, 0)


@pytest.mark.parametrize("lengths", [[], [0], [0, 0], [1], [0, 1, 0]])
def test_next_to_nothing(build, lengths):
    model, vectors = build(), make_vectors(lengths)
    assert [len(of_doc) for of_doc in model.predict(vectors)] == lengths
    encoded, backprop = model.begin_update(vectors)
    assert [of_doc.shape for of_doc in encoded] == [(length, WIDTH) for length in lengths]
    assert [of_doc.shape for of_doc in backprop(encoded)] == [(length, WIDTH) for length in lengths]
    model.finish_update(Adam(0.01))


def test_gradients_are_finite_differences(build):
    model = build()
    vectors = make_vectors([3, 0, 6, 1])
    rng = numpy.random.default_rng(2)
    encoded, backprop = model.begin_update(vectors)
    d_encoded = [rng.normal(size=of_doc.shape).astype("float32") for of_doc in encoded]
    d_vectors = backprop(d_encoded)
    gradients = take_gradients(model)

    def value():
        return sum(float((e.astype("float64") * d).sum()) for e, d in zip(model.predict(vectors), d_encoded))

    def check(array, gradient):
        for place in rng.permutation(array.size)[:4]:
            index = numpy.unravel_index(place, array.shape)
            old, values = float(array[index]), []
            for moved in (old + 1e-2, old - 1e-2):
                array[index] = moved
                values.append(value())
            array[index] = old
            expected = (values[0] - values[1]) / 2e-2
            assert float(gradient[index]) == pytest.approx(expected, rel=2e-2, abs=1e-2)

    for of_doc, d_doc in zip(vectors, d_vectors):
        check(of_doc, d_doc)
    for name, parameter in get_module(model).named_parameters():
        check(parameter.data.numpy(), gradients[name])


def test_backpropagates_more_than_once(build):
    model, vectors = build(), make_vectors()
    encoded, backprop = model.begin_update(vectors)
    d_encoded = make_vectors(seed=3)
    first = backprop(d_encoded)
    kept, gradients = copy.deepcopy(first), take_gradients(model)
    second = backprop([2 * of_doc for of_doc in d_encoded])
    assert_same(first, kept, 0)
    assert_same(second, [2 * of_doc for of_doc in first])
    for name, gradient in take_gradients(model).items():
        numpy.testing.assert_allclose(gradient, 2 * gradients[name], atol=1e-4)


def test_gradients_of_several_batches_add_up(build):
    model, vectors = build(), make_vectors()
    for of_doc in vectors[:3]:
        encoded, backprop = model.begin_update([of_doc])
        backprop(encoded)
    totals = take_gradients(model)
    encoded, backprop = model.begin_update(vectors[:3])
    backprop(encoded)
    for name, gradient in take_gradients(model).items():
        numpy.testing.assert_allclose(gradient, totals[name], atol=1e-4)


def test_drops_in_training_only(build):
    model, vectors = build(dropout=0.5), make_vectors()
    assert_same(model.predict(vectors), build(dropout=0.0).predict(vectors))
    one, other = (numpy.concatenate(model.begin_update(vectors)[0]) for _ in range(2))
    assert abs(one - other).max() > 1e-3
    assert_same(model.predict(vectors), model.predict(vectors), 0)


def test_seed_decides_the_weights(build):
    model, vectors = build(), make_vectors()
    expected = model.predict(vectors)
    assert_same(build().predict(vectors), expected, 0)
    model.initialize()
    assert abs(model.predict(vectors)[0] - expected[0]).max() > 1e-3
    fix_random_seed(1)
    model.initialize()
    again = model.predict(vectors)
    fix_random_seed(1)
    model.initialize()
    assert_same(model.predict(vectors), again, 0)


def test_learns(build):
    model, vectors = build(), make_vectors([5, 3])
    targets = [numpy.tanh(of_doc[::-1]) for of_doc in make_vectors([5, 3], seed=5)]
    optimizer, losses = Adam(0.01), []
    for _ in range(60):
        encoded, backprop = model.begin_update(vectors)
        differences = [of_doc - target for of_doc, target in zip(encoded, targets)]
        losses.append(sum(float((of_doc**2).sum()) for of_doc in differences))
        backprop(differences)
        model.finish_update(optimizer)
    assert losses[-1] < 0.6 * losses[0]


def test_copies_and_round_trips(build, tmp_path):
    model, vectors = build(), make_vectors()
    step(model, vectors, Adam(0.01))
    model.to_disk(tmp_path / "model")
    expected = model.predict(vectors)
    fresh = build()
    assert abs(fresh.predict(vectors)[0] - expected[0]).max() > 1e-4
    copies = [
        fresh.from_bytes(model.to_bytes()),
        build().from_disk(tmp_path / "model"),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        model.copy(),
    ]
    for copied in copies:
        assert_same(copied.predict(vectors), expected, 0)
        step(copied, vectors, Adam(0.01))
        assert abs(copied.predict(vectors)[0] - expected[0]).max() > 1e-4
    assert_same(model.predict(vectors), expected, 0)


def test_copy_has_its_own_place_in_the_optimizer(build):
    model, vectors, optimizer = build(), make_vectors(), Adam(0.01)
    copied = model.copy()
    for one in (model, copied):
        step(one, vectors, optimizer)
    assert set(optimizer.nr_update.values()) == {1}
    assert_same(model.predict(vectors), copied.predict(vectors), 0)


def test_averages_are_used(build):
    model, vectors, optimizer = build(), make_vectors(), Adam(0.05, use_averages=True)
    for _ in range(5):
        step(model, vectors, optimizer)
    averages = {key: array.copy() for key, array in optimizer.averages.items()}
    averaged = model.copy()
    names = dict(get_module(averaged).named_parameters())
    for (_, name), array in averages.items():
        names.pop(name).data = torch.from_numpy(array.copy())
    assert not names, "every parameter has an average"
    last = model.predict(vectors)
    with pytest.raises(RuntimeError), model.use_params(optimizer.averages):
        found = model.predict(vectors)
        loaded = build().from_bytes(model.to_bytes())
        raise RuntimeError
    assert_same(found, averaged.predict(vectors), 1e-6)
    assert_same(loaded.predict(vectors), found, 0)
    assert abs(found[0] - last[0]).max() > 1e-4
    assert_same(model.predict(vectors), last, 0)
    with model.use_params({(-1, "other"): numpy.zeros(3)}):
        assert_same(model.predict(vectors), last, 0)


def test_averages_are_left_alone(build):
    model, vectors, optimizer = build(), make_vectors(), Adam(0.05, use_averages=True)
    step(model, vectors, optimizer)
    averages = copy.deepcopy(optimizer.averages)
    last = model.predict(vectors)
    with model.use_params(optimizer.averages):
        step(model, vectors, Adam(0.05))
    assert_same(model.predict(vectors), last, 0)
    for key, array in optimizer.averages.items():
        numpy.testing.assert_array_equal(array, averages[key])


def test_vectors_of_another_width(build):
    model = build()
    narrow = make_vectors(width=WIDTH - 2)
    for use in (model.predict, model.begin_update, lambda vectors: model.initialize(X=vectors)):
        with pytest.raises(ValueError, match="E410"):
            use(narrow)


@pytest.mark.parametrize("builder", [build_rnn_encoder, build_transformer_encoder])
def test_without_torch(builder, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="E408") as raised:
        builder(8)
    assert "spacy-mtl[torch]" in str(raised.value)
