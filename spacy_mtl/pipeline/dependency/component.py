"""Tags and dependency trees as a head of its own encoder or of a shared one."""

import warnings
from itertools import islice
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Model

from ...annotation import has_annotation, is_for, mask_others
from ...encoders.embed import check_static_vectors
from ...errors import Errors, Warnings
from ...heads.dependency.loss import DependencyGold, dependency_loss
from ...heads.dependency.model import DependencyInput, DependencyScores
from ...heads.sentence_groups import Layout, lay_out
from ...scorers.dependency import score_dependencies
from ...setting_checks import check_component_setting, fit_size
from ...tree_checks import refuse_faulty_trees
from ..competition import Loss
from ..gold_labels import survey_labels
from ..head import Head
from ..label_checks import check_labels
from ..score_weights import fit_score_weights
from ..sentences import BORDERS, SentenceFinder
from .gold import collect_tags, number_labels, read_gold
from .prediction import Tree, predict_trees, write_tree


class DependencyParser(Head):
    """Finds tags, heads and relations with a biaffine scorer. As a scaffold it shapes the encoder of other tasks; as a
    component it writes the tree with the highest score, one root in each sentence, and tags where a Doc has none.

    Sentences are those of the Doc, or those that its punctuation shows, and have their borders from the trees
    afterwards. A token without annotation has no part in training, as a head it may still be chosen. White space is
    left out, and hangs on the token before it.
    """

    learned = ("labels", "tag_labels", "left_out", "temperatures")

    def __init__(
        self,
        vocab: Vocab,
        model: Model[DependencyInput, DependencyScores],
        name: str = "mtl_dependency",
        *,
        tags: bool = True,
        borders: str = "punctuation",
        scorer: Optional[Callable] = score_dependencies,
    ) -> None:
        """Initialize the component.

        vocab (Vocab): The shared vocabulary.
        model (Model[DependencyInput, DependencyScores]): The model.
        name (str): The name of the component, under which its losses are kept.
        tags (bool): Whether to learn tags, if the corpus has any, and to write them.
        borders (str): Where sentences end in a Doc without borders; those that it has always win. "punctuation" finds
            them by final punctuation and blank lines; "doc" takes the Doc for one sentence, with a warning (W901) for
            the first.
        scorer (Optional[Callable]): The scorer.
        RAISES (ValueError): E435 for other borders.
        """
        check_component_setting(name, "borders", borders, borders in BORDERS, " or ".join(map(repr, BORDERS)))
        self.vocab = vocab
        self.model = model
        self.name = name
        self.cfg: Dict[str, Any] = {"labels": [], "tag_labels": [], "tags": tags, "borders": borders}
        self.scorer = scorer
        self._sentences = SentenceFinder(name, self.cfg, "W901")
        self._batch: Optional[Tuple[Layout, DependencyGold]] = None

    @property
    def tags(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): The tags that are learned; the labels are the relations."""
        return tuple(self.cfg["tag_labels"])

    @property
    def label_data(self) -> Dict[str, List[str]]:
        """RETURNS (Dict[str, List[str]]): Relations and tags, as `initialize` takes them."""
        return {"relations": list(self.labels), "tags": list(self.tags)}

    def predict(self, docs: Iterable[Doc]) -> List[Tree]:
        """Find the trees of a batch of Docs, without modifying them.

        docs (Iterable[Doc]): The Docs.
        RETURNS (List[Tree]): For each Doc its heads, relations and tags.
        RAISES (ValueError): E905 if the component is not initialized, E906 if the scores are not finite.
        """
        docs = list(docs)
        if not self.has_tokens(docs):
            return [Tree(numpy.zeros(0, dtype="int64"), [], None) for _ in docs]
        self._require_initialized()
        starts = [self._sentences(doc) for doc in docs]
        return predict_trees(docs, starts, self.model, self.labels, self.tags if self.cfg["tags"] else (), self.name)

    def set_annotations(self, docs: Iterable[Doc], predictions: Sequence[Tree]) -> None:
        """Write trees to the Docs, which have the borders of their sentences from them, and tags where there are none.

        docs (Iterable[Doc]): The Docs to modify.
        predictions (Sequence[Tree]): What `predict` gave.
        """
        for doc, tree in zip(docs, predictions):
            write_tree(doc, tree)

    def read_labels(self, example: Example) -> Optional[Iterable[str]]:
        """RETURNS (Optional[Iterable[str]]): The relations in an Example; None if it has no trees."""
        reference = example.reference
        return [token.dep_ for token in reference if token.dep] if has_annotation(reference, "DEP") else None

    def find_loss(self, before: "DependencyParser") -> Optional[Loss]:
        """RETURNS (Optional[Loss]): That of the other's trees."""
        lost = "the trees of the second replace those of the first"
        return Loss("the heads and relations of tokens", lost, "Leave one of them out")

    def begin_update(self, examples: Sequence[Example]) -> Tuple[DependencyScores, Callable]:
        """Score the batch, relations for the gold heads.

        examples (Sequence[Example]): The batch.
        RETURNS (Tuple[DependencyScores, Callable]): The scores and the backprop callback.
        RAISES (ValueError): E903 for a tree that is none.
        """
        docs = [example.predicted for example in examples]
        layout = lay_out(docs, [self._sentences.find_gold(example) for example in examples])
        gold = read_gold(examples, layout, number_labels(self.labels), number_labels(self.tags), self.name)
        self._batch = (layout, gold)
        return self.model.begin_update(DependencyInput(docs, layout, gold.arcs))

    def get_loss(self, examples: Sequence[Example], scores: DependencyScores) -> Tuple[float, DependencyScores]:
        """The negative log likelihood of tags, heads and relations, summed over what is annotated.

        examples (Sequence[Example]): The batch that `begin_update` scored.
        scores (DependencyScores): The scores.
        RETURNS (Tuple[float, DependencyScores]): The loss and its gradient.
        RAISES (ValueError): E504 if no batch was scored before.
        """
        layout, gold = self._scored()
        self._batch = None
        return dependency_loss(gold, layout, scores, self.model.ops)

    def count_targets(self, examples: Sequence[Example]) -> int:
        """How many tokens of the batch are annotated.

        examples (Sequence[Example]): The batch that `begin_update` scored.
        RETURNS (int): The number of tokens whose tag or head is known.
        RAISES (ValueError): E504 if no batch was scored before.
        """
        return self._scored()[1].count_tokens()

    def held_out_losses(self, examples: Sequence[Example]) -> Dict[str, Callable[[float], float]]:
        """RETURNS (Dict[str, Callable[[float], float]]): Nothing: the component gives no probabilities."""
        return {}

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Dict[str, List[str]]] = None,
    ) -> None:
        """Collect relations and tags, check the trees, and give the model its shape.

        get_examples (Callable[[], Iterable[Example]]): Gives a representative sample of gold Examples.
        nlp (Optional[Language]): The pipeline.
        labels (Optional[Dict[str, List[str]]]): What `label_data` gives, as `spacy init labels` saves it.
        RAISES (ValueError): E205 for a label that is not a string, E208 if no example has a token, E901 if there is no
            relation, E902 for labels of another form, E903 for a tree that is none.
        """
        validate_get_examples(get_examples, "DependencyParser.initialize")
        fit_score_weights(nlp, self)
        self._forget()
        for number, example in enumerate(mask_others(get_examples(), self.name), start=1):
            refuse_faulty_trees(example.reference, f"Text {number} of the training corpus", self.name)
        survey = survey_labels(get_examples(), self.name, self.read_labels)
        if labels is None:
            relations = sorted(survey.labels)
            tags = collect_tags(mask_others(get_examples(), self.name)) if self.cfg["tags"] else []
        else:
            if not isinstance(labels, dict) or set(labels) != {"relations", "tags"}:
                raise ValueError(Errors.E902.format(name=self.name, found=str(labels)[:200]))
            relations, tags = labels["relations"], labels["tags"]
        for relation in check_labels(relations, self.name):
            self.add_label(relation)
        if not self.labels:
            raise ValueError(Errors.E901.format(name=self.name, found=survey.examples))
        if not survey.annotated:
            message = Warnings.W301.format(name=self.name, found=survey.examples, labels=", ".join(self.labels))
            warnings.warn(message, stacklevel=2)
        self.cfg["tag_labels"] = check_labels(tags, self.name) if self.cfg["tags"] else []
        self._leave_out(survey.elsewhere)
        self._name_unknown_labels(survey, "the training corpus")
        docs = list(islice((example.x for example in get_examples() if len(example.x)), 10))
        if not docs:
            raise ValueError(Errors.E208.format(name=self.name))
        scorer = self.model.get_ref("scorer")
        fit_size(self.name, scorer, len(self.labels))
        fit_size(self.name, scorer, len(self.tags), "nT")
        self.model.set_dim("nO", len(self.labels))
        check_static_vectors(self.model, self.vocab, self.name)
        self.model.initialize(X=docs)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score predicted trees, and tags if they are written, against annotated ones.

        examples (Iterable[Example]): The Examples, of which those of sources for other components do not count.
        RETURNS (Dict[str, Any]): See `score_dependencies`.
        """
        own = [example for example in examples if is_for(example, self.name)]
        return super().score(own, tags=self.cfg["tags"] and bool(self.tags), **kwargs)

    def _scored(self) -> Tuple[Layout, DependencyGold]:
        if self._batch is None:
            raise ValueError(Errors.E504.format(name=self.name))
        return self._batch

    def _require_initialized(self) -> None:
        if not self.labels or self.model.has_dim("nO") is not True:
            raise ValueError(Errors.E905.format(name=self.name))

    def _allow_extra_label(self) -> None:
        if self.model.has_dim("nO") is True:
            raise ValueError(Errors.E904.format(name=self.name, labels=", ".join(self.labels)))
