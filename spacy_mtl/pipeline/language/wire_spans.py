"""Groups of spans of the Docs of a batch, packed as arrays, and unpacked."""

from dataclasses import dataclass
from itertools import repeat
from typing import Any, Dict, Iterator, List, Sequence

import numpy
from spacy.tokens import Doc, Span, SpanGroup

from ...span_places import read_spans


@dataclass
class PackedGroups:
    """The groups of spans of a batch, in the order of the Docs.

    counts (List[int]): The number of keys of `doc.spans` of each Doc.
    keys (List[str]): The keys of all.
    places (List[int]): The index of the group of each key. A group may have several keys.
    names (List[str]): The name of each group.
    attrs (List[Dict[str, Any]]): Its attributes.
    sizes (List[int]): The number of its spans.
    labels (numpy.ndarray): Label, kb_id and id of all spans, shape (spans, 3).
    offsets (numpy.ndarray): Start, end, start_char and end_char, shape (spans, 4).
    moved (List[int]): The indices of Docs with spans whose characters are not those of their tokens, as after a
        retokenization.
    """

    counts: List[int]
    keys: List[str]
    places: List[int]
    names: List[str]
    attrs: List[Dict[str, Any]]
    sizes: List[int]
    labels: numpy.ndarray
    offsets: numpy.ndarray
    moved: List[int]


def pack_groups(
    docs: Sequence[Doc], sizes: numpy.ndarray, lengths: numpy.ndarray, spaces: numpy.ndarray
) -> PackedGroups:
    """Pack the groups of spans of a batch.

    docs (Sequence[Doc]): The Docs.
    sizes (numpy.ndarray): The number of tokens of each, shape (docs,).
    lengths (numpy.ndarray): The number of characters of all tokens, shape (tokens,).
    spaces (numpy.ndarray): Whether a space follows, shape (tokens,).
    RETURNS (PackedGroups): The groups.
    """
    labels: List[int] = []
    offsets: List[int] = []
    owners: List[int] = []
    none = numpy.zeros((0,))
    packed = PackedGroups([], [], [], [], [], [], none, none, [])
    places: Dict[int, int] = {}
    for i, doc in enumerate(docs):
        groups = doc.spans.data
        packed.counts.append(len(groups))
        for key, group in groups.items():
            place = places.setdefault(id(group), len(owners))
            packed.keys.append(key)
            packed.places.append(place)
            if place == len(owners):
                spans = read_spans(group)
                owners.append(i)
                packed.names.append(group.name)
                packed.attrs.append(group.attrs)
                packed.sizes.append(len(spans))
                for span in spans:
                    labels += (span.label, span.kb_id, span.id)
                    offsets += (span.start, span.end, span.start_char, span.end_char)
    packed.labels = numpy.array(labels, dtype="uint64").reshape(-1, 3)
    packed.offsets = numpy.array(offsets, dtype="int32").reshape(-1, 4)
    docs_of_spans = numpy.repeat(numpy.asarray(owners, dtype="int64"), packed.sizes)
    packed.moved = _find_moved(packed.offsets, docs_of_spans, sizes, lengths, spaces)
    return packed


def unpack_groups(packed: PackedGroups, docs: Iterator[Doc]) -> Iterator[Doc]:
    """Set the groups of spans of Docs.

    packed (PackedGroups): The groups.
    docs (Iterator[Doc]): The Docs with their tokens, in whose vocabulary the strings are.
    YIELDS (Doc): The Docs.
    """
    columns = [*packed.offsets.T.tolist(), *packed.labels.T.tolist()]
    moved = set(packed.moved)
    key = group = span = 0
    for i, (doc, count) in enumerate(zip(docs, packed.counts)):
        groups: Dict[int, SpanGroup] = {}
        for name, place in zip(packed.keys[key : key + count], packed.places[key : key + count]):
            if place == group:
                end = span + packed.sizes[group]
                spans = _make_spans(doc, [column[span:end] for column in columns], i in moved)
                groups[place] = SpanGroup(doc, name=packed.names[group], attrs=packed.attrs[group], spans=spans)
                group, span = group + 1, end
            doc.spans[name] = groups[place]
        key += count
        yield doc


def _find_moved(
    offsets: numpy.ndarray, docs: numpy.ndarray, sizes: numpy.ndarray, lengths: numpy.ndarray, spaces: numpy.ndarray
) -> List[int]:
    # all Docs one after the other, as one text
    first_tokens = numpy.cumsum(sizes) - sizes
    firsts = numpy.concatenate([[0], numpy.cumsum(lengths + spaces)])
    afters = numpy.concatenate([firsts[:1], firsts[:-1] + lengths])
    start, end = offsets[:, 0] + first_tokens[docs], offsets[:, 1] + first_tokens[docs]
    is_inside = (offsets[:, 0] >= 0) & (start <= end) & (offsets[:, 1] <= sizes[docs])
    start, end = numpy.where(is_inside, (start, end), 0)
    first = firsts[start]
    after = numpy.where(start < end, afters[end], first)
    places = numpy.stack([first, after], axis=1) - firsts[first_tokens[docs]][:, None]
    return numpy.unique(docs[~is_inside | (places != offsets[:, 2:]).any(axis=1)]).tolist()


def _make_spans(doc: Doc, columns: Sequence[List[int]], moved: bool) -> List[Span]:
    start, end, _, _, label, kb_id, span_id = columns
    if not moved:
        try:
            return list(map(Span, repeat(doc), start, end, label, repeat(None), repeat(None), kb_id, span_id))
        except ValueError:
            # a label that is no string
            pass
    return [_make_span(doc, *row) for row in zip(*columns)]


def _make_span(
    doc: Doc, start: int, end: int, start_char: int, end_char: int, label: int, kb_id: int, span_id: int
) -> Span:
    span = Span(doc, 0, 0, kb_id=kb_id, span_id=span_id)
    span.label = label
    span.start, span.end = start, end
    span.start_char, span.end_char = start_char, end_char
    return span
