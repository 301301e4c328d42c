"""Which categories of a text hold."""

from typing import Any, List, Mapping, Optional

from spacy.pipeline import MultiLabel_TextCategorizer, TextCategorizer


def find_threshold(pipe: Any) -> Optional[float]:
    """From which probability on a label of a component holds.

    pipe (Any): The component, one of ours or of spaCy's.
    RETURNS (Optional[float]): The probability; None where the best label holds and no other.
    """
    settings = getattr(pipe, "cfg", {})
    is_single = isinstance(pipe, TextCategorizer) and not isinstance(pipe, MultiLabel_TextCategorizer)
    return None if settings.get("exclusive", is_single) else settings.get("threshold", 0.5)


def choose_labels(probabilities: Mapping[str, float], threshold: Optional[float]) -> List[str]:
    """The labels that hold.

    probabilities (Mapping[str, float]): By label.
    threshold (Optional[float]): As `find_threshold` gives it.
    RETURNS (List[str]): The labels, the most probable first; none where nothing is predicted.
    """
    ranked = sorted(probabilities, key=lambda label: -probabilities[label])
    if threshold is None:
        return [label for label in ranked[:1] if probabilities[label] > 0]
    return [label for label in ranked if probabilities[label] >= threshold]
