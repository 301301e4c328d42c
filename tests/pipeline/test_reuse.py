"""Pipelines put together from parts of others, and new heads on trained encoders."""

import copy
import warnings

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.util import load_config
from thinc.api import Config

from spacy_mtl.data.writing import write_docs

from .shared_encoder import parameters
from .toy_pipeline import (
    CNN,
    TORCH,
    build,
    head_config,
    make_docs,
    make_examples,
    predictions,
    train,
    train_config,
)

ENCODER = "tok2vec"
OLD = ("ner", "srl")
OPTIMIZER = {"@optimizers": "Adam.v1", "learn_rate": 0.01}


class Trained:
    """A pipeline with all tasks but sentiment, in a folder, and what it predicts."""

    def __init__(self, model, folder):
        nlp = build(model, heads=OLD, steps=15)
        nlp.to_disk(folder)
        self.path = str(folder)
        self.expected = only_old(predictions(nlp))

    def load(self):
        return spacy.load(self.path)

    def is_predicted_by(self, nlp, names=OLD):
        found = predictions(nlp)
        return {name: found[name] == self.expected[name] for name in names}


def only_old(found):
    return {name: found[name] for name in OLD}


SAME = dict.fromkeys(OLD, True)


@pytest.fixture(scope="module", params=["cnn", "torch", "pretrained"])
def trained(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reuse")
    if request.param == "cnn":
        model = CNN
    elif request.param == "torch":
        pytest.importorskip("torch")
        model = TORCH
    else:
        pytest.importorskip("torch")
        pytest.importorskip("spacy_transformers")
        from tests.encoders.pretrained.tiny_transformer import encoder_config, write_bert

        model = encoder_config(write_bert(folder / "bert"))
    return Trained(model, folder / "trained")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Texts of which only the sentiment is known."""
    docs = []
    for doc in make_docs(spacy.blank("en")):
        docs.append(Doc(doc.vocab, words=[token.text for token in doc]))
        docs[-1].cats = doc.cats
    path = tmp_path_factory.mktemp("corpus") / "sentiment.spacy"
    write_docs(docs, path)
    return path


def weights(nlp, name):
    """All parameters of a component, those of torch included."""
    tensors = [
        tensor.numpy().tobytes()
        for node in nlp.get_pipe(name).model.walk()
        for shim in node.shims
        for tensor in shim._model.state_dict().values()
    ]
    return parameters(nlp, name).tobytes() + b"".join(tensors)


def sentiment_examples(nlp):
    examples = make_examples(nlp)
    for example in examples:
        example.reference.set_ents([], default="missing")
        del example.reference.spans["srl"]
    return examples


def make_config(trained, corpus, heads=OLD, replaced=(), encoder=True, steps=10, **training):
    """A config with parts of a trained pipeline and a new head for sentiment."""
    components = {ENCODER: {"source": trained.path}} if encoder else {}
    for name in heads:
        components[name] = {"source": trained.path}
        if name in replaced:
            components[name]["replace_listeners"] = ["model.tok2vec"]
    if encoder:
        components["sentiment"] = {"factory": "mtl_textcat", **copy.deepcopy(head_config("sentiment"))}
        components["sentiment"]["model"] = {
            "@architectures": "spacy-mtl.TextCat.v1",
            "pooling": ["mean"],
            **components["sentiment"]["model"],
        }
    reader = {"@readers": "spacy-mtl.Corpus.v1", "path": str(corpus)}
    return Config(
        {
            "nlp": {"lang": "en", "pipeline": list(components)},
            "components": components,
            "corpora": {"train": reader, "dev": reader},
            "training": {
                "seed": 0,
                "gpu_allocator": None,
                "max_steps": steps,
                "eval_frequency": steps,
                "train_corpus": "corpora.train",
                "dev_corpus": "corpora.dev",
                "optimizer": OPTIMIZER,
                "batcher": {"@batchers": "spacy.batch_by_sequence.v1", "size": 12},
                **training,
            },
        }
    )


# An encoder for a head alone.


def test_a_head_with_an_encoder_of_its_own(trained, tmp_path):
    nlp = trained.load()
    nlp.replace_listeners(ENCODER, "ner", ["model.tok2vec"])
    assert nlp.get_pipe(ENCODER).listening_components == ["srl"]
    nlp.to_disk(tmp_path / "replaced")
    assert trained.is_predicted_by(nlp) == trained.is_predicted_by(spacy.load(tmp_path / "replaced")) == SAME


def test_the_copy_of_the_encoder_learns_alone(trained):
    nlp = trained.load()
    nlp.replace_listeners(ENCODER, "ner", ["model.tok2vec"])
    before = weights(nlp, ENCODER), weights(nlp, "ner")
    examples = make_examples(nlp)
    train(nlp, examples, steps=2, exclude=["tok2vec", "srl"])
    assert weights(nlp, ENCODER) == before[0]
    after = weights(nlp, "ner")
    assert after != before[1]
    train(nlp, examples, steps=2, exclude=["ner"])
    assert weights(nlp, ENCODER) != before[0]
    assert weights(nlp, "ner") == after


def test_no_shared_encoder_is_left(trained, tmp_path):
    nlp = trained.load()
    for name in OLD:
        nlp.replace_listeners(ENCODER, name, ["model.tok2vec"])
    nlp.remove_pipe(ENCODER)
    nlp.to_disk(tmp_path / "alone")
    found = spacy.load(tmp_path / "alone")
    assert found.pipe_names == list(OLD)
    assert trained.is_predicted_by(found) == SAME
    train(found, make_examples(found), steps=1)


# Some components for a while.


def test_selected_components(trained):
    nlp = trained.load()
    with nlp.select_pipes(disable=["srl"]):
        found = predictions(nlp)
        assert found["ner"] == trained.expected["ner"] and set(found["srl"]) == {None}
        before = weights(nlp, "srl"), weights(nlp, "ner"), weights(nlp, ENCODER)
        train(nlp, make_examples(nlp), steps=2)
        assert weights(nlp, "srl") == before[0]
        assert weights(nlp, "ner") != before[1] and weights(nlp, ENCODER) != before[2]
    nlp = trained.load()
    with nlp.select_pipes(enable=[ENCODER, "srl"]):
        assert predictions(nlp)["srl"] == trained.expected["srl"]
    assert trained.is_predicted_by(nlp) == SAME
    # without its encoder a head is given zeros
    with nlp.select_pipes(enable=["ner"]):
        entities = predictions(nlp)["ner"]
    assert entities != trained.expected["ner"] and len({str(of_doc) for of_doc in entities}) == 1


# Components of another pipeline.


def test_encoder_and_head_of_another_pipeline(trained, tmp_path):
    other, nlp = trained.load(), spacy.blank("en")
    nlp.add_pipe(ENCODER, source=other)
    nlp.add_pipe("ner", source=other)
    assert trained.is_predicted_by(nlp, ["ner"]) == {"ner": True}
    nlp.to_disk(tmp_path / "sourced")
    assert trained.is_predicted_by(spacy.load(tmp_path / "sourced"), ["ner"]) == {"ner": True}
    # both pipelines hold the same component, and the encoder knows the listeners of one
    assert nlp.get_pipe(ENCODER) is other.get_pipe(ENCODER)
    assert other.get_pipe(ENCODER).listening_components == ["ner"]
    train(nlp, make_examples(nlp), steps=1)


def test_an_encoder_under_another_name(trained):
    other, nlp = trained.load(), spacy.blank("en")
    nlp.add_pipe(ENCODER, name="encoder", source=other)
    nlp.add_pipe("ner", source=other)
    assert trained.is_predicted_by(nlp, ["ner"]) == {"ner": True}
    assert nlp.get_pipe("encoder").listening_components == []
    with pytest.raises(ValueError, match="E203"):
        nlp.update(make_examples(nlp))


def test_a_head_alone_is_given_zeros(trained):
    nlp = spacy.blank("en")
    nlp.add_pipe("ner", source=trained.load())
    entities = predictions(nlp)["ner"]
    assert entities != trained.expected["ner"] and len({str(of_doc) for of_doc in entities}) == 1


def test_a_head_alone_with_its_encoder_inside(trained, tmp_path):
    other = trained.load()
    other.replace_listeners(ENCODER, "ner", ["model.tok2vec"])
    target = build(CNN, heads=("sentiment",), steps=2)
    sentiment = predictions(target)["sentiment"]
    target.add_pipe("ner", source=other)
    target.to_disk(tmp_path / "sourced")
    for nlp in (target, spacy.load(tmp_path / "sourced")):
        found = predictions(nlp)
        assert (found["sentiment"], found["ner"]) == (sentiment, trained.expected["ner"])


def test_a_head_on_the_encoder_of_another(trained):
    target = build(CNN, heads=("sentiment",), steps=2)
    target.add_pipe("ner", source=trained.load())
    assert trained.is_predicted_by(target, ["ner"]) == {"ner": False}
    # it listens, so that it can learn the encoder that it has now
    assert target.get_pipe(ENCODER).listening_components == ["sentiment", "ner"]
    train(target, make_examples(target), steps=60)
    found = predictions(target)["ner"]
    gold = [[(entity.start, entity.end, entity.label_) for entity in doc.ents] for doc in make_docs(target)]
    assert [[entity[:3] for entity in of_doc] for of_doc in found] == gold


def test_sources_in_a_config(trained, corpus):
    config = make_config(trained, corpus)
    nlp = init_nlp(config)
    assert nlp.get_pipe(ENCODER).listening_components == ["ner", "srl", "sentiment"]
    assert trained.is_predicted_by(nlp) == SAME
    alone = init_nlp(make_config(trained, corpus, heads=["ner"], replaced=["ner"], encoder=False))
    assert alone.pipe_names == ["ner"]
    assert trained.is_predicted_by(alone, ["ner"]) == {"ner": True}


# A new head.


def test_a_new_head_on_a_frozen_encoder(trained, corpus, tmp_path):
    frozen = [ENCODER, *OLD]
    config = make_config(trained, corpus, steps=20, frozen_components=frozen, annotating_components=[ENCODER])
    nlp = train_config(config, tmp_path / "output")
    assert trained.is_predicted_by(nlp) == SAME
    assert weights(nlp, ENCODER) == weights(trained.load(), ENCODER)
    assert learned_something(nlp, init_nlp(config))


def test_a_new_head_on_a_frozen_encoder_in_python(trained):
    nlp = trained.load()
    nlp.add_pipe("mtl_textcat", name="sentiment", config=head_config("sentiment"))
    examples = sentiment_examples(nlp)
    nlp.get_pipe("sentiment").initialize(lambda: examples, nlp=nlp)
    untrained = copy.deepcopy(nlp)
    with nlp.select_pipes(enable=[ENCODER, "sentiment"]):
        train(nlp, examples, steps=20, exclude=[ENCODER], annotates=[ENCODER])
    assert trained.is_predicted_by(nlp) == SAME
    assert learned_something(nlp, untrained)


def test_an_encoder_that_learns_moves_under_frozen_heads(trained, corpus, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nlp = train_config(make_config(trained, corpus, frozen_components=list(OLD)), tmp_path / "output")
    assert {name: weights(nlp, name) == weights(trained.load(), name) for name in OLD} == SAME
    assert trained.is_predicted_by(nlp) == dict.fromkeys(OLD, False)


def test_frozen_heads_with_their_own_copies_stay(trained, corpus, tmp_path):
    config = make_config(trained, corpus, replaced=OLD, frozen_components=list(OLD))
    nlp = train_config(config, tmp_path / "output")
    assert nlp.get_pipe(ENCODER).listening_components == ["sentiment"]
    assert weights(nlp, ENCODER) != weights(trained.load(), ENCODER)
    assert trained.is_predicted_by(nlp) == SAME
    assert learned_something(nlp, init_nlp(config))


def learned_something(nlp, untrained):
    """Whether the new head's mean probability of the right label is higher than before."""

    def mean(pipeline):
        found = predictions(pipeline)["sentiment"]
        gold = [doc.cats for doc in make_docs(pipeline)]
        return sum(cats["good"] if right["good"] else cats["bad"] for cats, right in zip(found, gold)) / len(gold)

    return mean(nlp) > mean(untrained) + 0.001


def test_own_predictions_as_annotation_protect_old_heads(tmp_path_factory, corpus):
    """Rehearsal: how much of the old predictions is left, with it and without."""
    trained = Trained(CNN, tmp_path_factory.mktemp("rehearsal") / "trained")
    left = {}
    for rehearse in (False, True):
        nlp = trained.load()
        nlp.add_pipe("mtl_textcat", name="sentiment", config=head_config("sentiment"))
        examples = sentiment_examples(nlp)
        nlp.get_pipe("sentiment").initialize(lambda found=examples: found, nlp=nlp)
        if rehearse:
            examples = [rehearsal_example(trained.load(), example) for example in examples]
        train(nlp, examples, steps=40)
        found = predictions(nlp)["ner"]
        pairs = zip(found, trained.expected["ner"], strict=True)
        left[rehearse] = sum([e[:3] for e in one] == [e[:3] for e in other] for one, other in pairs)
    assert left[True] == len(trained.expected["ner"])
    assert left[False] < left[True] / 2


def rehearsal_example(teacher, example):
    reference = teacher(Doc(example.reference.vocab, words=[token.text for token in example.reference]))
    reference.cats = example.reference.cats
    return Example(example.predicted, reference)


def test_sourced_weights_of_a_balancer_ask_for_all_their_heads(tmp_path, corpus):
    balancer = {"@misc": "spacy-mtl.Weighted.v1", "weights": {"ner": 2.0, "srl": 1.0}}
    nlp = build(CNN, heads=OLD, steps=0, balancer=balancer)
    nlp.to_disk(tmp_path / "joint")
    target = spacy.blank("en")
    source = spacy.load(tmp_path / "joint")
    for name in (ENCODER, "ner"):
        target.add_pipe(name, source=source)
    with pytest.raises(ValueError, match=r"MTL-E403.*\['srl'\].*\['ner'\]"):
        target.update(make_examples(target))
    config = load_config(tmp_path / "joint" / "config.cfg")
    assert config["components"][ENCODER]["balancer"]["weights"] == {"ner": 2.0, "srl": 1.0}
