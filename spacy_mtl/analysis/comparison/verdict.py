"""The answer of a comparison in one sentence."""

from typing import Dict, List, Mapping, NamedTuple, Sequence

from .planning import TaskTexts
from .scores import TaskScore, find_seeds
from .sides import JOINT_SIDE, name_alone

LEVEL = 0.05
# fewer seeds tell little of the luck of a training
ENOUGH_SEEDS = 3


class _Subject(NamedTuple):
    """What a task is called in a sentence."""

    name: str
    is_plural: bool


def is_told(score: TaskScore) -> bool:
    """Whether a difference is more than chance.

    score (TaskScore): The score of a task on both sides.
    RETURNS (bool): Whether its interval leaves out 0, and its p over texts is LEVEL or less: of few texts an interval
        by the bootstrap is too sure.
    """
    if score.interval is None or score.p_value is None:
        return False
    return (score.interval[0] > 0 or score.interval[1] < 0) and score.p_value <= LEVEL


def find_verdict(
    scores: Sequence[TaskScore], tests: Mapping[str, TaskTexts], undertrained: Mapping[str, Sequence[int]]
) -> str:
    """Say what a comparison tells. The main score of each task decides.

    scores (Sequence[TaskScore]): The scores.
    tests (Mapping[str, TaskTexts]): By task, the test corpus.
    undertrained (Mapping[str, Sequence[int]]): By the name of a pipeline, the seeds whose trainings ended too early.
    RETURNS (str): A sentence.
    """
    compared = [score for score in scores if score.is_main and score.difference is not None]
    if not compared:
        return "Nothing can be compared: no task has a score both jointly and alone."
    clauses = _find_clauses(compared, tests)
    seeds = min(len(find_seeds(score.joint, score.single)) for score in compared)
    if seeds < ENOUGH_SEEDS:
        number = "1 seed" if seeds == 1 else f"{seeds} seeds"
        clauses.append(f"with {number} this is about these trained models, not about training them again")
    clauses += _tell_undertrained([JOINT_SIDE, *(name_alone(score.task) for score in compared)], undertrained)
    sentence = "; ".join(clauses)
    # the name of a component stays as it is
    is_name = any(sentence.startswith(f"{score.task} ") for score in compared)
    return f"{sentence if is_name else sentence[0].upper() + sentence[1:]}."


def find_aided_verdict(
    scores: Sequence[TaskScore], pipelines: Mapping[str, str], undertrained: Mapping[str, Sequence[int]]
) -> str:
    """Say what a comparison tells of tasks alone that have the same aids. The main score of each task decides.

    scores (Sequence[TaskScore]): The scores.
    pipelines (Mapping[str, str]): By task, the name of the pipeline that is compared.
    undertrained (Mapping[str, Sequence[int]]): By the name of a pipeline, the seeds whose trainings ended too early.
    RETURNS (str): A sentence, to follow that of `find_verdict`.
    """
    compared = [score for score in scores if score.is_main and score.difference is not None]
    clauses = _find_clauses(compared, {}, has_texts=False) if compared else ["nothing can be compared"]
    # of a task without aids it is said before
    sides = [pipelines[score.task] for score in compared if pipelines[score.task] != name_alone(score.task)]
    clauses += _tell_undertrained(sides, undertrained)
    return f"Against pipelines of one task with the same aids, {'; '.join(clauses)}."


def _find_clauses(compared: Sequence[TaskScore], tests: Mapping[str, TaskTexts], has_texts: bool = True) -> List[str]:
    subjects = _name_tasks(compared)
    told = [score for score in compared if is_told(score)]
    worse = [score for score in told if score.interval is not None and score.interval[1] < 0]
    better = [score for score in told if score not in worse]
    same = [score for score in compared if score not in told and score.interval is not None]
    untested = [score for score in compared if score.interval is None]
    clauses = [_tell(of_kind, kind, subjects) for kind, of_kind in (("worse", worse), ("better", better)) if of_kind]
    if same:
        names = _enumerate([subjects[score.task].name for score in same])
        where = f"for {names}" if told or untested else _tell_texts(same, tests) if has_texts else ""
        clauses.append(f"{where} no difference can be told".strip())
    if untested:
        names = _enumerate([subjects[score.task].name for score in untested])
        clauses.append(f"for {names} there is no test")
    return clauses


def _tell_undertrained(sides: Sequence[str], undertrained: Mapping[str, Sequence[int]]) -> List[str]:
    found = [side for side in sides if side in undertrained]
    verb = "is" if len(found) == 1 else "are"
    return [f"but {_enumerate(found)} {verb} undertrained, and more updates may change this"] if found else []


def _tell(scores: Sequence[TaskScore], kind: str, subjects: Mapping[str, _Subject]) -> str:
    names = [subjects[score.task] for score in scores]
    ranges = [_show_points(score) for score in scores]
    if len(scores) == 1:
        return f"{names[0].name} {'are' if names[0].is_plural else 'is'} {kind} jointly, {ranges[0]}"
    return f"{_enumerate([f'{name.name} ({points})' for name, points in zip(names, ranges)])} are {kind} jointly"


def _show_points(score: TaskScore) -> str:
    ends = sorted(abs(100 * end) for end in score.interval or ())
    low, high = (f"{end:.1f}".removesuffix(".0") for end in ends)
    if high == "0":
        return "by less than 0.1 points"
    if low == high:
        return f"by {high} {'point' if high == '1' else 'points'}"
    return f"by {low} to {high} points" if low != "0" else f"by up to {high} {'point' if high == '1' else 'points'}"


def _tell_texts(scores: Sequence[TaskScore], tests: Mapping[str, TaskTexts]) -> str:
    numbers = []
    for score in scores:
        found = tests.get(score.task)
        known = (score.texts, found and found.annotated, found and found.texts)
        numbers += [next((number for number in known if number is not None), None)]
    counted = sorted({number for number in numbers if number is not None})
    if not counted or None in numbers:
        return ""
    if counted == [1]:
        return "on 1 test text"
    return f"on {counted[0]:,} test texts" if len(counted) == 1 else f"on {counted[0]:,} to {counted[-1]:,} test texts"


def _name_tasks(scores: Sequence[TaskScore]) -> Dict[str, _Subject]:
    """What is scored, as in "entities, F"; where that is not said, or of several tasks, the name of the component."""
    nouns = {score.task: score.title.split(",")[0] if "," in score.title else "" for score in scores}
    found = {}
    for task, noun in nouns.items():
        is_own = bool(noun) and list(nouns.values()).count(noun) == 1
        found[task] = _Subject(noun, noun.endswith("s")) if is_own else _Subject(task, False)
    return found


def _enumerate(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
