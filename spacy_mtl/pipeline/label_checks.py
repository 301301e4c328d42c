"""Labels that a head is given or finds, checked before it keeps any of them."""

from typing import Any, Iterable, List

from ..errors import Errors


def check_labels(labels: Iterable[Any], name: str) -> List[str]:
    """The labels as a list, if each of them can be one.

    labels (Iterable[Any]): The labels.
    name (str): The name of the component, for messages.
    RETURNS (List[str]): The labels.
    RAISES (ValueError): E205 for a label that is not a string, is blank, or no text that can be saved; E210 for
        something else than a list of labels.
    """
    if isinstance(labels, (str, bytes, dict)) or not isinstance(labels, Iterable):
        raise ValueError(Errors.E210.format(name=name, found=repr(labels)[:200]))
    checked = []
    for label in labels:
        if not isinstance(label, str) or not label.strip() or not _is_encodable(label):
            raise ValueError(Errors.E205.format(name=name, label=repr(label)))
        checked.append(str(label))
    return checked


def _is_encodable(label: str) -> bool:
    """Lone surrogates, from a file that was read as what it is not, go into no vocabulary and no JSON."""
    try:
        label.encode("utf8")
    except UnicodeEncodeError:
        return False
    return True
