"""Hash embedding with word dropout, so that a model learns what to do with words it has never seen."""

from typing import Callable, List, Optional, Tuple

import numpy
from spacy.attrs import IDS
from spacy.ml.featureextractor import FeatureExtractor
from spacy.ml.models.tok2vec import MultiHashEmbed
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Maxout, Model, chain, list2ragged, ragged2list, with_array
from thinc.types import Floats2d, Ints2d

from ..errors import Errors
from ..setting_checks import check_setting, check_size
from .affixes import extract_with_affixes
from .static import uses_static_vectors, with_optional_vectors

NAME = "spacy-mtl.MultiHashEmbed.v1"
WORD_ATTRIBUTES = ("NORM", "LOWER", "ORTH")


def build_multi_hash_embed(
    width: int,
    attrs: List[str],
    rows: List[int],
    include_static_vectors: Optional[bool],
    word_dropout: float = 0.0,
    affixes: List[int] = [],  # noqa: B006
) -> Model[List[Doc], List[Floats2d]]:
    """Build `spacy.MultiHashEmbed.v2` with two settings more, and one that may be left open.

    Every word of the training corpus has trained rows in the hash tables; an unseen word finds rows that were trained
    for others. Word dropout shows the model such noise: in training it replaces the attributes that name the word
    (NORM, LOWER, ORTH) by the hash of no word, at random, and leaves prefix, suffix and shape. (After the dropout of
    whole words in Iyyer et al. 2015 and Kiperwasser and Goldberg 2016; there the word becomes one unknown symbol, which
    a hash table without a vocabulary does not have.)

    width (int): Width of the vectors and of the tables.
    attrs (List[str]): Attributes of the tokens, a table for each.
    rows (List[int]): Rows of each table: of the attributes, then of the affixes.
    include_static_vectors (Optional[bool]): Whether to use the vocabulary's static vectors too; None to use them if
        there are some when the model is initialized. Word dropout leaves them in place.
    word_dropout (float): Probability in [0, 1) of replacing a word in training. It does not follow `[training]`.
    affixes (List[int]): How many letters of a word's norm to embed, a table for each: 3 for the first three, -3 for the
        last three. (spaCy's PREFIX is one letter, its SUFFIX three.)
    RETURNS (Model[List[Doc], List[Floats2d]]): Vectors of shape (tokens, width) for each Doc.
    RAISES (ValueError): E407 for a probability out of range, or without an attribute that names the word; E409 for
        another wrong setting.
    """
    check_size(NAME, "width", width)
    known = [attr for attr in attrs if str(attr) in IDS]
    expected = "attributes of tokens such as NORM, PREFIX, SUFFIX and SHAPE, one or more"
    check_setting(NAME, "attrs", attrs, bool(attrs) and known == attrs, expected)
    wanted = "numbers of letters, each once, those of the end negative: [2,3,-2,-4]"
    check_setting(NAME, "affixes", affixes, len({*affixes, 0}) == len(affixes) + 1, wanted)
    tables = len(attrs) + len(affixes)
    fits = len(rows) == tables and all(number >= 1 for number in rows)
    parts = f"{len(attrs)} attrs" + (f" and {len(affixes)} affixes" if affixes else "")
    check_setting(NAME, "rows", rows, fits, f"a number of 1 or more for each of the {parts}")
    columns = [i for i, attr in enumerate(attrs) if str(attr) in WORD_ATTRIBUTES]
    if not 0 <= word_dropout < 1 or (word_dropout and not columns):
        raise ValueError(Errors.E407.format(found=word_dropout, attrs=attrs, expected=", ".join(WORD_ATTRIBUTES)))
    # an attribute stands in for each affix
    model = MultiHashEmbed(width, [*attrs, *attrs[:1] * len(affixes)], rows, bool(include_static_vectors))
    if include_static_vectors is None:
        model = _add_optional_vectors(model, width)
    extract: Model = extract_with_affixes(attrs, affixes) if affixes else FeatureExtractor(attrs)
    if word_dropout:
        extract = chain(extract, hide_words(columns, word_dropout))
    if word_dropout or affixes:
        extractor = next(node for node in model.walk() if node.name == "extract_features")
        model.replace_node(extractor, extract)
    return model


def _add_optional_vectors(model: Model[List[Doc], List[Floats2d]], width: int) -> Model[List[Doc], List[Floats2d]]:
    """RETURNS (Model[List[Doc], List[Floats2d]]): The embedding with vectors beside the tables, if there are some."""
    extract, _, tables, *_ = model.layers
    tables_of_docs: Model = chain(extract, list2ragged(), tables)
    # the width of the input follows from what there is
    mix: Model = with_array(Maxout(width, None, nP=3, dropout=0.0, normalize=True))
    return chain(with_optional_vectors(tables_of_docs, width), mix, ragged2list())


def hide_words(columns: List[int], rate: float) -> Model[List[Ints2d], List[Ints2d]]:
    """Replace attributes of random tokens by random hashes, in training only.

    columns (List[int]): The columns to replace, all of a chosen token.
    rate (float): Probability of choosing a token.
    RETURNS (Model[List[Ints2d], List[Ints2d]]): The same shapes.
    """
    return Model("hide_words", _forward, attrs={"columns": columns, "rate": rate})


def _forward(model: Model, features: List[Ints2d], is_train: bool) -> Tuple[List[Ints2d], Callable]:
    def backprop(d_features: Optional[List[Ints2d]]) -> List[Ints2d]:
        return []

    columns, lengths = model.attrs["columns"], [len(of_doc) for of_doc in features]
    if not is_train or not any(lengths):
        return features, backprop
    rows, noise, offset = [], [], 0
    # drawn on the host, and put in for all Docs at once: a GPU has nothing to be waited for
    for length in lengths:
        chosen = numpy.nonzero(numpy.random.uniform(size=length) < model.attrs["rate"])[0]
        noise.append([numpy.random.randint(1, 2**31, size=len(chosen)) for _ in columns])
        rows.append(chosen + offset)
        offset += length
    ops, joined = model.ops, model.ops.xp.concatenate(features)
    places = ops.xp.asarray(numpy.concatenate(rows))
    drawn = ops.xp.asarray(numpy.concatenate(noise, axis=1).astype(joined.dtype))
    for column, of_column in zip(columns, drawn):
        joined[places, column] = of_column
    return ops.unflatten(joined, lengths), backprop


def check_static_vectors(model: Model, vocab: Vocab, name: str) -> None:
    """Refuse an encoder that uses static vectors where there are none.

    model (Model): A model with an encoder in it.
    vocab (Vocab): The vocabulary.
    name (str): The name of the component.
    RAISES (ValueError): E425 if the vocabulary has no vectors.
    """
    if not len(vocab.vectors) and uses_static_vectors(model):
        raise ValueError(Errors.E425.format(name=name))
