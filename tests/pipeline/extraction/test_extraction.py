"""Some tasks of a pipeline as a pipeline of its own."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.util import registry

from spacy_mtl.balancing.balancer import Balancer
from spacy_mtl.pipeline.extraction.extraction import extract

from ..toy_pipeline import CNN, HEADS, TORCH, build, make_examples, predictions, train

WEIGHTED = {"@misc": "spacy-mtl.Weighted.v1", "weights": {"sentiment": 2.0, "ner": 0.5}, "default": 1.0}


@pytest.fixture(scope="module", params=["cnn", "torch"])
def trained(request):
    """A trained pipeline and what it predicts."""
    if request.param == "torch":
        pytest.importorskip("torch")
    model = {"cnn": CNN, "torch": TORCH}[request.param]
    nlp = build(model, steps=15, balancer=WEIGHTED, first=("sentencizer",))
    return nlp, predictions(nlp)


@pytest.fixture(scope="module")
def untrained():
    return build(steps=0, balancer=WEIGHTED, first=("sentencizer",))


@pytest.mark.parametrize("tasks", [["sentiment"], ["ner"], ["srl"], ["srl", "ner"], list(HEADS)])
def test_predicts_the_same_to_the_last_bit(trained, tasks, tmp_path):
    nlp, expected = trained
    extracted = extract(nlp, tasks)
    sentences = ["sentencizer"] if {"srl", "ner"} & set(tasks) else []
    assert extracted.pipe_names == [*sentences, "tok2vec", *(name for name in HEADS if name in tasks)]
    assert extracted.get_pipe("tok2vec").listening_components == [name for name in HEADS if name in tasks]
    extracted.to_disk(tmp_path / "pipeline")
    for found in (predictions(extracted), predictions(spacy.load(tmp_path / "pipeline"))):
        for name in HEADS:
            nothing = {"sentiment": {}, "ner": [], "srl": None}[name]
            assert found[name] == (expected[name] if name in tasks else [nothing] * len(expected[name]))


def test_a_pretrained_encoder(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("spacy_transformers")
    from tests.encoders.pretrained.tiny_transformer import encoder_config, write_bert

    nlp = build(encoder_config(write_bert(tmp_path / "bert")), steps=2)
    expected = predictions(nlp)["sentiment"]
    assert len({cats["good"] for cats in expected}) > 1
    extract(nlp, ["sentiment"]).to_disk(tmp_path / "pipeline")
    assert predictions(spacy.load(tmp_path / "pipeline"))["sentiment"] == expected


def test_the_pipeline_is_left_as_it_is(trained):
    nlp, expected = trained
    config, meta, parts = nlp.config.to_str(), dict(nlp.meta), nlp.to_bytes()
    extracted = extract(nlp, ["ner"])
    train(extracted, make_examples(extracted), steps=2)
    assert predictions(extracted)["ner"] != expected["ner"]
    assert (nlp.config.to_str(), nlp.meta, nlp.to_bytes()) == (config, meta, parts)
    assert nlp.get_pipe("tok2vec").listening_components == list(HEADS)
    assert predictions(nlp) == expected


def test_a_head_with_an_encoder_of_its_own(trained, tmp_path):
    nlp, expected = trained
    nlp.to_disk(tmp_path / "joint")
    nlp = spacy.load(tmp_path / "joint")
    nlp.replace_listeners("tok2vec", "ner", ["model.tok2vec"])
    extracted = extract(nlp, ["ner"])
    assert extracted.pipe_names == ["sentencizer", "ner"]
    assert predictions(extracted)["ner"] == expected["ner"]
    assert extract(nlp, ["srl"]).get_pipe("tok2vec").listening_components == ["srl"]


def test_in_steps_or_at_once(trained):
    nlp, expected = trained
    at_once = extract(nlp, ["srl"])
    for other in (extract(extract(nlp, ["ner", "srl"]), ["srl"]), extract(at_once, ["srl"])):
        assert other.config.to_str() == at_once.config.to_str()
        assert other.meta == at_once.meta
        assert predictions(other)["srl"] == expected["srl"]


def test_vocabulary_and_tokenizer_are_kept():
    nlp = build(steps=0)
    nlp.tokenizer.add_special_case("Oslofjord", [{"ORTH": "Oslo"}, {"ORTH": "fjord"}])
    nlp.vocab.set_vector("Oslo", numpy.arange(4, dtype="float32"))
    nlp.vocab.vectors.name = "four_numbers"
    extracted = extract(nlp, ["ner"])
    assert extracted.vocab is not nlp.vocab
    assert [token.text for token in extracted("Oslofjord")] == ["Oslo", "fjord"]
    assert extracted.vocab.get_vector("Oslo").tolist() == [0, 1, 2, 3]
    assert extracted.meta["vectors"] == nlp.meta["vectors"] and nlp.meta["vectors"]["name"] == "four_numbers"


@pytest.mark.parametrize(
    "tasks,message",
    [
        ([], r"MTL-E730.*\['sentencizer', 'sentiment', 'ner', 'srl'\]"),
        (["ner", "nre"], r"MTL-E731.*'nre'.*\['sentencizer', 'sentiment', 'ner', 'srl'\]"),
        (["tok2vec"], r"MTL-E732.*'tok2vec'.*\['sentencizer', 'sentiment', 'ner', 'srl'\]"),
    ],
)
def test_wrong_tasks(untrained, tasks, message):
    with pytest.raises(ValueError, match=message):
        extract(untrained, tasks)


@pytest.mark.parametrize("disabled", [["ner", "srl"], ["sentencizer"]])
def test_disabled_components(disabled):
    nlp = build(steps=0, first=("sentencizer",))
    for name in disabled:
        nlp.disable_pipe(name)
    extracted = extract(nlp, ["srl"])
    assert extracted.pipe_names == extracted.component_names
    assert extracted.pipe_names == [
        name for name in ("sentencizer", "tok2vec", "srl") if name not in {*disabled} - {"srl"}
    ]


def test_only_what_is_named(trained):
    nlp, expected = trained
    extracted = extract(nlp, ["srl"], only=True)
    assert extracted.pipe_names == ["tok2vec", "srl"]
    one_sentence = ["Ana likes Oslo"]
    assert predictions(extracted, one_sentence)["srl"] == predictions(nlp, one_sentence)["srl"] != [[]]


def test_empty_docs(trained):
    nlp, _ = trained
    extracted = extract(nlp, ["ner", "srl"])
    assert [len(doc) for doc in extracted.pipe([Doc(extracted.vocab), extracted.make_doc("Ana")])] == [0, 1]


@registry.misc("CountingBalancer.v1")
def make_counting_balancer():
    return CountingBalancer()


class CountingBalancer(Balancer):
    """Counts the reports of each task, and goes on counting after loading."""

    def __init__(self):
        super().__init__()
        self.counts = {}

    def __call__(self, gradients, *report):
        for name in gradients:
            self.counts[name] = self.counts.get(name, 0) + 1
        return sum(gradients.values())

    def get_state(self):
        return {"counts": dict(self.counts)}

    def set_state(self, state):
        self.counts = state["counts"]


def test_what_a_balancer_has_learned():
    nlp = build(steps=2, heads=("sentiment", "ner"), balancer={"@misc": "CountingBalancer.v1"})
    nlp.get_pipe("tok2vec").close_batch()
    counts = {"sentiment": 2, "ner": 2}
    assert nlp.get_pipe("tok2vec").balancer.counts == counts
    assert extract(nlp, ["sentiment", "ner"]).get_pipe("tok2vec").balancer.counts == counts
    # of the dropped task nothing is known any more, and the others' part makes sense with it alone
    assert extract(nlp, ["ner"]).get_pipe("tok2vec").balancer.counts == {}
    assert nlp.get_pipe("tok2vec").balancer.counts == counts


def test_meta_data_of_a_pipeline_that_has_just_been_trained():
    nlp = build(steps=0)
    nlp.meta["performance"] = {"ner_loss": numpy.float32(0.5), "srl_loss": numpy.float32(0.25)}
    assert extract(nlp, ["ner"]).meta["performance"] == {"ner_loss": 0.5}
