import pickle

import numpy
import pytest

from .pairs import MODEL, PAIRS, TEXTS, learn, make_examples, make_nlp, read  # isort: skip

import spacy
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.cli.evaluation_tables import find_task_lines
from spacy_mtl.pipeline.translate import prediction
from spacy_mtl.pipeline.translate.component import Translator
from spacy_mtl.translations import get_candidates, get_translations, set_translations


@pytest.fixture(scope="module")
def trained():
    return learn(make_nlp(candidates=3))


def test_add_pipe_with_defaults():
    nlp = spacy.blank("en")
    translate = nlp.add_pipe("mtl_translate")
    assert isinstance(translate, Translator) and translate.labels == () and translate.language is None
    assert nlp.config["training"]["score_weights"]["translation_bleu"] == 1.0
    with pytest.raises(ValueError, match="MTL-E1005"):
        nlp("a dog")
    with pytest.raises(ValueError, match="MTL-E1006"):
        translate.add_label("de")


def test_overfitting_and_io(trained, tmp_path):
    nlp = trained
    assert read(nlp) == list(PAIRS.values())
    scores = nlp.evaluate(make_examples(nlp))
    assert scores["translation_bleu"] == pytest.approx(1.0) and scores["translation_chrf"] == pytest.approx(1.0)
    others = [*TEXTS, "a man sleeps", "two dogs see the man today", "dog " * 20]
    found = [get_candidates(doc) for doc in nlp.pipe(others)]
    nlp.to_disk(tmp_path)
    copies = [
        spacy.load(tmp_path),
        spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes()),
        pickle.loads(pickle.dumps(nlp)),
    ]
    for copy in copies:
        assert copy.get_pipe("translate").language == "de"
        # to the last bit
        assert [get_candidates(doc) for doc in copy.pipe(others)] == found


def test_two_processes(trained):
    assert read(trained, TEXTS * 2, n_process=2, batch_size=3) == list(PAIRS.values()) * 2


def test_training_is_the_same_each_time():
    losses = []
    for _ in range(2):
        nlp = learn(make_nlp(model={**MODEL, "dropout": 0.2}), steps=5)
        losses.append(nlp.update(make_examples(nlp), sgd=False)["translate"])
    assert losses[0] == losses[1]


@pytest.mark.parametrize("most", [1, 12, 10000])
def test_a_translation_does_not_depend_on_its_batch(trained, monkeypatch, most):
    monkeypatch.setattr(prediction, "MOST_AT_ONCE", most)
    texts = ["dog", "", *TEXTS, " \n", "the dog sees two men today and sleeps " * 4, "a man"]
    translate = trained.get_pipe("translate")
    together = translate.predict([trained.make_doc(text) for text in texts])
    for text, found in zip(texts, together):
        (alone,) = translate.predict([trained.make_doc(text)])
        assert [candidate.text for candidate in alone] == [candidate.text for candidate in found]
        scores = [candidate.score for candidate in found]
        assert [candidate.score for candidate in alone] == pytest.approx(scores, abs=1e-4)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "dog"])
def test_texts_without_much(trained, text):
    doc = trained(text)
    assert doc.text == text and isinstance(doc._.translation, str)
    assert doc._.translation == "" or len(doc)
    example = Example(trained.make_doc(text), trained.make_doc(text))
    set_translations(example.reference, {"de": "Hund"})
    assert trained.update([example], sgd=False)["translate"] >= 0
    trained.get_pipe("translate").finish_update(lambda key, weights, gradient: (weights, gradient * 0))


def test_candidates(trained):
    doc = trained("a dog sleeps")
    found = get_candidates(doc)["de"]
    assert found[0].text == doc._.translation and 1 < len(found) <= 3
    assert len({candidate.text for candidate in found}) == len(found)
    scores = [candidate.score for candidate in found]
    assert scores == sorted(scores, reverse=True) and scores[0] < 0
    assert get_candidates(learn(make_nlp(), steps=1)("a dog")) == {}


def test_no_ngram_is_written_twice():
    nlp = learn(make_nlp(), steps=12)
    translate = nlp.get_pipe("translate")
    docs = [nlp.make_doc("dog " * length) for length in (9, 2, 5)]

    def translate_all(size, **settings):
        translate.cfg.update(settings, no_repeat_ngram_size=size)
        return [translate.subwords.encode([own[0].text])[0] for own in translate.predict(docs)]

    def count_repeats(subwords):
        return sum(subwords[i : i + 2] in (subwords[j : j + 2] for j in range(i)) for i in range(len(subwords) - 1))

    for beam in (1, 5):
        assert any(map(count_repeats, translate_all(0, beam=beam))), beam
        assert not any(map(count_repeats, translate_all(2, beam=beam))), beam
    assert spacy.blank("en").from_config(nlp.config).get_pipe("translate").cfg["no_repeat_ngram_size"] == 0
    assert make_nlp(initialized=False, no_repeat_ngram_size=3).get_pipe("translate").cfg["no_repeat_ngram_size"] == 3


def test_other_languages_stay(trained):
    doc = trained.make_doc("a dog sleeps")
    set_translations(doc, {"fr": "un chien dort", "de": "falsch"})
    doc = trained.get_pipe("translate")(doc)
    assert get_translations(doc) == {"fr": "un chien dort", "de": "Ein Hund schläft."}


def gradient_of(nlp, examples):
    """The loss of a batch, and the gradient that waits afterwards."""
    translate = nlp.get_pipe("translate")
    loss = nlp.update(examples, sgd=False, drop=0.0)["translate"]
    found = {}

    def take(key, weights, gradient):
        found[key] = gradient.copy()
        gradient.fill(0)
        return weights, gradient

    translate.finish_update(take)
    return loss, found


def test_what_has_no_translation_teaches_nothing():
    nlp = make_nlp()
    bare = make_examples(nlp, dict.fromkeys(TEXTS))
    loss, gradient = gradient_of(nlp, bare)
    assert loss == 0 and not any(array.any() for array in gradient.values())
    assert nlp.get_pipe("translate").count_targets(bare) == 0
    french = make_examples(nlp, dict.fromkeys(TEXTS, "un chien"), "fr")
    assert gradient_of(nlp, french)[0] == 0
    loss, gradient = gradient_of(nlp, make_examples(nlp))
    both, of_both = gradient_of(nlp, [*bare, *make_examples(nlp), *french])
    assert both == pytest.approx(loss, rel=1e-5)
    for key in gradient:
        numpy.testing.assert_allclose(of_both[key], gradient[key], atol=1e-3)


def test_the_loss_is_the_sum_of_the_texts_losses():
    nlp = make_nlp()
    alone = [gradient_of(nlp, [example])[0] for example in make_examples(nlp)]
    assert gradient_of(nlp, make_examples(nlp))[0] == pytest.approx(sum(alone), rel=1e-5)
    translate = nlp.get_pipe("translate")
    translate.begin_update(make_examples(nlp))
    expected = sum(len(subwords) - 1 for subwords in translate.subwords.encode(list(PAIRS.values())))
    assert translate.count_targets(make_examples(nlp)) == expected


def test_empty_translations_are_left_out():
    nlp = make_nlp(initialized=False)
    pairs = {**PAIRS, "a cat": " ", "a mouse": ""}
    nlp.initialize(lambda: make_examples(nlp, pairs))
    with pytest.warns(UserWarning, match="MTL-W1003.*a cat"):
        loss, _ = gradient_of(nlp, make_examples(nlp, pairs))
    assert loss == pytest.approx(gradient_of(nlp, make_examples(nlp))[0], rel=1e-5)
    with pytest.raises(ValueError, match="MTL-E1001"):
        make_nlp(initialized=False).initialize(lambda: make_examples(nlp, {"a cat": " "}))


def test_which_language():
    nlp = make_nlp(initialized=False)
    with pytest.raises(ValueError, match="MTL-E1001.*none"):
        nlp.initialize(lambda: make_examples(nlp, dict.fromkeys(TEXTS)))
    both = [*make_examples(nlp), *make_examples(nlp, {"a dog": "un chien"}, "fr")]
    with pytest.raises(ValueError, match="MTL-E1002.*de, fr"):
        nlp.initialize(lambda: both)
    with pytest.raises(ValueError, match="MTL-E1001.*into 'it'.*de, fr"):
        make_nlp(initialized=False, lang="it").initialize(lambda: both)
    nlp = make_nlp(initialized=False, lang="fr")
    nlp.initialize(lambda: both)
    assert nlp.get_pipe("translate").label_data == ("fr",)
    nlp = make_nlp(initialized=False)
    nlp.get_pipe("translate").initialize(lambda: both, labels=["fr"])
    assert nlp.get_pipe("translate").language == "fr"


def test_two_languages():
    nlp = make_nlp(initialized=False, lang="de")
    nlp.add_pipe("mtl_translate", name="french", config={"model": MODEL, "lang": "fr"})
    examples = make_examples(nlp)
    for example in examples:
        set_translations(example.reference, {"fr": example.reference.text, "de": PAIRS[example.reference.text]})
    nlp.initialize(lambda: examples)
    assert set(get_translations(nlp("a dog"))) == {"de", "fr"}
    for example in examples:
        set_translations(example.predicted, {"de": PAIRS[example.reference.text], "fr": "un chien"})
    scores = {name: score for _, pipe in nlp.pipeline for name, score in pipe.score(examples).items()}
    assert scores["translate_bleu"] == pytest.approx(1.0)
    assert scores["french_bleu"] == scores["translation_bleu"] < 0.1
    assert scores["translate_texts"] == len(examples) and "13a" in scores["french_signatures"]["bleu"]
    lines = find_task_lines(nlp, [scores])
    assert [(line.task, line.score) for line in lines] == [("translate", "translate_bleu"), ("french", "french_bleu")]
    with pytest.warns(UserWarning, match="MTL-W432.*'de'"):
        nlp.add_pipe("mtl_translate", name="again", config={"model": MODEL, "lang": "de"})


@pytest.mark.parametrize(
    "setting,value",
    [
        ("beam", 0),
        ("candidates", 9),
        ("length_ratio", 0),
        ("length_penalty", -1.0),
        ("no_repeat_ngram_size", -1),
        ("lang", " "),
        ("subwords", 4),
    ],
)
def test_settings_that_will_not_do(setting, value):
    with pytest.raises(ValueError, match=f"MTL-E435.*{setting}"):
        make_nlp(initialized=False, **{setting: value})


def test_texts_that_are_too_long():
    nlp = make_nlp(max_source_length=4)
    with pytest.warns(UserWarning, match="MTL-W1001.*a text of 5 tokens"):
        found = read(nlp)
    assert [text is None for text in found] == [len(text.split()) > 4 for text in TEXTS]
    short = {text: translation for text, translation in PAIRS.items() if len(text.split()) <= 4}
    assert gradient_of(nlp, make_examples(nlp))[0] == pytest.approx(gradient_of(nlp, make_examples(nlp, short))[0])


def test_another_script():
    nlp = make_nlp()
    with pytest.warns(UserWarning, match="MTL-W1002.*Собака"):
        assert nlp.update(make_examples(nlp, {"a dog": "Собака"}), sgd=False)["translate"] > 0


def test_subwords_given(tmp_path):
    model = make_nlp(subwords=40).get_pipe("translate").subwords.model
    (tmp_path / "de.model").write_bytes(model)
    nlp = make_nlp(initialized=False)
    nlp.get_pipe("translate").initialize(lambda: make_examples(nlp), subwords=tmp_path / "de.model")
    assert nlp.get_pipe("translate").subwords.model == model
    (tmp_path / "de.model").write_bytes(model[:100])
    with pytest.raises(ValueError, match="MTL-E1003"):
        nlp.get_pipe("translate").initialize(lambda: make_examples(nlp), subwords=tmp_path / "de.model")


def test_scores_that_are_not_finite(trained):
    nlp = pickle.loads(pickle.dumps(trained))
    decoder = nlp.get_pipe("translate").model.get_ref("decoder").shims[0]._model
    decoder.bias.data.fill_(float("nan"))
    with pytest.raises(ValueError, match="MTL-E1007"):
        nlp("a dog")
    with pytest.warns(UserWarning, match="MTL-W403"):
        assert nlp.update(make_examples(nlp), sgd=False)["translate"] == 0


def test_initializing_again(trained):
    nlp = pickle.loads(pickle.dumps(trained))
    examples = make_examples(nlp, {"a dog": "un chien", "a cat": "un chat"}, "fr")
    nlp.initialize(lambda: examples)
    assert nlp.get_pipe("translate").language == "fr"
    assert nlp.update(examples, sgd=False)["translate"] > 0


def test_the_model_takes_docs_alone(trained):
    model = trained.get_pipe("translate").model
    losses, backprop = model.begin_update([trained.make_doc(text) for text in ("a dog", "")])
    assert losses.tolist() == [0.0, 0.0]
    backprop(losses)


def test_gradient_of_the_vectors():
    """By finite differences: what the encoder is told is the slope of the loss."""
    nlp = make_nlp()
    translate = nlp.get_pipe("translate")
    decoder = translate.model.get_ref("decoder")
    targets = [*translate.subwords.encode(["Ein Hund", "Zwei"]), []]
    rng = numpy.random.default_rng(0)
    vectors = [rng.normal(size=(length, 16)).astype("float32") for length in (3, 2, 4)]
    from spacy_mtl.pipeline.translate.model import DecoderInput

    losses, backprop = decoder.begin_update(DecoderInput(vectors, targets))
    weights = numpy.asarray([1.0, 2.0, 1.0], dtype="float32")
    d_vectors = backprop(weights)
    assert losses[2] == 0 and not d_vectors[2].any()
    for i, row, column in ((0, 0, 3), (0, 2, 8), (1, 1, 0), (1, 0, 15)):
        values = []
        for step in (1e-2, -1e-2):
            moved = [array.copy() for array in vectors]
            moved[i][row, column] += step
            values.append(float((decoder.predict(DecoderInput(moved, targets)).astype("float64") * weights).sum()))
        expected = (values[0] - values[1]) / 2e-2
        assert d_vectors[i][row, column] == pytest.approx(expected, abs=2e-3)


def test_docs_of_other_tokens(trained):
    predicted = Doc(trained.vocab, words=["a", "do", "g", "sleeps"])
    reference = trained.make_doc("a dog sleeps")
    set_translations(reference, {"de": "Ein Hund schläft."})
    assert trained.update([Example(predicted, reference)], sgd=False)["translate"] > 0
    trained.get_pipe("translate").finish_update(lambda key, weights, gradient: (weights, gradient * 0))
