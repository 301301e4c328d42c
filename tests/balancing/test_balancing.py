import math
from collections import OrderedDict

import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spacy_mtl.balancing.balancer import Balancer
from spacy_mtl.balancing.total import Sum, make_sum
from spacy_mtl.balancing.weighted import Weighted, make_weighted

NAMES = ["mtl_textcat", "mtl_ner", "mtl_srl"]
FLOATS = st.floats(-1e3, 1e3, width=32)
WEIGHTS = st.floats(0.0, 100.0)


@st.composite
def gradients(draw):
    shape = (draw(st.integers(1, 5)), draw(st.integers(1, 4)))
    names = draw(st.permutations(NAMES))[: draw(st.integers(1, 3))]
    return {name: draw(arrays("float32", shape, elements=FLOATS)) for name in names}


def test_sum_by_hand():
    a = numpy.asarray([[1.0, 2.0]], dtype="f")
    b = numpy.asarray([[10.0, -2.0]], dtype="f")
    assert make_sum()({"a": a, "b": b}).tolist() == [[11.0, 0.0]]


def test_weighted_by_hand():
    a = numpy.asarray([[1.0, 2.0]], dtype="f")
    b = numpy.asarray([[10.0, -2.0]], dtype="f")
    c = numpy.asarray([[100.0, 100.0]], dtype="f")
    balancer = make_weighted({"a": 3.0, "c": 0.0}, default=0.5)
    assert balancer({"a": a, "b": b, "c": c}).tolist() == [[8.0, 5.0]]


def test_sum_adds_in_the_order_of_the_mapping():
    big, small = (numpy.full((1, 1), value, dtype="f") for value in (1e8, 1.0))
    forward = Sum()(OrderedDict(big=big, minus=-big, small=small))
    backward = Sum()(OrderedDict(big=big, small=small, minus=-big))
    assert forward.item() == 1.0
    assert backward.item() == 0.0


def test_sum_starts_from_zeros():
    negative_zero = numpy.full((1, 1), -0.0, dtype="f")
    assert not numpy.signbit(Sum()({"a": negative_zero})).any()


@pytest.mark.parametrize("balancer", [Sum(), Weighted({"mtl_ner": 0.3}), Weighted({}, default=1.0)])
@settings(max_examples=50, deadline=None)
@given(grads=gradients())
def test_gives_a_new_array_of_the_same_shape(balancer, grads):
    before = {name: rows.copy() for name, rows in grads.items()}
    combined = balancer(grads)
    assert combined.shape == next(iter(grads.values())).shape
    assert combined.dtype == numpy.float32
    for name, rows in grads.items():
        assert combined is not rows and not numpy.shares_memory(combined, rows)
        assert (rows == before[name]).all()


@settings(max_examples=50, deadline=None)
@given(grads=gradients(), weights=st.fixed_dictionaries(dict.fromkeys(NAMES, WEIGHTS)))
def test_weighted_is_the_weighted_sum(grads, weights):
    if not any(weights.values()):
        weights["mtl_ner"] = 1.0
    expected = sum(weights[name] * rows.astype("float64") for name, rows in grads.items())
    numpy.testing.assert_allclose(Weighted(weights)(grads), expected, rtol=1e-4, atol=1e-1)


@settings(max_examples=50, deadline=None)
@given(grads=gradients())
def test_weights_of_one_are_the_sum(grads):
    assert (Weighted({"mtl_ner": 1.0})(grads) == Sum()(grads)).all()


def test_weight_zero_shuts_out_what_is_not_finite():
    good = numpy.ones((2, 2), dtype="f")
    bad = numpy.full((2, 2), numpy.nan, dtype="f")
    assert (Weighted({"bad": 0.0})({"good": good, "bad": bad}) == good).all()


@pytest.mark.parametrize("weight", [-1.0, -1e-9, math.nan, math.inf, -math.inf])
def test_weights_are_finite_and_not_negative(weight):
    with pytest.raises(ValueError, match=r"MTL-E401.*weights\.mtl_ner"):
        make_weighted({"mtl_textcat": 1.0, "mtl_ner": weight})
    with pytest.raises(ValueError, match="MTL-E401.*'default'"):
        make_weighted({"mtl_ner": 1.0}, default=weight)


@pytest.mark.parametrize("weights", [{}, {"mtl_ner": 0.0, "mtl_srl": 0.0}])
def test_some_weight_is_above_zero(weights):
    with pytest.raises(ValueError, match="MTL-E402"):
        make_weighted(weights, default=0.0)
    make_weighted(weights, default=1.0)


def test_weighted_knows_its_tasks():
    balancer = make_weighted({"mtl_ner": 2.0, "nre": 1.0, "srl": 1.0})
    with pytest.raises(ValueError, match=r"MTL-E403.*\['nre', 'srl'\].*\['mtl_textcat', 'mtl_ner', 'mtl_srl'\]"):
        balancer.validate(NAMES)
    make_weighted({"mtl_ner": 2.0}).validate(NAMES)


def test_weighted_leaves_some_task_a_weight():
    with pytest.raises(ValueError, match="MTL-E402"):
        make_weighted({"mtl_ner": 0.0, "mtl_srl": 0.0}).validate(["mtl_ner", "mtl_srl"])
    make_weighted({"mtl_ner": 0.0}).validate(["mtl_ner", "mtl_srl"])


@pytest.mark.parametrize("balancer", [Sum(), Weighted({"mtl_ner": 2.0})])
def test_stateless_balancers(balancer):
    assert isinstance(balancer, Balancer)
    assert balancer.level == "representation"
    assert balancer.get_state() == {}
    balancer.set_state({})


def test_base_class_combines_nothing():
    with pytest.raises(NotImplementedError):
        Balancer()({"a": numpy.zeros((1, 1), dtype="f")})


def test_registered():
    resolve = spacy.registry.resolve
    assert isinstance(resolve({"balancer": {"@misc": "spacy-mtl.Sum.v1"}})["balancer"], Sum)
    config = {"balancer": {"@misc": "spacy-mtl.Weighted.v1", "weights": {"mtl_ner": 2, "mtl_srl": 0.5}, "default": 0.1}}
    balancer = resolve(config)["balancer"]
    assert isinstance(balancer, Weighted)
    assert (balancer.weights, balancer.default) == ({"mtl_ner": 2.0, "mtl_srl": 0.5}, 0.1)
