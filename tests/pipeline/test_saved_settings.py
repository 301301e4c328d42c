"""What a saved pipeline brings along is what it has learned; how it is set comes from the config."""

import pytest
import spacy

from .toy_pipeline import build, make_examples

SETTINGS = [
    ("srl", "threshold", 0.9),
    ("srl", "predicates", "doc"),
    ("srl", "window", 3),
    ("srl", "spans_key", "roles"),
    ("srl", "unique_roles", []),
    ("srl", "score_gold_predicates", False),
    ("sentiment", "threshold", 0.9),
    ("ner", "spans_key", "things"),
    ("ner", "overwrite", True),
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "model"
    build(steps=2).to_disk(folder)
    return folder


@pytest.mark.parametrize("name,setting,value", SETTINGS)
def test_settings_are_those_of_the_config(saved, tmp_path, name, setting, value):
    nlp = spacy.load(saved, config={f"components.{name}.{setting}": value})
    assert nlp.config["components"][name][setting] == nlp.get_pipe(name).cfg[setting] == value
    nlp.to_disk(tmp_path / "again")
    again = spacy.load(tmp_path / "again")
    copy = spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
    for other in (again, copy):
        assert other.get_pipe(name).cfg == nlp.get_pipe(name).cfg
        assert other.get_pipe(name).labels == spacy.load(saved).get_pipe(name).labels


def test_an_edited_config_file(saved, tmp_path):
    nlp = spacy.load(saved)
    nlp.to_disk(tmp_path / "edited")
    path = tmp_path / "edited" / "config.cfg"
    path.write_text(path.read_text().replace("threshold = 0.5", "threshold = 1.0"))
    edited = spacy.load(tmp_path / "edited")
    assert edited.get_pipe("srl").predictor.threshold == 1.0
    doc = make_examples(nlp)[0].reference
    assert len(edited(doc.text).spans["srl"]) <= len(nlp(doc.text).spans["srl"])


def test_a_setting_takes_effect_also_after_a_prediction(saved):
    nlp = spacy.load(saved)
    nlp("Ana likes Oslo .")
    nlp.get_pipe("srl").cfg["threshold"] = 0.0
    doc = nlp("Ana likes Oslo .")
    assert len([span for span in doc.spans["srl"] if span.label_ == "V"]) == 4


@pytest.mark.parametrize("name,setting,value", [("ner", "scheme", "bio"), ("sentiment", "exclusive", False)])
def test_what_cannot_change_after_training(saved, name, setting, value):
    with pytest.raises(ValueError, match=f"MTL-E212.*'{name}'.*{setting}"):
        spacy.load(saved, config={f"components.{name}.{setting}": value})


def test_layers_keep_what_is_set(saved):
    nlp = spacy.load(saved, config={"components.sentiment.model.dropout": 0.25})
    rates = [node.attrs["rate"] for node in nlp.get_pipe("sentiment").model.walk() if "rate" in node.attrs]
    assert rates == [0.25]
    with pytest.raises(ValueError, match="MTL-E213.*'srl'"):
        spacy.load(saved, config={"components.srl.model.arguments.max_distance": 7})


def test_other_labels_are_told_of(saved):
    with pytest.warns(UserWarning, match="MTL-W212.*'sentiment'.*good, great"):
        nlp = spacy.load(saved, config={"components.sentiment.labels": ["good", "great"]})
    assert nlp.get_pipe("sentiment").labels == ("bad", "good")


def test_pipelines_of_before_load(saved, tmp_path):
    """They had all settings among what is learned."""
    nlp = spacy.load(saved)
    nlp.get_pipe("sentiment").cfg["labels_given"] = True
    nlp.get_pipe("srl").cfg["threshold"] = 0.5
    nlp.to_disk(tmp_path / "old")
    loaded = spacy.load(tmp_path / "old")
    assert loaded("Ana likes Oslo .").cats == pytest.approx(nlp("Ana likes Oslo .").cats)
    assert "labels_given" not in loaded.get_pipe("sentiment").cfg
