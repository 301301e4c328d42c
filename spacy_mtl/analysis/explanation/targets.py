"""Find the prediction that somebody names."""

from typing import List, Optional, Sequence

from ...errors import Errors
from .tasks import CATEGORY, Finding


def choose_findings(
    findings: Sequence[Finding], target: Optional[str], words: Sequence[str], where: str
) -> List[Finding]:
    """Choose predictions by name.

    findings (Sequence[Finding]): All that can be explained.
    target (Optional[str]): A label, words, both as in "PER:Ana", or with the predicate as in "gave>ARG0:Ana"; with "@3"
        behind it where the words begin with token 3. None for all that components have decided for.
    words (Sequence[str]): The tokens of the text.
    where (str): In which component was looked, for messages.
    RETURNS (List[Finding]): The predictions; one if a target is named.
    RAISES (ValueError): E802 if the target fits none, E803 if it fits several.
    """
    if target is None:
        return [finding for finding in findings if finding.is_chosen]
    fitting = [finding for finding in findings if target in _names(finding, words)]
    # the label of a category is also found where another component gives it to words
    fitting = [finding for finding in fitting if finding.is_chosen] or fitting
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
    if finding.kind != CATEGORY:
        text = " ".join(words[finding.start : finding.end])
        names += [text, f"{finding.label}:{text}"]
        names += [f"{one}@{finding.start}" for one in names]
    return names


def _full_name(finding: Finding, words: Sequence[str]) -> str:
    name = finding.name(words)
    return name if finding.kind == CATEGORY else f"{name}@{finding.start}"
