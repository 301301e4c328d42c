"""Groups of spans, packed and unpacked."""

from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from spacy.tokens import Doc, Span, SpanGroup

from ...span_places import read_spans

PackedSpan = Tuple[int, int, int, int, int, int, int]
"""Label, kb_id, id, start, end, start_char, end_char."""


class PackedGroups(NamedTuple):
    """The groups of spans of a Doc.

    keys (List[Tuple[str, int]]): Keys of `doc.spans` and the number of the group. A group may have several.
    groups (List[Tuple[str, Dict[str, Any], List[PackedSpan]]]): Names, attributes and spans.
    """

    keys: List[Tuple[str, int]]
    groups: List[Tuple[str, Dict[str, Any], List[PackedSpan]]]


def pack_groups(doc: Doc, numbers: Set[int]) -> Optional[PackedGroups]:
    """Pack the groups of spans of a Doc.

    doc (Doc): The Doc.
    numbers (Set[int]): The numbers that stand for strings. Those of the spans are added.
    RETURNS (Optional[PackedGroups]): None where there is no group.
    """
    if not doc.spans:
        return None
    packed = PackedGroups([], [])
    places: Dict[int, int] = {}
    for key, group in doc.spans.items():
        place = places.setdefault(id(group), len(packed.groups))
        packed.keys.append((key, place))
        if place == len(packed.groups):
            spans = [
                (span.label, span.kb_id, span.id, span.start, span.end, span.start_char, span.end_char)
                for span in read_spans(group)
            ]
            packed.groups.append((group.name, group.attrs, spans))
            for span in spans:
                numbers.update(span[:3])
    return packed


def unpack_groups(packed: PackedGroups, doc: Doc) -> None:
    """Set the groups of spans of a Doc.

    packed (PackedGroups): The groups.
    doc (Doc): A Doc that has its tokens, in whose vocabulary the strings are.
    """
    groups = [
        SpanGroup(doc, name=name, attrs=attrs, spans=[_make_span(doc, *span) for span in spans])
        for name, attrs, spans in packed.groups
    ]
    for key, place in packed.keys:
        doc.spans[key] = groups[place]


def _make_span(
    doc: Doc, label: int, kb_id: int, span_id: int, start: int, end: int, start_char: int, end_char: int
) -> Span:
    try:
        span = Span(doc, start, end, label, kb_id=kb_id, span_id=span_id)
        if span.start_char == start_char and span.end_char == end_char:
            return span
    except (IndexError, ValueError):
        # of before the Doc was retokenized, or with a label that is no string
        span = Span(doc, 0, 0, kb_id=kb_id, span_id=span_id)
    span.label = label
    span.start, span.end = start, end
    span.start_char, span.end_char = start_char, end_char
    return span
