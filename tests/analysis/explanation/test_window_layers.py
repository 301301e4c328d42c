"""Encoders that read of copies only what changes."""

import numpy
import pytest
import spacy
from thinc.api import Linear, Model, chain, clone, residual, with_array

from spacy_mtl.analysis.explanation.explain import Explainer
from spacy_mtl.analysis.explanation.readings import SharedEncoder
from spacy_mtl.analysis.explanation.window_layers import WindowLayers, find_window_layers

from .pipelines import TEXT, make_pipeline


@pytest.mark.parametrize("depth,window", [(1, 1), (3, 2)])
def test_what_is_left_out_changes_nothing(depth, window):
    encode = spacy.registry.architectures.get("spacy.MaxoutWindowEncoder.v2")(
        width=8, window_size=window, maxout_pieces=2, depth=depth
    )
    encode.initialize()
    layers, pad = find_window_layers(encode)
    assert len(layers) == depth and pad == depth * window
    chance = numpy.random.default_rng(0)
    text = chance.normal(size=(17, 8)).astype("f")
    starts, ends = numpy.array([0, 5, 15, 3]), numpy.array([1, 6, 17, 3])
    changed = chance.normal(size=(4, 8)).astype("f")
    found = WindowLayers(layers, pad, text).read(starts, ends, changed)
    copies = [text.copy() for _ in starts]
    for copy, start, end, rows in zip(copies, starts, ends, ([0], [1], [2, 3], [])):
        copy[start:end] = changed[rows]
    for one, other in zip(found, encode.predict(copies)):
        assert numpy.allclose(one, other, atol=1e-5)


def test_it_is_what_a_pipeline_is_explained_with():
    with Explainer(make_pipeline()).opened(TEXT, "srl") as (queries, text):
        encoder, _ = queries[0].reading.encoders[0]
        assert isinstance(encoder, SharedEncoder) and encoder._layers is not None
        kept = numpy.ones((len(text) + 2, len(text)), dtype="f")
        kept[1:-1][numpy.diag_indices(len(text))] = 0
        kept[-1, 2:4] = 0.3
        for one, other in zip(encoder.run(kept), encoder._encode(kept)[0]):
            assert numpy.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("pad", [0, 2])
def test_other_layers_and_too_little_padding_are_read_as_a_whole(pad):
    other = Model("other", lambda model, X, is_train: (X, lambda dY: dY))
    assert find_window_layers(with_array(clone(residual(chain(other, Linear(4, 4))), 2), pad=pad)) is None
    encode = spacy.registry.architectures.get("spacy.MaxoutWindowEncoder.v2")(8, 1, 2, 3)
    encode.attrs["pad"] = pad
    assert find_window_layers(encode) is None
