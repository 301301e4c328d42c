"""Where a model reads the words of a text: there words can be hidden, wholly or in part."""

from contextlib import ExitStack, contextmanager
from typing import Any, Callable, Iterable, Iterator, List, Optional, Tuple

import numpy
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats1d, Floats2d, Floats3d, Ints1d

from ...heads.textcat.ngrams import PlacedNgrams
from ...types import TokenVectors
from .undisturbed import replaced


class WordInput:
    """A place where a model reads a text, of which it then reads copies with words hidden in them.

    kept (Floats2d): How much of each word the copies keep, 1 all and 0 nothing, on the host, shape (copies, tokens).
    gradient (Floats2d): After backpropagation, how what was backpropagated changes with `kept`, same shape.
    """

    kept: Floats2d
    gradient: Floats2d

    def hide(self, kept: Floats2d) -> None:
        """kept (Floats2d): How much of each word the copies keep, shape (copies, tokens)."""
        self.kept = kept
        self.gradient = kept * 0

    @contextmanager
    def open(self) -> Iterator[None]:
        """In the block the model reads what `hide` leaves of the words."""
        raise NotImplementedError


class EmbeddingInput(WordInput):
    """The embedding of a text: a word that is hidden has the neutral vector, one kept in part what lies between."""

    def __init__(self, node: Model[List[Doc], TokenVectors], doc: Doc, neutral: Floats1d) -> None:
        """node (Model): The embedding. doc (Doc): The text. neutral (Floats1d): What hides a word, shape (width,)."""
        self.node = node
        self.neutral = neutral
        self.difference = node.predict([doc])[0] - neutral  # [tokens, width]

    def mix(self, tokens: Ints1d, kept: Floats1d) -> Floats2d:
        """What is left of words.

        tokens (Ints1d): The words, on the host.
        kept (Floats1d): How much of each is kept, on the host.
        RETURNS (Floats2d): Vectors, shape (words, width).
        """
        ops = self.node.ops
        return self.neutral + ops.asarray1f(kept)[:, None] * self.difference[ops.asarray1i(tokens)]

    @contextmanager
    def open(self) -> Iterator[None]:
        """In the block the embedding gives what is between the words and the neutral vector."""

        def forward(model: Model, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable]:
            kept: Floats3d = model.ops.asarray(self.kept)[:, :, None]
            mixed = self.neutral + kept * self.difference[None]  # [copies, tokens, width]

            def backprop(d_mixed: TokenVectors) -> List[Doc]:
                stacked = model.ops.xp.stack(d_mixed)
                self.gradient += model.ops.to_numpy((stacked * self.difference[None]).sum(axis=2))
                return docs

            return list(mixed), backprop

        with replaced(self.node, forward):
            yield


class NgramInput(WordInput):
    """The n-grams of a text, ours or those of spaCy's bag of words. One is hidden where a word of it is, and counts in
    part where that is kept in part."""

    def __init__(self, node: Model, placed: PlacedNgrams, weights: Floats2d, bias: Floats1d, is_counted: bool) -> None:
        """Read n-grams.

        node (Model): The linear layer.
        placed (PlacedNgrams): The n-grams.
        weights (Floats2d): What each adds to the scores, on the host, shape (n-grams, labels).
        bias (Floats1d): On the host, shape (labels,).
        is_counted (bool): Whether one that stands in several places counts as often. If not, it is there until all are
            hidden.
        """
        self.node, self.placed, self.weights, self.bias, self.is_counted = node, placed, weights, bias, is_counted
        self._firsts = numpy.flatnonzero(numpy.diff(placed.owners, prepend=-1))
        self._counts = numpy.diff(numpy.append(self._firsts, len(placed.owners)))
        self._longest = int((placed.ends - placed.starts).max(initial=0))

    @contextmanager
    def open(self) -> Iterator[None]:
        """In the block the layer scores what is left of the n-grams."""

        def forward(model: Model, X: Any, is_train: bool) -> Tuple[Floats2d, Callable]:
            def backprop(d_scores: Floats2d) -> Any:
                self.gradient += self._share(model.ops.to_numpy(d_scores) @ self.weights.T)
                return []

            present = self._find_present(self.kept)
            return model.ops.asarray2f(present @ self.weights + self.bias), backprop

        with replaced(self.node, forward):
            yield

    def _find_present(self, kept: Floats2d) -> Floats2d:
        """How much of each n-gram the copies keep, shape (copies, n-grams)."""
        starts, ends = self.placed.starts, self.placed.ends
        if not len(starts):
            return numpy.zeros((len(kept), 0), dtype="f")
        places = kept[:, starts]
        for step in range(1, self._longest):
            places = numpy.minimum(places, kept[:, numpy.minimum(starts + step, ends - 1)])
        if self.is_counted:
            return numpy.add.reduceat(places, self._firsts, axis=1) / self._counts
        return numpy.maximum.reduceat(places, self._firsts, axis=1)

    def _share(self, d_present: Floats2d) -> Floats2d:
        """What is said of n-grams, in equal parts to their places, and there to their tokens, shape (copies,
        tokens)."""
        starts, ends, owners = self.placed.starts, self.placed.ends, self.placed.owners
        by_token = numpy.zeros((self.kept.shape[1], len(d_present)), dtype="f")
        if len(starts):
            d_places = (d_present / self._counts).T[owners] / (ends - starts)[:, None]  # [places, copies]
            for step in range(self._longest):
                inside = starts + step < ends
                numpy.add.at(by_token, starts[inside] + step, d_places[inside])
        return by_token.T


class ListenerInput:
    """Listeners of a component to one encoder, which are given the encoder's vectors of the copies.

    vectors (TokenVectors): The vectors, shape (tokens, width) for each copy.
    gradient (Optional[TokenVectors]): What the component has backpropagated to them.
    """

    vectors: TokenVectors

    def __init__(self, nodes: Iterable[Model]) -> None:
        """nodes (Iterable[Model]): The listeners."""
        self.nodes = list(nodes)
        self.gradient: Optional[TokenVectors] = None

    def feed(self, vectors: TokenVectors) -> None:
        """vectors (TokenVectors): The vectors."""
        self.vectors = vectors
        self.gradient = None

    @contextmanager
    def open(self) -> Iterator[None]:
        """In the block the listeners give these vectors."""

        def forward(model: Model, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable]:
            return self.vectors, self._receive

        with ExitStack() as stack:
            for node in self.nodes:
                stack.enter_context(replaced(node, forward))
            yield

    def _receive(self, d_vectors: TokenVectors) -> List[Doc]:
        kept = self.gradient
        self.gradient = [*d_vectors] if kept is None else [a + b for a, b in zip(kept, d_vectors)]
        return []
