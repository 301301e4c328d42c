import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import fix_random_seed

from spacy_mtl.frames import get_frames, set_frames
from spacy_mtl.types import FrameSpans

from .test_component import SMALL_MODEL

# six lemmas with two forms each, so that forms held out have a known lemma, and rarer words beside them
VERBS = ["walk", "talk", "park", "ask", "jump", "climb"]
WORDS = {
    "en": {**{verb + ending: f"{verb}.01" for verb in VERBS for ending in ("ed", "s")}, "gave": "give.01"},
    "pt": {"diz": "say.01", "disse": "say.01", "falou": "speak.01", "andou": "walk.01", "deu": "give.01"},
}
LEMMAS = {"diz": "dizer", "disse": "dizer", "disseram": "dizer", "correu": "correr"}


def make_pipeline(lang="en", with_lemmas=False, **settings):
    fix_random_seed(0)
    nlp = spacy.blank(lang)
    nlp.add_pipe("mtl_srl", config={"model": SMALL_MODEL, **settings})
    examples = []
    for word, sense in WORDS[lang].items():
        reference = make_doc(nlp, word, with_lemmas)
        set_frames(reference, [FrameSpans(1, 2, sense)])
        examples.append(Example(make_doc(nlp, word), reference))
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(3):
        nlp.update(examples, sgd=optimizer)
    return nlp


def make_doc(nlp, word, with_lemmas=False):
    words = ["ela", word, "muito"]
    return Doc(nlp.vocab, words=words, lemmas=[LEMMAS.get(w, w) for w in words] if with_lemmas else None)


def sense_of(nlp, word, with_lemmas=False):
    doc = make_doc(nlp, word, with_lemmas)
    set_frames(doc, [FrameSpans(1, 2)])
    pipe = nlp.get_pipe("mtl_srl")
    pipe.cfg["predicates"] = "doc"
    (frame,) = get_frames(pipe(doc))
    return frame.sense, frame.sense_probability


def test_probabilities_of_senses_are_those_of_predicates_held_out():
    nlp = make_pipeline()
    # all but "gave" are found by their ending when they are held out
    assert sense_of(nlp, "walking") == ("", None), "the only word that was held out with an unknown lemma was 'gave'"
    assert sense_of(nlp, "climb") == ("climb.01", pytest.approx(12.5 / 13))
    assert sense_of(nlp, "gave") == ("give.01", pytest.approx(0.5)), "no form occurs twice: nothing was held out"


@pytest.mark.parametrize("word", ["dos", "spun", "correu"])
def test_an_unseen_word_of_another_language_gets_no_sense(word):
    assert sense_of(make_pipeline("pt"), word) == ("", None)


def test_a_guess_that_is_mostly_wrong_is_none():
    nlp = make_pipeline("pt", guess_lemmas=True)
    assert sense_of(nlp, "dos") == ("", None)
    assert sense_of(nlp, "disse")[0] == "say.01"


def test_guessing_can_be_switched_off():
    nlp = make_pipeline(guess_lemmas=False)
    assert sense_of(nlp, "climb") == ("", None)
    assert sense_of(nlp, "climbs")[0] == "climb.01"


def test_the_lemma_of_the_doc_leads_to_its_sense():
    nlp = make_pipeline("pt", with_lemmas=True)
    sense, probability = sense_of(nlp, "disseram", with_lemmas=True)
    assert (sense, probability) == ("say.01", pytest.approx(2.5 / 3)), "of 'dizer' both forms were found"
    assert sense_of(nlp, "disseram") == ("", None)
    assert sense_of(nlp, "correu", with_lemmas=True) == ("", None), "no roleset is named by a Portuguese lemma"


def test_what_was_learned_is_saved_and_can_be_given(tmp_path):
    nlp = make_pipeline("pt", with_lemmas=True)
    expected = sense_of(nlp, "disseram", with_lemmas=True)
    nlp.to_disk(tmp_path)
    assert sense_of(spacy.load(tmp_path), "disseram", with_lemmas=True) == expected
    fresh = spacy.blank("pt")
    fresh.add_pipe("mtl_srl", config={"model": SMALL_MODEL})
    doc = make_doc(fresh, "diz")
    set_frames(doc, [])
    labels = nlp.get_pipe("mtl_srl").label_data
    fresh.get_pipe("mtl_srl").initialize(lambda: [Example(doc, doc)], labels=labels)
    assert fresh.get_pipe("mtl_srl").label_data == labels


def test_a_pipeline_saved_without_counts_held_out_has_honest_senses_too():
    nlp = make_pipeline()
    expected = sense_of(nlp, "climb")
    pipe = nlp.get_pipe("mtl_srl")
    pipe.cfg["roleset_coverage"], pipe._predictor = {}, None
    assert sense_of(nlp, "climb") == expected


def test_a_predicate_whose_word_is_unknown_can_be_learned_from():
    nlp = make_pipeline("pt")
    reference = make_doc(nlp, "correu")
    set_frames(reference, [FrameSpans(1, 2, "run.02")])
    losses = nlp.update([Example(make_doc(nlp, "correu"), reference)])
    assert losses["mtl_srl"] > 0
