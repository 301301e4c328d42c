"""The component `mtl_srl`: predicates, their rolesets and their arguments, written to `doc.spans["srl"]`."""

import warnings
from itertools import islice
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Model

from ...annotation import mask_others
from ...encoders.embed import check_static_vectors
from ...errors import Errors, Warnings
from ...frames import PREDICATE, SPANS_KEY, read_frame_spans, register_extensions, set_frames
from ...heads.host import bring_to_host, send_back
from ...heads.srl.model import SRLInput, SRLScores
from ...heads.srl.role_tags import OPEN, RoleTagScheme
from ...setting_checks import check_component_setting, fit_size
from ...span_places import read_spans
from ...types import FrameSpans
from ..competition import SPANS_KEY_ADVICE, Loss
from ..decisions import DecidesPredicates
from ..gold_labels import survey_labels
from ..head import Head
from ..label_checks import check_labels
from ..score_weights import fit_score_weights
from ..sentences import BORDERS, SentenceFinder
from .distillation import TeachesFrames
from .gold import SRLGold, choose_roles, collect_labels, count_cut_arguments, srl_loss, srl_losses
from .prediction import SRLPredictor
from .scores import score_component
from .senses import learn_rolesets, make_table

CORE_ROLES = ["ARG0", "ARG1", "ARG2", "ARG3", "ARG4", "ARG5", "ARGA"]
ROLESET_DATA = ["rolesets", "roleset_lemmas", "roleset_coverage"]


class SemanticRoleLabeller(DecidesPredicates, TeachesFrames, Head):
    """Find predicates, tell their rolesets, and label their arguments, all from one pass of the encoder."""

    learned = (*Head.learned, *ROLESET_DATA)

    def __init__(
        self,
        vocab: Vocab,
        model: Model[SRLInput, SRLScores],
        name: str = "mtl_srl",
        *,
        spans_key: str = SPANS_KEY,
        predicates: str = "predict",
        threshold: float = 0.5,
        window: int = 100,
        borders: str = "punctuation",
        unique_roles: Sequence[str] = tuple(CORE_ROLES),
        min_role_freq: int = 1,
        guess_lemmas: Optional[bool] = None,
        score_gold_predicates: bool = True,
        scorer: Optional[Callable] = None,
    ) -> None:
        """Initialize a semantic role labeller.

        vocab (Vocab): The shared vocabulary.
        model (Model[SRLInput, SRLScores]): The model, as `spacy-mtl.SRL.v1` builds it.
        name (str): The component's name.
        spans_key (str): The span group that holds the frames.
        predicates (str): "predict" finds predicates; "doc" takes those that the Doc has in the span group, with their
            senses where given, and leaves a Doc without the group alone.
        threshold (float): Probability from which a token heads a predicate.
        window (int): How many tokens on either side of a predicate may hold arguments, which never lie outside its
            sentence. 0 for no limit.
        borders (str): Where sentences end in a Doc without borders; those that it has always win. "punctuation" finds
            them by final punctuation and blank lines, and does not write them to the Doc; "doc" takes the Doc for one
            sentence, with a warning (W510) for the first.
        unique_roles (Sequence[str]): Roles that a predicate has at most once (`C-` parts apart); empty for no limit.
        min_role_freq (int): How often a role must occur in the training corpus to be learned; the time that arguments
            take grows with the number of roles. Rarer ones are left open: neither right nor wrong in training.
        guess_lemmas (Optional[bool]): Whether the lemma of a predicate is guessed from its ending where training had
            neither the word nor a lemma that the Doc gives; without a lemma it gets no roleset. None: in English only.
        score_gold_predicates (bool): Whether `score` labels the gold predicates too, for the scores "srl_gold_*".
        scorer (Optional[Callable]): The scoring method.
        RAISES (ValueError): E435, E501, E502, E510 for settings out of range.
        """
        if predicates not in ("predict", "doc"):
            raise ValueError(Errors.E501.format(name=name, value=predicates))
        check_component_setting(name, "spans_key", spans_key, bool(spans_key.strip()), "the name of a span group")
        if not 0.0 <= threshold <= 1.0 or window < 0 or min_role_freq < 0:
            settings = {"threshold": threshold, "window": window, "min_role_freq": min_role_freq}
            raise ValueError(Errors.E502.format(name=name, **settings))
        if borders not in BORDERS:
            raise ValueError(Errors.E510.format(name=name, value=borders, expected=" or ".join(map(repr, BORDERS))))
        register_extensions()
        self.vocab = vocab
        self.model = model
        self.name = name
        self.cfg = {
            "labels": [],
            "rolesets": {},
            "roleset_lemmas": {},
            "roleset_coverage": {},
            "spans_key": spans_key,
            "predicates": predicates,
            "threshold": threshold,
            "window": window,
            "borders": borders,
            "unique_roles": list(unique_roles),
            "min_role_freq": min_role_freq,
            "guess_lemmas": guess_lemmas,
            "score_gold_predicates": score_gold_predicates,
        }
        self.scorer = scorer
        self._predictor: Optional[SRLPredictor] = None
        self._gold: Optional[SRLGold] = None
        self._sentences = SentenceFinder(name, self.cfg)

    @property
    def label_data(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The roles, and what was learned of rolesets, as `initialize` takes it."""
        return {"roles": list(self.labels), **{name: self.cfg[name] for name in ROLESET_DATA}}

    @property
    def predictor(self) -> SRLPredictor:
        """RETURNS (SRLPredictor): The decoder for the present labels. RAISES (ValueError): E503 without labels."""
        if not self.labels:
            raise ValueError(Errors.E503.format(name=self.name))
        if self._predictor is None:
            guess = self.cfg["guess_lemmas"]
            self._predictor = SRLPredictor(
                self.model,
                RoleTagScheme(self.labels),
                make_table(self.cfg, self.vocab.lang == "en" if guess is None else guess),
                threshold=self.cfg["threshold"],
                window=self.cfg["window"],
                unique_roles=self.cfg["unique_roles"],
                sentences=self._sentences,
                temperature=self.temperature,
            )
        self._predictor.threshold, self._predictor.window = self.cfg["threshold"], self.cfg["window"]
        return self._predictor

    def predict(self, docs: Iterable[Doc]) -> List[Optional[List[FrameSpans]]]:
        """Find the frames of a batch, without changing the Docs.

        docs (Iterable[Doc]): The Docs.
        RETURNS (List[Optional[List[FrameSpans]]]): The frames of each Doc; None where the Doc is to be left alone.
        """
        docs, predictor = list(docs), self.predictor
        if self.cfg["predicates"] == "predict":
            return [*predictor.predict(docs)]
        key = self.cfg["spans_key"]
        given = [read_frame_spans(doc, key) if key in doc.spans else None for doc in docs]
        frames = predictor.predict(docs, [found or [] for found in given])
        return [None if found is None else frame for found, frame in zip(given, frames)]

    def set_annotations(self, docs: Iterable[Doc], frames: Sequence[Optional[List[FrameSpans]]]) -> None:
        """Write frames to the Docs.

        docs (Iterable[Doc]): The Docs.
        frames (Sequence[Optional[List[FrameSpans]]]): What `predict` gave.
        """
        for doc, found in zip(docs, frames):
            if found is not None:
                set_frames(doc, found, self.cfg["spans_key"])

    def find_loss(self, before: "SemanticRoleLabeller") -> Optional[Loss]:
        """RETURNS (Optional[Loss]): That of the other's frames, if both find predicates for one span group."""
        key = self.cfg["spans_key"]
        lost = "the frames of the second replace those of the first"
        competes = self.cfg["predicates"] == "predict" and before.cfg["spans_key"] == key
        return Loss(f"doc.spans['{key}']", lost, SPANS_KEY_ADVICE) if competes else None

    def begin_update(self, examples: Sequence[Example]) -> Tuple[SRLScores, Callable]:
        """Score the batch, arguments and senses for the gold predicates.

        examples (Sequence[Example]): The batch.
        RETURNS (Tuple[SRLScores, Callable]): The scores and the backprop callback.
        """
        gold = self._gold = self._collect_gold(examples)
        return self.model.begin_update(SRLInput([one.predicted for one in examples], gold.windows, gold.senses))

    def get_loss(self, examples: Sequence[Example], scores: SRLScores) -> Tuple[float, SRLScores]:
        """The negative log likelihood of predicates, senses and arguments, summed over what is annotated.

        examples (Sequence[Example]): The batch that `begin_update` scored.
        scores (SRLScores): The scores.
        RETURNS (Tuple[float, SRLScores]): The loss and its gradient.
        RAISES (ValueError): E504 if no batch was scored before.
        """
        gold, self._gold = self._gold, None
        if gold is None:
            raise ValueError(Errors.E504.format(name=self.name))
        loss, gradient = srl_loss(gold, bring_to_host(scores), self.predictor.predicate_role)
        return loss, send_back(self.model.ops, gradient, scores)

    def count_targets(self, examples: Sequence[Example]) -> int:
        """How many pairs of predicate and token are annotated in the batch.

        examples (Sequence[Example]): The batch that `begin_update` scored.
        RETURNS (int): The number of pairs whose role is known; in a batch without predicates that of annotated tokens.
        RAISES (ValueError): E504 if no batch was scored before.
        """
        if self._gold is None:
            raise ValueError(Errors.E504.format(name=self.name))
        return int((self._gold.tags != OPEN).sum()) or int(self._gold.is_annotated.sum())

    def held_out_losses(self, examples: Sequence[Example]) -> Dict[str, Callable[[float], float]]:
        """The losses of "predicates", "senses" and "arguments" as functions of their temperatures.

        examples (Sequence[Example]): A batch of held-out Examples whose predicted Docs the encoder has read.
        RETURNS (Dict[str, Callable[[float], float]]): Name of the probability to loss.
        """
        gold = self._collect_gold(examples)
        scores = self.model.predict(SRLInput([one.predicted for one in examples], gold.windows, gold.senses))
        return srl_losses(gold, bring_to_host(scores), self.predictor.predicate_role)

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Dict[str, Any]] = None,
    ) -> None:
        """Collect roles and rolesets, and give the model its shape.

        get_examples (Callable[[], Iterable[Example]]): Gives a representative sample of gold Examples.
        nlp (Optional[Language]): The pipeline.
        labels (Optional[Dict[str, Any]]): What `label_data` gives, as `spacy init labels` saves it.
        RAISES (ValueError): E205 for a role that is not a string, E505 if no Example is annotated with frames and no
            role was added, E506 for labels of another form, E507 if all roles are rarer than `min_role_freq`.
        """
        validate_get_examples(get_examples, "SemanticRoleLabeller.initialize")
        fit_score_weights(nlp, self)
        self._forget()
        if labels is None:
            found = collect_labels(mask_others(get_examples(), self.name), self.cfg["spans_key"])
            if found is None and not self.labels:
                raise ValueError(Errors.E505.format(name=self.name, key=self.cfg["spans_key"]))
            counts, predicates = found or ({}, [])
            roles = choose_roles(counts, self.cfg["min_role_freq"], self.name)
            rolesets = learn_rolesets(predicates)
        else:
            if not isinstance(labels, dict) or not {"roles", "rolesets"} <= set(labels) <= {"roles", *ROLESET_DATA}:
                raise ValueError(Errors.E506.format(name=self.name, found=str(labels)[:200]))
            roles, rolesets = labels["roles"], {name: labels.get(name, {}) for name in ROLESET_DATA}
        own = mask_others(get_examples(), self.name)
        cut, total = count_cut_arguments(own, self._sentences, self.cfg["spans_key"])
        if cut:
            warnings.warn(Warnings.W511.format(name=self.name, cut=cut, total=total), stacklevel=2)
        for role in sorted({PREDICATE, *check_labels(roles, self.name)}):
            self.add_label(role)
        self.cfg.update(rolesets)
        self._predictor = None
        survey = survey_labels(get_examples(), self.name, self.read_labels)
        # those of the corpus are too rare, as W501 has said
        self._leave_out({*survey.elsewhere, *(survey.labels if labels is None else ())})
        if not survey.annotated and self.distillation is None:
            message = Warnings.W301.format(name=self.name, found=survey.examples, labels=", ".join(self.labels))
            warnings.warn(message, stacklevel=2)
        self._name_unknown_labels(survey, "the training corpus")
        docs = [example.reference for example in islice(get_examples(), 10)]
        fit_size(self.name, self.model.get_ref("arguments"), RoleTagScheme(self.labels).size)
        fit_size(self.name, self.model.get_ref("senses"), len(self.predictor.table.sense_index))
        self.model.set_dim("nO", RoleTagScheme(self.labels).size)
        check_static_vectors(self.model, self.vocab, self.name)
        self.model.initialize(X=docs)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score predicted frames against gold frames, end to end and once more with gold predicates. A component that
        takes its predicates from the Doc gets the gold ones where the Doc has none.

        examples (Iterable[Example]): Examples whose predicted Docs this pipeline has annotated.
        RETURNS (Dict[str, Any]): See `score_component` in `spacy_mtl.pipeline.srl.scores`.
        """
        if self.scorer is None:
            return {}
        predictor = self.predictor if self.labels else None
        return score_component(examples, self.name, self.cfg, self.scorer, predictor, **kwargs)

    def read_labels(self, example: Example) -> Optional[Iterable[str]]:
        """RETURNS (Optional[Iterable[str]]): The roles in an Example's span group; None if it has no such group."""
        group = example.reference.spans.get(self.cfg["spans_key"])
        return None if group is None else [span.label_ for span in read_spans(group)]

    def _allow_extra_label(self) -> None:
        if self.model.has_dim("nO") is True:
            raise ValueError(Errors.E508.format(name=self.name, labels=", ".join(self.labels)))

    def _take_up(self) -> None:
        super()._take_up()
        self._predictor = None
