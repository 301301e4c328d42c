"""Find the prediction that somebody names."""

from typing import Callable, List, Optional, Sequence

from ...errors import Errors
from .tasks import CATEGORY, Finding


def choose_findings(
    findings: Sequence[Finding],
    target: Optional[str],
    words: Sequence[str],
    where: str,
    propose: Callable[[str], List[Finding]] = lambda target: [],
) -> List[Finding]:
    """Choose predictions by name.

    findings (Sequence[Finding]): All that can be explained.
    target (Optional[str]): A label, words, both as in "PER:Ana", or with the predicate as in "gave>ARG0:Ana"; with "@3"
        behind it where the words begin with token 3, or where it is the third word after the first of a translation. A
        whole translation stands for itself and all its words. None for all that components have decided for.
    words (Sequence[str]): The tokens of the text.
    where (str): In which component was looked, for messages.
    propose (Callable[[str], List[Finding]]): Gives what is no prediction and can be explained all the same.
    RETURNS (List[Finding]): The predictions; one if a target is named that is no whole translation.
    RAISES (ValueError): E802 if the target fits none, E803 if it fits several.
    """
    if target is None:
        return [finding for finding in findings if finding.is_chosen]
    written = [finding for finding in findings if finding.written is not None and finding.written.text == target]
    if written:
        return written
    fitting = [finding for finding in findings if target in _names(finding, words)]
    # the label of a category is also found where another component gives it to words
    fitting = [finding for finding in fitting if finding.is_chosen] or fitting
    if not fitting and (proposed := propose(target)):
        return proposed
    if not fitting:
        known = sorted({finding.name(words) for finding in findings}) or ["nothing"]
        shown = ", ".join(known[:30]) + (f", and {len(known) - 30} more" if len(known) > 30 else "")
        raise ValueError(Errors.E802.format(target=target, where=where, expected=shown))
    if len(fitting) > 1:
        found = ", ".join(f"{_full_name(finding, words)} of '{finding.component}'" for finding in fitting)
        raise ValueError(Errors.E803.format(target=target, count=len(fitting), found=found))
    return fitting


def _names(finding: Finding, words: Sequence[str]) -> List[str]:
    """All by which a finding can be named."""
    name = finding.name(words)
    names = [name, finding.label]
    if finding.written is not None:
        return [*names, _full_name(finding, words)]
    if finding.kind != CATEGORY:
        text = " ".join(words[finding.start : finding.end])
        names += [text, f"{finding.label}:{text}"]
        names += [f"{one}@{finding.start}" for one in names]
    return names


def _full_name(finding: Finding, words: Sequence[str]) -> str:
    name = finding.name(words)
    place = finding.start if finding.written is None else finding.written.number
    return name if finding.kind == CATEGORY or place is None else f"{name}@{place}"
