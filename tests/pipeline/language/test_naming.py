"""A pipeline whose components are renamed or removed is saved and loaded as it is."""

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


def test_what_is_left_without_its_encoder_is_saved(saved, tmp_path):
    nlp = spacy.load(saved)
    expected = annotate(nlp)
    for name in ("sentiment", "ner"):
        nlp.replace_listeners("tok2vec", name, ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    assert annotate(nlp) == expected
    nlp.to_disk(tmp_path / "alone")
    assert annotate(spacy.load(tmp_path / "alone")) == expected
