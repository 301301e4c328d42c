"""Heads that read the decisions of others: gradients, pipelines that change, and what cannot be read."""

import pickle

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from spacy_mtl.pipeline.extraction.extraction import extract

from .shared_encoder import encoder_gradient, fill_zeros, parameters, waiting_gradient
from .toy_pipeline import (
    CNN,
    FACTORIES,
    WIDTH,
    fix_random_seed,
    head_config,
    listener,
    make_docs,
    make_examples,
    predictions,
    train,
)

CHAIN = {"ner": "sentiment", "srl": "ner", "tagger": "srl"}
OWN = {"@architectures": "spacy.HashEmbedCNN.v2", "width": WIDTH, "depth": 1, "embed_size": 50, "window_size": 1,
       "maxout_pieces": 2, "subword_features": False, "pretrained_vectors": None}  # fmt: skip


def reading(source, shared=None, **settings):
    return {"@architectures": "spacy-mtl.StackPropagation.v1", "shared": shared or listener(), "source": source,
            **settings}  # fmt: skip


def add_head(nlp, name, source=None, **settings):
    config = head_config(name)
    if source is not None:
        config["model"]["tok2vec"] = reading(source, **settings)
    nlp.add_pipe(FACTORIES[name], name=name, config=config)


def make(sources, heads=("sentiment", "ner"), steps=0, encoder="mtl_tok2vec", **settings):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe(encoder, name="tok2vec", config={"model": CNN})
    for name in heads:
        add_head(nlp, name, sources.get(name), **settings)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    for name in heads:
        fill_zeros(nlp.get_pipe(name).model)
    train(nlp, examples, steps)
    return nlp


def with_entities_alone(nlp):
    """Examples that teach `ner` and nothing else, one without tokens among them."""
    examples = [*make_examples(nlp)[:3], Example(Doc(nlp.vocab), Doc(nlp.vocab))]
    for example in examples:
        example.reference.cats = {}
    return examples


@pytest.fixture(scope="module")
def trained():
    """Each head reads the one before it; spaCy's tagger reads the last."""
    nlp = make(CHAIN, ("sentiment", "ner", "srl", "tagger"), steps=15)
    return nlp, predictions(nlp)


@pytest.fixture
def copied(trained):
    nlp, expected = trained
    return pickle.loads(pickle.dumps(nlp)), expected


def clear(nlp):
    for _, pipe in nlp.pipeline:
        for node in pipe.model.walk():
            for name in node.grad_names:
                node.get_grad(name).fill(0)


@pytest.mark.parametrize("encoder", ["mtl_tok2vec", "tok2vec"])
@pytest.mark.parametrize("reader, source", [("ner", "sentiment"), ("ner", "tagger"), ("ner", "srl")])
def test_the_gradient_reaches_the_source_and_through_it_the_encoder(encoder, reader, source):
    nlp = make({reader: source}, (source, reader), encoder=encoder)
    examples = with_entities_alone(nlp)
    if source != "sentiment":
        for example in examples:
            example.reference.spans.clear()
            for token in example.reference:
                token.tag_ = ""
    nlp.update(examples, sgd=False)
    for name in (source, "tok2vec"):
        nodes = [(node, key) for node in nlp.get_pipe(name).model.walk() for key in node.grad_names]
        node, key = max(nodes, key=lambda entry: abs(entry[0].get_grad(entry[1])).max())
        gradient, value, losses = node.get_grad(key).copy(), node.get_param(key).copy(), []
        assert gradient.any()
        place = numpy.unravel_index(abs(gradient).argmax(), gradient.shape)
        for step in (0.01, -0.01):
            moved = value.copy()
            moved[place] += step
            node.set_param(key, moved)
            losses.append(nlp.update(examples, sgd=False)[reader])
        node.set_param(key, value)
        assert gradient[place] == pytest.approx((losses[0] - losses[1]) / 0.02, rel=0.05, abs=0.02)
        clear(nlp)
        nlp.update(examples, sgd=False)


def test_a_stopped_gradient_leaves_the_source_alone():
    gradients = {}
    for gradient in (True, False):
        nlp = make({"ner": "sentiment"}, gradient=gradient)
        nlp.update(with_entities_alone(nlp), sgd=False)
        assert waiting_gradient(nlp, "sentiment").any() == gradient
        gradients[gradient] = encoder_gradient(nlp)
    assert gradients[False].any() and not numpy.allclose(gradients[True], gradients[False])


def test_a_balancer_sees_it_as_the_readers_own():
    nlp = make({"ner": "sentiment"})
    seen = []
    nlp.get_pipe("tok2vec").observers.append(seen.append)
    nlp.update(with_entities_alone(nlp), sgd=False)
    (observation,) = seen
    assert set(observation.norms) == {"ner"}


@pytest.mark.parametrize("exclude", ["exclude", "disable"])
def test_a_source_that_is_not_trained_passes_the_gradient_on(exclude):
    nlp = make({"ner": "sentiment"})
    examples = with_entities_alone(nlp)
    nlp.update(examples, sgd=False)
    expected, before = encoder_gradient(nlp), parameters(nlp, "sentiment")
    clear(nlp)
    if exclude == "exclude":
        nlp.update(examples, sgd=False, exclude=["sentiment"])
    else:
        with nlp.select_pipes(disable=["sentiment"]):
            nlp.update(examples, sgd=False)
    numpy.testing.assert_allclose(encoder_gradient(nlp), expected, rtol=1e-4, atol=1e-6)
    assert not waiting_gradient(nlp, "sentiment").any()
    nlp.update(examples, sgd=Adam(0.1), exclude=["sentiment"])
    assert (parameters(nlp, "sentiment") == before).all()


def test_a_frozen_reader_gives_no_gradient():
    nlp = make({"ner": "sentiment"})
    before = parameters(nlp, "ner")
    nlp.update(with_entities_alone(nlp), sgd=Adam(0.1), exclude=["ner"])
    assert (parameters(nlp, "ner") == before).all() and not waiting_gradient(nlp, "sentiment").any()


def test_a_frozen_encoder_that_annotates():
    nlp = make({"ner": "sentiment"})
    examples, before = make_examples(nlp), parameters(nlp, "tok2vec")
    nlp.update(examples, sgd=Adam(0.1), exclude=["tok2vec"], annotates=["tok2vec"])
    assert (parameters(nlp, "tok2vec") == before).all()
    assert nlp.update(examples, sgd=Adam(0.1), exclude=["tok2vec"], annotates=["tok2vec"])["ner"] > 0


def test_an_update_has_the_whole_gradient_as_in_spacy_train():
    outcomes = []
    for is_loop in (True, False):
        nlp = make(CHAIN, ("sentiment", "ner", "srl"))
        examples, optimizer = make_examples(nlp), Adam(0.01)
        for _ in range(2):
            if is_loop:
                train(nlp, examples, steps=1)
            else:
                fix_random_seed(0)
                nlp.update(examples, sgd=optimizer)
        outcomes.append(nlp.update(examples, sgd=False))
    looped = make(CHAIN, ("sentiment", "ner", "srl"))
    optimizer = Adam(0.01)
    for _ in range(2):
        looped.update(make_examples(looped), sgd=False)
        for _, pipe in looped.pipeline:
            pipe.finish_update(optimizer)
    assert looped.update(make_examples(looped), sgd=False) == pytest.approx(outcomes[1], rel=1e-4)
    assert looped.update([], sgd=optimizer) == {}


def test_it_learns_and_survives(trained, tmp_path):
    nlp, expected = trained
    assert expected["ner"][0] and expected["tagger"][0][0] == "N"
    nlp.to_disk(tmp_path / "pipeline")
    loaded = spacy.load(tmp_path / "pipeline")
    assert predictions(loaded) == expected
    assert predictions(pickle.loads(pickle.dumps(loaded))) == expected
    assert predictions(spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())) == expected
    size = len(nlp.get_pipe("sentiment").model.to_bytes())
    assert len(loaded.get_pipe("ner").model.to_bytes()) < size + 20000


def test_a_disabled_source_is_read_all_the_same(copied, tmp_path):
    nlp, expected = copied
    with nlp.select_pipes(disable=["sentiment"]):
        assert predictions(nlp)["ner"] == expected["ner"]
        assert predictions(extract(nlp, ["ner"]))["ner"] == expected["ner"]
        nlp.to_disk(tmp_path / "pipeline")
    loaded = spacy.load(tmp_path / "pipeline", disable=["sentiment"])
    assert predictions(loaded)["ner"] == expected["ner"]
    assert predictions(loaded)["sentiment"][0] == {}


def test_processes_and_batches(trained):
    nlp, expected = trained
    texts = [doc.text for doc in make_docs(nlp)]
    for settings in ({"n_process": 2, "batch_size": 3}, {"batch_size": 1}):
        docs = list(nlp.pipe(texts, **settings))
        assert [[(e.start, e.end, e.label_) for e in doc.ents] for doc in docs] == [
            [entity[:3] for entity in entities] for entities in expected["ner"]
        ]
        assert [[token.tag_ for token in doc] for doc in docs] == expected["tagger"]
    assert [len(doc) for doc in nlp.pipe(["", "Ana", ""])] == [0, 1, 0]


@pytest.mark.parametrize("only", [True, False])
def test_extraction_brings_the_source_along(trained, only):
    nlp, expected = trained
    extracted = extract(nlp, ["srl"], only=only)
    assert extracted.pipe_names == ["tok2vec", "sentiment", "ner", "srl"]
    assert predictions(extracted)["srl"] == expected["srl"]
    assert extract(nlp, ["sentiment"], only=only).pipe_names == ["tok2vec", "sentiment"]


@pytest.mark.parametrize("replaced", ["sentiment", "ner"])
def test_replaced_listeners_predict_the_same(copied, tmp_path, replaced):
    nlp, expected = copied
    nlp.replace_listeners("tok2vec", replaced, ["model.tok2vec"])
    nlp.to_disk(tmp_path / "pipeline")
    for changed in (nlp, spacy.load(tmp_path / "pipeline"), extract(nlp, ["srl"])):
        assert predictions(changed)["srl"] == expected["srl"]
    if replaced == "ner":
        # what it reads hears an encoder that it does not
        with pytest.raises(ValueError, match="E455.*'tok2vec'"):
            nlp.update(make_examples(nlp), sgd=Adam(0.01))
        nlp.update(make_examples(nlp), sgd=Adam(0.01), exclude=["ner", "srl", "tagger"])
    else:
        nlp.update(make_examples(nlp), sgd=Adam(0.01))


def test_sourced_components(copied):
    nlp, expected = copied
    target = spacy.blank("en")
    for name in ("tok2vec", "sentiment", "ner"):
        target.add_pipe(name, source=nlp)
    assert predictions(target)["ner"] == expected["ner"]
    again = spacy.blank("en").from_config(target.config).from_bytes(target.to_bytes())
    assert predictions(again)["ner"] == expected["ner"]


def test_a_missing_source_is_refused(copied, tmp_path):
    nlp, _ = copied
    nlp.to_disk(tmp_path / "pipeline")
    with pytest.raises(ValueError, match="E451.*'sentiment'"):
        spacy.load(tmp_path / "pipeline", exclude=["sentiment"])
    nlp.remove_pipe("sentiment")
    with pytest.raises(ValueError, match="E450.*'sentiment'"):
        nlp("Ana likes Oslo.")
    with pytest.raises(ValueError, match="E451.*'sentiment'"):
        nlp.initialize(lambda: make_examples(nlp))


def initialize(*heads):
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    for name, source in heads:
        if name in FACTORIES:
            add_head(nlp, name, source)
        else:
            nlp.add_pipe(name)
    nlp.initialize(lambda: make_examples(nlp))


@pytest.mark.parametrize(
    "heads, message",
    [
        ([("ner", "sentiment")], "E451.*'ner' reads.*'sentiment'"),
        ([("ner", "sentiment"), ("sentiment", None)], "E452.*'sentiment', which stands behind"),
        ([("ner", "sentiment"), ("sentiment", "ner")], "E456.*'ner' reads 'sentiment' reads 'ner'"),
        ([("ner", "ner")], "E456.*'ner' reads 'ner'"),
        ([("ner", "tok2vec")], "E457.*'tok2vec'"),
        ([("sentencizer", None), ("ner", "sentencizer")], "E457.*'sentencizer'"),
    ],
)
def test_what_cannot_be_read_is_refused_when_initialized(heads, message):
    with pytest.raises(ValueError, match=message):
        initialize(*heads)


def test_labels_must_be_known_and_stay():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    nlp.add_pipe("mtl_textcat", name="sentiment", config={"model": head_config("sentiment")["model"]})
    add_head(nlp, "ner", "sentiment")
    with pytest.raises(ValueError, match="E453.*'sentiment'"), nlp.select_pipes(disable=["sentiment"]):
        nlp.initialize(lambda: make_examples(nlp))
    nlp = make({"ner": "sentiment"})
    nlp.get_pipe("sentiment").cfg["labels"].append("neutral")
    nlp.disable_pipe("sentiment")
    with pytest.raises(ValueError, match="E454.*3 decisions.*with 2"):
        nlp("Ana likes Oslo.")


@pytest.mark.parametrize("is_outside", [True, False])
def test_a_private_path_beside_what_is_read(is_outside):
    own = {"@architectures": "spacy-mtl.PrivatePath.v1", "shared": listener(), "private": OWN}
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    add_head(nlp, "sentiment")
    config = head_config("ner")
    config["model"]["tok2vec"] = {**own, "shared": reading("sentiment")} if is_outside else reading("sentiment", own)
    nlp.add_pipe("mtl_ner", name="ner", config=config)
    nlp.initialize(lambda: make_examples(nlp))
    fill_zeros(nlp.get_pipe("sentiment").model)
    fill_zeros(nlp.get_pipe("ner").model)
    nlp.update(with_entities_alone(nlp), sgd=False)
    assert waiting_gradient(nlp, "sentiment").any() and encoder_gradient(nlp).any()
    assert nlp.get_pipe("ner").model.get_ref("tok2vec").get_dim("nO") == 2 * WIDTH + 2
    expected = predictions(nlp)["ner"]
    nlp.replace_listeners("tok2vec", "ner", ["model.tok2vec"])
    assert predictions(nlp)["ner"] == expected


def test_a_reader_must_hear_what_its_source_hears():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    add_head(nlp, "sentiment")
    add_head(nlp, "ner", "sentiment", shared=OWN)
    with pytest.raises(ValueError, match="E455.*'tok2vec'.*hears none"):
        nlp.initialize(lambda: make_examples(nlp))


def test_a_source_with_an_encoder_of_its_own_can_be_read():
    nlp = spacy.blank("en")
    config = head_config("sentiment")
    config["model"]["tok2vec"] = OWN
    nlp.add_pipe("mtl_textcat", name="sentiment", config=config)
    add_head(nlp, "ner", "sentiment", shared=OWN)
    nlp.initialize(lambda: make_examples(nlp))
    fill_zeros(nlp.get_pipe("sentiment").model)
    fill_zeros(nlp.get_pipe("ner").model)
    nlp.update(with_entities_alone(nlp), sgd=False)
    assert waiting_gradient(nlp, "sentiment").any()
    train(nlp, make_examples(nlp), steps=2)
