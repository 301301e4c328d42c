"""The first and the last letters of words as features, as many as one likes."""

from functools import lru_cache
from typing import Callable, List, Tuple

import numpy
from spacy.ml.featureextractor import FeatureExtractor
from spacy.strings import get_string_id
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Ints2d


def extract_with_affixes(attrs: List[str], lengths: List[int]) -> Model[List[Doc], List[Ints2d]]:
    """Extract attributes of tokens, and affixes of their norms beside them.

    attrs (List[str]): The attributes, as for spaCy's FeatureExtractor.
    lengths (List[int]): The affixes: 3 for the first three letters, -3 for the last three. A shorter word has itself.
    RETURNS (Model[List[Doc], List[Ints2d]]): Shape (tokens, attributes + affixes) for each Doc.
    """
    model: Model[List[Doc], List[Ints2d]] = Model(
        "extract_affixes", _forward, layers=[FeatureExtractor(attrs)], attrs={"lengths": list(lengths)}
    )
    return model


def _forward(model: Model, docs: List[Doc], is_train: bool) -> Tuple[List[Ints2d], Callable]:
    columns, backprop = model.layers[0](docs, is_train)
    lengths = tuple(model.attrs["lengths"])
    features = []
    for doc, of_doc in zip(docs, columns):
        rows = [hash_affixes(token.norm_, lengths) for token in doc]
        affixes = numpy.asarray(rows, dtype="uint64").reshape((len(doc), len(lengths)))
        features.append(model.ops.xp.hstack([of_doc, model.ops.asarray(affixes)]))
    return features, backprop


@lru_cache(maxsize=100_000)
def hash_affixes(word: str, lengths: Tuple[int, ...]) -> List[int]:
    """Hash the first and the last letters of a word.

    word (str): The word.
    lengths (Tuple[int, ...]): How many letters, those of the end as negative numbers.
    RETURNS (List[int]): A hash for each; those of a beginning are never those of an end.
    """
    return [get_string_id(word[:n] if n > 0 else f"-{word[n:]}") for n in lengths]
