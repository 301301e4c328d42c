"""Find where the models of a pipeline read words: by embeddings, by n-grams, and through encoders they listen to."""

import random
import string
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

import numpy
from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Model, NumpyOps
from thinc.types import Floats1d

from ...heads.textcat.ngrams import PlacedNgrams, place_ngrams
from .inputs import EmbeddingInput, NgramInput, WordInput
from .pretrained_input import PretrainedInput, find_pretrained

NEUTRAL_WORDS = 300


class Places(NamedTuple):
    """Layers by which a model reads words.

    listeners (List[Tok2VecListener]): The listeners to encoders.
    embeddings (List[Model]): The embeddings of encoders of its own.
    transformers (List[Model]): The pretrained transformers.
    ngrams (List[Model]): Our layers of n-grams.
    bags (List[Tuple[Model, Model]]): spaCy's, each with the linear layer behind it.
    """

    listeners: List[Tok2VecListener]
    embeddings: List[Model]
    transformers: List[Model]
    ngrams: List[Model]
    bags: List[Tuple[Model, Model]]


class WordReaders:
    """Where the models of a pipeline read words, found once, with the vectors that hide one. Make another one after
    the pipeline has changed."""

    def __init__(self, nlp: Language) -> None:
        """nlp (Language): The pipeline."""
        self.nlp = nlp
        models = [getattr(pipe, "model", None) for _, pipe in nlp.pipeline]
        self.models: List[Model] = [
            other for model in models if isinstance(model, Model) for other in related_models(model)
        ]
        self.nodes = list({id(node): node for model in self.models for node in model.walk()}.values())
        # of components, whether they read words in other ways too
        self.is_opaque: Dict[str, bool] = {}
        self._places: Dict[int, Places] = {}
        self._neutral: Dict[int, Floats1d] = {}

    def find_places(self, model: Model) -> Places:
        """RETURNS (Places): Where a model, and those that layers of it run, read words. model (Model): The model."""
        if id(model) not in self._places:
            related = related_models(model)
            nodes = list({id(node): node for one in related for node in one.walk()}.values())
            bags: List[Tuple[Model, Model]] = []
            for one in related:
                extractors = [node for node in one.walk() if node.name == "extract_ngrams"]
                linears = [node for node in one.walk() if node.name == "sparse_linear"]
                bags += zip(extractors, linears) if len(extractors) == len(linears) else []
            self._places[id(model)] = Places(
                [node for node in nodes if isinstance(node, Tok2VecListener)],
                [embedding for one in related for embedding in find_embeddings(one)],
                [node for one in related for node in find_pretrained(one)],
                [node for node in nodes if node.name == "ngrams"],
                bags,
            )
        return self._places[id(model)]

    def read(self, model: Model, doc: Doc) -> List[WordInput]:
        """Find where a model reads a text, beside listeners.

        model (Model): The model.
        doc (Doc): The text.
        RETURNS (List[WordInput]): The places.
        """
        places = self.find_places(model)
        inputs: List[WordInput] = [EmbeddingInput(node, doc, self._hide(node)) for node in places.embeddings]
        inputs += [PretrainedInput(node, doc) for node in places.transformers]
        inputs += [_read_ngrams(node, doc) for node in places.ngrams]
        return inputs + [_read_bag(*pair, doc) for pair in places.bags]

    def _hide(self, embedding: Model) -> Floats1d:
        if id(embedding) not in self._neutral:
            self._neutral[id(embedding)] = mean_unseen_word(embedding, self.nlp)
        return self._neutral[id(embedding)]


def related_models(model: Model) -> List[Model]:
    """RETURNS (List[Model]): A model, and those of other components that layers of it run. model (Model): The model."""
    found = [model]
    for one in found:
        sources = (getattr(node, "source", None) for node in one.walk())
        found += [source.model for source in sources if source is not None and source.model not in found]
    return found


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
