"""A head that comes to another encoder of the same name is named."""

import warnings

import numpy
import pytest
import spacy
from thinc.api import Adam

from ..shared_encoder import ENCODER, OURS, build, make_examples


def make(seed):
    """A pipeline whose encoder is told from those of other seeds."""
    nlp = build()
    for node in nlp.get_pipe(ENCODER).model.walk():
        for name in node.param_names:
            node.set_param(name, node.get_param(name) + numpy.float32(seed))
    return nlp


def count(work):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        work()
    return [str(one.message) for one in found if "W425" in str(one.message)]


def take_head(nlp, other):
    nlp.remove_pipe("ner")
    nlp.add_pipe("ner", source=other)


def test_a_head_from_another_encoder():
    nlp, other = make(0), make(1)
    said = count(lambda: take_head(nlp, other))
    assert len(said) == 1 and "'ner'" in said[0] and f"'{ENCODER}'" in said[0]
    assert not count(lambda: nlp.add_pipe("sentencizer")), "once"


@pytest.mark.parametrize("place", ["memory", "disk"])
def test_a_head_from_a_copy_of_the_encoder(tmp_path, place):
    nlp, other = make(1), make(1)
    if place == "disk":
        nlp.to_disk(tmp_path)
        nlp = spacy.load(tmp_path)
    assert not count(lambda: take_head(nlp, other))


def test_a_head_with_its_encoder():
    other = make(1)

    def take():
        nlp = spacy.blank("en")
        nlp.add_pipe(ENCODER, source=other)
        nlp.add_pipe("ner", source=other)

    assert not count(take)
    other.replace_listeners(ENCODER, "ner", ["model.tok2vec"])
    nlp = make(0)
    assert not count(lambda: take_head(nlp, other))


def test_nothing_is_said_of_a_head_that_is_with_its_encoder_again():
    nlp, other = make(0), make(1)
    assert len(count(lambda: take_head(nlp, other))) == 1

    def take():
        again = spacy.blank("en")
        again.add_pipe(ENCODER, source=other)
        again.add_pipe("ner", source=other)
        other.add_pipe("sentencizer")
        nlp.add_pipe("sentencizer")

    assert not count(take)


def test_a_head_that_was_trained_on_belongs_to_the_encoder_that_trained_it():
    nlp, other = make(0), make(1)
    take_head(nlp, other)
    nlp.update(make_examples(nlp), sgd=Adam(0.001))
    assert not count(lambda: nlp.add_pipe("sentencizer"))
    assert len(count(lambda: other.add_pipe("sentencizer"))) == 1


def test_encoders_that_have_learned_nothing_yet():
    def take():
        nlp = build(initialize=False)
        take_head(nlp, make(1))

    assert not count(take)


def test_two_encoders_in_one_pipeline():
    nlp = make(0)

    def add():
        nlp.add_pipe(
            OURS, name="another", source=None, before="tagger", config={"model": nlp.get_pipe_config(ENCODER)["model"]}
        )
        nlp.get_pipe("another").model.initialize(X=[nlp.make_doc("Oslo sleeps")])
        nlp.add_pipe("sentencizer")

    assert not count(add)


def test_a_config_with_parts_of_two_pipelines(tmp_path):
    for seed in (0, 1):
        make(seed).to_disk(tmp_path / str(seed))
    config = {
        "nlp": {"lang": "en", "pipeline": [ENCODER, "ner"]},
        "components": {ENCODER: {"source": str(tmp_path / "0")}, "ner": {"source": str(tmp_path / "1")}},
    }
    assert len(count(lambda: spacy.util.load_model_from_config(config, auto_fill=True))) == 1
    config["components"]["ner"]["source"] = str(tmp_path / "0")
    assert not count(lambda: spacy.util.load_model_from_config(config, auto_fill=True))


def test_a_torch_encoder():
    pytest.importorskip("torch")
    layer = {"@architectures": "spacy-mtl.RNNEncoder.v1", "width": 8, "depth": 1, "cell": "lstm"}
    embed = {"@architectures": "spacy-mtl.MultiHashEmbed.v1", "width": 8, "attrs": ["NORM"], "rows": [50]}
    embed["include_static_vectors"] = False

    def build_torch():
        nlp = spacy.blank("en")
        model = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": layer}
        nlp.add_pipe(OURS, name=ENCODER, config={"model": model})
        nlp.add_pipe("mtl_ner").add_label("LOC")
        nlp.initialize()
        return nlp

    nlp, other = build_torch(), build_torch()
    other.get_pipe(ENCODER).from_bytes(nlp.get_pipe(ENCODER).to_bytes())
    nlp.remove_pipe("mtl_ner")
    assert not count(lambda: nlp.add_pipe("mtl_ner", source=other))
    nlp.remove_pipe("mtl_ner")
    shim = next(shim for node in other.get_pipe(ENCODER).model.walk() for shim in node.shims)
    next(iter(shim._model.state_dict().values())).add_(1.0)
    other._link_components()
    assert len(count(lambda: nlp.add_pipe("mtl_ner", source=other))) == 1
