"""Scores of text categories: spaCy's, restricted to what is annotated, and under the component's own name."""

from typing import Any, Callable, Dict, Iterable, Sequence

from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Example

from .categories import count_unknown, judge_categories

DESCRIPTION = "cats_score_desc"


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

    Exclusive: an Example counts if a label is annotated as true; its gold label is the one with the highest value.
    Else: an Example counts with the labels that it annotates, true from 0.5 on. A gold label that the pipeline does
    not know is one that it misses; labels of other components are left out. See `judge_categories`.

    The keys `cats_*` are those of `spacy.scorer.Scorer.score_cats`. Each component of a pipeline writes them, so that
    the last one's remain. The component's own are `{name}_acc`, `{name}_macro_f`, `{name}_micro_f`,
    `{name}_f_per_type`, `{name}_texts`, the number of Examples that count, and `{name}_unknown`, the gold labels that
    the pipeline does not know, with the number of Examples. Accuracy is the share of the Examples with the right
    label; without exclusion, the share of those with every annotated label decided rightly (subset accuracy).

    examples (Iterable[Example]): The Examples.
    labels (Sequence[str]): The component's labels.
    name (str): The component's name.
    exclusive (bool): Whether exactly one of the labels is true of a Doc.
    threshold (float): The probability from which a label counts as true, if labels do not exclude each other.
    RETURNS (Dict[str, Any]): The scores. If no Example counts they are None, but for the count 0 and the description
        of `cats_score`, which `spacy evaluate` prints as text.
    RAISES (ValueError): E308 for a gold value that is no number from 0 to 1.
    """
    examples = list(examples)
    judgements = judge_categories(examples, labels, name=name, exclusive=exclusive, threshold=threshold)
    counted = [(example, judged) for example, judged in zip(examples, judgements) if judged is not None]
    gold = {id(example.reference): judged.expected for example, judged in counted}
    unknown = count_unknown(judgements)

    def get_cats(doc: Doc, attr: str) -> Dict[str, float]:
        return gold.get(id(doc), doc.cats)

    scores = Scorer.score_cats(
        [example for example, _ in counted],
        "cats",
        getter=get_cats,
        labels=[*labels, *unknown],
        multi_label=not exclusive,
        threshold=threshold,
    )
    own = {f"{name}_{key}": scores[f"cats_{key}"] for key in ("macro_f", "micro_f", "f_per_type")}
    correct = sum(judged.is_right for _, judged in counted)
    scores = {**scores, f"{name}_acc": correct / max(len(counted), 1), **own}
    if not counted:
        scores = {key: value if key == DESCRIPTION else None for key, value in scores.items()}
    return {**scores, f"{name}_texts": len(counted), f"{name}_unknown": unknown}
