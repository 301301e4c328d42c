"""Heads that each have vectors of their own from one encoder, in pipelines that change."""

import pickle

import pytest
import spacy
from spacy.util import registry
from thinc.api import Adam

from spacy_mtl.pipeline.extraction.extraction import extract

from .shared_encoder import parameters
from .toy_pipeline import (
    EMBED,
    FACTORIES,
    HEADS,
    TORCH_ENCODER,
    WIDTH,
    fix_random_seed,
    head_config,
    make_examples,
    predictions,
    train,
)

ALL = (*HEADS, "tagger")
ENCODE = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": WIDTH, "depth": 1, "window_size": 1,
          "maxout_pieces": 2}  # fmt: skip
LISTENER = {"@architectures": "spacy-mtl.Tok2VecListener.v1", "upstream": "tok2vec"}


def tok2vec(encode):
    return {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED, "encode": encode}


def experts(expert, number=2):
    return {"@architectures": "spacy-mtl.Experts.v1", "expert": expert, "experts": number}


def gate(number=2, private=None):
    return {"@architectures": "spacy-mtl.ExpertGate.v1", "shared": LISTENER, "experts": number, "private": private}


def column(place, columns=4):
    return {"@architectures": "spacy-mtl.Column.v1", "shared": LISTENER, "column": place, "columns": columns}


STITCHED = {"@architectures": "spacy-mtl.CrossStitch.v1", "embed": EMBED, "encode": ENCODE, "columns": 4,
            "depth": 1}  # fmt: skip
KINDS = {
    "cross-stitch": (STITCHED, column),
    "experts over an embedding": (tok2vec(experts(TORCH_ENCODER)), lambda place: gate()),
    "experts with their own": (experts(tok2vec(ENCODE)), lambda place: gate(private=tok2vec(ENCODE))),
}


def make(model, hear, steps=0, heads=ALL):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": model})
    for place, name in enumerate(heads):
        config = head_config(name)
        config["model"]["tok2vec"] = hear(place)
        nlp.add_pipe(FACTORIES[name], name=name, config=config)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps)
    return nlp


@pytest.fixture(scope="module", params=KINDS)
def trained(request):
    if "RNN" in str(KINDS[request.param]):
        pytest.importorskip("torch")
    nlp = make(*KINDS[request.param], steps=25)
    return nlp, predictions(nlp)


def test_learns_and_survives(trained, tmp_path):
    nlp, expected = trained
    assert nlp.get_pipe("tok2vec").listening_components == list(ALL)
    assert set(expected["tagger"][0]) > {"N", "V"}
    nlp.to_disk(tmp_path / "pipeline")
    loaded = spacy.load(tmp_path / "pipeline")
    assert predictions(loaded) == expected
    assert predictions(pickle.loads(pickle.dumps(loaded))) == expected
    assert predictions(spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())) == expected
    assert not len(nlp(""))
    train(loaded, make_examples(loaded), steps=1)
    assert predictions(loaded) != expected


def test_replace_listeners_extract_and_source(trained, tmp_path):
    nlp, expected = trained
    nlp.to_disk(tmp_path / "joint")
    nlp = spacy.load(tmp_path / "joint")
    taken = extract(nlp, ["srl"])
    assert taken.pipe_names == ["tok2vec", "srl"] and predictions(taken)["srl"] == expected["srl"]
    nlp.replace_listeners("tok2vec", "ner", ["model.tok2vec"])
    assert nlp.get_pipe("tok2vec").listening_components == ["sentiment", "srl", "tagger"]
    nlp.to_disk(tmp_path / "own")
    for changed in (nlp, spacy.load(tmp_path / "own"), extract(nlp, ["ner"])):
        assert predictions(changed)["ner"] == expected["ner"]
    sourced = spacy.blank("en")
    for name in ("tok2vec", "tagger"):
        sourced.add_pipe(name, source=nlp)
    assert predictions(sourced)["tagger"] == expected["tagger"]


def test_a_frozen_head_leaves_its_gate_alone():
    nlp = make(*KINDS["experts with their own"], heads=("ner", "tagger"))
    own, shared = parameters(nlp, "ner"), parameters(nlp, "tok2vec")
    with nlp.select_pipes(disable=["ner"]):
        train(nlp, make_examples(nlp), steps=2)
    assert (parameters(nlp, "ner") == own).all()
    assert (parameters(nlp, "tok2vec") != shared).any()


@pytest.mark.parametrize("balancer", ["UPGrad", "Sum"])
def test_columns_are_balanced(balancer):
    nlp = make(*KINDS["cross-stitch"], heads=("ner", "tagger"))
    level = {} if balancer == "Sum" else {"level": "parameters"}
    nlp.get_pipe("tok2vec").balancer = registry.misc.get(f"spacy-mtl.{balancer}.v1")(**level)
    seen = []
    nlp.get_pipe("tok2vec").observers.append(seen.append)
    nlp.update(make_examples(nlp), sgd=Adam(0.01))
    assert len(seen) == 1


@pytest.mark.parametrize(
    "model,hear",
    [
        (tok2vec(ENCODE), gate()),
        (tok2vec(experts(ENCODE, 3)), gate()),
        (STITCHED, column(0, 2)),
        (STITCHED, {"@architectures": "spacy-mtl.PrivatePath.v1", "shared": gate(), "private": tok2vec(ENCODE)}),
    ],
)
def test_a_pipeline_whose_encoder_has_other_columns_is_refused(model, hear):
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": model})
    config = {"components": {"tok2vec": nlp.get_pipe_config("tok2vec")}, "nlp": {"lang": "en"}}
    config["components"]["ner"] = {"factory": "ner", "model": {"tok2vec": hear}}
    config["nlp"]["pipeline"] = ["tok2vec", "ner"]
    with pytest.raises(ValueError, match="MTL-E460.*'ner' listens to 'tok2vec'"):
        spacy.blank("en").from_config(config)


def test_a_gate_without_an_encoder_in_the_pipeline_is_refused():
    nlp = spacy.blank("en")
    block = {**gate(), "shared": {"@architectures": "spacy-mtl.DefaultTok2Vec.v1"}}
    nlp.add_pipe("mtl_ner", config={"model": {"tok2vec": block}})
    with pytest.raises(ValueError, match="E460"):
        nlp.initialize(lambda: make_examples(nlp))
