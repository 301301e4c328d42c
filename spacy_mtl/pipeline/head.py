"""What the heads have in common: one way to update that never leaves the shared encoder waiting."""

import warnings
from math import isfinite
from pathlib import Path
from typing import Any, Callable, ClassVar, Dict, FrozenSet, Iterable, List, Optional, Sequence, Tuple, TypeVar, Union

import numpy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from spacy.training import Example, validate_examples
from thinc.api import Optimizer, set_dropout_rate

from ..annotation import mask_others
from ..encoders.evaluation_mode import keep_evaluating
from ..errors import Errors, Warnings
from .calibrated import Calibrated
from .competition import Loss
from .default_encoder import EncoderChoice, find_places
from .description import Described
from .distillation.learning import LearnsFromTeachers
from .gold_labels import Survey, UnknownLabels, survey_labels
from .gradient_guard import GradientGuard, is_finite, is_usable
from .label_checks import check_labels
from .language.language import attend
from .reporting import given_up_on_error, report_failure, report_targets
from .saved_settings import kept_settings

HeadT = TypeVar("HeadT", bound="Head")


class Head(LearnsFromTeachers, Calibrated, Described, TrainablePipe):
    """A component that scores the vectors of an encoder, its own or a shared one. Base class, not used directly.

    A subclass gives `predict`, `set_annotations`, `get_loss`, `add_label` and `initialize`. Its loss is the sum over
    the annotated targets of the batch; what is not annotated contributes neither loss nor gradient. A batch whose
    scores, loss or gradient are not finite is dropped with a warning, W403: the head and the encoder take nothing from
    it, and many in a row are an error, E416.
    """

    # what `cfg` has learned, and what of it the weights depend on; the rest is as the config says
    learned: ClassVar[Tuple[str, ...]] = ("labels", "left_out", "temperatures")
    fixed: ClassVar[Tuple[str, ...]] = ()

    cfg: Dict[str, Any]
    scorer: Optional[Callable]
    _guard: Optional[GradientGuard] = None
    _unknown: Optional[UnknownLabels] = None
    _warned: FrozenSet[str] = frozenset()
    _choice: Optional[EncoderChoice] = None

    @property
    def name(self) -> str:
        """RETURNS (str): The name of the component. A pipeline sets it whenever its components change, before it looks
        for those that listen: then a head that has not been given an encoder, and is not initialized, chooses one."""
        return TrainablePipe.name.__get__(self)

    @name.setter
    def name(self, name: str) -> None:
        TrainablePipe.name.__set__(self, name)
        if self._choice is not None and not self._choice.apply(self):
            self._choice = None

    def follow(self: HeadT, nlp: Language) -> HeadT:
        """Take the vectors of the encoder that stands before the component in a pipeline, unless the config says which
        vectors to take.

        nlp (Language): The pipeline that the component is made for.
        RETURNS (Head): The component itself.
        """
        attend(nlp)
        keep_evaluating(self.model)
        places = find_places(self.model)
        self._choice = EncoderChoice(nlp, places) if places else None
        return self

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Learn from a batch. The gradient goes back to the encoder also when it is zero.

        examples (Iterable[Example]): The batch; Examples without annotation for this task change nothing.
        drop (float): The dropout rate.
        sgd (Optional[Optimizer]): The optimizer; without it gradients accumulate.
        losses (Optional[Dict[str, float]]): Updated under the component's name; a batch that is dropped adds nothing.
        RETURNS (Dict[str, float]): The losses.
        RAISES (ValueError): E011 if the component is not initialized, E416 if too many batches in a row are dropped.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.update")
        if not self.has_tokens([example.predicted for example in examples]):
            return losses
        if not self.labels:
            raise ValueError(Errors.E011.format(name=self.name))
        with given_up_on_error(self.model):
            self._name_unknown_labels(survey_labels(examples, self.name, self.read_labels), "a batch")
            self._learn(self.own_examples(examples), drop, losses)
        if sgd not in (None, False):
            self.finish_update(sgd)
        return losses

    def _learn(self, examples: Sequence[Example], drop: float, losses: Dict[str, float]) -> None:
        set_dropout_rate(self.model, drop)
        scores, backprop = self.begin_update(examples)
        report_targets(self.model, self.count_training_targets(examples))
        # what they warn of is looked for below
        with numpy.errstate(all="ignore"):
            loss, d_scores = self.get_training_loss(examples, scores)
        # scores too: where they are NaN, a gradient of zeros makes NaN of the head's own
        if isfinite(loss) and is_finite(scores) and is_usable(d_scores):
            # before the gradient goes back: a balancer may weigh it by the loss
            losses[self.name] += loss
            backprop(d_scores)
            if self._guard is not None:
                self._guard.reset(self.name, d_scores)
        else:
            self._drop_batch()

    def _drop_batch(self) -> None:
        """Learn nothing from a batch. The encoder counts it, or the head itself where no encoder does."""
        if not report_failure(self.model):
            if self._guard is None:
                self._guard = GradientGuard("the component")
            self._guard.reject(self.name)

    def own_examples(self, examples: Iterable[Example]) -> List[Example]:
        """The Examples as the component learns from them.

        examples (Iterable[Example]): The Examples.
        RETURNS (List[Example]): As many; those of sources that are for other components have no annotation.
        """
        return list(mask_others(examples, self.name))

    def read_labels(self, example: Example) -> Optional[Iterable[str]]:
        """The labels that an Example has for a component of this kind, whether the component has them or not. A head
        without labels of its own need not override it.

        example (Example): The Example, as it comes from the reader.
        RETURNS (Optional[Iterable[str]]): The labels, each as often as it occurs; None without annotation.
        """
        return None

    def _name_unknown_labels(self, survey: Survey, where: str) -> None:
        """Warn once of each label that the component does not have, and does not knowingly leave out."""
        if self._unknown is None:
            self._unknown = UnknownLabels(self.cfg.get("left_out", ()))
        self._unknown.warn(self.name, self.labels, survey.labels, where)

    def _warn_once(self, code: str, **found: Any) -> None:
        """Give a warning, once in the component's life or since its initialization."""
        if code not in self._warned:
            self._warned |= {code}
            warnings.warn(getattr(Warnings, code).format(name=self.name, **found), stacklevel=3)

    def _leave_out(self, labels: Iterable[str]) -> None:
        """Keep, with the component, which labels of the corpus it knowingly leaves out: those of others, rare ones."""
        self.cfg["left_out"] = sorted(str(label) for label in set(labels).difference(self.labels))

    def _forget(self) -> None:
        """Drop what an earlier initialization or calibration has left."""
        self._guard = None
        self._unknown = None
        self._warned = frozenset()
        self.restart_teaching()
        self.cfg.pop("temperatures", None)
        self.cfg.pop("left_out", None)

    def find_loss(self, before: Any) -> Optional[Loss]:
        """What is lost where the component writes to the same place as another of its kind.

        before (Head): A component of the same class that stands before this one in the pipeline.
        RETURNS (Optional[Loss]): The loss; None if there is none.
        """
        return None

    def begin_update(self, examples: Sequence[Example]) -> Tuple[Any, Callable]:
        """Score the predicted Docs for training.

        examples (Sequence[Example]): The batch.
        RETURNS (Tuple[Any, Callable]): The model's scores and its backprop callback.
        """
        return self.model.begin_update([example.predicted for example in examples])

    def get_loss(self, examples: Sequence[Example], scores: Any) -> Tuple[float, Any]:
        """The summed loss over the annotated targets, and its gradient.

        examples (Sequence[Example]): The batch.
        scores (Any): What `begin_update` gave.
        RETURNS (Tuple[float, Any]): The loss, and its gradient in the shape of the scores.
        """
        raise NotImplementedError

    def count_targets(self, examples: Sequence[Example]) -> int:
        """How many targets of the batch are annotated: what the loss is summed over.

        examples (Sequence[Example]): The batch that `begin_update` scored.
        RETURNS (int): The number of targets.
        """
        raise NotImplementedError

    def add_label(self, label: str) -> int:
        """Add a label before initialization.

        label (str): The label.
        RETURNS (int): 1 if it is new, 0 if the component had it.
        RAISES (ValueError): E205 if it is not a string, or blank; another if the component is initialized.
        """
        (label,) = check_labels([label], self.name)
        labels: List[str] = self.cfg["labels"]
        if label in labels:
            return 0
        self._allow_extra_label()
        labels.append(label)
        self.vocab.strings.add(label)
        return 1

    @property
    def labels(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): The labels of the component."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> Any:
        """RETURNS (Any): What `spacy init labels` saves and `initialize(labels=...)` takes."""
        return self.labels

    def from_bytes(self: HeadT, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> HeadT:
        """Load what the component has learned; its settings stay.

        bytes_data (bytes): The component.
        exclude (Iterable[str]): Names of fields to leave out.
        RETURNS (Head): The component itself.
        RAISES (ValueError): E212, E213 if its training does not fit settings that cannot change after it.
        """
        with kept_settings(self.name, self.cfg, self.model, self.learned, self.fixed):
            super().from_bytes(bytes_data, exclude=tuple(exclude))
        self._take_up()
        return self

    def from_disk(self: HeadT, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> HeadT:
        """As `from_bytes`, from a folder. RETURNS (Head): The component itself."""
        with kept_settings(self.name, self.cfg, self.model, self.learned, self.fixed):
            super().from_disk(path, exclude=tuple(exclude))
        self._take_up()
        return self

    def _take_up(self) -> None:
        """Go on with what was loaded."""
        self._unknown = None
        given = self.cfg.get("given_labels")
        if given is not None and self.labels and set(given) != set(self.labels):
            found, saved = ", ".join(given), ", ".join(self.labels)
            warnings.warn(Warnings.W212.format(name=self.name, found=found, saved=saved), stacklevel=3)

    @staticmethod
    def has_tokens(docs: Sequence[Doc]) -> bool:
        """Whether there is anything to score in the batch.

        docs (Sequence[Doc]): The batch.
        RETURNS (bool): Whether a Doc of it has tokens.
        """
        return any(len(doc) for doc in docs)
