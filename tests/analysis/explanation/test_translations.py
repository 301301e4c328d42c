"""Translations are explained word by word: on a corpus whose words are translated one by one, by the right ones."""

import random

import numpy
import pytest

pytest.importorskip("torch")
pytest.importorskip("sentencepiece")

import spacy  # noqa: E402
import torch  # noqa: E402
from spacy.util import fix_random_seed  # noqa: E402

from spacy_mtl.analysis.explanation.corpus import explain_examples  # noqa: E402
from spacy_mtl.analysis.explanation.explain import explain  # noqa: E402
from spacy_mtl.analysis.explanation.translations import divide_words  # noqa: E402
from tests.heads.translation.tiny_decoder import step_through  # noqa: E402
from tests.pipeline.shared_encoder import ENCODER_MODEL, LISTENER  # noqa: E402
from tests.pipeline.toy_pipeline import train  # noqa: E402
from tests.pipeline.translate.pairs import MODEL, make_examples, make_nlp  # noqa: E402

LEXICON = {"dog": "Hund", "cat": "Katze", "man": "Mann", "sees": "sieht", "hears": "hört", "red": "rot", "old": "alt"}
TEXT, TRANSLATION = "old cat hears", "alt Katze hört"


@pytest.fixture(scope="module")
def nlp():
    """Each word is translated in its place."""
    fix_random_seed(0)
    chance = random.Random(0)
    texts = [chance.choices(list(LEXICON), k=3) for _ in range(96)]
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": ENCODER_MODEL})
    config = {"model": {**MODEL, "tok2vec": LISTENER}, "subwords": 40, "beam": 2}
    nlp.add_pipe("mtl_translate", name="translate", config=config)
    examples = make_examples(nlp, {" ".join(words): " ".join(map(LEXICON.get, words)) for words in texts})
    nlp.initialize(lambda: examples)
    train(nlp, examples, 40, 0.02)
    return nlp


def test_words_rest_on_those_that_they_translate(nlp):
    chance, right = random.Random(1), []
    for _ in range(20):
        text = chance.sample(list(LEXICON), k=3)
        translation = [LEXICON[word] for word in text]
        whole, *words = explain(nlp, " ".join(text), "translate", " ".join(translation))
        assert [one.label for one in words] == translation and whole.method == "occlusion"
        right += [numpy.argmax(one.parts) == place for place, one in enumerate(words)]
    # of which a third would be chance; the encoder's window lets some words stand in for their neighbours
    assert numpy.mean(right) > 0.85


def find_log_probabilities(nlp, text, subwords):
    """Of each subword, one after the other, by the decoder's step."""
    doc = nlp.make_doc(text)
    tok2vec, model = nlp.get_pipe("tok2vec"), nlp.get_pipe("translate").model
    tok2vec.set_annotations([doc], tok2vec.predict([doc]))
    tokens = torch.tensor(model.get_ref("tok2vec").predict([doc])[0])
    decoder = model.get_ref("decoder").shims[0]._model.eval()
    scores = step_through(decoder, decoder.remember(tokens, [len(doc)]), subwords)
    return scores.log_softmax(dim=1)[range(len(subwords) - 1), subwords[1:]].tolist()


@pytest.mark.parametrize("translation", [None, TRANSLATION, "Mann Mann Katze"])
def test_the_probability_is_that_of_the_subwords(nlp, translation):
    whole, *words = explain(nlp, TEXT, "translate", translation)
    (subwords,) = nlp.get_pipe("translate").subwords.encode([whole.written.text])
    log_p = find_log_probabilities(nlp, TEXT, subwords)
    assert whole.probability == pytest.approx(numpy.exp(sum(log_p)), rel=1e-3)
    # all subwords but the last mark are those of words
    product = numpy.prod([one.probability for one in words])
    assert product == pytest.approx(numpy.exp(sum(log_p[:-1])), rel=1e-3)
    for one in words:
        assert one.written.text[one.written.start : one.written.end] == one.label
    if translation is None:
        assert whole.written.text == nlp(TEXT)._.translation and whole.label == "de"
    else:
        assert whole.written.text == translation


def test_naming_a_word(nlp):
    found = explain(nlp, TEXT, "translate", TRANSLATION)
    (word,) = explain(nlp, TEXT, "translate", found[2].label)
    assert word.label == "Katze" and word.to_dict()["translation"]["number"] == 1
    assert explain(nlp, TEXT, target="Katze@1") == [word]
    assert explain(nlp, TEXT, target="de")[0].kind == "translation"
    with pytest.raises(ValueError, match="MTL-E802"):
        explain(nlp, TEXT, target="Hund Hund")
    with pytest.raises(ValueError, match="MTL-E812"):
        explain(nlp, TEXT, "translate", "Собака")
    with pytest.raises(ValueError, match="MTL-E806"):
        explain(nlp, TEXT, "translate", "de", against="fr")
    with pytest.raises(ValueError, match="MTL-E808"):
        explain(nlp, TEXT, "translate", "de", method="integrated")


def test_the_pipeline_is_as_before(nlp):
    before = nlp.to_bytes()
    nlp.get_pipe("translate").model.get_ref("decoder").shims[0]._model.train()
    doc = nlp(TEXT)
    explain(nlp, doc)
    assert nlp.to_bytes() == before and doc._.translation == nlp(TEXT)._.translation


def test_a_translator_with_an_encoder_of_its_own():
    nlp = make_nlp()
    found = explain(nlp, "a dog sleeps", "translate", "Ein Hund")
    assert [one.label for one in found] == ["de", "Ein", "Hund"] and any(found[0].parts)
    # a text that is too long is not translated, but can be asked about
    nlp.get_pipe("translate").cfg["max_source_length"] = 2
    with pytest.warns(UserWarning, match="MTL-W1001"):
        assert explain(nlp, "a dog sleeps") == []
        assert len(explain(nlp, "a dog sleeps", "translate", "Ein Hund")) == 3


def test_over_a_corpus(nlp):
    texts = ["man hears old", "old old cat", "red cat sees", "old red dog"]
    examples = make_examples(nlp, {text: " ".join(map(LEXICON.get, text.split())) for text in texts})
    found = explain_examples(nlp, examples)
    (alt,) = [one for one in found.labels if (one.kind, one.label) == ("word", "alt")]
    assert alt.words[0].word == "old" and {one.kind for one in found.labels} == {"translation", "word"}


@pytest.mark.parametrize(
    "subwords,expected",
    [
        ([" Ein", " Hu", "nd", "."], ["Ein", "Hund", "."]),
        ([" ", "E", "in", " T", "-", "Shirt", ",", " ", "ja"], ["Ein", "T-Shirt", ",", "ja"]),
        ([' "', "Hund", '"', "!", " 3", ",", "5"], ['"', "Hund", '"!', "3", ",", "5"]),
        ([" ."], ["."]),
    ],
)
def test_words_of_subwords(subwords, expected):
    words = divide_words(subwords)
    text = "".join(subwords).strip()
    assert [word.text for word in words] == expected
    assert all(text[word.start : word.start + len(word.text)] == word.text for word in words)
    assert [i for word in words for i in range(len(subwords))[word.subwords]] == list(range(len(subwords)))
