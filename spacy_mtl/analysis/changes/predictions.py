"""Where two pipelines say different things of the same texts, and what each rests on."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from spacy.language import Language
from spacy.training import Example

from ..explanation.annotating import annotate, find_maker, passing_words
from ..explanation.explain import LIMITS, Explainer
from ..explanation.gold import find_gold
from ..explanation.results import OCCLUSION, Explanation
from ..explanation.tasks import ARGUMENT, Finding

Key = Tuple[Any, ...]


class Said(NamedTuple):
    """What one pipeline says at a place where the other says something else.

    finding (Finding): What it finds.
    gold (Optional[str]): What the annotation has there; None where it says nothing.
    """

    finding: Finding
    gold: Optional[str]

    @property
    def is_right(self) -> Optional[bool]:
        """RETURNS (Optional[bool]): Whether it is right; None where that is not known."""
        return None if self.gold is None else self.gold == self.finding.label


class Difference(NamedTuple):
    """Two predictions that differ, beside each other; one may be missing.

    text (int): The number of the text in the corpus, from 0.
    joint (Optional[Said]): What the joint pipeline says.
    alone (Optional[Said]): What the pipeline for the task alone says.
    joint_rests_on (Optional[Explanation]): What that rests on; None where it was not asked.
    alone_rests_on (Optional[Explanation]): The same of the other.
    """

    text: int
    joint: Optional[Said]
    alone: Optional[Said]
    joint_rests_on: Optional[Explanation] = None
    alone_rests_on: Optional[Explanation] = None

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): As plain data."""
        sides = {}
        for name in ("joint", "alone"):
            said, rests_on = getattr(self, name), getattr(self, f"{name}_rests_on")
            told = None if said is None else {**said.finding._asdict(), "gold": said.gold, "is_right": said.is_right}
            sides[name] = {"says": told, "rests_on": None if rests_on is None else rests_on.to_dict()}
        return {"text": self.text, **sides}


class TaskChange(NamedTuple):
    """How the predictions of a task differ.

    task (str): The task.
    texts (int): How many texts were annotated.
    alike (int): Predictions that both pipelines make.
    differences (List[Difference]): Where they differ, in the order of the texts.
    """

    task: str
    texts: int
    alike: int
    differences: List[Difference]

    @property
    def differing_texts(self) -> List[int]:
        """RETURNS (List[int]): The numbers of the texts with a difference."""
        return list(dict.fromkeys(one.text for one in self.differences))

    def count_own(self, side: str) -> Tuple[int, int]:
        """RETURNS (Tuple[int, int]): How many predictions only one side makes, and how many of them are right. side
        (str): "joint" or "alone"."""
        said = [getattr(one, side) for one in self.differences if getattr(one, side) is not None]
        return len(said), sum(bool(one.is_right) for one in said)


class Side:
    """A pipeline, which says what it finds of a text for all tasks that it is asked for at once."""

    def __init__(self, nlp: Language, tasks: Sequence[str]) -> None:
        """nlp (Language): The pipeline. tasks (Sequence[str]): The names of its heads."""
        self.nlp, self.explainer = nlp, Explainer(nlp)
        self.tasks = [task for task in tasks if find_maker(nlp.get_pipe(task)) is not None]
        self._found: Dict[int, Dict[str, Dict[Key, Finding]]] = {}

    def find(self, task: str, number: int, example: Example) -> Dict[Key, Finding]:
        """RETURNS (Dict[Key, Finding]): What a head finds. task (str): Its name. number (int): The number of the text.
        example (Example): The text."""
        if number not in self._found:
            with passing_words(self.nlp):
                _, found = annotate(self.nlp, example.reference, self.tasks)
            self._found[number] = {
                name: {_key(finding): finding for finding in of_task.findings if finding.is_chosen}
                for name, of_task in found.items()
            }
        return self._found[number][task]


def compare_predictions(
    task: str, joint: Side, alone: Side, examples: Dict[int, Example], explained: int
) -> Optional[TaskChange]:
    """Compare what two pipelines say, and explain some of what differs.

    task (str): The name of the head in both.
    joint (Side): The joint pipeline.
    alone (Side): That for the task alone.
    examples (Dict[int, Example]): The texts, by their number, with words.
    explained (int): How many differing texts to explain, the first ones in the order of `examples`.
    RETURNS (Optional[TaskChange]): What differs; None if the head gives no probabilities.
    """
    if task not in joint.tasks:
        return None
    alike = 0
    differences: List[Difference] = []
    both = joint, alone
    left = explained
    for number, example in examples.items():
        first, second = (side.find(task, number, example) for side in both)
        alike += len(set(first) & set(second))
        pairs = pair_findings(first, second)
        said = [[_judge(pair[i], example, side.nlp.get_pipe(task)) for pair in pairs] for i, side in enumerate(both)]
        rests: List[List[Optional[Explanation]]] = [[None] * len(pairs), [None] * len(pairs)]
        if pairs and left > 0 and len(example.reference) <= LIMITS[OCCLUSION]:
            left -= 1
            rests = [
                _explain(side.explainer, example, task, [pair[i] for pair in pairs]) for i, side in enumerate(both)
            ]
        differences += [Difference(number, *of_place) for of_place in zip(*said, *rests)]
    return TaskChange(task, len(examples), alike, differences)


def pair_findings(
    first: Dict[Key, Finding], second: Dict[Key, Finding]
) -> List[Tuple[Optional[Finding], Optional[Finding]]]:
    """Put what two pipelines find differently beside each other: what is of one kind and shares tokens.

    first (Dict[Key, Finding]): What one finds.
    second (Dict[Key, Finding]): What the other finds.
    RETURNS (List[Tuple[Optional[Finding], Optional[Finding]]]): What is not in both; None where nothing is beside it.
    """
    rest = [finding for key, finding in second.items() if key not in first]
    pairs: List[Tuple[Optional[Finding], Optional[Finding]]] = []
    for key, one in first.items():
        if key in second:
            continue
        other = next((other for other in rest if _meets(one, other)), None)
        if other is not None:
            rest.remove(other)
        pairs.append((one, other))
    return [*pairs, *((None, other) for other in rest)]


def _meets(one: Finding, other: Finding) -> bool:
    same = one.kind == other.kind and (one.kind != ARGUMENT or one.predicate == other.predicate)
    return same and one.start < other.end and other.start < one.end


def _key(finding: Finding) -> Key:
    return finding.kind, finding.label, finding.start, finding.end, finding.predicate


def _judge(finding: Optional[Finding], example: Example, pipe: Any) -> Optional[Said]:
    return None if finding is None else Said(finding, find_gold(finding, example, pipe))


def _explain(
    explainer: Explainer, example: Example, task: str, findings: Sequence[Optional[Finding]]
) -> List[Optional[Explanation]]:
    """What findings rest on, beside each."""
    wanted: Set[Key] = {_key(finding) for finding in findings if finding is not None}
    if not wanted:
        return [None] * len(findings)
    with explainer.opened(example.reference, task) as (queries, text):
        asked = [query for query in queries if _key(query.finding) in wanted]
        told = zip(asked, explainer.describe(asked, text))
        found = {_key(query.finding): one for query, one in told}
    return [None if finding is None else found.get(_key(finding)) for finding in findings]
