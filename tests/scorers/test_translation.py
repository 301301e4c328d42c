"""Scores of translations are sacrebleu's, and so are those of sums of counts."""

import pickle

import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.scorers.translation import make_bleu, make_chrf, make_translation_scorer, score_translations
from spacy_mtl.scorers.translation_counts import count_bleu, count_chrf, score_bleu, score_chrf
from spacy_mtl.translations import set_translations

pytest.importorskip("sacrebleu")
VOCAB = spacy.blank("en").vocab
GOLD = ["Ein Hund läuft schnell durch den Park.", "Zwei Männer reden auf der Straße.", "Es regnet.", ""]
FOUND = ["Ein Hund läuft schnell durch einen Park.", "Zwei Männer reden laut auf der Straße.", "Es schneit.", "Ja."]
PAIRS = list(zip(FOUND, GOLD))
TEXTS = st.lists(st.sampled_from(["der", "Hund", "läuft", ".", "im", "Park,", "ein", "Ä"]), max_size=9).map(" ".join)


def make_example(predicted, gold):
    docs = [Doc(VOCAB, words=["x"]), Doc(VOCAB, words=["x"])]
    for doc, texts in zip(docs, (predicted, gold)):
        if texts is not None:
            set_translations(doc, texts)
    return Example(*docs)


def test_what_is_annotated_counts():
    examples = [make_example({"de": found}, {"de": gold, "fr": "Non."}) for found, gold in PAIRS]
    unknown = [make_example({"de": "Nein."}, None), make_example({"de": "Nein."}, {"fr": "Non."})]
    scores = score_translations([*examples, *unknown], language="de")
    assert scores["translation_texts"] == len(PAIRS)
    assert scores["translation_bleu"] == make_bleu("de").corpus_score(FOUND, [GOLD]).score / 100
    assert scores["translation_chrf"] == make_chrf().corpus_score(FOUND, [GOLD]).score / 100
    assert "tok:13a" in scores["translation_signatures"]["bleu"] and "nc:6" in scores["translation_signatures"]["chrf"]


def test_a_lacking_translation_is_an_empty_one():
    lacking = score_translations([make_example(None, {"de": GOLD[0]}), make_example({"de": FOUND[1]}, {"de": GOLD[1]})])
    empty = score_translations(
        [make_example({"de": ""}, {"de": GOLD[0]}), make_example({"de": FOUND[1]}, {"de": GOLD[1]})]
    )
    assert lacking == empty and lacking["translation_texts"] == 2


def test_without_gold_there_is_no_score():
    scores = score_translations([make_example({"de": "Ja."}, None)], language="de")
    assert scores["translation_bleu"] is scores["translation_chrf"] is None and scores["translation_texts"] == 0


def test_settings_of_the_scorer():
    scorer = pickle.loads(pickle.dumps(make_translation_scorer("char", lowercase=True)))
    scores = scorer([make_example({"de": "EIN HUND"}, {"de": "ein Hund"})], language="de")
    assert [scores["translation_bleu"], scores["translation_chrf"]] == pytest.approx([1.0, 1.0])
    signature = scores["translation_signatures"]["bleu"]
    assert "tok:char" in signature and "case:lc" in signature
    chinese = score_translations([make_example({"zh": "一只狗"}, {"zh": "一只狗"})], language="zh")
    assert "tok:zh" in chinese["translation_signatures"]["bleu"]
    with pytest.raises(ValueError, match="E621.*13a"):
        make_bleu("de", "words")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_sums_of_counts_give_the_corpus_scores(pairs):
    found, gold = [pair[0] for pair in pairs], [[pair[1] for pair in pairs]]
    bleu, chrf = make_bleu("de"), make_chrf()
    counts = numpy.asarray([count_bleu(bleu, *pair) for pair in pairs])
    assert score_bleu(counts.sum(axis=0)) == pytest.approx(bleu.corpus_score(found, gold).score / 100, abs=1e-12)
    counts = numpy.asarray([count_chrf(*pair) for pair in pairs])
    assert score_chrf(counts.sum(axis=0)) == pytest.approx(chrf.corpus_score(found, gold).score / 100, abs=1e-12)


def test_scores_of_several_sums_at_once():
    bleu = make_bleu("de")
    for count, score in ((lambda *pair: count_bleu(bleu, *pair), score_bleu), (count_chrf, score_chrf)):
        counts = numpy.asarray([count(*pair) for pair in PAIRS])
        sums = numpy.stack([counts[:2].sum(axis=0), counts.sum(axis=0), counts[3], 0 * counts[0]])
        assert score(sums).tolist() == [float(score(row)) for row in sums] and score(sums)[-1] == 0
