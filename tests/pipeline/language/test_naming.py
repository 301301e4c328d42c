"""A pipeline whose components are renamed or removed is saved and loaded as it is."""

import shutil

import pytest
import spacy
from spacy.util import fix_random_seed, load_model_from_config
from thinc.api import Config

from ..toy_pipeline import CNN, FACTORIES, WIDTH, head_config, listener, make_examples

WORD = "${components.tok2vec.model.encode.width}"
PRIVATE = {"@architectures": "spacy-mtl.PrivatePath.v1", "private": {**CNN, "encode": {**CNN["encode"], "width": WORD}}}
TEXT = "Ana likes Oslo. It rains here."


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    reader = {"@architectures": "spacy-mtl.StackPropagation.v1", "source": "sentiment"}
    layers = {"sentiment": {}, "ner": {**reader, "shared": {**PRIVATE, "shared": {}}}}
    for name in layers:
        nlp.add_pipe(FACTORIES[name], name=name, config=head_config(name))
    config = Config(nlp.config)
    heard = {**listener(), "width": WORD}
    config["components"]["sentiment"]["model"]["tok2vec"] = heard
    config["components"]["ner"]["model"]["tok2vec"] = {**reader, "shared": {**PRIVATE, "shared": heard}}
    nlp = load_model_from_config(config, auto_fill=True)
    nlp.initialize(lambda: make_examples(nlp))
    for _ in range(3):
        nlp.update(make_examples(nlp), sgd=nlp.create_optimizer())
    assert WIDTH and "${components.tok2vec" in nlp.config.to_str()
    path = tmp_path_factory.mktemp("saved") / "pipeline"
    nlp.to_disk(path)
    return path


def annotate(nlp):
    doc = nlp(TEXT)
    return doc.cats, [(span.start, span.end, span.label_, span._.confidence) for span in doc.ents]


@pytest.mark.parametrize("name", ["tok2vec", "sentiment", "ner"])
def test_a_renamed_component_is_found_by_those_that_need_it(saved, name, tmp_path):
    nlp = spacy.load(saved)
    expected = annotate(nlp)
    nlp.rename_pipe(name, "other")
    assert annotate(nlp) == expected
    nlp.to_disk(tmp_path / "renamed")
    loaded = spacy.load(tmp_path / "renamed")
    assert "other" in loaded.pipe_names and annotate(loaded) == expected
    losses = loaded.update(make_examples(loaded), sgd=loaded.resume_training())
    assert all(losses[one] > 0 for one in loaded.pipe_names)
    assert annotate(spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())) == expected
    # without a detour too
    losses = nlp.update(make_examples(nlp), sgd=nlp.resume_training())
    assert list(losses) == nlp.pipe_names and all(losses.values())


def test_what_is_left_without_its_encoder_is_saved(saved, tmp_path):
    nlp = spacy.load(saved)
    expected = annotate(nlp)
    for name in ("sentiment", "ner"):
        nlp.replace_listeners("tok2vec", name, ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    assert annotate(nlp) == expected
    nlp.to_disk(tmp_path / "alone")
    assert annotate(spacy.load(tmp_path / "alone")) == expected


@pytest.mark.parametrize("load", ["disk", "bytes", "config"])
def test_what_was_loaded_without_some_components_is_saved(saved, load, tmp_path):
    config = spacy.util.load_config(saved / "config.cfg")
    # settings elsewhere may refer to components too
    config["training"]["patience"] = WORD
    shutil.copytree(saved, tmp_path / "saved")
    config.to_disk(tmp_path / "saved" / "config.cfg")
    without = ["tok2vec", "ner"]
    if load == "disk":
        nlp = spacy.load(tmp_path / "saved", exclude=without)
    else:
        nlp = load_model_from_config(config, exclude=without)
        if load == "bytes":
            nlp.from_bytes(spacy.load(tmp_path / "saved").to_bytes(), exclude=without)
    assert nlp.pipe_names == ["sentiment"] and "${components" not in nlp.config.to_str()
    assert nlp.config["training"]["patience"] == WIDTH
    nlp.to_disk(tmp_path / "less")
    assert spacy.load(tmp_path / "less").pipe_names == ["sentiment"]
    # it finds an encoder again
    encoder = spacy.load(saved)
    nlp.add_pipe("tok2vec", source=encoder, first=True)
    if load == "disk":
        nlp.to_disk(tmp_path / "again")
        assert annotate(spacy.load(tmp_path / "again"))[0] == annotate(encoder)[0]


def test_variables_of_what_is_there_stay(saved):
    assert WORD in spacy.load(saved, disable=["tok2vec", "sentiment"]).config.to_str()
