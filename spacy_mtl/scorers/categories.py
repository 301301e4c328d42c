"""Whether the categories of a text are right, and which texts are asked: the one answer for all that scores them."""

from collections import Counter
from typing import Counter as CounterType
from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from spacy.training import Example

from ..annotation import annotated_categories, is_for


class Judgement(NamedTuple):
    """What is expected of a component on a text, and whether its answer is that.

    expected (Dict[str, float]): Gold values, 0.0 or 1.0: of its labels that are annotated, and of true unknown ones.
    is_right (bool): Whether the best label is the gold one; if labels do not exclude each other, whether every
        annotated label is decided rightly.
    unknown (Tuple[str, ...]): True labels that no component of the pipeline knows.
    """

    expected: Dict[str, float]
    is_right: bool
    unknown: Tuple[str, ...]


def judge_categories(
    examples: Sequence[Example],
    labels: Sequence[str],
    *,
    name: str = "mtl_textcat",
    exclusive: bool = True,
    threshold: float = 0.5,
) -> List[Optional[Judgement]]:
    """Judge the categories of a component.

    A text is asked if it annotates one of the component's labels, and if labels exclude each other only if one is
    true. A true label that the component does not have counts as one that it has missed, unless it belongs to another
    task: another component of the pipeline predicts it, or, where labels exclude each other, some text has it true
    beside a label of this component, or the texts that name it name other labels as well and never one of this
    component. Gold values are true from 0.5 on; if labels exclude each other, the highest one is.

    examples (Sequence[Example]): The Examples, annotated by the pipeline.
    labels (Sequence[str]): The component's labels.
    name (str): The component's name; a text whose source is for other components is not asked.
    exclusive (bool): Whether exactly one of the labels is true of a text.
    threshold (float): The probability from which a label counts as true, if labels do not exclude each other.
    RETURNS (List[Optional[Judgement]]): One for each Example; None for a text that is not asked.
    RAISES (ValueError): E308 for a gold value that is no number from 0 to 1.
    """
    gold = [
        annotated_categories(example, list(example.reference.cats)) if is_for(example, name) else {}
        for example in examples
    ]
    own = set(labels)
    others = _labels_of_others(examples, gold, own, exclusive)
    judgements: List[Optional[Judgement]] = []
    for example, cats in zip(examples, gold):
        known = {label: cats[label] for label in labels if label in cats}
        unknown = {label: value for label, value in cats.items() if value >= 0.5 and label not in own | others}
        predicted = {label: example.predicted.cats.get(label, 0.0) for label in labels}
        judge = _judge_exclusive if exclusive else _judge_each
        judgements.append(judge(predicted, known, unknown, threshold) if labels else None)
    return judgements


def count_unknown(judgements: Sequence[Optional[Judgement]]) -> Dict[str, int]:
    """Count the labels that no component of the pipeline knows.

    judgements (Sequence[Optional[Judgement]]): What `judge_categories` gave.
    RETURNS (Dict[str, int]): Label to texts of which it is true.
    """
    found: CounterType[str] = Counter(label for judged in judgements if judged is not None for label in judged.unknown)
    return dict(sorted(found.items()))


def _judge_exclusive(
    predicted: Mapping[str, float], known: Mapping[str, float], unknown: Mapping[str, float], threshold: float
) -> Optional[Judgement]:
    chosen = max(predicted, key=lambda label: predicted[label])
    best = max(known.values(), default=0.0)
    if best > 0 and best >= max(unknown.values(), default=0.0):
        answer = max(known, key=lambda label: known[label])
        return Judgement({label: float(label == answer) for label in predicted}, chosen == answer, ())
    if not unknown:
        return None
    return Judgement({**dict.fromkeys(predicted, 0.0), **dict.fromkeys(unknown, 1.0)}, False, tuple(unknown))


def _judge_each(
    predicted: Mapping[str, float], known: Mapping[str, float], unknown: Mapping[str, float], threshold: float
) -> Optional[Judgement]:
    if not known and not unknown:
        return None
    is_right = not unknown and all((predicted[label] >= threshold) == (value >= 0.5) for label, value in known.items())
    expected = {label: float(value >= 0.5) for label, value in known.items()}
    return Judgement({**expected, **dict.fromkeys(unknown, 1.0)}, is_right, tuple(unknown))


def _labels_of_others(
    examples: Sequence[Example], gold: Sequence[Mapping[str, float]], own: Set[str], exclusive: bool
) -> Set[str]:
    """The labels that belong to other tasks, by what is predicted and by how texts are annotated."""
    others: Set[str] = set()
    beside_own: Set[str] = set()
    beside_others: Set[str] = set()
    for example, cats in zip(examples, gold):
        others.update(example.predicted.cats)
        if own.isdisjoint(cats):
            beside_others.update(cats if len(cats) > 1 else ())
        else:
            beside_own.update(cats)
            if exclusive and any(cats[label] >= 0.5 for label in own & cats.keys()):
                others.update(label for label, value in cats.items() if value >= 0.5)
    return (others | (beside_others - beside_own)) - own
