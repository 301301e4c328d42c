"""Categories of teachers: what a text categorizer says of a text, and what it learns from another."""

from typing import Any, List, Optional, Sequence, Tuple

import numpy
from spacy.training import Example
from thinc.types import Floats2d

from ...heads.textcat.model import exclusive_loss, independent_loss
from ..distillation.learning import Group, LearnsFromTeachers
from ..distillation.lessons import Lesson, find_places, join_labels


class TeachesCategories(LearnsFromTeachers):
    """Mixed into a text categorizer. A lesson is the probability of each label. It is compared over the labels that
    both have."""

    model: Any
    exclusive: Any

    def make_lessons(self, examples: Sequence[Example], temperature: float, top_k: int) -> List[Optional[Lesson]]:
        """RETURNS (List[Optional[Lesson]]): "values", shape (labels,), whatever `top_k`; None without tokens."""
        ops = self.model.ops
        lessons: List[Optional[Lesson]] = [None] * len(examples)
        filled = [i for i, example in enumerate(examples) if len(example.predicted)]
        if not filled:
            return lessons
        logits = ops.asarray2f(self.model.predict([examples[i].predicted for i in filled])) / temperature
        values = ops.to_numpy(ops.softmax(logits) if self.exclusive else ops.sigmoid(logits)).astype("float16")
        for i, row in zip(filled, values):
            lessons[i] = {"labels": join_labels(self.labels), "temperature": temperature, "values": row}
        return lessons

    def get_lesson_loss(self, examples: Sequence[Example], scores: Floats2d, group: Group) -> Tuple[float, Floats2d]:
        """RETURNS (Tuple[float, Floats2d]): The cross-entropy of the softmax or of the sigmoids over the shared labels,
        and its gradient."""
        ops = self.model.ops
        gradient = ops.xp.zeros_like(scores)
        places = find_places(group.labels, self.labels)
        theirs = numpy.flatnonzero(places >= 0)
        docs = [i for i, lesson in enumerate(group.lessons) if lesson is not None]
        target = numpy.stack([lesson["values"][theirs] for lesson in group.lessons if lesson is not None])
        rows, columns = ops.xp.asarray(docs)[:, None], ops.xp.asarray(places[theirs])[None]
        shared = scores[rows, columns] / group.temperature
        loss = exclusive_loss if self.exclusive else independent_loss
        # a softmax over the shared labels alone is what each says of them, given that it is one of them
        found, d_shared = loss(ops, shared, ops.asarray2f(target.astype("float32")), ops.xp.ones_like(shared))
        gradient[rows, columns] = d_shared / group.temperature
        return found, gradient

    def count_needed(self) -> int:
        """RETURNS (int): 2 if labels exclude each other, for of one alone a teacher is always sure."""
        return 2 if self.exclusive else 1

    def count_taught(self, example: Example) -> int:
        """RETURNS (int): 1, the Doc."""
        return 1
