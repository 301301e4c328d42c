"""A head whose config names no encoder listens to the one before it, and has its own where there is none."""

import copy
import pickle
import warnings

import numpy
import pytest
import spacy
from spacy.cli.init_config import fill_config
from spacy.tokens import Doc
from spacy.util import load_model_from_config
from thinc.api import Adam, Config

from spacy_mtl.pipeline.extraction.extraction import extract

from .shared_encoder import ENCODER_MODEL, WIDTH
from .toy_pipeline import make_examples

HEADS = ("mtl_textcat", "mtl_ner", "mtl_srl")
OWN = "spacy.HashEmbedCNN.v2"
LISTENING = "spacy.Tok2VecListener.v1"
MINIMAL = """
[nlp]
lang = "en"
pipeline = ["mtl_tok2vec","mtl_textcat","mtl_ner","mtl_srl"]

[components]

[components.mtl_tok2vec]
factory = "mtl_tok2vec"

[components.mtl_textcat]
factory = "mtl_textcat"

[components.mtl_ner]
factory = "mtl_ner"

[components.mtl_srl]
factory = "mtl_srl"
"""


def block(nlp, name="mtl_ner"):
    return nlp.config["components"][name]["model"]["tok2vec"]


def listening(nlp):
    return {name: pipe.listening_components for name, pipe in nlp.components if hasattr(pipe, "listener_map")}


def build(*names):
    nlp = spacy.blank("en")
    for name in names:
        small = {"model": ENCODER_MODEL} if name in ("mtl_tok2vec", "tok2vec") else {}
        nlp.add_pipe(name, config=small)
    return nlp


def initialized(nlp):
    nlp.initialize(lambda: make_examples(nlp))
    return nlp


def test_add_pipe():
    nlp = build("mtl_tok2vec", *HEADS)
    assert listening(nlp) == {"mtl_tok2vec": list(HEADS)}
    for name in HEADS:
        assert block(nlp, name) == {"@architectures": LISTENING, "width": WIDTH, "upstream": "mtl_tok2vec"}


@pytest.mark.parametrize("name", HEADS)
def test_own_encoder_where_there_is_none(name):
    nlp = initialized(build(name))
    assert block(nlp, name)["@architectures"] == OWN
    assert nlp.get_pipe(name).model.get_ref("tok2vec").get_dim("nO") == block(nlp, name)["width"]
    assert load_model_from_config(nlp.config).from_bytes(nlp.to_bytes()).to_bytes() == nlp.to_bytes()


def test_filled_config(tmp_path):
    (tmp_path / "base.cfg").write_text(MINIMAL)
    _, filled = fill_config(tmp_path / "filled.cfg", tmp_path / "base.cfg", silent=True)
    for name in HEADS:
        assert filled["components"][name]["model"]["tok2vec"]["upstream"] == "mtl_tok2vec"
    nlp = load_model_from_config(Config().from_disk(tmp_path / "filled.cfg"))
    assert listening(nlp) == {"mtl_tok2vec": list(HEADS)}


def test_all_learn_one_encoder():
    nlp = initialized(load_model_from_config(Config().from_str(MINIMAL), auto_fill=True))
    losses = {}
    for _ in range(2):
        nlp.update(make_examples(nlp), sgd=Adam(0.01), losses=losses)
    assert losses["mtl_tok2vec"] > 0


def test_stock_encoder():
    nlp = build("tok2vec", "mtl_ner")
    assert listening(nlp) == {"tok2vec": ["mtl_ner"]}


def test_nearest_of_two_encoders():
    nlp = build("mtl_tok2vec")
    nlp.add_pipe("mtl_tok2vec", name="second", config={"model": ENCODER_MODEL})
    nlp.add_pipe("mtl_ner")
    assert listening(nlp) == {"mtl_tok2vec": [], "second": ["mtl_ner"]}
    assert block(nlp)["upstream"] == "second"


def test_an_explicit_model_wins():
    nlp = build("mtl_tok2vec")
    nlp.add_pipe("mtl_ner", config={"model": {"tok2vec": ENCODER_MODEL}})
    nlp.add_pipe("mtl_srl", config={"predicates": "doc", "model": {"predicate_width": 8}})
    assert listening(nlp) == {"mtl_tok2vec": ["mtl_srl"]}
    assert block(nlp) == ENCODER_MODEL
    assert nlp.config["components"]["mtl_srl"]["model"]["predicate_width"] == 8


def test_choice_follows_the_pipeline_until_it_is_initialized():
    nlp = build("mtl_ner")
    nlp.add_pipe("mtl_tok2vec", first=True, config={"model": ENCODER_MODEL})
    assert listening(nlp) == {"mtl_tok2vec": ["mtl_ner"]}
    nlp.rename_pipe("mtl_tok2vec", "encoder")
    assert listening(nlp) == {"encoder": ["mtl_ner"]}
    assert block(nlp)["upstream"] == "encoder"
    nlp.remove_pipe("encoder")
    assert block(nlp)["@architectures"] == OWN
    initialized(nlp)
    before = nlp.get_pipe("mtl_ner").model.to_bytes()
    nlp.add_pipe("mtl_tok2vec", first=True, config={"model": ENCODER_MODEL})
    assert listening(nlp) == {"mtl_tok2vec": []}
    assert block(nlp)["@architectures"] == OWN
    assert nlp.get_pipe("mtl_ner").model.to_bytes() == before


def test_disabled_encoder_is_listened_to():
    nlp = build("mtl_tok2vec")
    with nlp.select_pipes(disable=["mtl_tok2vec"]):
        nlp.add_pipe("mtl_ner")
    assert block(nlp)["upstream"] == "mtl_tok2vec"


def test_variables_stay():
    config = Config().from_str(MINIMAL)
    config["vars"] = {"scheme": "bio"}
    config["components"]["mtl_ner"]["scheme"] = "${vars.scheme}"
    nlp = load_model_from_config(config, auto_fill=True)
    assert nlp.config["components"]["mtl_ner"]["scheme"] == "${vars.scheme}"
    assert block(nlp)["upstream"] == "mtl_tok2vec"


def test_round_trips(tmp_path):
    nlp = initialized(build("mtl_tok2vec", *HEADS))
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert listening(loaded) == listening(nlp)
    assert loaded.to_bytes() == nlp.to_bytes()
    texts = ["Ana likes Oslo.", "It rains."]
    for first, second in zip(nlp.pipe(texts), loaded.pipe(texts)):
        assert numpy.array_equal(first.tensor, second.tensor)
        assert first.cats == second.cats


def test_copies_of_a_head_stay_as_they_are():
    nlp = build("mtl_tok2vec", "mtl_ner")
    for copied in (copy.deepcopy(nlp), pickle.loads(pickle.dumps(nlp))):
        copied.remove_pipe("mtl_tok2vec")
        assert block(copied)["@architectures"] == LISTENING
    assert listening(nlp) == {"mtl_tok2vec": ["mtl_ner"]}


def test_sourced_heads():
    source = initialized(build("mtl_tok2vec", *HEADS))
    nlp = spacy.blank("en")
    for name in ("mtl_tok2vec", "mtl_ner"):
        nlp.add_pipe(name, source=source)
    nlp.add_pipe("mtl_srl", name="roles")
    assert listening(nlp) == {"mtl_tok2vec": ["mtl_ner", "roles"]}


def test_replaced_listeners():
    nlp = initialized(build("mtl_tok2vec", *HEADS))
    nlp.replace_listeners("mtl_tok2vec", "mtl_ner", ["model.tok2vec"])
    assert listening(nlp) == {"mtl_tok2vec": ["mtl_textcat", "mtl_srl"]}
    assert block(nlp) == ENCODER_MODEL
    early = build("mtl_tok2vec", "mtl_ner")
    early.replace_listeners("mtl_tok2vec", "mtl_ner", ["model.tok2vec"])
    early.add_pipe("mtl_srl")
    assert listening(early) == {"mtl_tok2vec": ["mtl_srl"]}
    assert block(early) == ENCODER_MODEL


def test_extracted_head():
    nlp = initialized(build("mtl_tok2vec", *HEADS))
    assert listening(extract(nlp, ["mtl_ner"])) == {"mtl_tok2vec": ["mtl_ner"]}


def test_width_of_an_encoder_that_learns_it_later():
    nlp = build("mtl_tok2vec")
    model = nlp.get_pipe("mtl_tok2vec").model
    width = model.get_dim("nO")
    model._dims["nO"] = None
    nlp.add_pipe("mtl_ner")
    assert block(nlp)["@architectures"] == "spacy-mtl.Tok2VecListener.v1"
    assert block(nlp)["width"] is None
    model.set_dim("nO", width)
    initialized(nlp)
    loaded = load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert loaded.get_pipe("mtl_ner").model.get_ref("tok2vec").get_dim("nO") == width


def test_warns_of_an_encoder_that_nobody_hears():
    nlp = build("mtl_tok2vec")
    nlp.add_pipe("mtl_ner", config={"model": {"tok2vec": ENCODER_MODEL}})
    with pytest.warns(UserWarning, match=r"MTL-W422.*found mtl_ner behind it"):
        initialized(nlp)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp.update(make_examples(nlp), sgd=Adam(0.01))
    loaded = load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())
    with pytest.warns(UserWarning, match="MTL-W422"):
        loaded.update(make_examples(loaded), sgd=Adam(0.01))


def test_outside_a_pipeline():
    nlp = spacy.blank("en")
    head = nlp.create_pipe("mtl_ner")
    head.initialize(lambda: make_examples(nlp), nlp=nlp)
    doc = head(Doc(nlp.vocab, words=["Ana", "likes", "Oslo"]))
    assert doc.has_annotation("ENT_IOB")
