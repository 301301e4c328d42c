"""Whether a prediction is right, and what the annotation says in its place."""

from typing import Any, List, Optional, Tuple

from spacy.tokens import Doc
from spacy.training import Example

from ...annotation import has_same_tokens, is_for
from ...frames import read_frame_spans
from .tasks import ARGUMENT, CATEGORY, ENTITY, PREDICATE, SENSE, Finding

NOTHING = "none"


def find_gold(finding: Finding, example: Example, pipe: Any) -> Optional[str]:
    """What the annotation has where something was predicted.

    finding (Finding): The prediction.
    example (Example): Its text, annotated.
    pipe (Any): The component that predicted it.
    RETURNS (Optional[str]): The label; that of the prediction where it is right, "none" where the annotation has
        nothing there; None where it says nothing of it.
    """
    if not is_for(example, finding.component):
        return None
    gold, key = example.reference, getattr(pipe, "cfg", {}).get("spans_key")
    if finding.kind == CATEGORY:
        if finding.label not in gold.cats:
            return None
        if gold.cats[finding.label] >= 0.5:
            return finding.label
        labels = [label for label in pipe.labels if gold.cats.get(label, 0.0) >= 0.5]
        return labels[0] if labels else NOTHING
    if not has_same_tokens(example):
        return None
    if finding.kind == ENTITY:
        spans = _entities(gold, key)
        return None if spans is None else _choose(finding, spans)
    if key is None or key not in gold.spans:
        return None
    frames = {frame.start: frame for frame in read_frame_spans(gold, key)}
    if finding.kind == PREDICATE:
        return finding.label if finding.start in frames else NOTHING
    frame = frames.get(finding.start if finding.predicate is None else finding.predicate)
    if finding.kind == SENSE:
        return frame.sense if frame is not None and frame.sense else None
    if finding.kind == ARGUMENT:
        # of a predicate that is none, no argument is asked
        return None if frame is None else _choose(finding, [(r.role, r.start, r.end) for r in frame.roles])
    return None


def _entities(gold: Doc, key: Optional[str]) -> Optional[List[Tuple[str, int, int]]]:
    if key is not None:
        return [(span.label_, span.start, span.end) for span in gold.spans[key]] if key in gold.spans else None
    if not gold.has_annotation("ENT_IOB"):
        return None
    return [(span.label_, span.start, span.end) for span in gold.ents]


def _choose(finding: Finding, spans: List[Tuple[str, int, int]]) -> str:
    """The label of the span that is the finding's, or of one that overlaps with it."""
    if (finding.label, finding.start, finding.end) in spans:
        return finding.label
    over = [label for label, start, end in spans if start < finding.end and finding.start < end]
    exact = [label for label, start, end in spans if (start, end) == (finding.start, finding.end)]
    found = (exact or over or [NOTHING])[0]
    return f"{found}, other words" if found == finding.label else found
