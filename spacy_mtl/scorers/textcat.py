"""Scores of text categories: spaCy's, restricted to what is annotated, and under the component's own name."""

from typing import Any, Callable, Dict, Iterable, List, Sequence

from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Example

from ..annotation import annotated_categories


def make_textcat_scorer() -> Callable[..., Dict[str, Any]]:
    """RETURNS (Callable[..., Dict[str, Any]]): The scorer of `mtl_textcat`."""
    return score_textcat


def score_textcat(
    examples: Iterable[Example],
    *,
    labels: Sequence[str],
    name: str = "mtl_textcat",
    exclusive: bool = True,
    threshold: float = 0.5,
    **settings: Any,
) -> Dict[str, Any]:
    """Score the categories of one component on the Examples that annotate its labels.

    Exclusive: an Example counts if one of the labels is annotated as true; its gold label is the one with the highest
    value. Else: an Example counts with the labels that it annotates, true from 0.5 on. Labels that the component does
    not have are left out, in the prediction and in the annotation.

    The keys `cats_*` are those of `spacy.scorer.Scorer.score_cats`. Each component of a pipeline writes them, so that
    the last one's remain. The component's own are `{name}_acc`, `{name}_macro_f`, `{name}_micro_f` and
    `{name}_f_per_type`. Accuracy is the share of the Examples with the right label; without exclusion, the share of
    those with every annotated label decided rightly (subset accuracy).

    examples (Iterable[Example]): The Examples.
    labels (Sequence[str]): The component's labels.
    name (str): The component's name.
    exclusive (bool): Whether exactly one of the labels is true of a Doc.
    threshold (float): The probability from which a label counts as true, if labels do not exclude each other.
    RETURNS (Dict[str, Any]): The scores, all None if no Example counts.
    """
    counted: List[Example] = []
    gold: Dict[int, Dict[str, float]] = {}
    correct = 0
    for example in examples:
        expected = annotated_categories(example, labels)
        if not expected or (exclusive and not any(expected.values())):
            continue
        predicted = {label: example.predicted.cats.get(label, 0.0) for label in labels}
        if exclusive:
            answer = max(expected, key=lambda label: expected[label])  # noqa: B023
            expected = {label: float(label == answer) for label in labels}
            correct += max(predicted, key=lambda label: predicted[label]) == answer  # noqa: B023
        else:
            expected = {label: float(value >= 0.5) for label, value in expected.items()}
            correct += all((predicted[label] >= threshold) == bool(value) for label, value in expected.items())
        counted.append(example)
        gold[id(example.reference)] = expected

    def get_cats(doc: Doc, attr: str) -> Dict[str, float]:
        return gold.get(id(doc), doc.cats)

    scores = Scorer.score_cats(
        counted, "cats", getter=get_cats, labels=labels, multi_label=not exclusive, threshold=threshold
    )
    own = {f"{name}_{key}": scores[f"cats_{key}"] for key in ("macro_f", "micro_f", "f_per_type")}
    scores = {**scores, f"{name}_acc": correct / max(len(counted), 1), **own}
    return scores if counted else dict.fromkeys(scores)
