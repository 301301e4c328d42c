"""Where sentences begin: the borders that a Doc has, or those that its punctuation shows.

The rule goes further than spaCy's `Sentencizer`, whose characters it takes. It knows runs of final punctuation ("!!!",
"?!") and leaves an ellipsis open until an upper-case letter follows. Closing quotes and brackets go with the sentence
before, opening ones with the one after. A blank line ends a sentence, and so does the end of a line before an item of a
list, or before a capital whose word had room on the line: after a heading, say. The full stop of an item's number ("2.
Stir."), of an initial ("J. Doe") or of an abbreviation ("Dr. Doe", "Fig. 3") does not, where the tokenizer has split it
off. A smiley counts as an ellipsis.
In English a capitalized function word after a word begins a sentence, as in messages and headings that end without a
full stop ("see you there My flatmate is late"), if what follows it is no name ("in The Hague").
"""

import unicodedata
from functools import lru_cache
from typing import List, Set

import numpy
from spacy.lang.tokenizer_exceptions import emoticons
from spacy.pipeline import Sentencizer
from spacy.tokens import Doc, Token
from thinc.types import Ints1d

from .abbreviations import BEFORE_NAMES, BEFORE_NUMBERS, WITHIN_SENTENCES, is_roman

FINAL_CHARACTERS = frozenset([*Sentencizer.default_punct_chars, "॥"])
ELLIPSIS_CHARACTERS = frozenset(".…")
QUOTES = frozenset("\"'`´‘’‚“”„«»‹›「」『』")
CLOSING_QUOTES = {"«": "»", "»": "«", "‹": "›", "›": "‹", "“": "”", "„": "“”", "「": "」", "『": "』"}
"""What closes a quotation, whatever the spaces; other marks are told by them."""
VOWELS = frozenset("aeiouyäëïöüáéíóúýàèìòùâêîôûåæøœãõ")
CONTINUING = frozenset(",;:")
CAPITALS_BEGIN = frozenset(["en"])
"""Languages in which only names and the first words of sentences have capitals: not German, whose nouns have them."""
QUOTATIVES = frozenset(["と", "って"])
"""As "he said" after a quotation, in Japanese."""
NAMES_TOO = frozenset(["may", "will"])
BULLETS = frozenset("-–—•*·‣◦▪●○■□➢✓")
# fewer characters to a line are not for want of room
NARROWEST_LINE = 40
NEVER_FINAL = frozenset(["e.g.", "i.e.", "vs.", "cf."])
TITLES = frozenset(
    ["Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "Gen.", "Sen.", "Rep.", "Gov.", "Capt.", "Cmdr.", "Col.", "Lt.", "Maj."]
    + ["Sgt.", "Adm.", "Rev.", "Hon."]
)
LONGEST_ABBREVIATION = 4
LONGEST_NUMBER = 2

# kinds of tokens
(
    OTHER,
    LOWER,
    UPPER,
    FINAL,
    ELLIPSIS,
    QUOTE,
    CLOSING,
    COMMA,
    SPACE,
    LINE,
    BLANK_LINE,
    ABBREVIATION,
    NUMBER,
    DOTTED,
    BULLET,
    EMOTICON,
) = range(16)


def sentence_starts(doc: Doc) -> Ints1d:
    """The first tokens of a Doc's sentences. Borders that the Doc has win; where it has none, its punctuation shows
    them, and a token of which `is_sent_start` is False begins no sentence.

    doc (Doc): The Doc, left as it is.
    RETURNS (Ints1d): Indices in rising order, the first one 0; empty for an empty Doc.
    """
    known = doc.to_array("SENT_START").astype("int64")
    if has_borders(doc):
        starts = known == 1
    else:
        starts = numpy.zeros(len(doc), dtype=bool)
        starts[find_starts(doc)] = True
        starts &= known != -1
    starts[:1] = True
    return numpy.nonzero(starts)[0].astype("int32")


def has_borders(doc: Doc) -> bool:
    """Whether a Doc says where its sentences begin: all its tokens say whether they do, or one after the first does.

    doc (Doc): The Doc.
    RETURNS (bool): True if the Doc's own borders are to be taken; always True for less than two tokens.
    """
    known = doc.to_array("SENT_START").astype("int64")[1:]
    return bool((known != 0).all() or (known == 1).any())


def find_starts(doc: Doc) -> List[int]:
    """Where sentences begin by the rule.

    doc (Doc): The Doc; borders that it has are not looked at.
    RETURNS (List[int]): Indices of tokens in rising order, the first one 0; empty for an empty Doc.
    """
    kinds = [_kind(token.text) for token in doc]
    spaces = doc.to_array("SPACY").tolist()
    starts = [0] if kinds else []
    capitals_begin = doc.lang_ in CAPITALS_BEGIN
    breaks = _find_breaks(doc, kinds)
    # what ended the sentence, if anything did, and whether a quote or bracket was closed since
    end, closed = OTHER, False
    opened = ""
    for i, kind in enumerate(kinds):
        closes = doc.has_unknown_spaces or not spaces[i - 1]
        if kind == QUOTE and doc[i].text in CLOSING_QUOTES.get(opened, ""):
            opened, closes = "", True
        elif kind == QUOTE and not opened and doc[i].text in CLOSING_QUOTES:
            opened, closes = doc[i].text, False
        if i in breaks:
            end = BLANK_LINE
        elif kind == FINAL:
            end = end if _belongs_to_word(doc, kinds, i, starts[-1]) else FINAL
        elif kind in (ELLIPSIS, EMOTICON):
            end = FINAL if end == FINAL else ELLIPSIS
        elif kind == BLANK_LINE:
            end, opened = BLANK_LINE if i else OTHER, ""
        elif kind == DOTTED and end == OTHER:
            end = FINAL if i > starts[-1] and _ends_with_abbreviation(doc, i) else OTHER
        elif end == OTHER or kind in (SPACE, LINE):
            if kind == UPPER and capitals_begin and _begins_by_capital(doc, i):
                starts.append(i)
        elif end != BLANK_LINE and (kind == CLOSING or kind == QUOTE and closes):
            closed = True
        else:
            goes_on = kind == COMMA or closed and (kind == LOWER or doc[i].text in QUOTATIVES)
            if end == BLANK_LINE or not (goes_on or end == ELLIPSIS and kind not in (UPPER, ABBREVIATION)):
                starts.append(i)
            end, closed = OTHER, False
    return starts


def _begins_by_capital(doc: Doc, i: int) -> bool:
    """Whether a token is a capitalized function word between a word and what is no name."""
    token = doc[i]
    if not i or not token.is_stop or not token.is_title or len(token) < 2 or token.lower_ in NAMES_TOO:
        return False
    before, after = doc[i - 1].text, doc[i + 1].text if i + 1 < len(doc) else ""
    return len(before) > 1 and before.isalpha() and (after[:1].islower() or after[:1] in QUOTES or after == "I")


def _find_breaks(doc: Doc, kinds: List[int]) -> Set[int]:
    """The line ends after which a sentence begins: an item of a list follows, or the line had room for the next word,
    which has a capital, and does not end with a comma."""
    if LINE not in kinds:
        return set()
    text = doc.text
    room = max([NARROWEST_LINE, *map(len, text.splitlines())])
    breaks = set()
    for i, kind in enumerate(kinds[:-1]):
        if kind != LINE or not i:
            continue
        after = kinds[i + 1]
        is_item = after == NUMBER or after == LOWER and len(doc[i + 1]) == 1
        is_numbered = is_item and doc[i + 1 : i + 3].text[len(doc[i + 1]) :] in (".", ")")
        start = text.rfind("\n", 0, doc[i].idx) + 1
        line = text[start : doc[i].idx].rstrip()
        is_short = len(line) + 1 + len(doc[i + 1]) <= room
        if after == BULLET or is_numbered or is_short and after in (UPPER, ABBREVIATION) and kinds[i - 1] != COMMA:
            breaks.add(i)
    return breaks


def _ends_with_abbreviation(doc: Doc, i: int) -> bool:
    """Whether a token such as "p.m." or "U.S." ends its sentence: an upper-case function word follows."""
    return _is_first_word(doc, i + 1) or doc[i].lower_ == "etc." and doc[i + 1 : i + 2].text[:1].isupper()


def _is_first_word(doc: Doc, i: int) -> bool:
    """Whether a token is a function word with the capital of a sentence's first word, and no initial."""
    if i >= len(doc) or not doc[i].is_stop or not doc[i].text[:1].isupper() or doc[i].lower_ in NAMES_TOO:
        return False
    return not doc[i].is_upper or doc[i].text == "I" and doc[i + 1 : i + 2].text != "."


def _belongs_to_word(doc: Doc, kinds: List[int], stop: int, start: int) -> bool:
    """Whether a full stop belongs to the token before it: to an abbreviation or initial that a word follows, or to the
    number that the sentence begins with."""
    if not stop or doc[stop].text != "." or (doc[stop - 1].whitespace_ and not doc.has_unknown_spaces):
        return False
    word, (after,) = doc[stop - 1], kinds[stop + 1 : stop + 2] or [OTHER]
    if kinds[stop - 1] == NUMBER:
        return stop - 1 == start
    if stop + 1 < len(doc) and _goes_on(word, doc[stop + 1], after):
        return True
    is_joined = after in (LOWER, UPPER, ABBREVIATION) and not _is_first_word(doc, stop + 1)
    return kinds[stop - 1] == ABBREVIATION and is_joined


def _goes_on(word: Token, after: Token, kind: int) -> bool:
    """Whether a word with a full stop is one that the sentence goes on after."""
    if word.lower_ in BEFORE_NUMBERS and (after.text[:1].isdecimal() or is_roman(after.text)):
        # "He said no. 5 people left."
        return word.text != "no" or word.doc.lang_ != "en"
    if kind == LOWER and len(word) == 1 and word.is_alpha and word.doc.lang_ != "en":
        return True
    if kind == LOWER or after.text in ("(", "["):
        return word.lower_ in WITHIN_SENTENCES or kind == LOWER and is_roman(word.text)
    return word.lower_ in BEFORE_NAMES and kind in (UPPER, ABBREVIATION)


@lru_cache(maxsize=1 << 16)
def _kind(text: str) -> int:
    if text.isspace():
        return (SPACE, LINE, BLANK_LINE)[min(len((text + ".").splitlines()), 3) - 1]
    characters = set(text)
    if characters <= ELLIPSIS_CHARACTERS and text != ".":
        return ELLIPSIS
    if characters <= FINAL_CHARACTERS:
        return FINAL
    if characters <= QUOTES:
        return QUOTE
    if characters <= CONTINUING:
        return COMMA
    if characters <= BULLETS:
        return BULLET
    if text.isdecimal() and len(text) <= LONGEST_NUMBER:
        return NUMBER
    if all(unicodedata.category(character) in ("Pe", "Pf") for character in characters):
        return CLOSING
    if text in emoticons and not text.isalnum() or all(unicodedata.category(character) == "So" for character in text):
        return EMOTICON
    stem = text[:-1]
    is_dotted = text.endswith(".") and (len(stem) > 1 or stem.isdecimal() or stem.isupper())
    if is_dotted and text not in NEVER_FINAL and text not in TITLES:
        return DOTTED
    if _looks_abbreviated(text):
        return ABBREVIATION
    if text[0].islower():
        return LOWER
    return UPPER if text[0].isupper() else OTHER


def _looks_abbreviated(text: str) -> bool:
    """An initial, or consonants alone that are no acronym."""
    if not text.isalpha() or not (text[0].isupper() or text.islower()) or len(text) > LONGEST_ABBREVIATION:
        return False
    if len(text) == 1:
        return text.isupper() and text != "I"
    return not text.isupper() and not set(text.lower()) & VOWELS
