"""Trained pipelines that say what they make of texts."""

import warnings
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ..annotation import copy_tokens
from ..errors import Errors, Warnings
from ..pipeline.distillation.lessons import Lesson, write_lessons
from ..pipeline.extraction.dependencies import find_dependencies
from ..pipeline.head import Head

SHOWN = 60


class Teacher(NamedTuple):
    """A pipeline that teaches.

    path (str): Where it comes from, for messages.
    nlp (Language): The pipeline.
    tasks (Dict[str, str]): The components of the student to those of the teacher that teach them.
    """

    path: str
    nlp: Language
    tasks: Dict[str, str]

    def teach(self, examples: Sequence[Example], temperature: float, top_k: int) -> List[Dict[str, Lesson]]:
        """Read texts.

        examples (Sequence[Example]): The tokens as the student reads them, and gold if there is any; left as they are.
        temperature (float): What scores are divided by.
        top_k (int): How many labels of a token are kept.
        RETURNS (List[Dict[str, Lesson]]): For each text a lesson for each component of the student.
        RAISES (ValueError): E704 if the pipeline changes tokens.
        """
        found: List[Dict[str, Lesson]] = [{} for _ in examples]
        docs = [_copy_tokens(example.predicted, self.nlp) for example in examples]
        for name, users in find_dependencies(self.nlp, list(self.tasks.values())).items():
            pipe: Any = self.nlp.get_pipe(name)
            students = [student for student, own in self.tasks.items() if own == name]
            if students:
                pairs = [Example(doc, example.reference) for doc, example in zip(docs, examples)]
                for of_text, lesson in zip(found, pipe.make_lessons(pairs, temperature, top_k)):
                    if lesson is not None:
                        of_text.update(dict.fromkeys(students, lesson))
            if users:
                docs = list(pipe.pipe(docs)) if hasattr(pipe, "pipe") else [pipe(doc) for doc in docs]
        for doc, example in zip(docs, examples):
            if len(doc) != len(example.predicted):
                text = example.predicted.text[:SHOWN]
                raise ValueError(
                    Errors.E704.format(path=self.path, text=text, expected=len(example.predicted), found=len(doc))
                )
        return found


def find_teachers(student: Language, pipelines: Dict[str, Language]) -> List[Teacher]:
    """Find what each of several pipelines can teach, and warn of heads of the student that nobody teaches.

    student (Language): The student.
    pipelines (Dict[str, Language]): The pipelines by where they come from.
    RETURNS (List[Teacher]): A teacher each.
    RAISES (ValueError): E703 for a pipeline without any task of the student.
    """
    teachers = [Teacher(path, nlp, match_tasks(student, nlp)) for path, nlp in pipelines.items()]
    heads = ", ".join(name for name, pipe in student.pipeline if can_learn(pipe)) or "none"
    for teacher in teachers:
        if not teacher.tasks:
            own = ", ".join(name for name, pipe in teacher.nlp.pipeline if can_learn(pipe)) or "none"
            raise ValueError(Errors.E703.format(path=teacher.path, expected=heads, found=own))
    untaught = [
        name
        for name, pipe in student.pipeline
        if isinstance(pipe, Head) and not any(name in teacher.tasks for teacher in teachers)
    ]
    if untaught:
        warnings.warn(Warnings.W750.format(names=", ".join(untaught)), stacklevel=2)
    return teachers


def match_tasks(student: Language, teacher: Language) -> Dict[str, str]:
    """Which component of a teacher teaches which component of a student: that of the same kind and name, or the only
    one of its kind if the student has no other of the kind either.

    student (Language): The student.
    teacher (Language): The teacher.
    RETURNS (Dict[str, str]): The student's to the teacher's.
    """
    found = {}
    for name, pipe in student.pipeline:
        if can_learn(pipe):
            kind: Any = type(pipe)
            pipes: List[Tuple[str, Any]] = teacher.pipeline
            alike = [other for other, own in pipes if isinstance(own, kind) and own.labels]
            rivals = [other for other, own in student.pipeline if isinstance(own, kind)]
            if name in alike:
                found[name] = name
            elif len(alike) == 1 and len(rivals) == 1:
                found[name] = alike[0]
    return found


def can_learn(pipe: object) -> bool:
    """pipe (object): A component. RETURNS (bool): Whether it can learn from teachers, and teach."""
    return isinstance(pipe, Head) and type(pipe).make_lessons is not Head.make_lessons


def annotate(teachers: Sequence[Teacher], examples: Sequence[Example], temperature: float, top_k: int) -> List[Doc]:
    """Let all teachers read texts, and keep with the references what they say.

    teachers (Sequence[Teacher]): The teachers.
    examples (Sequence[Example]): The texts.
    temperature (float): What scores are divided by.
    top_k (int): How many labels of a token are kept.
    RETURNS (List[Doc]): The references.
    RAISES (ValueError): E704 if a teacher changes tokens.
    """
    said = [teacher.teach(examples, temperature, top_k) for teacher in teachers]
    for example, *of_text in zip(examples, *said):
        lessons: Dict[str, List[Lesson]] = {}
        for of_teacher in of_text:
            for name, lesson in of_teacher.items():
                lessons.setdefault(name, []).append(lesson)
        write_lessons(example.reference, example.predicted, lessons)
    return [example.reference for example in examples]


def _copy_tokens(doc: Doc, nlp: Language) -> Doc:
    """The tokens of a Doc, and the borders of sentences that it has, for another pipeline."""
    copy = copy_tokens(doc, nlp.vocab)
    if len(doc) > 1 and doc.has_annotation("SENT_START"):
        for token, known in zip(copy, doc):
            token.is_sent_start = known.is_sent_start
    return copy
