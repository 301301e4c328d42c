"""The span groups of a Doc written again, after its tokens were merged or split."""

import warnings
from typing import List, Optional

from spacy.tokens import Doc, Span, SpanGroup

from .errors import Warnings
from .frames import PROBABILITY_ATTRS, read_frame_spans, set_frames
from .span_places import has_moved_spans, place_spans
from .types import FrameSpans


def renew_spans(doc: Doc) -> Doc:
    """Put the spans of a Doc on the tokens that have their characters: `doc.retokenize`, and with it `merge_entities`
    and its like, leaves them where they were.

    A span that begins or ends inside a token takes the whole of it. Within a frame, a token that belongs to several
    spans then is the predicate's, or else the first argument's; of predicates in one token the first keeps its frame.
    What has no token left is dropped, with a warning, W013.

    doc (Doc): The Doc, changed in place. Where no token has moved it stays as it is.
    RETURNS (Doc): The same Doc.
    """
    if has_moved_spans(doc):
        for key, group in list(doc.spans.items()):
            frames = _read_frames(doc, key)
            if frames is None:
                doc.spans[key] = _renew_group(group)
            else:
                _renew_frames(doc, key, frames)
    return doc


def _read_frames(doc: Doc, key: str) -> Optional[List[FrameSpans]]:
    try:
        return read_frame_spans(doc, key, widen=True) or None
    except ValueError:
        # spans of other kinds, or frames that are refused whenever they are read
        return None


def _renew_frames(doc: Doc, key: str, frames: List[FrameSpans]) -> None:
    group = doc.spans[key]
    firsts = {frame.start: frame for frame in reversed(frames)}
    set_frames(doc, firsts.values(), key)
    written = doc.spans[key]
    written.attrs.update({name: value for name, value in group.attrs.items() if name not in PROBABILITY_ATTRS})
    if len(written) < len(group):
        warnings.warn(Warnings.W013.format(key=key), stacklevel=4)


def _renew_group(group: SpanGroup) -> SpanGroup:
    doc = group.doc
    spans = [
        Span(doc, start, end, label=stored.label, kb_id=stored.kb_id, span_id=stored.id)
        for stored, start, end in place_spans(group, widen=True)
    ]
    return SpanGroup(doc, name=group.name, attrs=group.attrs, spans=spans)
