"""The scores of an `mtl_srl` in its pipeline: end to end, with gold predicates, and under the component's name."""

from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional

from spacy.training import Example

from ...annotation import has_frames, is_for
from ...frames import SPANS_KEY
from .prediction import SRLPredictor

# with gold predicates they are all right, or the same as end to end
SAME_FOR_GOLD = ("srl_predicate", "srl_conll05", "srl_texts", "srl_unknown")


def score_component(
    examples: Iterable[Example],
    name: str,
    settings: Mapping[str, Any],
    scorer: Callable[..., Dict[str, Any]],
    predictor: Optional[SRLPredictor],
    **kwargs: Any,
) -> Dict[str, Any]:
    """Score the frames that a component has written.

    examples (Iterable[Example]): Examples whose predicted Docs the pipeline has annotated. Those of sources for other
        components do not count.
    name (str): The component's name.
    settings (Mapping[str, Any]): The component's settings and labels.
    scorer (Callable[..., Dict[str, Any]]): The scorer.
    predictor (Optional[SRLPredictor]): Labels gold predicates; None if the component is not initialized.
    **kwargs (Any): More settings of the scorer.
    RETURNS (Dict[str, Any]): The scorer's "srl_*" and, for gold predicates, "srl_gold_*"; the same under the
        component's name, as `{name}_argument_f`. Those with "srl_" are of the span group "srl": a component with
        another group has them only where no Example is annotated in that one.
    """
    examples = list(examples)
    key = settings["spans_key"]
    is_other = key != SPANS_KEY and any(has_frames(example) for example in examples)
    examples = [example for example in examples if is_for(example, name) and has_frames(example, key)]
    labelled: List[Example] = []
    if examples and predictor is not None and (settings["score_gold_predicates"] or settings["predicates"] == "doc"):
        labelled = predictor.label_gold_predicates(examples, key)
    if settings["predicates"] == "doc":
        # nothing gives predicates to the Docs of an evaluation: without the gold ones every score would be zero
        examples = [one if key in one.predicted.spans else other for one, other in zip(examples, labelled)]
    scores = dict(scorer(examples, spans_key=key, labels=tuple(settings["labels"]), **kwargs))
    if settings["score_gold_predicates"]:
        gold_scores = scorer(labelled, spans_key=key, **kwargs)
        for score, value in gold_scores.items():
            if not score.startswith(SAME_FOR_GOLD):
                scores[score.replace("srl_", "srl_gold_", 1)] = value
    own = {score.replace("srl_", f"{name}_", 1): value for score, value in scores.items()}
    return own if is_other else {**scores, **own}
