"""What a component finds in a text, and how sure it is of it as a number with a gradient."""

from typing import Any, Callable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc
from thinc.types import Floats1d

from ...errors import Errors
from ...pipeline.categories import choose_labels, find_threshold

CATEGORY, ENTITY, PREDICATE, SENSE, ARGUMENT, TAG, SPAN, TRANSLATION, WORD = KINDS = (
    "category",
    "entity",
    "predicate",
    "sense",
    "argument",
    "tag",
    "span",
    "translation",
    "word",
)
LEAST = 1e-12
"""Log-odds are those of a probability that is this far from 1, or farther: double precision tells no more."""
LOWEST = -1e6


class Written(NamedTuple):
    """What a component writes, or a word of it.

    text (str): All that is written.
    start (int): The first character of what is meant.
    end (int): The character after its last.
    number (Optional[int]): Of a word, which it is; None for the whole.
    """

    text: str
    start: int
    end: int
    number: Optional[int]


class Finding(NamedTuple):
    """Something that a component says of a text.

    component (str): The name of the component.
    kind (str): One of KINDS.
    label (str): What it says: a category, an entity's label, a role, a roleset, a tag; "V" of a predicate; the
        language of a translation, or a word of one.
    start (int): The first token that it says it of; 0 for what is said of all the text.
    end (int): The token after the last; that after the text's last likewise.
    predicate (Optional[int]): The first token of the predicate, for a role.
    probability (float): How sure the component is.
    is_chosen (bool): Whether it is what the component decides for; the other categories of a text are known too.
    written (Optional[Written]): Of a translation and of a word in one, the place in it.
    """

    component: str
    kind: str
    label: str
    start: int
    end: int
    predicate: Optional[int]
    probability: float
    is_chosen: bool = True
    written: Optional[Written] = None

    def name(self, words: Sequence[str]) -> str:
        """RETURNS (str): How to name it, such as "PER:Ana" or "gave>ARG0:Ana". words (Sequence[str]): The tokens."""
        if self.kind in (CATEGORY, WORD):
            return self.label
        if self.written is not None:
            return f"{self.label}:{self.written.text}"
        name = f"{self.label}:{' '.join(words[self.start : self.end])}"
        return name if self.predicate is None else f"{words[self.predicate]}>{name}"


class Measured(NamedTuple):
    """How sure a component is of a finding, in copies of its text.

    values (Floats1d): The log-odds, or their difference to those of another label, in double precision on the host,
        shape (copies,).
    gradient (Optional[Callable[[Floats1d], Any]]): Takes weights of the copies and gives the gradient of the weighted
        sum in the form of the component's scores; None where there is none.
    """

    values: Floats1d
    gradient: Optional[Callable[[Floats1d], Any]] = None


class Task:
    """A component and what it finds in a text. A subclass gives the methods.

    pipe (Any): The component.
    doc (Doc): The text as the components before it leave it.
    findings (List[Finding]): What it finds, and which other categories it knows.
    has_gradient (bool): Whether `measure` gives gradients.
    by_default (bool): Whether it is explained where no component is named.
    reads_spelling (bool): Whether it reads words where they cannot be hidden but by other words in their place.
    """

    pipe: Any
    doc: Doc
    findings: List[Finding]
    has_gradient = True
    by_default = True
    reads_spelling = False

    def __init__(self, name: str, pipe: Any, doc: Doc) -> None:
        """Annotate a text.

        name (str): The name of the component.
        pipe (Any): The component.
        doc (Doc): The text as the components before it leave it; it is annotated.
        """
        raise NotImplementedError

    def score(self, docs: List[Doc]) -> Tuple[Any, Optional[Callable[[Any], Any]]]:
        """Run the component's model.

        docs (List[Doc]): Copies of the text.
        RETURNS (Tuple[Any, Optional[Callable]]): The scores, and a callback that takes their gradient.
        """
        raise NotImplementedError

    def propose(self, target: str) -> List[Finding]:
        """Something that the component has not found, and yet has a probability of.

        target (str): What somebody gives.
        RETURNS (List[Finding]): What can be explained of it; nothing for most components.
        """
        return []

    def list_rivals(self, finding: Finding) -> List[str]:
        """RETURNS (List[str]): The labels that a finding can be set against."""
        raise NotImplementedError

    def measure(self, finding: Finding, scores: Any, copies: int, against: Optional[str]) -> Measured:
        """Say how sure the component is.

        finding (Finding): One of the findings.
        scores (Any): The scores of copies of the text.
        copies (int): How many.
        against (Optional[str]): Another label: then the difference in log-odds is measured, the labels' weights being
            compared with each other and with nothing else.
        RETURNS (Measured): How sure.
        """
        raise NotImplementedError


def find_categories(name: str, pipe: Any, doc: Doc, probabilities: Mapping[str, float]) -> List[Finding]:
    """What a component says of a text as a whole.

    name (str): Its name.
    pipe (Any): The component.
    doc (Doc): The text.
    probabilities (Mapping[str, float]): Of its labels.
    RETURNS (List[Finding]): All labels, in their order.
    """
    chosen = choose_labels(probabilities, find_threshold(pipe))
    return [
        Finding(name, CATEGORY, label, 0, len(doc), None, float(p), label in chosen)
        for label, p in probabilities.items()
    ]


def log_odds(log_p: Floats1d) -> Tuple[Floats1d, Floats1d]:
    """The log-odds of a probability, from its logarithm.

    log_p (Floats1d): The logarithms.
    RETURNS (Tuple[Floats1d, Floats1d]): The log-odds, and their derivative by the logarithm: 1 / (1 - p).
    """
    log_p = numpy.clip(log_p, LOWEST, numpy.log1p(-LEAST))
    rest = -numpy.expm1(log_p)
    return log_p - numpy.log(rest), 1.0 / rest


def probability(odds: float) -> float:
    """RETURNS (float): The probability that log-odds stand for. odds (float): The log-odds."""
    return float(1.0 / (1.0 + numpy.exp(-numpy.clip(odds, -700, 700))))


def check_rival(finding: Finding, words: Sequence[str], against: Optional[str], rivals: Sequence[str]) -> None:
    """Refuse a label that a finding cannot be set against.

    finding (Finding): The finding.
    words (Sequence[str]): The tokens of its text.
    against (Optional[str]): The label.
    rivals (Sequence[str]): The labels that it can be set against.
    RAISES (ValueError): E806 if it is none of these.
    """
    if against is not None and against not in rivals:
        none = "a matter of yes or no" if finding.written is None else "one of all texts; ask about another by itself"
        expected = ", ".join(rivals) or f"none: it is {none}"
        target, name = finding.name(words), finding.component
        raise ValueError(Errors.E806.format(target=target, against=against, name=name, expected=expected))
