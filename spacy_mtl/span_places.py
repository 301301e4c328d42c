"""Where the spans of a group are now: retokenization moves tokens, and leaves the spans of a Doc as they were.

A span keeps the offsets of its characters beside those of its tokens. Characters stay what they are when tokens are
merged or split, so they tell whether a span still lies where it says, and which tokens hold it now.
"""

from bisect import bisect_left, bisect_right
from copy import deepcopy
from typing import List, NamedTuple

from spacy.tokens import Doc, Span, SpanGroup


class PlacedSpan(NamedTuple):
    """A span with the tokens that hold it now.

    stored (Span): The span as the group has it; its tokens, and thus its text, may be others.
    start (int): Index of the first token; -1 if no tokens begin and end where the span does.
    end (int): Index after the last token; -1 likewise.
    """

    stored: Span
    start: int
    end: int

    @property
    def is_lost(self) -> bool:
        """RETURNS (bool): Whether no tokens begin and end where the span does."""
        return not 0 <= self.start < self.end


def read_spans(group: SpanGroup) -> List[Span]:
    """The spans of a group as it has them, also those that end behind the last token since tokens were merged.

    group (SpanGroup): The group.
    RETURNS (List[Span]): The spans, of which characters, label, id and kb_id can be trusted.
    """
    try:
        return list(group)
    except IndexError:
        # spaCy makes no Span that ends behind the Doc's last token: a longer Doc, for want of the former tokens
        length = len(group.doc.text) + len(group.doc)
        longer = Doc(group.doc.vocab, words=["_"] * length)
        attrs, group.attrs = group.attrs, {}
        try:
            return list(SpanGroup(longer).from_bytes(group.to_bytes()))
        finally:
            # whatever they are, they need not be written
            group.attrs = attrs


def has_moved_spans(doc: Doc) -> bool:
    """Whether a Doc has a span that does not lie where it says, as after a retokenization.

    doc (Doc): The Doc.
    RETURNS (bool): True if one of its groups has such a span.
    """
    return not all(_lies_still(doc, span) for group in doc.spans.values() for span in read_spans(group))


def place_spans(group: SpanGroup, *, widen: bool = False) -> List[PlacedSpan]:
    """Find the tokens of each span of a group.

    group (SpanGroup): The group.
    widen (bool): Whether a span that begins or ends inside a token takes the whole of it, so that none is lost.
    RETURNS (List[PlacedSpan]): The spans, in the order of the group.
    """
    doc = group.doc
    spans = read_spans(group)
    if all(_lies_still(doc, span) for span in spans):
        return [PlacedSpan(span, span.start, span.end) for span in spans]
    if widen:
        return _widen(doc, spans)
    starts = {token.idx: token.i for token in doc if len(token)}
    ends = {token.idx + len(token): token.i + 1 for token in doc if len(token)}
    placed = []
    for span in spans:
        start, end = starts.get(span.start_char, -1), ends.get(span.end_char, -1)
        placed.append(PlacedSpan(span, start, end) if 0 <= start < end else PlacedSpan(span, -1, -1))
    return placed


def copy_group(group: SpanGroup, doc: Doc) -> SpanGroup:
    """A copy of a group for another Doc with the same tokens; `SpanGroup.copy` moves spans after a retokenization, and
    refuses those that have no place.

    group (SpanGroup): The group.
    doc (Doc): The other Doc, of the same vocabulary.
    RETURNS (SpanGroup): The copy.
    """
    if _can_be_copied(group):
        return group.copy(doc)
    return SpanGroup(doc).from_bytes(group.to_bytes())


def copy_doc(doc: Doc) -> Doc:
    """A copy of a Doc with all that `Doc.copy` keeps, also where that refuses the spans after a retokenization.

    doc (Doc): The Doc.
    RETURNS (Doc): The copy.
    """
    if all(map(_can_be_copied, doc.spans.values())):
        return doc.copy()
    copied = Doc.from_docs([doc], ensure_whitespace=False, exclude=["spans", "user_data"])  # type: ignore[call-arg]
    copied.has_unknown_spaces = doc.has_unknown_spaces
    copied.cats = deepcopy(doc.cats)
    copied.user_data = deepcopy(doc.user_data)
    for name, group in doc.spans.items():
        copied.spans[name] = copy_group(group, copied)
    return copied


def _widen(doc: Doc, spans: List[Span]) -> List[PlacedSpan]:
    firsts = [token.idx for token in doc]
    afters = [token.idx + len(token) for token in doc]
    placed = []
    for span in spans:
        start, end = bisect_right(afters, span.start_char), bisect_left(firsts, span.end_char)
        if span.start_char == span.end_char:
            start = end = bisect_left(firsts, span.start_char)
        else:
            # what lies between tokens goes to the one behind it, if there is one
            start = min(start, len(doc) - 1)
            end = max(end, start + 1)
        placed.append(PlacedSpan(span, start, end))
    return placed


def _can_be_copied(group: SpanGroup) -> bool:
    """Whether spaCy copies a group: it takes spans without tokens for spans of before a retokenization."""
    return all(span.start < span.end and _lies_still(group.doc, span) for span in read_spans(group))


def _lies_still(doc: Doc, span: Span) -> bool:
    if not span.start < span.end <= len(doc):
        is_empty = span.start == span.end <= len(doc) and span.start_char == span.end_char
        return is_empty and span.start_char == (doc[span.start].idx if span.start < len(doc) else len(doc.text))
    last = doc[span.end - 1]
    return bool(doc[span.start].idx == span.start_char and last.idx + len(last) == span.end_char)
