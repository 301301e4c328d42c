"""Entities as a head of its own encoder or of a shared one."""

import warnings
from itertools import islice
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Set, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Config, Model

from ..annotation import has_entities
from ..errors import Errors, Warnings
from ..heads.chain import TagScores, cool
from ..heads.crf import crf_loss
from ..heads.entities import decode_entities
from ..heads.tagging_scheme import EntitySpan, TagSet, make_tag_set
from ..scorers.ner import score_ner
from .default_encoder import DEFAULT_TOK2VEC
from .gradient_guard import is_finite
from .head import Head
from .label_checks import check_labels
from .ner_tags import gold_tags, preset_spans, preset_tags, select_tokens, solid_tokens
from .score_weights import fit_score_weights

default_model_config = """
[model]
@architectures = "spacy-mtl.CRFTagger.v1"
hidden_width = 0
hidden_pieces = 2
nO = null
"""
DEFAULT_NER_MODEL = {**Config().from_str(default_model_config)["model"], "tok2vec": DEFAULT_TOK2VEC}


@Language.factory(
    "mtl_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={
        "model": DEFAULT_NER_MODEL,
        "scheme": "biluo",
        "scorer": {"@scorers": "spacy-mtl.ner_scorer.v1"},
    },
    default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
)
def make_mtl_ner(
    nlp: Language, name: str, model: Model[List[Doc], TagScores], scheme: str, scorer: Optional[Callable]
) -> "MultiTaskNER":
    """Create the component `mtl_ner`, which recognizes named entities.

    nlp (Language): The pipeline.
    name (str): The name of the component.
    model (Model[List[Doc], TagScores]): The model.
    scheme (str): How entities are written as tags: "biluo" or "bio".
    scorer (Optional[Callable]): The scorer.
    RETURNS (MultiTaskNER): The component.
    """
    return MultiTaskNER(nlp.vocab, model, name, scheme=scheme, scorer=scorer).follow(nlp)


class MultiTaskNER(Head):
    """Recognizes named entities with a linear-chain CRF.

    Tokens without annotation are neither entities nor non-entities in training: the likelihood sums over what they may
    be. Whitespace tokens are left out of the chain: an entity may run across one but never starts or ends with one.
    Entities that a Doc already has stay, and what is predicted is the best around them. Every predicted Span has its
    exact probability in `span._.confidence`.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model[List[Doc], TagScores],
        name: str = "mtl_ner",
        *,
        scheme: str = "biluo",
        scorer: Optional[Callable] = score_ner,
    ) -> None:
        """Initialize the component. Registers the Span extension `confidence`, unless there is one.

        vocab (Vocab): The shared vocabulary.
        model (Model[List[Doc], TagScores]): The model.
        name (str): The name of the component, under which its losses are kept.
        scheme (str): How entities are written as tags: "biluo" or "bio".
        scorer (Optional[Callable]): The scorer.
        RAISES (ValueError): E201 for another scheme.
        """
        make_tag_set(scheme, ())
        self.vocab = vocab
        self.model = model
        self.name = name
        self.cfg: Dict[str, Any] = {"labels": [], "scheme": scheme}
        self.scorer = scorer
        if not Span.has_extension("confidence"):
            Span.set_extension("confidence", default=None)

    @property
    def tag_set(self) -> TagSet:
        """RETURNS (TagSet): The tags of the labels."""
        return make_tag_set(self.cfg["scheme"], self.labels)

    def predict(self, docs: Iterable[Doc]) -> List[List[EntitySpan]]:
        """Find the entities of a batch of Docs, without modifying them.

        docs (Iterable[Doc]): The Docs.
        RETURNS (List[List[EntitySpan]]): The entities of each Doc, in token offsets, those that it has included.
        RAISES (ValueError): E203 if the scores are not finite, E206 if the component is not initialized.
        """
        docs = list(docs)
        if not self.has_tokens(docs):
            return [[] for _ in docs]
        self._require_initialized()
        kept = [solid_tokens(doc) for doc in docs]
        scores, _ = select_tokens(cool(self.model.predict(docs), self.temperature("entities")), kept)
        if not is_finite(scores):
            raise ValueError(Errors.E203.format(name=self.name))
        tag_set = self.tag_set
        allowed = preset_tags(docs, kept, tag_set)
        return [
            [EntitySpan(label, int(i[start]), int(i[end - 1]) + 1, p) for label, start, end, p in entities]
            for i, entities in zip(kept, decode_entities(scores, tag_set, allowed))
        ]

    def set_annotations(self, docs: Iterable[Doc], predictions: Sequence[Sequence[EntitySpan]]) -> None:
        """Write entities to `doc.ents`, and their probabilities to `span._.confidence`. Entities that a Doc has, and
        tokens blocked in it, are left as they are.

        docs (Iterable[Doc]): The Docs to modify.
        predictions (Sequence[Sequence[EntitySpan]]): What `predict` gave.
        """
        for doc, entities in zip(docs, predictions):
            preset, blocked = preset_spans(doc)
            taken = {i for span in (*preset, *blocked) for i in range(span.start, span.end)}
            spans = []
            for label, start, end, probability in entities:
                if taken.isdisjoint(range(start, end)):
                    span = Span(doc, start, end, label=label)
                    span._.confidence = probability
                    spans.append(span)
            doc.set_ents([*preset, *spans], blocked=blocked, default="outside")

    def get_loss(self, examples: Sequence[Example], scores: TagScores) -> Tuple[float, TagScores]:
        """The negative log-likelihood of the annotated entities, summed over the Examples, and its gradient.

        examples (Sequence[Example]): The batch.
        scores (TagScores): The scores of the model.
        RETURNS (Tuple[float, TagScores]): The loss and its gradient; zero for an Example without annotation. NaN if
            scores are not finite.
        """
        tag_set = self.tag_set
        kept = [solid_tokens(example.predicted) for example in examples]
        solid, rows = select_tokens(scores, kept)
        allowed = [gold_tags(example, indices, tag_set) for example, indices in zip(examples, kept)]
        if not is_finite(scores):
            # the CRF would take the annotation for illegal
            return float("nan"), scores
        result = crf_loss(solid, numpy.concatenate(allowed), tag_set.legal)
        if result.contradictory:
            warnings.warn(Warnings.W201.format(name=self.name, count=result.contradictory), stacklevel=2)
        gradient = result.gradient
        if solid is not scores:
            d_emissions = self.model.ops.xp.zeros_like(scores.emissions)
            d_emissions[self.model.ops.xp.asarray(rows)] = gradient.emissions
            gradient = gradient._replace(emissions=d_emissions, lengths=scores.lengths)
        return result.loss, gradient

    def count_targets(self, examples: Sequence[Example]) -> int:
        """How many tokens of the batch are annotated.

        examples (Sequence[Example]): The batch.
        RETURNS (int): The number of tokens of the references that are known to be in an entity or outside.
        """
        return sum(int(numpy.count_nonzero(one.reference.to_array("ENT_IOB"))) for one in examples)

    def held_out_losses(self, examples: Sequence[Example]) -> Dict[str, Callable[[float], float]]:
        """The loss of "entities" as a function of their temperature.

        examples (Sequence[Example]): A batch of held-out Examples whose predicted Docs the encoder has read.
        RETURNS (Dict[str, Callable[[float], float]]): Name of the probability to loss.
        """
        scores = self.model.predict([example.predicted for example in examples])
        return {"entities": lambda temperature: self.get_loss(examples, cool(scores, temperature))[0]}

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Iterable[str]] = None,
    ) -> None:
        """Prepare for training: find the labels and the sizes of the model.

        get_examples (Callable[[], Iterable[Example]]): Gives a representative sample of the training data.
        nlp (Optional[Language]): The pipeline.
        labels (Optional[Iterable[str]]): The labels; those of the references' entities if None.
        RAISES (ValueError): E204 if there is no label, E205 for a label that is not a string, or blank, E208 if no
            example has a token, E210 if the labels are no list.
        """
        validate_get_examples(get_examples, "MultiTaskNER.initialize")
        fit_score_weights(nlp, self)
        self._guard = None
        found = "the given list of labels is empty"
        if labels is None:
            labels, n_examples, n_annotated = _collect_labels(get_examples())
            found = f"{n_annotated} of {n_examples} examples are annotated for entities, and none has an entity"
        for label in check_labels(labels, self.name):
            self.add_label(label)
        if not self.labels:
            raise ValueError(Errors.E204.format(name=self.name, found=found))
        n_tags = len(self.tag_set.tags)
        docs = list(islice((example.x for example in get_examples() if len(example.x)), 10))
        if not docs:
            raise ValueError(Errors.E208.format(name=self.name))
        self.model.initialize(X=docs, Y=[self.model.ops.alloc2f(len(doc), n_tags) for doc in docs])

    def _require_initialized(self) -> None:
        if not self.labels or self.model.has_dim("nO") is not True:
            raise ValueError(Errors.E206.format(name=self.name))

    def _allow_extra_label(self) -> None:
        if self.model.has_dim("nO") is True and self.model.get_dim("nO") == len(self.tag_set.tags):
            raise ValueError(Errors.E207.format(name=self.name, labels=", ".join(self.labels)))


def _collect_labels(examples: Iterable[Example]) -> Tuple[List[str], int, int]:
    """RETURNS (Tuple[List[str], int, int]): The labels, the number of Examples, and of those that are annotated."""
    labels: Set[str] = set()
    n_examples = n_annotated = 0
    for example in examples:
        n_examples += 1
        n_annotated += has_entities(example)
        labels.update(entity.label_ for entity in example.reference.ents)
    return sorted(labels), n_examples, n_annotated
