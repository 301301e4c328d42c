"""Find where the model of a component reads words: its embeddings, its n-grams, and the encoders it listens to."""

import random
import string
from typing import Any, Callable, Dict, Iterator, List, Tuple

import numpy
from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Model, NumpyOps
from thinc.types import Floats1d

from ...heads.ngrams import PlacedNgrams, place_ngrams
from .inputs import EmbeddingInput, NgramInput, WordInput

NEUTRAL_WORDS = 300


def related_models(model: Model) -> List[Model]:
    """RETURNS (List[Model]): A model, and those of other components that layers of it run. model (Model): The model."""
    found = [model]
    for one in found:
        sources = (getattr(node, "source", None) for node in one.walk())
        found += [source.model for source in sources if source is not None and source.model not in found]
    return found


def find_listeners(model: Model) -> List[Tok2VecListener]:
    """RETURNS (List[Tok2VecListener]): The listeners of a model and its related ones. model (Model): The model."""
    nodes = (node for one in related_models(model) for node in one.walk())
    return list({id(node): node for node in nodes if isinstance(node, Tok2VecListener)}.values())


def find_embeddings(model: Model) -> List[Model]:
    """RETURNS (List[Model]): The embeddings of the encoders in a model, outermost only. model (Model): The model."""
    embeddings: Dict[int, Model] = {}
    inner: set = set()
    for node in model.walk():
        if node.has_ref("embed") and node.has_ref("encode") and id(node) not in inner:
            embedding = node.get_ref("embed")
            embeddings[id(embedding)] = embedding
            inner.update(id(part) for part in embedding.walk())
    return list(embeddings.values())


def find_word_inputs(model: Model, doc: Doc, neutral: Callable[[Model], Floats1d]) -> List[WordInput]:
    """Find where a model reads a text, beside listeners.

    model (Model): The model.
    doc (Doc): The text.
    neutral (Callable[[Model], Floats1d]): What hides a word from an embedding.
    RETURNS (List[WordInput]): The places.
    """
    inputs: List[WordInput] = []
    for one in related_models(model):
        inputs += [EmbeddingInput(node, doc, neutral(node)) for node in find_embeddings(one)]
        inputs += [_read_ngrams(node, doc) for node in one.walk() if node.name == "ngrams"]
        extractors = [node for node in one.walk() if node.name == "extract_ngrams"]
        linears = [node for node in one.walk() if node.name == "sparse_linear"]
        if len(extractors) == len(linears):
            inputs += [_read_bag(*pair, doc) for pair in zip(extractors, linears)]
    return inputs


def mean_unseen_word(embedding: Model, nlp: Language) -> Floats1d:
    """What hides a word: the mean vector of words that no training has seen.

    embedding (Model): The embedding.
    nlp (Language): The pipeline.
    RETURNS (Floats1d): The mean vector of words of random letters, shape (width,).
    """
    vectors = embedding.predict([Doc(nlp.vocab, words=list(unseen_words(NEUTRAL_WORDS)))])[0]
    return vectors.mean(axis=0)


def unseen_words(count: int) -> Iterator[str]:
    """YIELDS (str): Words of random letters, always the same ones. count (int): How many."""
    chosen = random.Random(0)
    for _ in range(count):
        yield "".join(chosen.choices(string.ascii_lowercase, k=chosen.randint(3, 9)))


def _read_ngrams(node: Model, doc: Doc) -> NgramInput:
    placed = place_ngrams(node, doc)
    ops = node.ops
    weights = ops.to_numpy(node.get_param("W")[ops.asarray1i(placed.rows)]) * placed.values[:, None]
    return NgramInput(node, placed, weights, ops.to_numpy(node.get_param("b")), is_counted=False)


def _read_bag(extractor: Model, linear: Model, doc: Doc) -> NgramInput:
    """The n-grams of spaCy's bag of words."""
    single = numpy.ascontiguousarray(doc.to_array([extractor.attrs["attr"]]).ravel(), dtype="uint64")
    keys: List[Any] = [single]
    places: List[Tuple[int, int]] = [(i, i + 1) for i in range(len(single))]
    for size in range(2, extractor.attrs["ngram_size"] + 1):
        keys.append(NumpyOps().ngrams(size, single))
        places += [(i, i + size) for i in range(len(keys[-1]))]
    unique, owners, counts = numpy.unique(numpy.concatenate(keys), return_inverse=True, return_counts=True)
    order = numpy.argsort(owners.ravel(), kind="stable")
    starts, ends = numpy.array(places, dtype="int64").reshape((-1, 2))[order].T
    bias = linear.ops.to_numpy(linear.get_param("b"))
    lengths = numpy.ones(len(unique), dtype="int32")
    weights = numpy.asarray(linear.ops.to_numpy(linear.predict((unique, counts.astype("f"), lengths)))) - bias
    placed = PlacedNgrams(numpy.zeros(len(unique), dtype="i"), counts, owners.ravel()[order], starts, ends)
    return NgramInput(linear, placed, weights, bias, is_counted=True)
