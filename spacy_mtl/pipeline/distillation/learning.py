"""The loss of a head that learns from teachers and from gold."""

from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from spacy.training import Example
from thinc.api import Optimizer

from ...annotation import copy_tokens
from .lessons import Lesson, find_places, read_lessons, split_labels
from .settings import Distillation

NONE = "none"


class Group(NamedTuple):
    """Lessons of a batch that are learned alike.

    weight (float): The weight of their loss.
    temperature (float): What scores are divided by.
    labels (Tuple[str, ...]): What the teacher tells apart.
    lessons (List[Optional[Lesson]]): For each Example of the batch its lesson, if it has one in the group.
    """

    weight: float
    temperature: float
    labels: Tuple[str, ...]
    lessons: List[Optional[Lesson]]


class LearnsFromTeachers:
    """Base of heads: without `distillation` they learn from gold alone, whatever teachers say.

    A head that can learn from teachers, and teach, gives `make_lessons`, `get_lesson_loss` and `has_gold`.

    distillation (Optional[Distillation]): How much is learned from teachers.
    """

    distillation: Optional[Distillation] = None

    name: Any
    labels: Any
    get_loss: Any
    count_targets: Any
    _warn_once: Any

    def finish_update(self, sgd: Optimizer) -> None:
        """Update the parameters, and count it for the annealing of teachers.

        sgd (Optimizer): The optimizer.
        """
        super().finish_update(sgd)  # type: ignore[misc]
        if self.distillation is not None:
            self.distillation.advance()

    def restart_teaching(self) -> None:
        """Begin the annealing of teachers again."""
        if self.distillation is not None:
            self.distillation.restart()

    def get_training_loss(self, examples: Sequence[Example], scores: Any) -> Tuple[float, Any]:
        """The loss of gold and of teachers, weighed, and its gradient.

        examples (Sequence[Example]): The batch, as `own_examples` gives it.
        scores (Any): What `begin_update` gave.
        RETURNS (Tuple[float, Any]): The loss and its gradient, in the shape of the scores; those of `get_loss` where
            there is no teacher.
        RAISES (ValueError): E459 if the teachers have read other tokens.
        """
        lessons = self.read_lessons(examples)
        if not any(lessons):
            return self.get_loss(examples, scores)
        total, gradient = self.get_gold_loss(examples, scores, self.gold_weights(examples, lessons))
        for group in self.group_lessons(examples, lessons):
            loss, part = self.get_lesson_loss(examples, scores, group)
            # the gradient of softened scores is smaller by the square of the temperature (Hinton et al., 2015)
            scale = group.weight * group.temperature**2
            total, gradient = total + scale * loss, add_scaled(gradient, part, scale)
        return total, gradient

    def get_gold_loss(self, examples: Sequence[Example], scores: Any, weights: Sequence[float]) -> Tuple[float, Any]:
        """The loss of gold, weighed by Example.

        examples (Sequence[Example]): The batch.
        scores (Any): What `begin_update` gave.
        weights (Sequence[float]): The weight of each Example.
        RETURNS (Tuple[float, Any]): The loss and its gradient.
        """
        total, gradient = 0.0, None
        for weight in sorted(set(weights)):
            own = [
                example if found == weight else Example(example.predicted, copy_tokens(example.reference))
                for example, found in zip(examples, weights)
            ]
            loss, part = self.get_loss(own, scores)
            total, gradient = total + weight * loss, add_scaled(gradient, part, weight)
        return total, gradient

    def count_training_targets(self, examples: Sequence[Example]) -> int:
        """How many targets of the batch are known, from gold or from teachers.

        examples (Sequence[Example]): The batch that `begin_update` scored.
        RETURNS (int): The number of targets.
        """
        lessons = self.read_lessons(examples)
        taught = [e for e, found in zip(examples, lessons) if found and not self.has_gold(e)]
        return self.count_targets(examples) + sum(map(self.count_taught, taught))

    def read_lessons(self, examples: Iterable[Example]) -> List[List[Lesson]]:
        """What teachers say of Examples.

        examples (Iterable[Example]): The Examples.
        RETURNS (List[List[Lesson]]): The lessons of each; empty without `distillation`.
        """
        if self.distillation is None:
            return [[] for _ in examples]
        found = [read_lessons(example, self.name) for example in examples]
        return [[lesson for lesson in of_text if self._can_use(lesson)] for of_text in found]

    def gold_weights(self, examples: Sequence[Example], lessons: Sequence[Sequence[Lesson]]) -> List[float]:
        """RETURNS (List[float]): The weight of each Example's gold."""
        share = 1.0 if self.distillation is None else self.distillation.share
        return [share if found and self.has_gold(example) else 1.0 for example, found in zip(examples, lessons)]

    def group_lessons(self, examples: Sequence[Example], lessons: Sequence[Sequence[Lesson]]) -> List[Group]:
        """The lessons of a batch, those together that are learned alike. Those of several teachers of a text share its
        weight.

        examples (Sequence[Example]): The Examples.
        lessons (Sequence[Sequence[Lesson]]): The lessons of each.
        RETURNS (List[Group]): Groups of a weight above 0.
        """
        groups: Dict[Tuple, Group] = {}
        settings = self.distillation or Distillation()
        for i, (example, found) in enumerate(zip(examples, lessons)):
            weight = settings.weight * (1.0 - settings.share if found and self.has_gold(example) else 1.0)
            for number, lesson in enumerate(found if weight else ()):
                key = (number, weight / len(found), lesson["temperature"], lesson["labels"])
                if key not in groups:
                    labels = split_labels(lesson["labels"])
                    self._compare_labels(labels)
                    groups[key] = Group(key[1], key[2], labels, [None] * len(examples))
                groups[key].lessons[i] = lesson
        return list(groups.values())

    def has_gold(self, example: Example) -> bool:
        """RETURNS (bool): Whether an Example is annotated for the component."""
        return bool(self.count_targets([example]))

    def count_taught(self, example: Example) -> int:
        """RETURNS (int): How many targets an Example has that only teachers know."""
        return len(example.predicted)

    def make_lessons(self, examples: Sequence[Example], temperature: float, top_k: int) -> List[Optional[Lesson]]:
        """Teach: what the component says of Docs, with its exact probabilities.

        examples (Sequence[Example]): The Docs, which the encoder has read, and their gold, if there is any.
        temperature (float): What its scores are divided by.
        top_k (int): How many labels of a token are kept.
        RETURNS (List[Optional[Lesson]]): For each Doc what is to be kept; None if there is nothing to say.
        """
        raise NotImplementedError

    def get_lesson_loss(self, examples: Sequence[Example], scores: Any, group: Group) -> Tuple[float, Any]:
        """The cross-entropy against what teachers say, summed, and its gradient. Scores are divided by the group's
        temperature; the weight is not in it.

        examples (Sequence[Example]): The batch.
        scores (Any): What `begin_update` gave.
        group (Group): The lessons.
        RETURNS (Tuple[float, Any]): The loss and its gradient, in the shape of the scores.
        """
        raise NotImplementedError

    def count_needed(self) -> int:
        """RETURNS (int): How many labels a teacher must share for its lessons to say anything."""
        return 1

    def _can_use(self, lesson: Lesson) -> bool:
        labels = split_labels(lesson["labels"])
        shared = find_places(labels, self.labels) >= 0
        if shared.sum() >= self.count_needed():
            return True
        self._compare_labels(labels)
        return False

    def _compare_labels(self, labels: Sequence[str]) -> None:
        theirs, missing = compare_labels(labels, self.labels)
        if theirs or missing:
            self._warn_once("W450", theirs=theirs or NONE, missing=missing or NONE)


def compare_labels(theirs: Sequence[str], own: Sequence[str]) -> Tuple[str, str]:
    """Which labels a teacher and a student have alone.

    theirs (Sequence[str]): The labels of the teacher.
    own (Sequence[str]): Those of the student.
    RETURNS (Tuple[str, str]): Those of the teacher alone, and those of the student alone, with commas.
    """
    alone = (label for label in theirs if label not in own), (label for label in own if label not in theirs)
    return ", ".join(alone[0]), ", ".join(alone[1])


def add_scaled(total: Any, part: Any, scale: float) -> Any:
    """Add a gradient to a sum of gradients.

    total (Any): The sum; None for a first one.
    part (Any): An array, or a tuple of arrays of which those that are no floats belong to its form.
    scale (float): What it is multiplied by.
    RETURNS (Any): The sum.
    """
    if isinstance(part, tuple):
        totals = [None] * len(part) if total is None else total
        parts = zip(totals, part)
        return type(part)(*(add_scaled(t, p, scale) if p.dtype.kind == "f" else p for t, p in parts))  # type: ignore[arg-type]
    scaled = part * part.dtype.type(scale)
    return scaled if total is None else total + scaled
