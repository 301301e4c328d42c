"""Config and meta data of a pipeline without some of its components."""

import pytest
import spacy
from spacy.util import load_config, registry
from thinc.api import Config

from spacy_mtl.balancing.balancer import Balancer
from spacy_mtl.data.writing import write_docs
from spacy_mtl.pipeline.extraction.extraction import extract

from ..shared_encoder import parameters
from ..toy_pipeline import build, make_docs, make_examples, train, train_config

CONFIG = """
[paths]
train = null

[vars]
width = 16
tasks = ["ner","sentiment"]

[nlp]
lang = "en"
pipeline = ["sentencizer","tok2vec","sentiment","ner","srl"]

[components]

[components.sentencizer]
factory = "sentencizer"

[components.tok2vec]
factory = "mtl_tok2vec"

[components.tok2vec.balancer]
@misc = "spacy-mtl.Weighted.v1"
weights = {"sentiment":2.0,"ner":0.5}

[components.tok2vec.model]
@architectures = "spacy.HashEmbedCNN.v2"
pretrained_vectors = null
width = ${vars.width}
depth = 1
embed_size = 100
window_size = 1
maxout_pieces = 2
subword_features = false

[components.sentiment]
factory = "mtl_textcat"
labels = ["bad","good"]

[components.sentiment.model]
@architectures = "spacy-mtl.TextCat.v1"
pooling = ["mean"]

[components.sentiment.model.tok2vec]
@architectures = "spacy.Tok2VecListener.v1"
width = ${components.tok2vec.model.width}
upstream = "tok2vec"

[components.ner]
factory = "mtl_ner"

[components.ner.model]
@architectures = "spacy-mtl.CRFTagger.v1"
hidden_width = 8
tok2vec = ${components.sentiment.model.tok2vec}

[components.srl]
factory = "mtl_srl"

[components.srl.model]
@architectures = "spacy-mtl.SRL.v1"
predicate_width = ${components.ner.model.hidden_width}

[components.srl.model.arguments]
@architectures = "spacy-mtl.ConcatArguments.v1"
hidden_width = 16

[components.srl.model.tok2vec]
@architectures = "spacy.Tok2VecListener.v1"
width = ${components.tok2vec.model.width}
upstream = "tok2vec"

[corpora]

[corpora.train]
@readers = "spacy-mtl.MultiTaskCorpus.v1"

[corpora.train.sources]

[corpora.train.sources.reviews]
@readers = "spacy-mtl.Source.v1"
path = ${paths.train}
tasks = ["sentiment"]

[corpora.train.sources.news]
@readers = "spacy-mtl.Source.v1"
path = ${paths.train}
tasks = ["ner","srl"]

[corpora.train.sources.letters]
@readers = "spacy-mtl.Source.v1"
path = ${paths.train}
tasks = ${vars.tasks}

[corpora.dev]
@readers = "spacy-mtl.Corpus.v1"
path = ${paths.train}

[training]
seed = 0
gpu_allocator = null
max_steps = 2
eval_frequency = 1
train_corpus = "corpora.train"
dev_corpus = "corpora.dev"
annotating_components = ["sentencizer","ner"]

[training.batcher]
@batchers = "spacy-mtl.batch_by_sampler.v1"

[training.batcher.sampler]
@misc = "spacy-mtl.WeightedSampler.v1"
weights = {"reviews":3.0,"news":1.0,"letters":0.0}

[training.batcher.batcher]
@batchers = "spacy.batch_by_words.v1"
size = 20
discard_oversize = false
tolerance = 0.2

[training.optimizer]
@optimizers = "Adam.v1"

[training.score_weights]
sentiment_acc = 0.3
sentiment_extra = 0.1
ents_f = 0.3
srl_argument_f = 0.3
own_score = null
sents_f = null

[initialize]

[initialize.components]

[initialize.components.sentiment]
labels = ["bad","good"]

[initialize.components.ner]
labels = ["LOC","PER"]
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "train.spacy"
    docs = make_docs(spacy.blank("en"))
    write_docs(docs, path)
    return path


@pytest.fixture(scope="module")
def folder(corpus, tmp_path_factory):
    config = Config().from_str(CONFIG, interpolate=False, overrides={"paths.train": str(corpus)})
    folder = tmp_path_factory.mktemp("trained") / "output"
    train_config(config, folder)
    return folder / "model-last"


@pytest.fixture
def configured(folder):
    """A pipeline as `spacy train` leaves it, with variables in its config and scores in its meta data."""
    return spacy.load(folder)


def test_config_without_the_dropped(configured):
    configured.config["training"]["frozen_components"] = ["sentiment", "tok2vec"]
    extracted = extract(configured, ["srl"])
    raw, config = extracted.config, extracted.config.interpolate()
    assert raw["nlp"]["pipeline"] == list(raw["components"]) == ["sentencizer", "tok2vec", "srl"]
    assert raw["components"]["tok2vec"]["balancer"]["weights"] == {}
    assert raw["components"]["srl"]["model"]["tok2vec"]["width"] == "${components.tok2vec.model.width}"
    assert "sentiment" not in raw["initialize"]["components"] and "ner" not in raw["initialize"]["components"]
    assert raw["components"]["srl"]["model"]["predicate_width"] == 8
    assert config["training"]["frozen_components"] == ["tok2vec"]
    assert config["training"]["annotating_components"] == ["sentencizer"]
    sources = raw["corpora"]["train"]["sources"]
    assert {name: source["tasks"] for name, source in sources.items()} == {"news": ["srl"]}
    assert sources["news"]["path"] == "${paths.train}"
    assert config["training"]["batcher"]["sampler"]["weights"] == {"news": 1.0}
    weights = config["training"]["score_weights"]
    assert weights["srl_argument_f"] == 1.0 and weights["own_score"] is None
    assert not [score for score in weights if score.startswith(("sentiment", "cats", "ents"))]


def test_variables_that_refer_to_what_is_dropped_become_values(configured):
    extracted = extract(configured, ["ner"])
    assert extracted.config["components"]["ner"]["model"]["tok2vec"]["width"] == 16
    sources = extracted.config.interpolate()["corpora"]["train"]["sources"]
    assert {name: source["tasks"] for name, source in sources.items()} == {"news": ["ner"], "letters": ["ner"]}
    assert extracted.config["components"]["tok2vec"]["balancer"]["weights"] == {"ner": 0.5}
    assert extracted.config["initialize"]["components"] == {"ner": {"labels": ["LOC", "PER"]}}


def test_a_sampler_without_weights_above_zero_takes_all_alike(configured):
    sampler = configured.config["training"]["batcher"]["sampler"]
    sampler["weights"] = {"reviews": 3.0, "news": 0.0, "letters": 0.0}
    extracted = extract(configured, ["ner"])
    assert extracted.config["training"]["batcher"]["sampler"]["weights"] == {"news": 1.0, "letters": 1.0}


def test_the_order_of_a_sampler(configured):
    sampler = {"@misc": "spacy-mtl.SequentialSampler.v1", "order": ["reviews", "letters"]}
    configured.config["training"]["batcher"]["sampler"] = sampler
    extracted = extract(configured, ["ner"])
    assert extracted.config["training"]["batcher"]["sampler"]["order"] == ["letters"]


def test_meta_data_without_the_dropped(configured):
    assert {"sentiment_acc", "ents_f", "ner_loss"} <= set(configured.meta["performance"])
    meta = extract(configured, ["srl"]).meta
    assert list(meta["labels"]) == meta["pipeline"] == meta["components"] == ["sentencizer", "tok2vec", "srl"]
    assert {"srl_argument_f", "srl_loss", "tok2vec_loss"} <= set(meta["performance"])
    assert not [score for score in meta["performance"] if score.startswith(("sentiment", "cats", "ents", "ner"))]


@pytest.mark.parametrize("tasks", [["sentiment"], ["ner"], ["srl"], ["ner", "sentiment"]])
def test_the_saved_config_can_be_trained(configured, tasks, tmp_path):
    extract(configured, tasks).to_disk(tmp_path / "pipeline")
    config = load_config(tmp_path / "pipeline" / "config.cfg")
    fresh = train_config(config, tmp_path / "fresh")
    for name in config["components"]:
        config["components"][name] = {"source": str(tmp_path / "pipeline")}
    further = train_config(config, tmp_path / "further")
    extracted = spacy.load(tmp_path / "pipeline")
    for trained in (fresh, further):
        assert trained.pipe_names == extracted.pipe_names
        assert any((parameters(trained, task) != parameters(extracted, task)).any() for task in tasks)
    # two steps from where it was, and from the start
    distance = [abs(parameters(nlp) - parameters(extracted)).max() for nlp in (further, fresh)]
    assert 0 < distance[0] < distance[1]


def test_scores_of_similar_names():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_textcat", name="genre", config={"labels": ["a", "b"]})
    nlp.add_pipe("mtl_textcat", name="genre_2", config={"labels": ["c", "d"]})
    weights = {"genre_acc": 0.5, "genre_2_acc": 0.5, "cats_score": None}
    nlp.config["training"]["score_weights"] = weights
    found = extract(nlp, ["genre_2"]).config["training"]["score_weights"]
    assert found["genre_2_acc"] == 1.0 and "genre_acc" not in found
    found = extract(nlp, ["genre"]).config["training"]["score_weights"]
    assert found["genre_acc"] == 1.0 and "genre_2_acc" not in found


def test_scores_without_weight_take_those_of_the_factory():
    nlp = build(steps=0)
    nlp.config["training"]["score_weights"].update({"ents_f": 0.0, "srl_argument_f": 1.0, "cats_score": 0.0})
    weights = extract(nlp, ["ner"]).config["training"]["score_weights"]
    assert weights == {"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None}


def test_weights_that_leave_nothing_become_the_sum():
    balancer = {"@misc": "spacy-mtl.Weighted.v1", "weights": {"ner": 1.0, "srl": 0.0}, "default": 0.0}
    nlp = build(steps=0, balancer=balancer)
    assert extract(nlp, ["ner"]).config["components"]["tok2vec"]["balancer"]["weights"] == {"ner": 1.0}
    extracted = extract(nlp, ["sentiment", "srl"])
    assert extracted.config["components"]["tok2vec"]["balancer"] == {"@misc": "spacy-mtl.Sum.v1"}
    train(extracted, make_examples(extracted), steps=1)


@registry.misc("BalancerOfTwo.v1")
def make_balancer_of_two():
    return BalancerOfTwo()


class BalancerOfTwo(Balancer):
    """Compares tasks, and has nothing to do for one alone."""

    def __call__(self, gradients, *report):
        return sum(gradients.values())

    def validate(self, names):
        if len(names) < 2:
            raise ValueError("expected two tasks")


def test_a_balancer_that_needs_two_tasks():
    block = {"@misc": "BalancerOfTwo.v1"}
    nlp = build(steps=0, balancer=block)
    assert extract(nlp, ["ner", "srl"]).config["components"]["tok2vec"]["balancer"] == block
    alone = extract(nlp, ["ner"])
    assert alone.config["components"]["tok2vec"]["balancer"] == {"@misc": "spacy-mtl.Sum.v1"}
    train(alone, make_examples(alone), steps=1)
