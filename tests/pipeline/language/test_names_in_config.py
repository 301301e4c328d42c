"""What a pipeline says of a component outside its block follows when the component is renamed."""

import pytest
import spacy
from spacy.util import registry
from thinc.api import Config

from spacy_mtl.pipeline.tok2vec.component import MultiTaskTok2Vec

from ..toy_pipeline import CNN, build, head_config, make_examples, predictions, train, train_config

TRAINING = """
[training]
frozen_components = ["tok2vec","ner"]
annotating_components = ["tok2vec"]

[training.before_to_disk]
@callbacks = "spacy-mtl.without_scaffold.v1"
components = ["ner","srl"]

[training.logger]
@loggers = "spacy-mtl.ConsoleLogger.v1"
columns = ["loss_ner","scores","ner_f","ents_f"]

[training.score_weights]
ents_f = 0.2
ner_f = 0.3
ner_per_type = null
sentiment_acc = 0.5
ner_mine_f = 0.0

[corpora]

[corpora.train]
@readers = "spacy-mtl.MultiTaskCorpus.v1"

[corpora.train.sources]

[corpora.train.sources.ner]
@readers = "spacy-mtl.Source.v1"
path = "ner.spacy"
tasks = ["ner"]

[corpora.train.sources.other]
@readers = "spacy-mtl.Source.v1"
path = "other.spacy"
tasks = ["sentiment","ner"]
"""


def make_nlp(**settings):
    nlp = build(steps=2, **settings)
    nlp._config = Config(nlp.config).merge(Config().from_str(TRAINING))
    return nlp


def test_names_in_the_config_follow():
    nlp = make_nlp()
    nlp.meta["performance"] = {"ner_f": 0.9, "ents_f": 0.8, "speed": 1.0}
    weights = dict(nlp.config["training"]["score_weights"])
    nlp.rename_pipe("ner", "names")
    training, sources = nlp.config["training"], nlp.config["corpora"]["train"]["sources"]
    assert (training["frozen_components"], training["annotating_components"]) == (["tok2vec", "names"], ["tok2vec"])
    assert training["before_to_disk"]["components"] == ["names", "srl"]
    assert training["logger"]["columns"] == ["loss_names", "scores", "names_f", "ents_f"]
    renamed = {"ner_f": "names_f", "ner_per_type": "names_per_type", "ner_mine_f": "names_mine_f"}
    assert weights.keys() >= renamed.keys()
    assert training["score_weights"] == {renamed.get(score, score): weight for score, weight in weights.items()}
    # a source may be called as it likes
    assert {name: source["tasks"] for name, source in sources.items()} == {
        "ner": ["names"],
        "other": ["sentiment", "names"],
    }
    assert nlp.meta["performance"] == {"names_f": 0.9, "ents_f": 0.8, "speed": 1.0}
    scores = nlp.evaluate(make_examples(nlp))
    assert {"names_f", "ents_f"} <= set(scores) and "ner_f" not in scores


def test_scores_that_are_given_as_before_keep_their_names():
    """Those of the span group "srl" are called like the component by chance; others belong to a longer name."""
    nlp = build(steps=1)
    nlp.add_pipe("mtl_ner", name="srl_more", config=head_config("ner"))
    weights = {"srl_argument_f": 0.5, "srl_more_f": 0.5, "srl_predicate_f": 0.0}
    nlp.config["training"]["score_weights"].update(weights)
    nlp.rename_pipe("srl", "roles")
    assert set(weights) <= set(nlp.config["training"]["score_weights"])


def test_a_disabled_component_stays_disabled(tmp_path):
    nlp = make_nlp()
    nlp.disable_pipe("ner")
    nlp.rename_pipe("ner", "names")
    assert nlp.disabled == ["names"] and nlp.get_pipe("names").name == "names"
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path).disabled == ["names"]


def test_a_frozen_component_stays_frozen(tmp_path):
    nlp = build(heads=("sentiment", "ner"), steps=5)
    nlp.config["training"].update(frozen_components=["tok2vec", "ner"], annotating_components=["tok2vec"], max_steps=3)
    nlp.rename_pipe("ner", "names")
    nlp.rename_pipe("tok2vec", "encoder")
    nlp.to_disk(tmp_path / "renamed")
    registry.readers("test_renamed.v1")(lambda: make_examples)
    config = Config(nlp.config)
    config["corpora"] = {part: {"@readers": "test_renamed.v1"} for part in ("train", "dev")}
    config["components"] = {name: {"source": str(tmp_path / "renamed")} for name in nlp.pipe_names}
    trained = train_config(config, tmp_path / "trained")
    assert predictions(trained)["ner"] == predictions(nlp)["ner"]
    assert predictions(trained)["sentiment"] != predictions(nlp)["sentiment"]


@pytest.mark.parametrize(
    "balancer",
    [
        {"@misc": "spacy-mtl.Weighted.v1", "weights": {"ner": 0.5, "srl": 2.0}},
        {"@misc": "spacy-mtl.GradNorm.v1"},
        {"@misc": "spacy-mtl.TargetDistributionAveraging.v1"},
    ],
)
def test_balancers_go_on_under_the_new_name(balancer):
    nlp, other = build(balancer=balancer, steps=4), build(balancer=balancer, steps=4)
    nlp.rename_pipe("ner", "names")
    loaded = spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
    for one in (nlp, other, loaded):
        train(one, make_examples(one), 3)
    expected = predictions(other)
    assert predictions(nlp) == expected and predictions(loaded) == expected
    weights = {
        name.replace("names", "ner"): weight for name, weight in nlp.get_pipe("tok2vec").balancer.last_weights.items()
    }
    assert weights == other.get_pipe("tok2vec").balancer.last_weights and "ner" in weights


def test_a_task_may_be_called_like_a_setting():
    nlp = spacy.blank("en")
    balancer = {"@misc": "spacy-mtl.Weighted.v1", "weights": {"weights": 0.5}}
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN, "balancer": balancer})
    nlp.add_pipe("mtl_ner", name="weights", config=head_config("ner"))
    nlp.rename_pipe("weights", "ner")
    encoder = nlp.get_pipe("tok2vec")
    assert isinstance(encoder, MultiTaskTok2Vec) and encoder.balancer.weights == {"ner": 0.5}
    assert nlp.config["components"]["tok2vec"]["balancer"]["weights"] == {"ner": 0.5}
