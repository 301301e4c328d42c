"""The text categorizer: one of several labels for a Doc, or any number of them."""

import warnings
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Config, Model
from thinc.types import Floats2d

from ...annotation import annotated_categories, is_for
from ...encoders.embed import check_static_vectors
from ...errors import Errors, Warnings
from ...heads.textcat.model import exclusive_loss, independent_loss
from ...setting_checks import check_component_setting, fit_size
from ..competition import Loss
from ..decisions import DecidesCategories
from ..default_encoder import DEFAULT_TOK2VEC
from ..distillation.settings import Distillation
from ..gold_labels import Survey
from ..head import Head
from ..label_checks import check_labels
from ..score_weights import fit_score_weights
from .distillation import TeachesCategories
from .gold import read_categories
from .labels import check_label_sets, find_labels, labels_of_others

SAMPLE_SIZE = 10
"""Docs that show the model its input at initialization."""
ROUNDING = 0.01
"""By how much values of labels that exclude each other may add up to more than 1."""

DEFAULT_CONFIG = """
[model]
@architectures = "spacy-mtl.TextCat.v1"
pooling = ["attention", "mean", "max"]
hidden_width = 0
dropout = 0.5

[model.linear_model]
@architectures = "spacy.TextCatBOW.v3"
exclusive_classes = true
length = 65536
ngram_size = 2
no_output_layer = true
"""


@Language.factory(
    "mtl_textcat",
    assigns=["doc.cats"],
    default_config={
        "model": {**Config().from_str(DEFAULT_CONFIG)["model"], "tok2vec": DEFAULT_TOK2VEC},
        "exclusive": True,
        "threshold": 0.5,
        "labels": None,
        "distillation": None,
        "scorer": {"@scorers": "spacy-mtl.textcat_scorer.v1"},
    },
    default_score_weights={
        "cats_score": 1.0,
        "cats_score_desc": None,
        "cats_micro_p": None,
        "cats_micro_r": None,
        "cats_micro_f": None,
        "cats_macro_p": None,
        "cats_macro_r": None,
        "cats_macro_f": None,
        "cats_macro_auc": None,
        "cats_f_per_type": None,
    },
)
def make_mtl_textcat(
    nlp: Language,
    name: str,
    model: Model[List[Doc], Floats2d],
    exclusive: bool,
    threshold: float,
    labels: Optional[List[str]],
    distillation: Optional[Distillation],
    scorer: Optional[Callable],
) -> "MultiTaskTextCategorizer":
    """Make a text categorizer.

    nlp (Language): The pipeline.
    name (str): The component's name.
    model (Model[List[Doc], Floats2d]): From docs to logits, shape (docs, labels).
    exclusive (bool): Whether exactly one of the labels is true of a Doc.
    threshold (float): The probability from which a label counts as true, if labels do not exclude each other.
    labels (Optional[List[str]]): The labels; None to take those of the training corpus.
    distillation (Optional[Distillation]): How much is learned from teachers; None for nothing.
    scorer (Optional[Callable]): The scoring method.
    RETURNS (MultiTaskTextCategorizer): The component.
    """
    component = MultiTaskTextCategorizer(
        nlp.vocab, model, name, exclusive=exclusive, threshold=threshold, labels=labels, scorer=scorer
    )
    component.distillation = distillation
    return component.follow(nlp)


class MultiTaskTextCategorizer(DecidesCategories, TeachesCategories, Head):
    """Text categories as a task among others. Several can share a pipeline and `doc.cats` if their labels differ."""

    fixed = ("exclusive",)

    def __init__(
        self,
        vocab: Vocab,
        model: Model[List[Doc], Floats2d],
        name: str = "mtl_textcat",
        *,
        exclusive: bool = True,
        threshold: float = 0.5,
        labels: Optional[Sequence[str]] = None,
        scorer: Optional[Callable] = None,
    ) -> None:
        """Create a text categorizer.

        vocab (Vocab): The shared vocabulary.
        model (Model[List[Doc], Floats2d]): From docs to logits, shape (docs, labels).
        name (str): The component's name, under which its loss and scores are reported.
        exclusive (bool): Whether exactly one of the labels is true of a Doc.
        threshold (float): The probability from which a label counts as true, if labels do not exclude each other.
        labels (Optional[Sequence[str]]): The labels; None to take those of the training corpus.
        scorer (Optional[Callable]): The scoring method.
        RAISES (ValueError): E205, E210 for labels that are not strings, E435 for a threshold that is no probability.
        """
        check_component_setting(name, "threshold", threshold, 0 <= threshold <= 1, "a probability from 0 to 1")
        self.vocab = vocab
        self.model = model
        self.name = name
        self.scorer = scorer
        self.cfg: Dict[str, Any] = {
            "labels": [],
            "exclusive": exclusive,
            "threshold": threshold,
            "given_labels": None if labels is None else check_labels(labels, name),
        }
        for label in self.cfg["given_labels"] or ():
            self.add_label(label)

    @property
    def exclusive(self) -> bool:
        """RETURNS (bool): Whether exactly one of the labels is true of a Doc."""
        return self.cfg["exclusive"]

    def predict(self, docs: Iterable[Doc]) -> Floats2d:
        """The probabilities of the labels.

        docs (Iterable[Doc]): The Docs, left as they are.
        RETURNS (Floats2d): Shape (docs, labels); zeros for a Doc without tokens.
        RAISES (ValueError): E303 if the component is not initialized.
        """
        docs = list(docs)
        if not self.labels or not self.model.get_ref("output_layer").has_dim("nO"):
            raise ValueError(Errors.E303.format(name=self.name))
        ops = self.model.ops
        probabilities = ops.alloc2f(len(docs), len(self.labels))
        filled = [i for i, doc in enumerate(docs) if len(doc)]
        if filled:
            logits = ops.asarray2f(self.model.predict([docs[i] for i in filled]))
            probabilities[ops.asarray1i(filled)] = self._probabilities(logits)
        return probabilities

    def set_annotations(self, docs: Iterable[Doc], scores: Floats2d) -> None:
        """Write the probabilities to `doc.cats`; labels of other components stay.

        docs (Iterable[Doc]): The Docs.
        scores (Floats2d): What `predict` gave.
        """
        for doc, row in zip(docs, self.model.ops.to_numpy(scores)):
            for label, probability in zip(self.labels, row):
                doc.cats[label] = float(probability)

    def find_loss(self, before: "MultiTaskTextCategorizer") -> Optional[Loss]:
        """RETURNS (Optional[Loss]): That of the other's probabilities of labels that both have."""
        shared = ", ".join(label for label in self.labels if label in before.labels)
        if not shared:
            return None
        lost = f"the probabilities that the second gives of {shared} replace those of the first"
        return Loss("doc.cats", lost, "Train one of them on other labels")

    def get_loss(self, examples: Sequence[Example], scores: Floats2d) -> Tuple[float, Floats2d]:
        """Cross-entropy summed over the annotated Docs: of the softmax if labels exclude each other, else of each
        label's sigmoid. A Doc without tokens is never scored, and so counts as not annotated.
        See `exclusive_loss` and `independent_loss` in `spacy_mtl.heads.textcat.model` for what missing labels do.

        examples (Sequence[Example]): The batch.
        scores (Floats2d): The logits, shape (docs, labels).
        RETURNS (Tuple[float, Floats2d]): The loss, and its gradient in the shape of the scores.
        RAISES (ValueError): E308-E310 for wrong gold values.
        """
        ops = self.model.ops
        gold = [self._gold(example) if len(example.predicted) else {} for example in examples]
        known = ops.xp.asarray([[label in cats for label in self.labels] for cats in gold], dtype="f")
        target = ops.xp.asarray([[cats.get(label, 0.0) for label in self.labels] for cats in gold], dtype="f")
        loss = exclusive_loss if self.exclusive else independent_loss
        return loss(ops, scores, target, known)

    def count_targets(self, examples: Sequence[Example]) -> int:
        """How many Docs of the batch are annotated.

        examples (Sequence[Example]): The batch.
        RETURNS (int): The number of Docs with tokens and a gold value for any of the labels.
        """
        return sum(len(one.predicted) > 0 and bool(annotated_categories(one, self.labels)) for one in examples)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score predicted categories against annotated ones.

        examples (Iterable[Example]): The Examples.
        RETURNS (Dict[str, Any]): The scores: see `spacy_mtl.scorers.textcat.score_textcat`.
        """
        return super().score(examples, name=self.name, **kwargs)

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Sequence[str]] = None,
    ) -> None:
        """Find the labels and give the model its shape.

        get_examples (Callable[[], Iterable[Example]]): Gives the training Examples.
        nlp (Optional[Language]): The pipeline, asked for the labels of its other text categorizers.
        labels (Optional[Sequence[str]]): The labels, before those of the component's config. Without either, all
            categories of the Examples that no other component claims, beside those that were added.
        RAISES (ValueError): E205, E210 for labels that are not strings; E304-E307, E311 for labels that are missing,
            too few or another component's; E308-E310 for wrong gold values; E436 for a model made for another
            number of labels.
        """
        validate_get_examples(get_examples, f"{type(self).__name__}.initialize")
        fit_score_weights(nlp, self)
        self._forget()
        others = {} if nlp is None else labels_of_others(nlp, self)
        if labels is not None:
            labels = check_labels(labels, self.name)
            if labels != self.cfg["labels"]:
                self.cfg["labels"] = []
        elif self.cfg["given_labels"] is None:
            labels = find_labels(get_examples(), self.name, self.labels, others)
        for label in labels or ():
            self.add_label(label)
        check_label_sets(self.name, self.labels, others, self.exclusive)
        # one whose labels are not known takes what is left
        survey = Survey(self.name, self.read_labels, {other: theirs or None for other, theirs in others.items()})
        totals: List[float] = []
        sample: List[Doc] = []
        for example in get_examples():
            survey.add(example)
            gold = self._gold(example) if is_for(example, self.name) else {}
            totals += [sum(gold.values())] * bool(gold)
            if len(sample) < SAMPLE_SIZE and len(example.reference):
                sample.append(example.reference)
        if not sample:
            raise ValueError(Errors.E304.format(name=self.name, found=survey.examples))
        if not totals and self.distillation is None:
            message = Warnings.W301.format(name=self.name, found=survey.examples, labels=", ".join(self.labels))
            warnings.warn(message, stacklevel=2)
        above = [total for total in totals if self.exclusive and total > 1 + ROUNDING]
        if above:
            found = {"found": len(above), "total": len(totals), "largest": max(above)}
            warnings.warn(Warnings.W302.format(name=self.name, **found), stacklevel=2)
        self._leave_out(survey.elsewhere.union(*others.values()))
        self._name_unknown_labels(survey, "the training corpus")
        fit_size(self.name, self.model.get_ref("output_layer"), len(self.labels))
        check_static_vectors(self.model, self.vocab, self.name)
        self.model.initialize(X=sample, Y=self.model.ops.alloc2f(len(sample), len(self.labels)))

    def read_labels(self, example: Example) -> Optional[Iterable[str]]:
        """The categories of an Example.

        example (Example): The Example.
        RETURNS (Optional[Iterable[str]]): The keys of `doc.cats`; None if there is none.
        """
        return example.reference.cats or None

    def _gold(self, example: Example) -> Dict[str, float]:
        return read_categories(example, self.labels, self.exclusive, self.name)

    def held_out_losses(self, examples: Sequence[Example]) -> Dict[str, Callable[[float], float]]:
        """The loss of "categories" as a function of their temperature.

        examples (Sequence[Example]): A batch of held-out Examples whose predicted Docs the encoder has read.
        RETURNS (Dict[str, Callable[[float], float]]): Name of the probability to loss.
        """
        examples = [example for example in examples if len(example.predicted)]
        logits = self.model.ops.asarray2f(self.model.predict([example.predicted for example in examples]))
        return {"categories": lambda temperature: self.get_loss(examples, logits / temperature)[0]}

    def _probabilities(self, logits: Floats2d) -> Floats2d:
        logits = logits / self.temperature("categories")
        return self.model.ops.softmax(logits) if self.exclusive else self.model.ops.sigmoid(logits)
