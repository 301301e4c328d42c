"""A linear model over a text's n-grams of words and of characters."""

from functools import lru_cache
from typing import Callable, List, NamedTuple, Optional, Tuple

import numpy
from spacy.strings import get_string_id
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats1d, Floats2d, Ints1d

from ...errors import Errors

_MULTIPLIER = numpy.uint64(0x9E3779B97F4A7C15)
_NONE = numpy.zeros(0, dtype="uint64")


def build_ngram_model(
    length: int = 32768,
    ngram_size: int = 2,
    min_characters: int = 3,
    max_characters: int = 5,
    dropout: float = 0.5,
    nO: Optional[int] = None,
) -> Model[List[Doc], Floats2d]:
    """Build a linear model over the n-grams of words and of characters that a text has, for the `linear_model` of
    `spacy-mtl.TextCat.v1`.

    Parts of words say something about words that training did not have: "unhelpful" about "helpful". Each n-gram counts
    once. Those of words together have length 1, and so have those of characters, so that texts of any length compare
    (Wang and Manning 2012, Joachims 1998). The dropout of n-grams keeps the many rare ones from being learned by heart
    (Wager, Wang and Liang 2013).

    length (int): The rows of the table that n-grams are hashed to.
    ngram_size (int): The longest n-grams of words; 0 for none. Words are taken by their NORM.
    min_characters (int): The shortest n-grams of characters. The borders of a word count as characters.
    max_characters (int): The longest n-grams of characters; 0 for none.
    dropout (float): The share of n-grams that are left out in training.
    nO (Optional[int]): The number of labels; set at initialization.
    RETURNS (Model[List[Doc], Floats2d]): From docs to logits, shape (docs, labels). A Doc without tokens gets zeros.
    RAISES (ValueError): E312 for a setting out of its range.
    """
    characters = max_characters == 0 or 1 <= min_characters <= max_characters
    checks = {
        "length": (length, length >= 1, "1 or more"),
        "ngram_size": (ngram_size, ngram_size >= (max_characters == 0), "0 or more, and 1 or more without characters"),
        "max_characters": (max_characters, characters, f"0, or at least min_characters ({min_characters}), from 1"),
        "dropout": (dropout, 0 <= dropout < 1, "a share, from 0 to below 1"),
    }
    for name, (found, holds, expected) in checks.items():
        if not holds:
            raise ValueError(Errors.E312.format(name=name, found=found, expected=expected))
    return Model(
        "ngrams",
        forward,
        init=init,
        dims={"nO": nO, "length": length},
        params={"W": None, "b": None},
        attrs={
            "ngram_size": ngram_size,
            "min_characters": min_characters,
            "max_characters": max_characters,
            "dropout": dropout,
        },
    )


def init(model: Model[List[Doc], Floats2d], X: Optional[List[Doc]] = None, Y: Optional[Floats2d] = None) -> None:
    """Set the number of labels from the width of Y, and all weights to zero."""
    if Y is not None:
        model.set_dim("nO", Y.shape[1])
    model.set_param("W", model.ops.alloc2f(model.get_dim("length"), model.get_dim("nO")))
    model.set_param("b", model.ops.alloc1f(model.get_dim("nO")))


def forward(model: Model[List[Doc], Floats2d], docs: List[Doc], is_train: bool) -> Tuple[Floats2d, Callable]:
    ops = model.ops
    W = model.get_param("W")
    found = [_list_ngrams(model, doc) for doc in docs]
    rows: Ints1d = ops.asarray1i(numpy.concatenate([rows for rows, _ in found]) if found else [])  # [ngrams]
    values: Floats1d = ops.asarray1f(numpy.concatenate([values for _, values in found]) if found else [])
    lengths: Ints1d = ops.asarray1i([len(rows) for rows, _ in found])
    if is_train and model.attrs["dropout"]:
        values = values * ops.get_dropout_mask(values.shape, model.attrs["dropout"])
    if not len(rows):
        return ops.alloc2f(len(docs), model.get_dim("nO")), lambda dY: []
    weighted = W[rows] * values.reshape((-1, 1))  # [ngrams, labels]
    filled = (lengths > 0).reshape((-1, 1))  # [docs, 1]
    Y = (ops.reduce_sum(weighted, lengths) + model.get_param("b")) * filled  # [docs, labels]

    def backprop(dY: Floats2d) -> List[Doc]:
        dY = ops.as_contig(dY * filled)
        dW = ops.alloc2f(*W.shape)
        ops.scatter_add(dW, rows, ops.backprop_reduce_sum(dY, lengths) * values.reshape((-1, 1)))
        model.inc_grad("W", dW)
        model.inc_grad("b", dY.sum(axis=0))
        return []

    return Y, backprop


def _list_ngrams(model: Model, doc: Doc) -> Tuple[numpy.ndarray, numpy.ndarray]:
    """The rows of a text's different n-grams, and their values."""
    attrs = model.attrs
    of_words = _list_word_ngrams(doc, attrs["ngram_size"])
    of_characters = [
        _list_character_ngrams(norm, attrs["min_characters"], attrs["max_characters"])
        for norm in dict.fromkeys(token.norm_ for token in doc)
        if attrs["max_characters"]
    ]
    rows, values = [], []
    for hashes in (of_words, of_characters):
        if hashes:
            unique = numpy.unique(numpy.concatenate(hashes) % numpy.uint64(model.get_dim("length")))
            rows.append(unique.astype("i"))
            values.append(_weigh(unique))
    return numpy.concatenate(rows), numpy.concatenate(values)


def _weigh(unique: numpy.ndarray) -> numpy.ndarray:
    """What each of a text's different n-grams counts."""
    return numpy.full(len(unique), max(len(unique), 1) ** -0.5, dtype="f")


class PlacedNgrams(NamedTuple):
    """The n-grams of a text, and where they stand in it.

    rows (Ints1d): The row of each n-gram in the table, shape (n-grams,).
    values (Floats1d): What each counts, shape (n-grams,).
    owners (Ints1d): The n-gram of each place where one stands, in rising order, shape (places,).
    starts (Ints1d): The first token of each place, shape (places,).
    ends (Ints1d): The token after the last of each place, shape (places,).
    """

    rows: Ints1d
    values: Floats1d
    owners: Ints1d
    starts: Ints1d
    ends: Ints1d


def place_ngrams(model: Model, doc: Doc) -> PlacedNgrams:
    """Find the places of a text's n-grams.

    model (Model): What `build_ngram_model` gave.
    doc (Doc): The text.
    RETURNS (PlacedNgrams): The n-grams, all on the host.
    """
    attrs, length = model.attrs, numpy.uint64(model.get_dim("length"))
    of_words = _list_word_ngrams(doc, attrs["ngram_size"])
    groups = [(of_words, [(i, i + size) for size, hashes in enumerate(of_words, 1) for i in range(len(hashes))])]
    if attrs["max_characters"]:
        shortest, longest = attrs["min_characters"], attrs["max_characters"]
        of_tokens = [_list_character_ngrams(token.norm_, shortest, longest) for token in doc]
        groups.append((of_tokens, [(i, i + 1) for i, hashes in enumerate(of_tokens) for _ in hashes]))
    rows: List[numpy.ndarray] = []
    values: List[numpy.ndarray] = []
    owners: List[numpy.ndarray] = []
    for hashes, _ in groups:
        unique, inverse = numpy.unique(numpy.concatenate([_NONE, *hashes]) % length, return_inverse=True)
        owners.append(inverse.ravel() + sum(len(part) for part in rows))
        rows.append(unique.astype("i"))
        values.append(_weigh(unique))
    places = numpy.array([place for _, of_group in groups for place in of_group], dtype="int64").reshape((-1, 2))
    order = numpy.argsort(numpy.concatenate(owners), kind="stable")
    owned = numpy.concatenate(owners)[order]
    return PlacedNgrams(numpy.concatenate(rows), numpy.concatenate(values), owned, *places[order].T)


def _list_word_ngrams(doc: Doc, ngram_size: int) -> List[numpy.ndarray]:
    """The hashes of a text's n-grams of words: an array for each size, in the order of the text."""
    words = doc.to_array(["NORM"]).ravel().astype("uint64")  # [words]
    of_words, longer = [], words
    for size in range(1, ngram_size + 1):
        of_words.append(longer)
        longer = longer[:-1] * _MULTIPLIER + words[size:] if len(words) > size else words[:0]
    return of_words


@lru_cache(maxsize=2**16)
def _list_character_ngrams(word: str, shortest: int, longest: int) -> numpy.ndarray:
    """The hashes of a word's n-grams of characters, its borders among these."""
    word = f" {word} "
    sizes = range(shortest, longest + 1)
    grams = [word[i : i + size] for size in sizes for i in range(len(word) - size + 1)]
    return numpy.asarray([get_string_id(gram) for gram in grams] or [get_string_id(word)], dtype="uint64")
