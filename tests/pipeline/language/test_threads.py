"""A pipeline gives the same results to eight threads as to one, from its first use on."""

import copy
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import spacy
from spacy.util import load_model_from_config
from thinc.api import Adam

from spacy_mtl.frames import read_frame_spans

from ...encoders.pretrained.tiny_transformer import encoder_config, stock_config, write_bert
from ..toy_pipeline import CNN, EMBED, WIDTH, build, make_examples

pytest.importorskip("torch")
pytest.importorskip("spacy_transformers")

THREADS = 6
NAMES = ("Ana", "Otto", "Mira")
TEXTS = [
    f"{name} {verb} {place}. It rains here{'!' * i}"
    for i, name in enumerate(NAMES)
    for verb in ("likes", "hates", "praises")
    for place in ("Oslo", "Lima", "Rome")
]
DROPPING = {"hidden_dropout_prob": 0.5, "attention_probs_dropout_prob": 0.5}


def tok2vec(encode):
    return {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED, "encode": {**encode, "width": WIDTH}}


ENCODERS = {
    "cnn": CNN,
    "lstm": tok2vec({"@architectures": "spacy-mtl.RNNEncoder.v1", "depth": 2, "dropout": 0.5}),
    "transformer": tok2vec({"@architectures": "spacy-mtl.TransformerEncoder.v1", "depth": 2, "dropout": 0.5}),
    "stock lstm": tok2vec({"@architectures": "spacy.TorchBiLSTMEncoder.v1", "depth": 2, "dropout": 0.5}),
    "pretrained": encoder_config,
    "stock pretrained": stock_config,
}


@pytest.fixture(params=ENCODERS, scope="module")
def trained(request, tmp_path_factory):
    model = ENCODERS[request.param]
    if callable(model):
        model = model(write_bert(tmp_path_factory.mktemp("bert"), **DROPPING))
    return build(model, heads=("sentiment", "ner", "srl", "tagger"), steps=3)


@pytest.fixture(autouse=True)
def switch_often():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def annotate(nlp, text):
    doc = nlp(text)
    entities = [(entity.text, entity.label_, entity._.confidence) for entity in doc.ents]
    return doc.tensor.tobytes(), dict(doc.cats), entities, read_frame_spans(doc), [token.tag_ for token in doc]


def annotate_all(nlp, texts):
    return [annotate(nlp, text) for text in texts]


def in_threads(function):
    """What a function gives for the number of each thread, all of which begin at once."""
    barrier = Barrier(THREADS)

    def begin(i):
        barrier.wait()
        return function(i)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


def reload(nlp):
    return load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())


def test_calls(trained):
    alone = annotate_all(trained, TEXTS)
    # nothing has been used yet
    nlp = reload(trained)
    for found in in_threads(lambda i: annotate_all(nlp, TEXTS)):
        assert found == alone


def test_streams(trained):
    def stream(nlp, i):
        return [doc.to_bytes() for doc in nlp.pipe(TEXTS[i:], batch_size=1 + i)]

    alone = [stream(trained, i) for i in range(THREADS)]
    nlp = reload(trained)
    assert in_threads(lambda i: stream(nlp, i)) == alone


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp)), reload])
def test_evaluation_mode_at_all_times_but_in_training(trained, clone):
    nlp = clone(trained)
    encoder = nlp.get_pipe("tok2vec")
    modules = [shim._model for node in encoder.model.walk() for shim in node.shims]
    nlp("It rains.")
    assert not any(part.training for module in modules for part in module.modules())
    seen = []
    for module in modules:
        module.register_forward_hook(lambda module, inputs, output: seen.append(module.training))
    nlp.update(make_examples(nlp)[:2], sgd=Adam(0.0))
    assert all(seen) and len(seen) == len(modules)
    assert not any(part.training for module in modules for part in module.modules())


def test_copies_of_modules_of_stock_layers_predict_alike():
    nlp = build(ENCODERS["stock lstm"], heads=("ner",), steps=1)
    nlp.replace_listeners("tok2vec", "ner", ["model.tok2vec"])
    alone = [nlp(text).to_bytes() for text in TEXTS]
    for found in in_threads(lambda i: [nlp(text).to_bytes() for text in TEXTS]):
        assert found == alone


def test_own_encoder_of_a_head():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_ner", name="ner", config={"model": {"tok2vec": ENCODERS["stock lstm"]}})
    nlp.initialize(lambda: make_examples(nlp))
    alone = [nlp(text).to_bytes() for text in TEXTS]
    for found in in_threads(lambda i: [nlp(text).to_bytes() for text in TEXTS]):
        assert found == alone
