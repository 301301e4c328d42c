import re

import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from spacy_mtl.sentences import find_starts, has_borders, sentence_starts

ENGLISH = spacy.blank("en")


def sentences(text, language="en"):
    doc = (ENGLISH if language == "en" else spacy.blank(language))(text)
    starts = [*find_starts(doc), len(doc)]
    return [doc[start:end].text.strip() for start, end in zip(starts, starts[1:])]


@pytest.mark.parametrize(
    "expected",
    [
        ["Amina repaired the old bike.", "Her brother answered nobody at Voltmart."],
        ["it broke!!!", "they said no?!", "really . . .", "Well."],
        ["we went there. "[:-1], "i saw it."],
        ["He waited... and waited... until noon.", "They left..."],
        ["I think so...", "But she knows…", "Yes."],
        ['"Are you there?" she asked.', 'He said "No."', "Then he left."],
        ["“Stop!” he cried.", "“Why?”", "Nobody knew."],
        ["He left (at last!), and she stayed.", "(She liked it.)", "[So did we.]"],
        ["He came (really?) and left."],
    ],
)
def test_final_punctuation_ends_a_sentence(expected):
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Smith of the U.S. Army met Mrs. Jones, Ph.D., at St. Paul's on Jan. 5 at 5 p.m. on a Friday.",
        "Dr. J. K. Doe, e.g. in the U.K. Parliament, i.e. The House, paid $5.50 vs. 3.2 to Acme Inc. of Oslo.",
        "See www.example.com or mail a.b@example.org, version 2.1.0, at 10.30 a.m. Monday",
        "no stop at all",
        "",
    ],
)
def test_abbreviations_and_numbers_do_not(text, all_exceptions):
    doc = spacy.blank("en")(text)
    assert find_starts(doc) == ([0] if text else [])


@pytest.mark.parametrize(
    "expected",
    [
        ["see you there", "My flatmate Ruairi is late"],
        ["Great Meal", "This place is cheap", "They know you"],
        ["nobody knows", "Where I was", "It's late"],
        ["She lives in The Hague", "The town is old"],
        ["I think Will did it in May this year"],
        ["See Plan B If you like"],
        ["we heard Of Monsters and Men"],
    ],
)
def test_a_capitalized_function_word_begins_an_english_sentence(expected):
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize("language", ["de", "da", "xx"])
def test_but_none_of_a_language_with_other_capitals(language):
    text = "wir wissen dass Sie kommen und Ihr Haus sehen"
    assert sentences(text, language) == [text]


def test_an_abbreviation_before_a_function_word_does():
    assert sentences("He left the U.S. The rest came at 5 p.m. She knew.") == [
        "He left the U.S.",
        "The rest came at 5 p.m.",
        "She knew.",
    ]


def test_a_full_stop_that_the_tokenizer_split_off_an_abbreviation():
    nlp = spacy.blank("xx")
    nlp.tokenizer.suffix_search = re.compile(r"\.$").search
    doc = nlp("I saw Dr. Silva and J. Doe. He left. 2. Stir. Plan B.")
    assert [token.text for token in doc].count(".") == 7
    assert [doc[start].text for start in find_starts(doc)] == ["I", "He", "2", "Plan"]


def test_a_blank_line_does_and_a_line_end_does_not():
    assert sentences("Shopping list\n\nMilk\r\n\r\nThe long line\ngoes on here") == [
        "Shopping list",
        "Milk",
        "The long line\ngoes on here",
    ]
    assert sentences("One.\nTwo.\n  Three") == ["One.", "Two.", "Three"]


@pytest.mark.parametrize(
    "language, expected",
    [
        ("de", ["Am 3. Mai kam Dr. Meier, z. B. mit Frau Wolf.", "„Gut.“", "Er ging."]),
        ("es", ["¿Vienes?", "¡Sí!", "El Sr. Ruiz llegó."]),
        ("pt", ["O Dr. Silva e a Sra. Costa falaram.", "Ele saiu."]),
        ("hi", ["वह आया।", "वह गया।"]),
        ("ar", ["جاء الرجل.", "هل ذهب؟", "نعم"]),
        ("xx", ["Dr. Silva saiu.", "Ela ficou."]),
    ],
)
def test_other_languages(language, expected):
    assert sentences(" ".join(expected), language) == expected


def test_a_script_without_spaces():
    assert sentences("我来了。他走了！你呢？", "zh") == ["我来了。", "他走了！", "你呢？"]


def test_borders_of_the_doc_win():
    words = ["One", ".", "Two", ".", "Three", "."]
    own = Doc(ENGLISH.vocab, words=words, sent_starts=[True, False, False, False, False, True])
    assert has_borders(own)
    assert sentence_starts(own).tolist() == [0, 5]
    one = Doc(ENGLISH.vocab, words=words, sent_starts=[True, *[False] * 5])
    assert has_borders(one)
    assert sentence_starts(one).tolist() == [0]
    some = Doc(ENGLISH.vocab, words=words, sent_starts=[None, None, True, None, None, None])
    assert sentence_starts(some).tolist() == [0, 2]
    none = Doc(ENGLISH.vocab, words=words)
    assert not has_borders(none)
    assert sentence_starts(none).tolist() == [0, 2, 4]
    assert not none.has_annotation("SENT_START"), "the Doc is left as it is"


def test_a_token_that_begins_no_sentence():
    words = ["One", ".", "Two", ".", "Three", "."]
    doc = Doc(ENGLISH.vocab, words=words, sent_starts=[None, None, False, None, None, None])
    assert not has_borders(doc)
    assert sentence_starts(doc).tolist() == [0, 4]


WORDS = [*"abAB.?!…\"'()“”:;,1", "...", "\n\n", "\n", "Dr", "U.S.", "etc.", "é", "。"]


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_starts_rise_from_zero_whatever_the_words(words):
    doc = Doc(ENGLISH.vocab, words=words)
    starts = sentence_starts(doc)
    assert starts.tolist() == sorted(set(starts.tolist()))
    assert starts.tolist()[:1] == [0] * bool(words)
    assert all(0 <= start < len(words) for start in starts)
    spaced = sentence_starts(Doc(ENGLISH.vocab, words=words, spaces=numpy.arange(len(words)) % 2 == 0))
    assert spaced.tolist()[:1] == starts.tolist()[:1]


@pytest.mark.parametrize(
    "lines",
    [
        ["Shopping list", "- bought milk", "- sold eggs", "* fixed the bike"],
        ["Title: The Big Sale", "John sold his house", "Mary bought a car"],
        ["to do", "1. buy milk", "2) sell eggs"],
    ],
)
def test_items_and_headings_are_sentences(lines):
    doc = spacy.blank("en")("\n".join(lines))
    starts = [doc[start].idx for start in find_starts(doc)]
    assert [line for line in lines if doc.text.index(line) not in starts] == []


@pytest.mark.parametrize(
    "text",
    [
        "Dear John,\nI sold the car",
        "the president of the republic met his visitors from\nParis last week and talked about the many\nproblems",
        "he sold the car\nand bought a bike",
        "He works with Mr. Will Smith",
        "They met in Jan. Prices fell",
    ],
)
def test_a_line_or_an_abbreviation_may_end_within_a_sentence(text, all_exceptions):
    assert find_starts(spacy.blank("en")(text)) == [0]


def test_an_abbreviation_before_a_function_word_ends_a_sentence():
    doc = spacy.blank("en")("She works at Apple Inc. He works at IBM Corp. They met.")
    assert [doc[start].text for start in find_starts(doc)] == ["She", "He", "They"]


BORDERS = {
    "en": [
        ["See Fig. 3 and pp. 7-9 of vol. III.", "Then Eq. 5 holds."],
        ["He lives at No. 5 Park Road.", "Nos. 6 and 7 are hers."],
        ["Apples, pears, etc. are fruit.", "I like figs, dates, etc.", "Nobody cares."],
        ["Smith et al. showed it.", "Doe et al. (2010) did not."],
        ["Approx. 50 people came, the dept. head too.", "All left."],
        ["Call Tel. 555 1234.", "Ask for Ext. 55."],
        ["I got an A.", "She got a B.", "It is I.", "You know me."],
        ["J. R. R. Tolkien wrote it.", "J. Doe did not."],
        ["He weighs 80 kg.", "She weighs 60."],
        ["He lives in Main St.", "She lives in St. John."],
        ["Henry VIII. was king.", "He died."],
        ["I love it :)", "Thanks."],
        ["Great! :-D", "She came 😀", "He left."],
        ["Pi is 3.14.", "It costs $5.", "He paid."],
        ["First, no.", "5 people left."],
    ],
    "de": [
        ["Siehe Abb. 3 und Nr. 5.", "Das ist klar."],
        ["Am 3. Oktober kam Hr. Meier, d. h. um 5 Uhr.", "Er ging."],
        ["Friedrich II. war König.", "Er sagte: „Ich gehe.“", "„Geh!“", "Dann ging er."],
        ["»Geh!« sagte sie.", "»Warum?«", "Er ging."],
        ["Das war im 19. Jahrhundert.", "Es gibt Äpfel usw. und Birnen."],
    ],
    "pt": [
        ["O Dr. Lima e a Dra. Reis vieram.", "Há peras, uvas, etc.", "Gosto delas."],
        ["Ver pág. 5 e n. 6.", "S. Paulo é grande."],
    ],
    "es": [
        ["El Sr. Gómez vino.", "La Sra. Ruiz vive en la Av. Central.", "¿Vienes?", "¡Sí!"],
        ["Lee la pág. 5 y el núm. 6.", "Dijo: «Me voy.»", "Luego se fue."],
    ],
    "it": [["Il sig. Rossi è venuto.", "Vedi pag. 5."]],
    "hi": [["राम घर गया।", "सीता वहाँ थी।", "क्या वह आई?"]],
    "ar": [["هل جاء أحمد؟", "نعم.", "ذهب إلى البيت."]],
    # French too: its own tokenizer takes seconds to make
    "xx": [
        ["Dr. Doe left.", "Fig. 3 shows it.", "No. 5 won."],
        ["Voir p. 5, fig. 3 et le no. 6.", "C'est clair."],
        ["Il a dit : « Je pars. »", "« Va ! » dit-elle.", "Il part."],
        ["«Je pars.»", "«Tu pars ?»", "Oui."],
    ],
}


@pytest.mark.parametrize(
    "language,expected", [(language, texts) for language in BORDERS for texts in BORDERS[language]]
)
def test_full_stops_that_belong_to_words(language, expected, all_exceptions):
    doc = spacy.blank(language)(" ".join(expected))
    starts = [*find_starts(doc), len(doc)]
    assert [doc[start:end].text for start, end in zip(starts, starts[1:])] == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["私は学生です。", "彼は先生です。", "「行け！」と彼女は言った。"],
        ["你喜欢我吗？", "他说：“我走了。”", "是的！"],
    ],
)
def test_scripts_without_spaces(expected):
    assert sentences("".join(expected), "zh") == expected
