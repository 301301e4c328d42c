"""Words whose full stop belongs to them, by what may follow it: for tokenizers that split it off."""

from typing import FrozenSet


def _read(words: str) -> FrozenSet[str]:
    return frozenset(words.split())


BEFORE_NUMBERS = _read(
    "abb anm app approx art arts bd ca cap ch chap chs eq eqs ext fig figs jg kap n no nos nr nrn num núm op p pag "
    "pags par pg pp pág págs s sec secs sect tab tel v ver vol vols"
)
"""As in "Fig. 3": no sentence ends before a number, Roman ones included."""

WITHIN_SENTENCES = _read(
    "al approx assoc attn ca dept depts dist est etc excl ext govt incl max min misc resp univ usw"
)
"""As in "etc. are" and "et al. (2010)": no sentence ends before a small letter or a bracket."""

BEFORE_NAMES = _read(
    "adm atty av capt cmdr col dr dra drs fr gen gov hon hr lic lt maj mlle mme mmes mr mrs ms prof profa rep rev sen "
    "sgt sig sr sra sres srta st sta sto ste"
)
"""Titles, as in "Dra. Reis": no sentence ends before a capital."""

ROMAN_DIGITS = frozenset("IVXLCDM")


def is_roman(word: str) -> bool:
    """Whether a word may be a Roman number of two digits or more.

    word (str): The word.
    RETURNS (bool): Whether it is made of Roman digits, in capitals.
    """
    return len(word) > 1 and ROMAN_DIGITS.issuperset(word)
