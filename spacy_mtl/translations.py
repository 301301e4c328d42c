"""Translations of a Doc: reading and writing them.

A Doc keeps them in one span group without spans, `doc.spans["translation"]`, in whose attrs "texts" has the text by
language. A language that is not there is not annotated, nor is any where the group is absent. What a model found
besides its best translation lies in "candidates", by language: pairs of text and score, the best first.
"""

import re
from importlib.util import find_spec
from typing import Any, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple

from spacy.tokens import Doc, SpanGroup
from spacy.util import find_matching_language, lang_class_is_loaded

from .errors import Errors

TRANSLATIONS_KEY = "translation"
_TEXTS = "texts"
_CANDIDATES = "candidates"
_SHOWN = 60
_CODE = re.compile(r"(?P<language>[A-Za-z]{2,3})([-_][A-Za-z0-9]{2,8})*")


class Candidate(NamedTuple):
    """One of the best translations that a model found.

    text (str): The translation.
    score (float): The model's score, by which candidates are ranked; the higher the better.
    """

    text: str
    score: float


def get_translations(doc: Doc) -> Optional[Dict[str, str]]:
    """The translations of a Doc: what `doc._.translations` gives.

    doc (Doc): The Doc.
    RETURNS (Optional[Dict[str, str]]): The text by language; None if the Doc is not annotated.
    RAISES (ValueError): E017 for a group that holds something else.
    """
    if TRANSLATIONS_KEY not in doc.spans:
        return None
    texts = doc.spans[TRANSLATIONS_KEY].attrs.get(_TEXTS, {})
    if not isinstance(texts, Mapping):
        _refuse_group(doc, texts)
    for language, text in texts.items():
        if not (isinstance(language, str) and isinstance(text, str)):
            _refuse_group(doc, {language: text})
    return dict(texts)


def get_candidates(doc: Doc) -> Dict[str, Tuple[Candidate, ...]]:
    """The best translations that a model found.

    doc (Doc): The Doc.
    RETURNS (Dict[str, Tuple[Candidate, ...]]): By language, the best first; empty if there are none.
    RAISES (ValueError): E017 for a group that holds something else.
    """
    if TRANSLATIONS_KEY not in doc.spans:
        return {}
    candidates = doc.spans[TRANSLATIONS_KEY].attrs.get(_CANDIDATES, {})
    try:
        return {
            language: tuple(Candidate(str(text), float(score)) for text, score in found)
            for language, found in candidates.items()
        }
    except (AttributeError, TypeError, ValueError):
        _refuse_group(doc, candidates)
        raise


def set_translations(
    doc: Doc,
    texts: Mapping[str, str],
    candidates: Optional[Mapping[str, Sequence[Tuple[str, float]]]] = None,
) -> None:
    """Write translations to a Doc, replacing those that it had.

    doc (Doc): The Doc to write to; unchanged if a translation is refused.
    texts (Mapping[str, str]): The text by language, such as {"de": "Guten Tag."}.
    candidates (Optional[Mapping[str, Sequence[Tuple[str, float]]]]): By language, the best translations with their
        scores, the best first.
    RAISES (ValueError): E016 for a language or a translation that is no text.
    """
    attrs: Dict[str, Any] = {_TEXTS: _check_texts(texts)}
    if candidates:
        attrs[_CANDIDATES] = {
            language: [[_check_text(text, language), float(score)] for text, score in found]
            for language, found in candidates.items()
        }
    doc.spans[TRANSLATIONS_KEY] = SpanGroup(doc, name=TRANSLATIONS_KEY, attrs=attrs)


def add_translations(
    doc: Doc,
    texts: Mapping[str, str],
    candidates: Optional[Mapping[str, Sequence[Tuple[str, float]]]] = None,
) -> None:
    """Write translations to a Doc, of which those into other languages stay.

    doc (Doc): The Doc to write to; unchanged if a translation is refused.
    texts (Mapping[str, str]): The text by language.
    candidates (Optional[Mapping[str, Sequence[Tuple[str, float]]]]): As for `set_translations`.
    RAISES (ValueError): E016, E017 for what is no text, in the arguments or on the Doc.
    """
    others = {language: found for language, found in get_candidates(doc).items() if language not in texts}
    set_translations(doc, {**(get_translations(doc) or {}), **texts}, {**others, **(candidates or {})})


def join_translations(docs: Sequence[Doc]) -> Optional[Dict[str, str]]:
    """The translations of a text that Docs are joined to: theirs, with blanks between them.

    docs (Sequence[Doc]): The Docs.
    RETURNS (Optional[Dict[str, str]]): The text by language, for the languages of all; None if a Doc is not annotated.
    RAISES (ValueError): E017 for a group that holds something else.
    """
    found = [get_translations(doc) for doc in docs]
    annotated = [texts for texts in found if texts is not None]
    if not annotated or len(annotated) < len(found):
        return None
    shared = [language for language in annotated[0] if all(language in texts for texts in annotated)]
    return {language: " ".join(text for texts in annotated if (text := texts[language].strip())) for language in shared}


def is_language_code(text: str) -> bool:
    """Whether a text has the form of a language's code, such as "de" or "pt-BR".

    text (str): The text.
    RETURNS (bool): Whether it has.
    """
    return _CODE.fullmatch(text) is not None


def is_known_language(text: str) -> bool:
    """Whether a text is the code of a language that spaCy knows, with or without a region.

    text (str): The text.
    RETURNS (bool): Whether it is.
    """
    found = _CODE.fullmatch(text)
    if found is None:
        return False
    code = found["language"].lower()
    # found and not imported: the rules of some languages take a second to compile
    is_module = find_spec(f"spacy.lang.{code}") is not None
    return is_module or lang_class_is_loaded(code) or find_matching_language(code) is not None


def register_translations() -> None:
    """Make `doc._.translation` and `doc._.translations` known to spaCy; calling again is safe.

    The first is the translation, if the Doc has one into a single language, and else None. The second is all of them
    by language; `doc.to_json(underscore=["translations"])` keeps it, and `Doc.from_json` reads it.
    """
    if not Doc.has_extension("translation"):
        Doc.set_extension("translation", getter=_get_translation)
    if not Doc.has_extension("translations"):
        Doc.set_extension("translations", getter=get_translations, setter=_set_or_remove)


def _get_translation(doc: Doc) -> Optional[str]:
    texts = list((get_translations(doc) or {}).values())
    return texts[0] if len(texts) == 1 else None


def _set_or_remove(doc: Doc, texts: Optional[Mapping[str, str]]) -> None:
    if texts is not None:
        set_translations(doc, texts)
    elif TRANSLATIONS_KEY in doc.spans:
        del doc.spans[TRANSLATIONS_KEY]


def _check_texts(texts: Any) -> Dict[str, str]:
    if not isinstance(texts, Mapping):
        raise ValueError(Errors.E016.format(what="texts", found=_show(texts), expected="a text by language"))
    for language in texts:
        if not (isinstance(language, str) and language and _is_unicode(language)):
            expected = "a language's code, such as 'de'"
            raise ValueError(Errors.E016.format(what="a language", found=_show(language), expected=expected))
    return {language: _check_text(text, language) for language, text in texts.items()}


def _check_text(text: Any, language: str) -> str:
    if not (isinstance(text, str) and _is_unicode(text)):
        what = f"the translation into '{language}'"
        raise ValueError(Errors.E016.format(what=what, found=_show(text), expected="a string of Unicode"))
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf8")
    except UnicodeEncodeError:
        return False
    return True


def _show(value: Any) -> str:
    return repr(value)[:_SHOWN]


def _refuse_group(doc: Doc, found: Any) -> None:
    raise ValueError(Errors.E017.format(key=TRANSLATIONS_KEY, doc=doc.text[:_SHOWN], found=_show(found)))
