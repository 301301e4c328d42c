"""The content of a DocBin, checked: its parts fit each other, and its numbers are those of strings."""

from typing import Any, Dict, List, NamedTuple, Optional, Union

import numpy
from spacy.attrs import IDS, ORTH, POS
from spacy.parts_of_speech import NAMES as PARTS_OF_SPEECH
from spacy.vocab import Vocab
from thinc.types import Ints1d, Ints2d

_HASHED = ("ORTH", "NORM", "TAG", "DEP", "ENT_TYPE", "ENT_KB_ID", "ENT_ID", "LEMMA", "MORPH")
_SHOWN = 80


class StoredDocs(NamedTuple):
    """What a DocBin holds; every list has an entry for each Doc.

    attrs (List[Union[int, str]]): The attributes of a token, as numbers.
    strings (List[str]): The strings of all Docs.
    tokens (List[Ints2d]): The tokens' attributes, shape (tokens, attributes).
    spaces (List[Ints1d]): Whether a blank follows a token.
    cats (List[Any]): The categories.
    flags (List[Dict[str, Any]]): The flags.
    span_groups (List[bytes]): The span groups.
    user_data (List[Optional[bytes]]): The user data.
    """

    attrs: List[Union[int, str]]
    strings: List[str]
    tokens: List[Ints2d]
    spaces: List[Ints1d]
    cats: List[Any]
    flags: List[Dict[str, Any]]
    span_groups: List[bytes]
    user_data: List[Optional[bytes]]

    def __len__(self) -> int:
        """RETURNS (int): The number of Docs."""
        return len(self.tokens)


def store(content: Any) -> StoredDocs:
    """Take apart what a DocBin's msgpack holds.

    content (Any): The object, as `DocBin.to_bytes` packs it.
    RETURNS (StoredDocs): Its parts.
    RAISES (Exception): Whatever is raised for content of another type, and ValueError for parts that do not fit.
    """
    expect(isinstance(content, dict), "an object with fields", content)
    attrs, strings = content["attrs"], content["strings"]
    known = set(IDS.values())
    right = isinstance(attrs, list) and ORTH in attrs and all(type(attr) is int and attr in known for attr in attrs)
    expect(right, "a list 'attrs' of spaCy's attributes, ORTH among them", attrs)
    right = isinstance(strings, list) and all(isinstance(string, str) for string in strings)
    expect(right, "a list 'strings'", strings)
    lengths = numpy.frombuffer(content["lengths"], dtype="int32")
    spaces = numpy.frombuffer(content["spaces"], dtype="uint8") > 0
    table = numpy.frombuffer(content["tokens"], dtype="uint64")
    number, size = len(lengths), int(lengths.sum(dtype="int64"))
    right = bool((lengths >= 0).all()) and table.size == size * len(attrs) and spaces.size == size
    expect(right, f"{size} tokens with {len(attrs)} attributes", f"{table.size} attributes, {spaces.size} spaces")
    ends = numpy.cumsum(lengths, dtype="int64")[:-1]
    stored = StoredDocs(
        attrs,
        strings,
        numpy.split(table.reshape((size, len(attrs))), ends) if number else [],
        numpy.split(spaces, ends) if number else [],
        content["cats"],
        content.get("flags", [{}] * number),
        content.get("span_groups", [b""] * number),
        # of a DocBin without user data the list is empty
        content.get("user_data") or [None] * number,
    )
    for name, values in zip(stored._fields[4:], stored[4:]):
        found = len(values) if isinstance(values, list) else values
        expect(found == number, f"a list '{name}' for {number} Docs", found)
    return stored


def find_problems(stored: StoredDocs, vocab: Vocab) -> Dict[int, str]:
    """What spaCy takes from the tokens as it is, and then cannot name.

    stored (StoredDocs): The Docs.
    vocab (Vocab): The vocabulary, with the DocBin's strings.
    RETURNS (Dict[int, str]): A problem by the index of its Doc.
    """
    problems: Dict[int, str] = {}
    if not len(stored):
        return problems
    table = numpy.concatenate(stored.tokens)
    ends = numpy.cumsum([len(tokens) for tokens in stored.tokens])
    named = {IDS[name]: name for name in (*_HASHED, "POS")}
    for column, attr in enumerate(stored.attrs):
        if attr not in named:
            continue
        for value in numpy.unique(table[:, column]).tolist():
            known = value in PARTS_OF_SPEECH if attr == POS else not value or value in vocab.strings
            if not known:
                rows = numpy.flatnonzero(table[:, column] == value)
                for i in set(numpy.searchsorted(ends, rows, side="right").tolist()):
                    problems.setdefault(i, f"a token's {named[attr]} is {value}, which is the number of no string")
    return problems


def expect(right: bool, expected: str, found: Any) -> None:
    """Refuse what is not right.

    right (bool): Whether it is.
    expected (str): What was expected, in words.
    found (Any): What was found.
    RAISES (ValueError): Without a code: who reads the file says where it is.
    """
    if not right:
        shown = str(found)
        raise ValueError(f"expected {expected}, found {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + ' ...'}")
