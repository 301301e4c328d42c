"""The Docs of a batch, packed to go from one process to another, and unpacked.

`Doc.to_bytes` writes each Doc by itself: all attributes, all strings, and groups of spans by way of srsly's registries.
Here the tokens of a batch are one array of those attributes that are set, and each string is sent once.
"""

from dataclasses import dataclass
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Union
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

# HEAD and DEP go together: spaCy makes the tree of them
ATTRIBUTES = (
    ORTH, SPACY, SENT_START, HEAD, DEP, NORM, TAG, POS, MORPH, LEMMA, ENT_IOB, ENT_TYPE, ENT_KB_ID, ENT_ID
)  # fmt: skip
ALWAYS = (ORTH, SPACY)
OF_STRINGS = (ORTH, DEP, NORM, TAG, MORPH, LEMMA, ENT_TYPE, ENT_KB_ID, ENT_ID)


class Belongings(NamedTuple):
    """What a Doc has beside its tokens, its tensor and the strings.

    user_data (Dict[Any, Any]): `doc.user_data`, as it is; so are the others.
    """

    user_data: Dict[Any, Any]
    cats: Dict[str, float]
    sentiment: float
    has_unknown_spaces: bool
    vector: Any
    vector_norm: Any
    context: Any
    groups: Optional[PackedGroups]


@dataclass
class PackedDocs:
    """The Docs of a batch, to be pickled.

    sizes (List[int]): The number of tokens of each Doc.
    attributes (List[int]): The attributes that are set in any Doc, after the text and the spaces.
    tokens (numpy.ndarray): All tokens, shape (tokens, 2 + attributes).
    strings (List[str]): What the numbers stand for.
    tensors (PackedTensors): `doc.tensor` of each.
    belongings (List[Belongings]): The rest of each.
    """

    sizes: List[int]
    attributes: List[Union[int, str]]
    tokens: numpy.ndarray
    strings: List[str]
    tensors: PackedTensors
    belongings: List[Belongings]


def pack(docs: Sequence[Doc]) -> PackedDocs:
    """Pack the Docs of a batch: everything but hooks, which spaCy does not write either.

    docs (Sequence[Doc]): The Docs, of any vocabularies.
    RETURNS (PackedDocs): To be pickled. It refers to the Python objects that the Docs refer to.
    """
    sizes = [len(doc) for doc in docs]
    arrays = [doc.to_array(list(ATTRIBUTES)) for doc in docs]
    tokens = numpy.concatenate(arrays) if arrays else numpy.zeros((0, len(ATTRIBUTES)), dtype="uint64")
    columns = _find_columns(tokens, sizes)
    tokens = numpy.ascontiguousarray(tokens[:, columns])
    attributes = [ATTRIBUTES[column] for column in columns]
    of_strings = [i for i, attribute in enumerate(attributes) if attribute in OF_STRINGS]
    numbers = set(tokens[:, of_strings].ravel().tolist())
    belongings = [_gather(doc, numbers) for doc in docs]
    strings = _look_up(numbers, {id(doc.vocab): doc.vocab for doc in docs}.values())
    tensors = pack_tensors([doc.tensor for doc in docs])
    return PackedDocs(sizes, attributes[len(ALWAYS) :], tokens, strings, tensors, belongings)


def unpack(packed: PackedDocs, vocab: Vocab) -> Iterator[Doc]:
    """The Docs of a batch, each made when it is asked for.

    packed (PackedDocs): The batch.
    vocab (Vocab): The vocabulary of the Docs. The strings are added to it.
    YIELDS (Doc): The Docs.
    """
    for string in packed.strings:
        vocab.strings.add(string)
    words = packed.tokens[:, 0].tolist()
    spaces = packed.tokens[:, 1].tolist()
    values = packed.tokens[:, len(ALWAYS) :]
    start = 0
    for size, tensor, own in zip(packed.sizes, unpack_tensors(packed.tensors), packed.belongings):
        end = start + size
        doc = Doc(vocab, words=words[start:end], spaces=spaces[start:end], user_data=own.user_data)
        if size and packed.attributes:
            _set_attributes(doc, packed.attributes, values[start:end])
        doc.tensor = tensor
        doc.cats = own.cats
        doc.sentiment = own.sentiment
        doc.has_unknown_spaces = own.has_unknown_spaces
        doc._vector, doc._vector_norm = own.vector, own.vector_norm  # type: ignore[attr-defined]
        doc._context = own.context
        if own.groups is not None:
            unpack_groups(own.groups, doc)
        yield doc
        start = end


def _find_columns(tokens: numpy.ndarray, sizes: List[int]) -> List[int]:
    # a fresh Doc has zeros, and a border before its first token
    unset = numpy.zeros((len(tokens),), dtype="uint64")
    starts = numpy.cumsum([0, *sizes])[:-1][numpy.asarray(sizes, dtype="int64") > 0]
    unset[starts] = 1
    is_set = {attribute: bool(tokens[:, i].any()) for i, attribute in enumerate(ATTRIBUTES)}
    is_set[SENT_START] = bool((tokens[:, ATTRIBUTES.index(SENT_START)] != unset).any())
    is_set[HEAD] = is_set[DEP] = is_set[HEAD] or is_set[DEP]
    if is_set[HEAD]:
        # the tree moves borders, which have to be set again
        is_set[SENT_START] = True
    return [i for i, attribute in enumerate(ATTRIBUTES) if attribute in ALWAYS or is_set[attribute]]


def _gather(doc: Doc, numbers: Set[int]) -> Belongings:
    if doc.user_hooks or doc.user_token_hooks or doc.user_span_hooks:
        warn(SpacyWarnings.W109, stacklevel=2)
    return Belongings(
        doc.user_data,
        doc.cats,
        doc.sentiment,
        doc.has_unknown_spaces,
        doc._vector,  # type: ignore[attr-defined]
        doc._vector_norm,  # type: ignore[attr-defined]
        doc._context,
        pack_groups(doc, numbers),
    )


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
