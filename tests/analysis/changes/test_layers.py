import numpy
import pytest
from thinc.api import get_current_ops

from spacy_mtl.analysis.changes.layers import read_layers
from tests.pipeline.toy_pipeline import CNN, TORCH, WIDTH, build, make_docs

DEEP_CNN = {**CNN, "encode": {**CNN["encode"], "depth": 3}}
DEEP_LSTM = {**TORCH, "encode": {**TORCH["encode"], "depth": 2}}
TRANSFORMER = {**TORCH, "encode": {"@architectures": "spacy-mtl.TransformerEncoder.v1", "width": WIDTH, "depth": 2,
                                   "heads": 2}}  # fmt: skip


@pytest.mark.parametrize(
    "model,expected",
    [
        (DEEP_CNN, ["embedding", "layer 1", "layer 2", "output"]),
        (DEEP_LSTM, ["embedding", "layer 1", "output"]),
        (CNN, ["embedding", "output"]),
        (TRANSFORMER, ["embedding", "layer 1"]),
        ({"@architectures": "spacy.HashEmbedCNN.v2", "width": WIDTH, "depth": 2, "embed_size": 50, "window_size": 1,
          "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None},
         ["embedding", "layer 1", "output"]),
    ],
)  # fmt: skip
def test_layers_in_their_order(model, expected):
    nlp = build(model, steps=1, heads=["ner"])
    docs = make_docs(nlp)[:4]
    encoder = nlp.get_pipe("tok2vec").model
    before = encoder.to_bytes()
    layers = read_layers(encoder, docs)
    assert list(layers)[: len(expected)] == expected and list(layers)[-1] == "output"
    to_numpy = get_current_ops().to_numpy
    numpy.testing.assert_allclose(layers["output"], to_numpy(numpy.concatenate(encoder.predict(docs))), atol=1e-5)
    node = next(one for one in encoder.walk() if one.has_ref("embed"))
    embedded = numpy.concatenate(node.get_ref("embed").predict(docs))
    numpy.testing.assert_allclose(layers["embedding"], embedded, atol=1e-5)
    assert {len(rows) for rows in layers.values()} == {sum(map(len, docs))}
    assert encoder.to_bytes() == before
