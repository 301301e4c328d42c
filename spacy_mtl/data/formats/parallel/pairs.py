"""Texts with their translations, whatever file they come from, and Docs from them."""

import re
from typing import Dict, Iterable, Iterator, NamedTuple, Optional

from spacy.language import Language
from spacy.tokens import Doc

from ....translations import set_translations
from ..categories import BLANKS
from ..docs import check_text
from ..remarks import Remarks

NO_TEXT = "no text to translate"
NO_TRANSLATION = "no translation"
_WHITE_SPACE = re.compile(r"\s+")


class Pair(NamedTuple):
    """A text with its translations.

    place (str): File and line, for messages.
    text (str): The text; white space makes it empty.
    translations (Dict[str, str]): The translations by language.
    id (str): The id; "" if there is none.
    """

    place: str
    text: str
    translations: Dict[str, str]
    id: str = ""


def make_pair_docs(
    pairs: Iterable[Pair], nlp: Language, *, split_words: bool = False, remarks: Optional[Remarks] = None
) -> Iterator[Doc]:
    """Docs with translations. Pairs of which a side is empty are left out; white space counts as a blank.

    pairs (Iterable[Pair]): The pairs.
    nlp (Language): Gives the vocabulary and the tokenizer.
    split_words (bool): Whether to split texts at white space instead of tokenizing them.
    remarks (Optional[Remarks]): Takes pairs that are left out.
    YIELDS (Doc): One Doc a pair. The id goes to `doc.user_data["sent_id"]`.
    RAISES (ValueError): E126 for a text that is too long.
    """
    remarks = Remarks() if remarks is None else remarks
    for pair in pairs:
        text = _clean(pair.text)
        found = {language: _clean(translation) for language, translation in pair.translations.items()}
        found = {language: translation for language, translation in found.items() if translation}
        if not (text and found):
            remarks.leave_out(NO_TRANSLATION if text else NO_TEXT, pair.place)
            continue
        with remarks.skipping():
            check_text(text, nlp, pair.place)
            doc = Doc(nlp.vocab, words=re.split(BLANKS, text)) if split_words else nlp.make_doc(text)
            set_translations(doc, found)
            if pair.id:
                doc.user_data["sent_id"] = pair.id
            yield doc


def is_language(found: str, wanted: str) -> bool:
    """Whether a language is one that is asked for: "de-AT" is German.

    found (str): The code of the language, with or without that of a region.
    wanted (str): The code that is asked for.
    RETURNS (bool): Whether it is.
    """
    found, wanted = (code.lower().replace("_", "-") for code in (found, wanted))
    return found == wanted or found.startswith(f"{wanted}-")


def _clean(text: str) -> str:
    return _WHITE_SPACE.sub(" ", text).strip()
