"""The encoders that run through the same checks, and vectors to run them on."""

import numpy

from spacy_mtl.encoders.recurrent import build_rnn_encoder
from spacy_mtl.encoders.transformer import build_transformer_encoder

WIDTH = 8
LENGTHS = [3, 0, 8, 1, 6, 7, 2]


def rnn(**settings):
    return build_rnn_encoder(**{"width": WIDTH, "dropout": 0.0, **settings})


def transformer(**settings):
    return build_transformer_encoder(**{"width": WIDTH, "depth": 2, "heads": 2, "dropout": 0.0, **settings})


ENCODERS = {
    "rnn": lambda **more: rnn(cell="rnn", **more),
    "lstm": lambda **more: rnn(cell="lstm", **more),
    "gru": lambda **more: rnn(cell="gru", **more),
    "left to right": lambda **more: rnn(bidirectional=False, **more),
    "plain": lambda **more: rnn(residual=False, depth=1, **more),
    "sinusoidal": lambda **more: transformer(position="sinusoidal", **more),
    "learned": lambda **more: transformer(position="learned", **more),
    "rotary": lambda **more: transformer(position="rotary", **more),
    "post-norm": lambda **more: transformer(pre_norm=False, **more),
    "windows": lambda **more: transformer(window=4, overlap=2, **more),
}


def make_vectors(lengths=LENGTHS, width=WIDTH, seed=0):
    """Random vectors of Docs of the given lengths."""
    rng = numpy.random.default_rng(seed)
    return [rng.normal(size=(length, width)).astype("float32") for length in lengths]


def get_module(model):
    """The torch module of an encoder."""
    return model.shims[0]._model


def get_weights(model):
    """The parameters of an encoder by their names, in double precision."""
    return {name: array.numpy().astype("float64") for name, array in get_module(model).state_dict().items()}


def normalize(rows, scale, shift):
    """LayerNorm (Ba et al. 2016) in plain numpy."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    return centred / numpy.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5) * scale + shift


def assert_same(found, expected, tolerance=1e-5):
    """Two lists of arrays are the same."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected):
        assert one.shape == other.shape
        numpy.testing.assert_allclose(one, other, atol=tolerance, rtol=0)
