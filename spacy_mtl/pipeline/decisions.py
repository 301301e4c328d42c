"""What other heads can read of a head: probabilities for each token, with their gradient."""

from typing import Any, Callable, List, Protocol, Tuple, runtime_checkable

from spacy.pipeline import Tagger
from spacy.tokens import Doc

from ..heads.crf.chain import TagScores
from ..types import TokenVectors

Decided = Tuple[TokenVectors, Callable[[TokenVectors], Any]]


@runtime_checkable
class Decides(Protocol):
    """A component whose soft decisions other heads can read."""

    def count_decisions(self) -> int:
        """RETURNS (int): How many probabilities it has for each token; 0 if its labels are unknown."""
        ...

    def read_decisions(self, docs: List[Doc], is_train: bool) -> Decided:
        """Decide anew. A temperature that was fitted after training has no part in it.

        docs (List[Doc]): The Docs.
        is_train (bool): Whether for training.
        RETURNS (Tuple[List[Floats2d], Callable]): Probabilities of shape (tokens, decisions) for each Doc, and a
            callback that takes their gradient.
        """
        ...


class DecidesCategories:
    """Mixed into a text categorizer: the probabilities of a Doc's categories, at each of its tokens."""

    def count_decisions(self: Any) -> int:
        """RETURNS (int): The number of categories."""
        return len(self.labels)

    def read_decisions(self: Any, docs: List[Doc], is_train: bool) -> Decided:
        """RETURNS (Tuple[List[Floats2d], Callable]): Shape (tokens, labels) for each Doc, and their callback."""
        ops = self.model.ops
        logits, backprop = self.model(docs, is_train)
        logits = ops.asarray2f(logits)
        probabilities = ops.softmax(logits) if self.exclusive else ops.sigmoid(logits)

        def backprop_decisions(d_rows: TokenVectors) -> Any:
            d_probabilities = ops.xp.stack([rows.sum(axis=0) for rows in d_rows])  # [docs, labels]
            if self.exclusive:
                return backprop(ops.backprop_softmax(probabilities, d_probabilities))
            return backprop(probabilities * (1 - probabilities) * d_probabilities)

        return [ops.xp.tile(row, (len(doc), 1)) for doc, row in zip(docs, probabilities)], backprop_decisions


class DecidesTags:
    """Mixed into a recognizer of entities: the softmax of the tags' emissions at each token, without transitions."""

    def count_decisions(self: Any) -> int:
        """RETURNS (int): The number of tags."""
        return len(self.tag_set.tags) if self.labels else 0

    def read_decisions(self: Any, docs: List[Doc], is_train: bool) -> Decided:
        """RETURNS (Tuple[List[Floats2d], Callable]): Shape (tokens, tags) for each Doc, and their callback."""
        ops = self.model.ops
        scores, backprop = self.model(docs, is_train)
        probabilities = ops.softmax(scores.emissions)

        def backprop_decisions(d_rows: TokenVectors) -> Any:
            d_emissions = ops.backprop_softmax(probabilities, ops.flatten(d_rows))
            others = (ops.xp.zeros_like(part) for part in scores[2:])
            return backprop(TagScores(d_emissions, scores.lengths, *others))

        return ops.unflatten(probabilities, scores.lengths), backprop_decisions


class DecidesPredicates:
    """Mixed into a labeller of semantic roles: the probability that a token heads a predicate."""

    def count_decisions(self: Any) -> int:
        """RETURNS (int): 1; 0 before the roles are known."""
        return int(bool(self.labels))

    def read_decisions(self: Any, docs: List[Doc], is_train: bool) -> Decided:
        """RETURNS (Tuple[List[Floats2d], Callable]): Shape (tokens, 1) for each Doc, and their callback."""
        ops = self.model.ops
        vectors, backprop_vectors = self.model.get_ref("tok2vec")(docs, is_train)
        lengths = [len(doc) for doc in docs]
        scores, backprop = self.model.get_ref("predicates")(ops.flatten(vectors), is_train)
        probabilities = ops.sigmoid(scores)

        def backprop_decisions(d_rows: TokenVectors) -> Any:
            d_vectors = backprop(probabilities * (1 - probabilities) * ops.flatten(d_rows))
            return backprop_vectors(ops.unflatten(d_vectors, lengths))

        return ops.unflatten(probabilities, lengths), backprop_decisions


class TaggerDecisions:
    """The probabilities of the labels of spaCy's tagger, and of components of its kind."""

    def __init__(self, tagger: Tagger) -> None:
        """tagger (Tagger): The component."""
        self._tagger = tagger

    def count_decisions(self) -> int:
        """RETURNS (int): The number of labels."""
        return len(self._tagger.labels)

    def read_decisions(self, docs: List[Doc], is_train: bool) -> Decided:
        """RETURNS (Tuple[List[Floats2d], Callable]): Shape (tokens, labels) for each Doc, and their callback."""
        model: Any = self._tagger.model
        rows, backprop = model(docs, is_train)
        output = next((node for node in model.walk() if node.name == "softmax"), None)
        if output is not None and not is_train and not output.attrs["softmax_normalize"]:
            # it predicts from scores
            rows = [model.ops.softmax(of_doc) for of_doc in rows]

        def backprop_decisions(d_rows: TokenVectors) -> Any:
            # its softmax takes the gradient of the scores
            return backprop([model.ops.backprop_softmax(p, d_p) for p, d_p in zip(rows, d_rows)])

        return rows, backprop_decisions
