"""The Docs of a batch, packed to go from one process to another, and unpacked.

`Doc.to_bytes` writes each Doc by itself: all attributes, all strings, and groups of spans by way of srsly's registries.
Here the tokens of a batch are one array of those attributes that are set, and each string is sent once.
"""

from dataclasses import dataclass
from typing import Any, Dict, Iterable, Iterator, List, Sequence, Set, Union
from warnings import warn

import numpy
from spacy.attrs import (
    DEP,
    ENT_ID,
    ENT_IOB,
    ENT_KB_ID,
    ENT_TYPE,
    HEAD,
    LEMMA,
    LENGTH,
    MORPH,
    NORM,
    ORTH,
    POS,
    SENT_START,
    SPACY,
    TAG,
)
from spacy.errors import Warnings as SpacyWarnings
from spacy.tokens import Doc
from spacy.vocab import Vocab

from .wire_spans import PackedGroups, pack_groups, unpack_groups
from .wire_tensors import PackedTensors, pack_tensors, unpack_tensors

TEXT = (ORTH, SPACY)
# HEAD and DEP go together: spaCy makes the tree of them
ALL = (
    *TEXT, LENGTH, SENT_START, HEAD, DEP, NORM, TAG, POS, MORPH, LEMMA, ENT_IOB, ENT_TYPE, ENT_KB_ID, ENT_ID
)  # fmt: skip
OF_STRINGS = (ORTH, DEP, NORM, TAG, MORPH, LEMMA, ENT_TYPE, ENT_KB_ID, ENT_ID)
REST = {"has_unknown_spaces": False, "_vector": None, "_vector_norm": None, "_context": None}


@dataclass
class PackedDocs:
    """The Docs of a batch, to be pickled.

    sizes (List[int]): The number of tokens of each Doc.
    attributes (List[Union[int, str]]): The attributes that are set in any Doc, after the text and the spaces.
    tokens (numpy.ndarray): All tokens, shape (tokens, 2 + attributes).
    strings (List[str]): What the numbers stand for.
    groups (PackedGroups): `doc.spans`.
    tensors (PackedTensors): `doc.tensor`.
    user_data (List[Dict[Any, Any]]): `doc.user_data` of each Doc, as it is; so are the others.
    cats (List[Dict[str, float]]): `doc.cats` of each.
    sentiments (List[float]): `doc.sentiment` of each.
    rest (Dict[str, List[Any]]): Attributes that are not in all Docs what they are in an empty one.
    """

    sizes: List[int]
    attributes: List[Union[int, str]]
    tokens: numpy.ndarray
    strings: List[str]
    groups: PackedGroups
    tensors: PackedTensors
    user_data: List[Dict[Any, Any]]
    cats: List[Dict[str, float]]
    sentiments: List[float]
    rest: Dict[str, List[Any]]


def pack(docs: Sequence[Doc]) -> PackedDocs:
    """Pack the Docs of a batch: everything but hooks, which spaCy does not write either.

    docs (Sequence[Doc]): The Docs, of any vocabularies.
    RETURNS (PackedDocs): To be pickled. It refers to the Python objects that the Docs refer to.
    """
    if any(doc.user_hooks or doc.user_token_hooks or doc.user_span_hooks for doc in docs):
        warn(SpacyWarnings.W109, stacklevel=2)
    sizes = [len(doc) for doc in docs]
    arrays = [doc.to_array(list(ALL)) for doc in docs]
    table = numpy.concatenate(arrays) if arrays else numpy.zeros((0, len(ALL)), dtype="uint64")
    spaces, lengths = table[:, ALL.index(SPACY)], table[:, ALL.index(LENGTH)]
    groups = pack_groups(docs, numpy.array(sizes, dtype="int64"), lengths.astype("int64"), spaces.astype("int64"))
    columns = _find_columns(table, sizes)
    tokens = numpy.ascontiguousarray(table[:, columns])
    attributes = [ALL[column] for column in columns]
    of_strings = [i for i, attribute in enumerate(attributes) if attribute in OF_STRINGS]
    numbers = set(tokens[:, of_strings].ravel().tolist()).union(groups.labels.ravel().tolist())
    return PackedDocs(
        sizes,
        attributes[len(TEXT) :],
        tokens,
        _look_up(numbers, {id(doc.vocab): doc.vocab for doc in docs}.values()),
        groups,
        pack_tensors([doc.tensor for doc in docs]),
        [doc.user_data for doc in docs],
        [doc.cats for doc in docs],
        [doc.sentiment for doc in docs],
        {name: values for name, default in REST.items() if (values := _read(docs, name, default))},
    )


def unpack(packed: PackedDocs, vocab: Vocab) -> Iterator[Doc]:
    """The Docs of a batch, each made when it is asked for.

    packed (PackedDocs): The batch.
    vocab (Vocab): The vocabulary of the Docs. The strings are added to it.
    YIELDS (Doc): The Docs.
    """
    for string in packed.strings:
        vocab.strings.add(string)
    for i, doc in enumerate(unpack_groups(packed.groups, _unpack_tokens(packed, vocab))):
        doc.cats = packed.cats[i]
        doc.sentiment = packed.sentiments[i]
        for name, values in packed.rest.items():
            setattr(doc, name, values[i])
        yield doc


def _unpack_tokens(packed: PackedDocs, vocab: Vocab) -> Iterator[Doc]:
    words, spaces = packed.tokens[:, : len(TEXT)].T.tolist()
    values = packed.tokens[:, len(TEXT) :]
    start = 0
    for size, tensor, user_data in zip(packed.sizes, unpack_tensors(packed.tensors), packed.user_data):
        end = start + size
        doc = Doc(vocab, words=words[start:end], spaces=spaces[start:end], user_data=user_data)
        doc.tensor = tensor
        if size and packed.attributes:
            _set_attributes(doc, packed.attributes, values[start:end])
        yield doc
        start = end


def _read(docs: Sequence[Doc], name: str, default: Any) -> List[Any]:
    values = [getattr(doc, name) for doc in docs]
    return [] if all(value is default for value in values) else values


def _find_columns(table: numpy.ndarray, sizes: List[int]) -> List[int]:
    # a fresh Doc has zeros, and a border before its first token
    unset = numpy.zeros((len(table),), dtype="uint64")
    starts = numpy.cumsum([0, *sizes])[:-1][numpy.asarray(sizes, dtype="int64") > 0]
    unset[starts] = 1
    is_set = {attribute: bool(table[:, i].any()) for i, attribute in enumerate(ALL)}
    is_set[SENT_START] = bool((table[:, ALL.index(SENT_START)] != unset).any())
    is_set[HEAD] = is_set[DEP] = is_set[HEAD] or is_set[DEP]
    if is_set[HEAD]:
        # the tree moves borders, which have to be set again
        is_set[SENT_START] = True
    is_set[LENGTH] = False
    return [i for i, attribute in enumerate(ALL) if attribute in TEXT or is_set[attribute]]


def _look_up(numbers: Set[int], vocabularies: Iterable[Vocab]) -> List[str]:
    found: Set[str] = set()
    for vocab in vocabularies:
        strings: Any = vocab.strings
        found.update(strings[number] for number in numbers if number in strings)
    return list(found)


def _set_attributes(doc: Doc, attributes: List[Union[int, str]], values: numpy.ndarray) -> None:
    if HEAD not in attributes:
        doc.from_array(attributes, values)
        return
    heads, labels = attributes.index(HEAD), attributes.index(DEP)
    tree = values[:, [heads, labels]]
    if tree[:, 0].any() and not tree[:, 1].any():
        # heads without labels make a tree only if there seem to be some
        tree[:, 1] = 1
        doc.from_array([HEAD, DEP], tree)
    doc.from_array(attributes, values)
    doc.from_array([SENT_START], values[:, attributes.index(SENT_START)])
