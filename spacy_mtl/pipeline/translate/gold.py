"""The translations that `mtl_translate` learns from."""

from typing import Dict, Iterable, List, Optional

from spacy.training import Example

from ...annotation import is_for
from ...translations import get_translations


def read_translation(example: Example, language: str) -> Optional[str]:
    """The gold translation of a text.

    example (Example): The Example.
    language (str): The language.
    RETURNS (Optional[str]): The translation, which may be empty; None without one, or for a text without tokens.
    """
    if not len(example.predicted):
        return None
    return (get_translations(example.reference) or {}).get(language)


def collect_translations(examples: Iterable[Example], name: str, wanted: Optional[str]) -> Dict[str, List[str]]:
    """The translations of a corpus, which is read once.

    examples (Iterable[Example]): The corpus.
    name (str): The name of the component: what is for others is left out.
    wanted (Optional[str]): The language whose texts are kept; None for all.
    RETURNS (Dict[str, List[str]]): By language, the translations that are not empty; those into a language that is not
        wanted are left out, but not the language.
    """
    found: Dict[str, List[str]] = {}
    for example in examples:
        if not is_for(example, name):
            continue
        for language, text in (get_translations(example.reference) or {}).items():
            if text.strip():
                texts = found.setdefault(language, [])
                if wanted in (None, language):
                    texts.append(text)
    return dict(sorted(found.items()))
