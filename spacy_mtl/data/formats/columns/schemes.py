"""Tagging schemes that mark the ends of spans, BILUO and IOBES, as IOB2."""

from typing import Iterable, List, Sequence, Tuple

from ....errors import Errors

_OUTSIDE = "O"
_BEGINS = "B"
_CONTINUES = "IM"
_ENDS = "LE"
_ALONE = "USW"
_PREFIXES = _BEGINS + _CONTINUES + _ENDS + _ALONE


def marks_ends(sentences: Iterable[Sequence[str]]) -> bool:
    """Whether the tags of a file are those of a scheme that marks the ends of spans: BILUO, IOBES (BIOES), BMEWO.

    They are if more spans have such an end than have none.

    sentences (Iterable[Sequence[str]]): The tags of each sentence.
    RETURNS (bool): Whether they do.
    """
    marked = unmarked = 0
    for tags in sentences:
        for tag, following in zip(tags, [*tags[1:], _OUTSIDE]):
            prefix, label = split_tag(tag)
            next_prefix, next_label = split_tag(following)
            if prefix and prefix in _ENDS + _ALONE:
                marked += 1
            elif prefix and not (next_prefix and next_prefix in _CONTINUES + _ENDS and next_label == label):
                unmarked += 1
    return marked > unmarked


def drop_ends(tags: Sequence[str], places: Sequence[str], *, repair: bool = False) -> List[str]:
    """IOB2 from a scheme that marks the ends of spans.

    tags (Sequence[str]): One tag a token.
    places (Sequence[str]): Where each tag stands, for messages.
    repair (bool): Whether a tag that continues nothing begins a span, and one that is not ended ends by itself.
    RETURNS (List[str]): One tag a token.
    RAISES (ValueError): E106 for a tag of another form, E168 for a sequence that breaks the scheme.
    """
    begun: List[str] = []
    open_label = ""
    for i, tag in enumerate(tags):
        prefix, label = split_tag(tag)
        if not prefix and tag != _OUTSIDE:
            raise ValueError(Errors.E106.format(place=places[i], found=tag))
        continues = bool(prefix) and prefix in _CONTINUES + _ENDS
        if not repair and open_label != (label if continues else ""):
            before = tags[i - 1] if i else "the beginning of the sentence"
            raise ValueError(Errors.E168.format(place=places[i], found=tag, before=before))
        # a repaired sequence may continue what has ended
        starts = prefix and not (continues and open_label == label)
        begun.append(f"B-{label}" if starts else f"I-{label}" if prefix else _OUTSIDE)
        open_label = label if prefix and prefix in _BEGINS + _CONTINUES else ""
    if open_label and not repair:
        raise ValueError(Errors.E168.format(place=places[-1], found="the end of the sentence", before=tags[-1]))
    return begun


def split_tag(tag: str) -> Tuple[str, str]:
    """A tag's prefix and label.

    tag (str): Such as "B-PER" or "E-PER".
    RETURNS (Tuple[str, str]): Both "" for "O" and for what is no tag.
    """
    prefix, _, label = tag.partition("-")
    return (prefix, label) if label and len(prefix) == 1 and prefix in _PREFIXES else ("", "")


def is_tag(cell: str) -> bool:
    """Whether a cell may be a tag of any scheme.

    cell (str): What stands in the cell.
    RETURNS (bool): Whether it is "O" or has a prefix and a label.
    """
    return cell == _OUTSIDE or bool(split_tag(cell)[0])
