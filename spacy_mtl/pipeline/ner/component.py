"""Entities as a head of its own encoder or of a shared one."""

import warnings
from itertools import islice
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Model

from ...annotation import TASKS_KEY, is_for
from ...encoders.embed import check_static_vectors
from ...errors import Errors, Warnings
from ...heads.crf.chain import TagScores, cool
from ...heads.crf.crf import crf_loss
from ...heads.host import bring_to_host, send_back
from ...heads.ner.entities import decode_entities
from ...heads.ner.tagging_scheme import EntitySpan, TagSet, make_tag_set
from ...scorers.ner import score_ner
from ..competition import SPANS_KEY_ADVICE, Loss
from ..decisions import DecidesTags
from ..gold_labels import survey_labels
from ..gradient_guard import is_finite
from ..head import Head
from ..label_checks import check_labels
from ..score_weights import fit_score_weights
from .distillation import TeachesEntities
from .gold import find_claims, read_entity_labels, read_groups, restrict_examples, write_entities, write_group
from .tags import gold_tags, open_tags, possible_tags, select_tokens, solid_tokens


class MultiTaskNER(DecidesTags, TeachesEntities, Head):
    """Recognizes named entities with a linear-chain CRF.

    Tokens without annotation are neither entities nor non-entities in training: the likelihood sums over what they may
    be. So it is with entities of an unknown label; those of another component's label are none for this one.
    Whitespace tokens are left out of the chain: an entity may run across one but never starts or ends with one. No
    entity crosses a border of sentences that the Doc has. Entities that a Doc already has stay, and what is predicted
    is the best around them. Every Span predicted in `doc.ents` has its exact probability in `span._.confidence`; those
    of a span group are in its attrs, under "scores".
    """

    fixed = ("scheme",)

    def __init__(
        self,
        vocab: Vocab,
        model: Model[List[Doc], TagScores],
        name: str = "mtl_ner",
        *,
        scheme: str = "biluo",
        labels: Optional[Sequence[str]] = None,
        spans_key: Optional[str] = None,
        annotate_ents: bool = True,
        overwrite: bool = False,
        scorer: Optional[Callable] = score_ner,
    ) -> None:
        """Initialize the component. Registers the Span extension `confidence`, unless there is one.

        vocab (Vocab): The shared vocabulary.
        model (Model[List[Doc], TagScores]): The model.
        name (str): The name of the component, under which its losses and scores are kept.
        scheme (str): How entities are written as tags: "biluo" or "bio".
        labels (Optional[Sequence[str]]): The labels; None to take those of the training corpus.
        spans_key (Optional[str]): A span group that gold entities are read from and all predicted ones are written to;
            None to read gold from `doc.ents`.
        annotate_ents (bool): Whether to write entities to `doc.ents`, those that fit beside what is there.
        overwrite (bool): Whether predicted entities take the place of those in `doc.ents` that they overlap with. If
            not, what is there stays.
        scorer (Optional[Callable]): The scorer.
        RAISES (ValueError): E201 for another scheme, E205, E210 for labels that are none, E211 if nothing is to be
            written.
        """
        make_tag_set(scheme, ())
        if not annotate_ents and spans_key is None or spans_key is not None and not spans_key.strip():
            raise ValueError(Errors.E211.format(name=name, spans_key=spans_key, annotate_ents=annotate_ents))
        self.vocab = vocab
        self.model = model
        self.name = name
        self.cfg: Dict[str, Any] = {
            "labels": [],
            "scheme": scheme,
            "given_labels": None if labels is None else check_labels(labels, name),
            "spans_key": spans_key,
            "annotate_ents": annotate_ents,
            "overwrite": overwrite,
        }
        for label in self.cfg["given_labels"] or ():
            self.add_label(label)
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
        scores = bring_to_host(self.model.predict(docs))
        scores, _ = select_tokens(cool(scores, self.temperature("entities")), kept)
        if not is_finite(scores):
            raise ValueError(Errors.E203.format(name=self.name))
        tag_set = self.tag_set
        # what is there decides what fits beside it, but not what a span group gets
        is_around = self.cfg["spans_key"] is None and not self.cfg["overwrite"]
        allowed = open_tags(docs, kept, tag_set, keep_entities=is_around)
        return [
            [EntitySpan(label, int(i[start]), int(i[end - 1]) + 1, p) for label, start, end, p in entities]
            for i, entities in zip(kept, decode_entities(scores, tag_set, allowed))
        ]

    def set_annotations(self, docs: Iterable[Doc], predictions: Sequence[Sequence[EntitySpan]]) -> None:
        """Write entities to the span group and to `doc.ents`, with their probabilities. Tokens blocked in `doc.ents`
        are left as they are, and so are the entities there, unless the component overwrites.

        docs (Iterable[Doc]): The Docs to modify.
        predictions (Sequence[Sequence[EntitySpan]]): What `predict` gave.
        """
        for doc, entities in zip(docs, predictions):
            if self.cfg["spans_key"] is not None:
                write_group(doc, entities, self.cfg["spans_key"])
            if self.cfg["annotate_ents"]:
                write_entities(doc, entities, self.cfg["overwrite"])

    def own_examples(self, examples: Iterable[Example]) -> List[Example]:
        """The Examples as the component learns from them.

        examples (Iterable[Example]): The Examples.
        RETURNS (List[Example]): As many. Where the component has a span group, the references' entities are those of
            the group. Where spans of it overlap the longest stays, and W210 says so once.
        """
        masked = super().own_examples(examples)
        key = self.cfg["spans_key"]
        if key is None:
            return masked
        own, overlapping = read_groups(masked, key)
        if overlapping:
            self._warn_once("W210", key=key, found=overlapping)
        return own

    def read_labels(self, example: Example) -> Optional[Iterable[str]]:
        """RETURNS (Optional[Iterable[str]]): The labels of an Example's entities; None if it is not annotated."""
        return read_entity_labels(example.reference, self.cfg["spans_key"])

    def find_loss(self, before: "MultiTaskNER") -> Optional[Loss]:
        """RETURNS (Optional[Loss]): That of the other's span group, or of entities in `doc.ents` that overlap, if both
        have their labels."""
        key, shared = self.cfg["spans_key"], [label for label in self.labels if label in before.labels]
        if key is not None and before.cfg["spans_key"] == key:
            return Loss(f"doc.spans['{key}']", "the spans of the second replace those of the first", SPANS_KEY_ADVICE)
        if not (shared and self.cfg["annotate_ents"] and before.cfg["annotate_ents"]):
            return None
        stays = "second" if self.cfg["overwrite"] else "first"
        lost = f"both find {', '.join(shared)}, and where their entities overlap those of the {stays} stay"
        advice = f"Give them labels that differ (`labels`, or `tasks` of their sources). {SPANS_KEY_ADVICE}"
        return Loss("doc.ents", lost, f"{advice}, and annotate_ents = false, to keep both")

    def get_loss(self, examples: Sequence[Example], scores: TagScores) -> Tuple[float, TagScores]:
        """The negative log-likelihood of the annotated entities, summed over the Examples, and its gradient.

        examples (Sequence[Example]): The batch, as `own_examples` gives it.
        scores (TagScores): The scores of the model.
        RETURNS (Tuple[float, TagScores]): The loss and its gradient; zero for an Example without annotation. NaN if
            scores are not finite.
        """
        tag_set = self.tag_set
        kept = [solid_tokens(example.predicted) for example in examples]
        on_host = bring_to_host(scores)
        solid, rows = select_tokens(on_host, kept)
        outside = self.cfg.get("left_out", ())
        gold = [gold_tags(example, indices, tag_set, outside) for example, indices in zip(examples, kept)]
        if not is_finite(on_host):
            # the CRF would take the annotation for illegal
            return float("nan"), scores
        possible = possible_tags([example.predicted for example in examples], kept, tag_set)
        result = crf_loss(solid, numpy.concatenate([tags.allowed for tags in gold]), tag_set.legal, possible)
        crossing = sum(tags.crossing for tags in gold)
        if crossing:
            self._warn_once("W211", count=crossing)
        if result.contradictory:
            warnings.warn(Warnings.W201.format(name=self.name, count=result.contradictory), stacklevel=2)
        gradient = result.gradient
        if solid is not on_host:
            d_emissions = numpy.zeros_like(on_host.emissions)
            d_emissions[rows] = gradient.emissions
            gradient = gradient._replace(emissions=d_emissions, lengths=scores.lengths)
        return result.loss, send_back(self.model.ops, gradient, scores)

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
        scores = bring_to_host(self.model.predict([example.predicted for example in examples]))
        return {"entities": lambda temperature: self.get_loss(examples, cool(scores, temperature))[0]}

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Iterable[str]] = None,
        outside: Optional[Iterable[str]] = None,
    ) -> None:
        """Prepare for training: find the labels and the sizes of the model.

        get_examples (Callable[[], Iterable[Example]]): Gives a representative sample of the training data.
        nlp (Optional[Language]): The pipeline.
        labels (Optional[Iterable[str]]): The labels; those of the references' entities if None.
        outside (Optional[Iterable[str]]): Labels of the references that are none of the component's, as if another of
            the pipeline had them.
        RAISES (ValueError): E204 if there is no label, E205 for a label that is not a string, or blank, E208 if no
            example has a token, E210 if the labels are no list.
        """
        validate_get_examples(get_examples, "MultiTaskNER.initialize")
        fit_score_weights(nlp, self)
        self._forget()
        are_given = labels is not None or self.cfg["given_labels"] is not None
        claimed = {} if nlp is None else find_claims(nlp, self, are_given)
        if outside is not None:
            claimed = {**claimed, self.name: check_labels(outside, self.name)}
        survey = survey_labels(get_examples(), self.name, self.read_labels, claimed)
        found = "the given list of labels is empty"
        if not are_given:
            labels = sorted(survey.labels)
            found = (
                f"{survey.annotated} of {survey.examples} examples are annotated for entities, and none has an entity"
            )
        for label in check_labels(labels or (), self.name):
            self.add_label(label)
        if not self.labels:
            raise ValueError(Errors.E204.format(name=self.name, found=found))
        if not survey.annotated and self.distillation is None:
            message = Warnings.W301.format(name=self.name, found=survey.examples, labels=", ".join(self.labels))
            warnings.warn(message, stacklevel=2)
        self._leave_out(survey.elsewhere)
        self._name_unknown_labels(survey, "the training corpus")
        n_tags = len(self.tag_set.tags)
        docs = list(islice((example.x for example in get_examples() if len(example.x)), 10))
        if not docs:
            raise ValueError(Errors.E208.format(name=self.name))
        check_static_vectors(self.model, self.vocab, self.name)
        self.model.initialize(X=docs, Y=[self.model.ops.alloc2f(len(doc), n_tags) for doc in docs])

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score predicted entities against annotated ones.

        examples (Iterable[Example]): The Examples, of which those of sources for other components do not count.
        RETURNS (Dict[str, Any]): Of the component's own labels, `{name}_p`, `{name}_r`, `{name}_f` and
            `{name}_per_type`; of all that is in `doc.ents`, unless the component does not write there, "ents_p",
            "ents_r", "ents_f" and "ents_per_type".
        """
        if self.scorer is None:
            return {}
        examples = [example for example in examples if is_for(example, self.name)]
        own = restrict_examples(examples, self.labels, self.cfg.get("left_out", ()), self.cfg["spans_key"])
        found = super().score(own, **kwargs)
        scores = {}
        if self.cfg["annotate_ents"]:
            # other components may have written entities that such a source knows nothing of
            entities = [new if TASKS_KEY in old.reference.user_data else old for old, new in zip(examples, own)]
            scores = super().score(entities, **kwargs)
        return {**scores, **{name.replace("ents_", f"{self.name}_", 1): value for name, value in found.items()}}

    def _require_initialized(self) -> None:
        if not self.labels or self.model.has_dim("nO") is not True:
            raise ValueError(Errors.E206.format(name=self.name))

    def _allow_extra_label(self) -> None:
        if self.model.has_dim("nO") is True and self.model.get_dim("nO") == len(self.tag_set.tags):
            raise ValueError(Errors.E207.format(name=self.name, labels=", ".join(self.labels)))
