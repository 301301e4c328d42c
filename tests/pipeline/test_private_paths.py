"""Heads with something of their own beside the shared encoder, in pipelines that change."""

import pickle

import pytest
import spacy
from spacy.training import Example
from thinc.api import Adam

from spacy_mtl.pipeline.extraction.extraction import extract

from .shared_encoder import parameters
from .toy_pipeline import (
    CNN,
    EMBED,
    FACTORIES,
    HEADS,
    TORCH,
    fix_random_seed,
    head_config,
    listener,
    make_docs,
    make_examples,
    predictions,
    train,
)

OWN = {"@architectures": "spacy.Tok2Vec.v2", "embed": {**EMBED, "width": 8},
       "encode": {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": 8, "depth": 1, "window_size": 1,
                  "maxout_pieces": 2}}  # fmt: skip
AROUND = {
    "private": {"@architectures": "spacy-mtl.PrivatePath.v1", "shared": listener(), "private": OWN},
    "adapted": {"@architectures": "spacy-mtl.AdaptedListener.v1", "shared": listener(), "hidden_width": 4},
}
ALL = (*HEADS, "tagger")


def make(model, around, steps=15, heads=ALL):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": model})
    for name in heads:
        config = head_config(name)
        config["model"]["tok2vec"] = around
        nlp.add_pipe(FACTORIES[name], name=name, config=config)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps)
    return nlp


@pytest.fixture(scope="module", params=["cnn-private", "cnn-adapted", "torch-private", "pretrained-adapted"])
def trained(request, tmp_path_factory):
    model, around = request.param.split("-")
    if model != "cnn":
        pytest.importorskip("torch")
    block = AROUND[around]
    if model == "pretrained":
        pytest.importorskip("spacy_transformers")
        from tests.encoders.pretrained.tiny_transformer import encoder_config, write_bert

        model_config = encoder_config(write_bert(tmp_path_factory.mktemp("bert")))
        block = {**block, "shared": {"@architectures": "spacy-mtl.Tok2VecListener.v1", "upstream": "tok2vec"}}
    else:
        model_config = {"cnn": CNN, "torch": TORCH}[model]
    nlp = make(model_config, block)
    return nlp, predictions(nlp)


def test_learns_and_survives(trained, tmp_path):
    nlp, expected = trained
    assert nlp.get_pipe("tok2vec").listening_components == list(ALL)
    nlp.to_disk(tmp_path / "pipeline")
    loaded = spacy.load(tmp_path / "pipeline")
    assert predictions(loaded) == expected
    assert predictions(pickle.loads(pickle.dumps(loaded))) == expected
    assert predictions(spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())) == expected


@pytest.mark.parametrize("path", ["model.tok2vec", "model.tok2vec.shared"])
def test_replace_listeners(trained, tmp_path, path):
    nlp, expected = trained
    nlp.to_disk(tmp_path / "joint")
    nlp = spacy.load(tmp_path / "joint")
    nlp.replace_listeners("tok2vec", "ner", [path])
    assert nlp.get_pipe("tok2vec").listening_components == ["sentiment", "srl", "tagger"]
    nlp.to_disk(tmp_path / "own")
    for changed in (nlp, spacy.load(tmp_path / "own"), extract(nlp, ["ner"])):
        assert predictions(changed)["ner"] == expected["ner"]
    assert extract(nlp, ["ner"]).pipe_names == ["ner"]


def test_extract(trained):
    nlp, expected = trained
    for name in ("ner", "srl"):
        extracted = extract(nlp, [name])
        assert extracted.pipe_names == ["tok2vec", name]
        assert predictions(extracted)[name] == expected[name]


def test_source_and_freeze(trained, tmp_path):
    nlp, expected = trained
    nlp.to_disk(tmp_path / "joint")
    other = spacy.load(tmp_path / "joint")
    target = spacy.blank("en")
    for name in ("tok2vec", "ner", "tagger"):
        target.add_pipe(name, source=other)
    examples = [Example(target.make_doc(doc.text), doc) for doc in make_docs(target)]
    own, shared = parameters(target, "ner"), parameters(target, "tok2vec")
    with target.select_pipes(disable=["ner"]):
        train(target, examples, steps=1)
    assert (parameters(target, "ner") == own).all()
    assert (parameters(target, "tok2vec") != shared).any() or not shared.any()
    train(target, examples, steps=1)
    assert (parameters(target, "ner") != own).any()


def test_both_parts_learn():
    nlp = make(CNN, AROUND["private"], steps=0, heads=("ner",))
    layer = nlp.get_pipe("ner").model.get_ref("tok2vec")
    before = layer.get_ref("private").to_bytes(), parameters(nlp, "tok2vec")
    train(nlp, make_examples(nlp), steps=1)
    assert layer.get_ref("private").to_bytes() != before[0]
    assert (parameters(nlp, "tok2vec") != before[1]).any()


def test_without_an_encoder_in_the_pipeline_it_is_refused():
    nlp = spacy.blank("en")
    block = {**AROUND["private"], "shared": {"@architectures": "spacy-mtl.DefaultTok2Vec.v1"}}
    nlp.add_pipe("mtl_ner", config={"model": {"tok2vec": block}})
    with pytest.raises(ValueError, match="E440"):
        nlp.initialize(lambda: make_examples(nlp))


def test_a_head_that_does_not_name_its_listener():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    block = {**AROUND["private"], "shared": {"@architectures": "spacy-mtl.DefaultTok2Vec.v1"}}
    nlp.add_pipe("mtl_ner", name="ner", config={"model": {"tok2vec": block}})
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    assert nlp.get_pipe("tok2vec").listening_components == ["ner"]
    block = nlp.config["components"]["ner"]["model"]["tok2vec"]
    assert block["shared"]["upstream"] == "tok2vec"
    nlp.update(examples, sgd=Adam(0.01))
