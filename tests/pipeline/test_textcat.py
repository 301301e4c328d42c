import subprocess
import sys
import warnings

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from thinc.api import Config, fix_random_seed

from spacy_mtl.pipeline.textcat import MultiTaskTextCategorizer

TINY_ENCODER = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": 16,
    "depth": 1,
    "embed_size": 200,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": False,
}
MODEL = {"@architectures": "spacy-mtl.TextCat.v1", "tok2vec": TINY_ENCODER}
LISTENING = {**MODEL, "tok2vec": {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "*"}}
WEATHER = [
    ("Snow falls on the quiet hills", {"cold": 1.0, "warm": 0.0}),
    ("Sunshine bakes the dusty road", {"cold": 0.0, "warm": 1.0}),
    ("A frozen lake and icy wind", {"cold": 1.0, "warm": 0.0}),
    ("Barefoot children in the summer heat", {"cold": 0.0, "warm": 1.0}),
]


def make_nlp(*names, listening=False, **settings):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    model = MODEL
    if listening:
        nlp.add_pipe("tok2vec", config={"model": TINY_ENCODER})
        model = LISTENING
    for name in names or ("genre",):
        nlp.add_pipe("mtl_textcat", name=name, config={"model": model, **settings})
    return nlp


def make_examples(nlp, data=WEATHER):
    examples = []
    for text, cats in data:
        reference = nlp.make_doc(text)
        reference.cats = cats
        examples.append(Example(nlp.make_doc(text), reference))
    return examples


def initialized(data=WEATHER, listening=False, **settings):
    nlp = make_nlp(listening=listening, **settings)
    examples = make_examples(nlp, data)
    return nlp, examples, nlp.initialize(lambda: examples)


def train(nlp, examples, optimizer, steps=100):
    for _ in range(steps):
        losses = {}
        nlp.update(examples, sgd=optimizer, losses=losses)
    return losses


def cats_of(nlp, texts):
    return [doc.cats for doc in nlp.pipe(texts)]


def assert_same_cats(found, expected, tolerance=1e-5):
    assert len(found) == len(expected)
    for one, other in zip(found, expected):
        assert one == pytest.approx(other, abs=tolerance)


TEXTS = [text for text, _ in WEATHER] + ["", "Snow", "   ", "\n\n"]


def test_add_pipe_with_defaults():
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("mtl_textcat")
    assert isinstance(pipe, MultiTaskTextCategorizer)
    assert pipe.exclusive and pipe.labels == ()
    assert nlp.get_pipe_meta("mtl_textcat").assigns == ["doc.cats"]
    assert nlp.config["components"]["mtl_textcat"]["model"]["@architectures"] == "spacy-mtl.TextCat.v1"


def test_default_model_learns():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_textcat")
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    assert train(nlp, examples, optimizer, 10)["mtl_textcat"] < 1.0


def test_not_initialized():
    with pytest.raises(ValueError, match="MTL-E303"):
        make_nlp()("Snow")
    with pytest.raises(ValueError, match="MTL-E303"):
        make_nlp(labels=["cold", "warm"])("Snow")


@pytest.mark.parametrize("listening", [False, True])
@pytest.mark.parametrize("exclusive", [True, False])
def test_overfitting_and_round_trips(tmp_path, exclusive, listening):
    nlp, examples, optimizer = initialized(exclusive=exclusive, listening=listening)
    first = nlp.update(examples, losses={})["genre"]
    assert train(nlp, examples, optimizer)["genre"] < 0.05 * first
    expected = cats_of(nlp, TEXTS)
    for cats, (_, gold) in zip(expected, WEATHER):
        assert cats == pytest.approx(gold, abs=0.1)
    nlp.to_disk(tmp_path)
    assert_same_cats(cats_of(spacy.load(tmp_path), TEXTS), expected)
    blank = make_nlp(exclusive=exclusive, listening=listening)
    assert_same_cats(cats_of(blank.from_bytes(nlp.to_bytes()), TEXTS), expected)
    assert blank.get_pipe("genre").labels == ("cold", "warm")


def test_processes_agree():
    nlp, examples, optimizer = initialized(listening=True)
    train(nlp, examples, optimizer, 5)
    alone = cats_of(nlp, TEXTS)
    assert_same_cats([doc.cats for doc in nlp.pipe(TEXTS, n_process=2, batch_size=3)], alone)


@pytest.mark.parametrize("listening", [False, True])
def test_batch_equals_single(listening):
    nlp, examples, optimizer = initialized(listening=listening)
    train(nlp, examples, optimizer, 5)
    assert_same_cats([nlp(text).cats for text in TEXTS], cats_of(nlp, TEXTS))


@pytest.mark.parametrize("exclusive", [True, False])
def test_docs_without_tokens_get_zeros(exclusive):
    nlp, examples, optimizer = initialized(exclusive=exclusive)
    train(nlp, examples, optimizer, 5)
    assert nlp("").cats == {"cold": 0.0, "warm": 0.0}
    assert [doc.cats for doc in nlp.pipe(["", ""])] == [{"cold": 0.0, "warm": 0.0}] * 2
    for text in ("Snow", " ", "\t\n"):
        cats = nlp(text).cats
        assert all(0 < value < 1 for value in cats.values())
        if exclusive:
            assert sum(cats.values()) == pytest.approx(1)


def test_docs_without_tokens_in_training_change_nothing():
    with_empty = [("", {"cold": 1.0, "warm": 0.0}), *WEATHER]
    losses, weights = [], []
    for data in (WEATHER, with_empty):
        nlp, _, optimizer = initialized(WEATHER, listening=True)
        losses.append(train(nlp, make_examples(nlp, data), optimizer, 1)["genre"])
        weights.append(nlp.get_pipe("genre").model.get_ref("output_layer").get_param("b"))
    assert losses[0] == pytest.approx(losses[1])
    numpy.testing.assert_allclose(*weights, rtol=1e-4)
    only_empty = make_examples(nlp, with_empty[:1])
    assert nlp.update(only_empty, sgd=optimizer, losses={})["genre"] == 0.0


def test_equal_scores_without_examples_of_the_task():
    nlp, _, _ = initialized(listening=True)
    open_examples = make_examples(nlp, [(text, {}) for text, _ in WEATHER])
    losses = nlp.update(open_examples, sgd=None, losses={})
    assert losses["genre"] == 0.0
    for component in ("tok2vec", "genre"):
        for node in nlp.get_pipe(component).model.walk():
            for param in node.param_names:
                assert not node.has_grad(param) or not node.get_grad(param).any()


@pytest.mark.parametrize("exclusive", [True, False])
def test_masked_labels_have_exactly_no_gradient(exclusive):
    nlp, _, _ = initialized(exclusive=exclusive)
    pipe = nlp.get_pipe("genre")
    data = [("Snow", {}), ("Sun", {"other": 1.0}), ("Ice", {"cold": 1.0}), ("Heat", {"cold": 0.0})]
    examples = make_examples(nlp, data)
    scores = numpy.random.default_rng(0).normal(size=(4, 2)).astype("f")
    loss, gradient = pipe.get_loss(examples, scores)
    assert loss > 0
    assert (gradient[:2] == 0).all()
    assert gradient[2, 0] < 0 < gradient[3, 0]
    if exclusive:
        # With one of two labels excluded, the other must be true.
        numpy.testing.assert_allclose(gradient[2:].sum(axis=1), 0, atol=1e-6)
        closed = make_examples(nlp, [("Heat", {"cold": 0.0, "warm": 1.0})])
        numpy.testing.assert_allclose(pipe.get_loss(closed, scores[3:])[1], gradient[3:], atol=1e-6)
    else:
        assert (gradient[:, 1] == 0).all()


def test_soft_values_are_learnt_as_probabilities():
    data = [("Snow melts", {"cold": 0.75, "warm": 0.25})]
    nlp, examples, optimizer = initialized(data)
    train(nlp, examples, optimizer, 100)
    assert nlp("Snow melts").cats == pytest.approx({"cold": 0.75, "warm": 0.25}, abs=0.02)


@pytest.mark.parametrize("value", [1.5, -0.1, float("nan"), float("inf")])
def test_wrong_values_are_refused(value):
    nlp, _, _ = initialized()
    wrong = make_examples(nlp, [("Snow falls", {"cold": value})])
    for call in (lambda: nlp.update(wrong), lambda: nlp.initialize(lambda: wrong)):
        with pytest.raises(ValueError, match="MTL-E308") as error:
            call()
        assert "cold" in str(error.value) and "Snow falls" in str(error.value)


def test_two_exclusive_labels_are_refused():
    nlp, _, _ = initialized()
    with pytest.raises(ValueError, match="MTL-E309") as error:
        nlp.update(make_examples(nlp, [("Snow and sun", {"cold": 1.0, "warm": 1.0})]))
    assert "Snow and sun" in str(error.value) and "cold, warm" in str(error.value)


def test_no_exclusive_label_is_refused():
    nlp, _, _ = initialized()
    with pytest.raises(ValueError, match="MTL-E310"):
        nlp.update(make_examples(nlp, [("Fog", {"cold": 0.0, "warm": 0.0})]))


def test_several_labels_or_none_without_exclusion():
    data = [*WEATHER, ("Snow and sunshine", {"cold": 1.0, "warm": 1.0}), ("Fog", {"cold": 0.0, "warm": 0.0})]
    nlp, examples, optimizer = initialized(data, exclusive=False)
    train(nlp, examples, optimizer, 100)
    assert all(value > 0.5 for value in nlp("Snow and sunshine").cats.values())
    assert all(value < 0.5 for value in nlp("Fog").cats.values())


def test_labels_come_from_the_examples_in_one_order():
    data = [("b", {"zeta": 1.0}), ("a", {"beta": 1.0, "alpha": 0.0})]
    nlp, _, _ = initialized(data)
    assert nlp.get_pipe("genre").labels == ("alpha", "beta", "zeta")
    assert nlp.get_pipe("genre").label_data == nlp.get_pipe("genre").labels


def test_labels_of_the_config_keep_their_order_and_shut_out_others():
    data = [*WEATHER, ("Fog", {"mild": 1.0})]
    nlp, examples, optimizer = initialized(data, labels=["warm", "cold"])
    assert nlp.get_pipe("genre").labels == ("warm", "cold")
    train(nlp, examples, optimizer, 2)
    assert set(nlp("Fog").cats) == {"warm", "cold"}


def test_labels_of_initialize_come_before_those_of_the_config():
    nlp = make_nlp(labels=["warm", "cold"])
    nlp.config["initialize"]["components"]["genre"] = {"labels": ["cold", "mild", "warm"]}
    nlp.initialize(lambda: make_examples(nlp))
    assert nlp.get_pipe("genre").labels == ("cold", "mild", "warm")


def test_initialize_again_with_the_same_labels():
    nlp, examples, _ = initialized()
    optimizer = nlp.initialize(lambda: examples)
    assert train(nlp, examples, optimizer)["genre"] < 0.1


def test_add_label_after_initialization_is_refused():
    nlp, _, _ = initialized()
    assert nlp.get_pipe("genre").add_label("cold") == 0
    with pytest.raises(ValueError, match="E922"):
        nlp.get_pipe("genre").add_label("mild")


@pytest.mark.parametrize("exclusive,data", [(True, [("Snow", {"cold": 1.0})]), (False, [("Snow", {})])])
def test_too_few_labels(exclusive, data):
    with pytest.raises(ValueError, match="MTL-E305" if exclusive else "MTL-E304"):
        initialized(data, exclusive=exclusive)


def test_one_label_is_enough_without_exclusion():
    nlp, _, _ = initialized([("Snow", {"cold": 1.0}), ("Sun", {"cold": 0.0})], exclusive=False)
    assert set(nlp("Snow").cats) == {"cold"}


def test_no_annotated_example():
    with pytest.raises(ValueError, match="MTL-E304"):
        initialized([("Snow", {}), ("Sun", {})])
    with pytest.warns(UserWarning, match="MTL-W301"):
        initialized([("Snow", {}), ("Sun", {"other": 1.0})], labels=["cold", "warm"])


TWO_TASKS = [
    ("Snow falls on the quiet hills", {"cold": 1.0, "warm": 0.0}),
    ("Sunshine bakes the dusty road", {"warm": 1.0, "cold": 0.0, "dull": 0.0, "fine": 1.0}),
    ("A tedious evening", {"dull": 1.0, "fine": 0.0}),
    ("A splendid morning", {"dull": 0.0, "fine": 1.0}),
]


def make_two(**labels):
    fix_random_seed(0)
    nlp = make_nlp("weather", "mood", listening=True)
    for name, given in labels.items():
        nlp.config["initialize"]["components"][name] = {"labels": given}
    return nlp


def test_two_in_one_pipeline_share_doc_cats():
    nlp = make_two(weather=["cold", "warm"], mood=["dull", "fine"])
    examples = make_examples(nlp, TWO_TASKS)
    optimizer = nlp.initialize(lambda: examples)
    losses = train(nlp, examples, optimizer)
    assert set(losses) == {"tok2vec", "weather", "mood"} and losses["weather"] < 0.2 and losses["mood"] < 0.2
    cats = nlp("Sunshine bakes the dusty road").cats
    assert cats == pytest.approx({"cold": 0.0, "warm": 1.0, "dull": 0.0, "fine": 1.0}, abs=0.2)
    scores = nlp.evaluate(examples)
    assert scores["weather_acc"] == 1.0 and scores["mood_acc"] == 1.0
    assert set(scores["weather_f_per_type"]) == {"cold", "warm"}
    assert set(scores["mood_f_per_type"]) == {"dull", "fine"}


def test_labels_of_others_in_doc_cats_stay():
    nlp, _, _ = initialized()
    doc = nlp.make_doc("Snow")
    doc.cats = {"elsewhere": 0.25}
    assert nlp.get_pipe("genre")(doc).cats["elsewhere"] == 0.25


@pytest.mark.parametrize("given", [{"weather": ["cold", "warm"]}, {"mood": ["dull", "fine"]}])
def test_one_takes_what_the_other_leaves(given):
    nlp = make_two(**given)
    nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))
    assert nlp.get_pipe("weather").labels == ("cold", "warm")
    assert nlp.get_pipe("mood").labels == ("dull", "fine")


def test_two_without_labels_are_refused():
    nlp = make_two()
    with pytest.raises(ValueError, match=r"MTL-E307.*initialize\.components\.weather\.labels"):
        nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))


def test_nothing_is_left_by_the_other():
    nlp = make_two(weather=["cold", "warm", "dull", "fine"])
    nlp.get_pipe("weather").cfg["exclusive"] = False
    with pytest.raises(ValueError, match=r"MTL-E311.*weather"):
        nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))


def test_two_with_a_label_in_common_are_refused():
    nlp = make_two(weather=["cold", "warm"], mood=["warm", "fine"])
    with pytest.raises(ValueError, match=r"MTL-E306.*warm.*initialize\.components\.weather\.labels"):
        nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))


def test_overlap_with_stock_textcat_is_refused():
    nlp = make_nlp(labels=["cold", "warm"])
    nlp.add_pipe("textcat_multilabel", first=True)
    with pytest.raises(ValueError, match="MTL-E306.*textcat_multilabel"):
        nlp.initialize(lambda: make_examples(nlp))


def test_disabled_categorizer_keeps_its_labels():
    nlp = make_two(weather=["cold", "warm"], mood=["dull", "fine"])
    nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))
    nlp.config["initialize"]["components"] = {}
    with nlp.select_pipes(disable=["weather"]):
        nlp.initialize(lambda: make_examples(nlp, TWO_TASKS))
    assert nlp.get_pipe("mood").labels == ("dull", "fine")


@pytest.mark.parametrize("exclusive", [True, False])
def test_gradient_of_the_model_equals_finite_differences(exclusive):
    data = [*WEATHER[:2], ("Fog", {"cold": 0.0}), ("Rain", {})]
    nlp, examples, optimizer = initialized(data, exclusive=exclusive)
    train(nlp, examples, optimizer, 3)
    pipe = nlp.get_pipe("genre")
    output = pipe.model.get_ref("output_layer")
    scores, backprop = pipe.begin_update(examples)
    _, d_scores = pipe.get_loss(examples, scores)
    backprop(d_scores)
    for name in ("W", "b"):
        values, gradient = output.get_param(name).copy(), output.get_grad(name)
        for index in list(numpy.ndindex(*values.shape))[:12]:
            losses = []
            for sign in (1, -1):
                moved = values.copy()
                moved[index] += sign * 1e-2
                output.set_param(name, moved)
                losses.append(pipe.get_loss(examples, pipe.begin_update(examples)[0])[0])
            assert gradient[index] == pytest.approx((losses[0] - losses[1]) / 2e-2, abs=2e-3)
        output.set_param(name, values)


def test_stock_listener_and_stock_head_beside_it():
    nlp = make_nlp(listening=True)
    nlp.add_pipe("tagger", config={"model": {"tok2vec": LISTENING["tok2vec"]}})
    examples = make_examples(nlp)
    for example in examples:
        for token in example.reference:
            token.tag_ = "long" if len(token) > 4 else "short"
    optimizer = nlp.initialize(lambda: examples)
    before = [p.copy() for p in _parameters(nlp, "tok2vec")]
    losses = train(nlp, examples, optimizer)
    assert losses["genre"] < 0.1
    assert any((a != b).any() for a, b in zip(before, _parameters(nlp, "tok2vec")))


def _parameters(nlp: Language, name: str):
    return [node.get_param(param) for node in nlp.get_pipe(name).model.walk() for param in node.param_names]


def test_own_linear_model_from_a_config():
    bow = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": True,
        "length": 256,
        "ngram_size": 2,
        "no_output_layer": True,
    }
    nlp, examples, optimizer = initialized(model={**MODEL, "linear_model": bow, "hidden_width": 8})
    assert train(nlp, examples, optimizer)["genre"] < 0.1
    expected = cats_of(nlp, TEXTS)
    assert_same_cats([nlp(text).cats for text in TEXTS], expected)
    blank = make_nlp(model={**MODEL, "linear_model": bow, "hidden_width": 8})
    assert_same_cats(cats_of(blank.from_bytes(nlp.to_bytes()), TEXTS), expected)


def test_spacy_train_with_scores_of_the_component(tmp_path):
    nlp = make_nlp(listening=True)
    for name in ("train", "dev"):
        docs = [example.reference for example in make_examples(nlp)]
        extra = Doc(nlp.vocab, words=["Fog"])
        extra.cats = {"mild": 1.0} if name == "dev" else {}
        DocBin(docs=[*docs, extra], store_user_data=False).to_disk(tmp_path / f"{name}.spacy")
    config = Config(nlp.config).merge(
        {
            "paths": {"train": str(tmp_path / "train.spacy"), "dev": str(tmp_path / "dev.spacy")},
            "training": {
                "max_steps": 30,
                "eval_frequency": 15,
                "score_weights": {"genre_acc": 1.0, "cats_score": None},
                "logger": {"@loggers": "spacy-mtl.ConsoleLogger.v1", "progress_bar": None},
            },
        }
    )
    config.to_disk(tmp_path / "config.cfg")
    command = [sys.executable, "-m", "spacy", "train", tmp_path / "config.cfg", "--output", tmp_path / "out"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    assert "genre_acc" in result.stdout and "cats_score" not in result.stdout
    best = spacy.load(tmp_path / "out" / "model-best")
    assert best.meta["performance"]["genre_acc"] == 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert best("Snow falls on the quiet hills").cats["cold"] > 0.5
