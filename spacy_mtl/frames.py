"""Predicates, senses and roles on a Doc: reading and writing them.

A Doc keeps its frames in one span group, `doc.spans["srl"]`. Every predicate and every argument is a Span: its label
is the role ("V" for the predicate), its id the index of the predicate's first token, and the kb_id of the "V" span is
the roleset. A present, empty group means "annotated, no predicate"; an absent group means "not annotated".
Probabilities lie in the group's attrs, in the order of its spans.
"""

import warnings
from collections import defaultdict
from itertools import accumulate
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from spacy.tokens import Doc, Span, SpanGroup, Token

from .errors import Errors, Warnings
from .frame_checks import PREDICATE, beginning_of, check_frames, check_overlaps, cut_overlaps
from .joining import join_groups, join_user_data
from .span_places import PlacedSpan, place_spans, read_spans
from .translations import TRANSLATIONS_KEY, get_translations, join_translations, register_translations, set_translations
from .types import FrameSpans, RoleSpan

SPANS_KEY = "srl"
_PROBABILITIES = "probabilities"
_SENSE_PROBABILITIES = "sense_probabilities"
PROBABILITY_ATTRS = (_PROBABILITIES, _SENSE_PROBABILITIES)


class Argument(NamedTuple):
    """An argument as read from a Doc.

    role (str): The label, such as "ARG0" or "C-ARG1".
    span (Span): Its tokens.
    probability (Optional[float]): The model's probability in [0, 1]; None in gold annotation.
    """

    role: str
    span: Span
    probability: Optional[float] = None

    def __repr__(self) -> str:
        return f"{self.role}={self.span.text!r}{_shown(self.probability)}"


class Frame(NamedTuple):
    """A predicate with its arguments as read from a Doc.

    predicate (Span): The predicate's first contiguous part; further parts are arguments with the role "C-V".
    sense (str): The roleset, such as "give.01"; "" if unknown.
    arguments (Tuple[Argument, ...]): In the order of the text.
    probability (Optional[float]): Of this token being a predicate; None in gold annotation.
    sense_probability (Optional[float]): Of the sense, given the predicate; None in gold annotation.
    """

    predicate: Span
    sense: str
    arguments: Tuple[Argument, ...]
    probability: Optional[float] = None
    sense_probability: Optional[float] = None

    def __repr__(self) -> str:
        sense = f" {self.sense}{_shown(self.sense_probability)}" if self.sense else ""
        head = f"{self.predicate.text!r}{_shown(self.probability)}{sense}"
        return f"Frame({', '.join([head, *map(repr, self.arguments)])})"

    def to_offsets(self) -> FrameSpans:
        """RETURNS (FrameSpans): The same frame in token offsets, for `set_frames` or to outlive the Doc."""
        roles = tuple(RoleSpan(role, span.start, span.end, p) for role, span, p in self.arguments)
        return FrameSpans(
            self.predicate.start, self.predicate.end, self.sense, roles, self.probability, self.sense_probability
        )


def read_frame_spans(doc: Doc, spans_key: str = SPANS_KEY, *, widen: bool = False) -> List[FrameSpans]:
    """The frames of a Doc in token offsets, in the order of their predicates.

    doc (Doc): The Doc.
    spans_key (str): The span group to read.
    widen (bool): Whether spans that begin or end inside a token, as after a retokenization, take the whole of it, and
        are cut where spans of the same frame meet in it: see `renew_spans` in `spacy_mtl.retokenization`. Then several
        frames may have their predicate on one token.
    RETURNS (List[FrameSpans]): Empty if the group is absent or empty.
    RAISES (ValueError): E001-E003, E009 for a group that breaks the format.
    """
    if spans_key not in doc.spans:
        return []
    group = doc.spans[spans_key]
    spans = place_spans(group, widen=widen)
    probabilities = _aligned_attr(group, _PROBABILITIES, len(spans))
    sense_probabilities = _aligned_attr(group, _SENSE_PROBABILITIES, len(spans))
    predicates: Dict[str, List[int]] = defaultdict(list)
    roles: Dict[str, List[RoleSpan]] = {}
    for i, span in enumerate(spans):
        frame_id, label = span.stored.id_, span.stored.label_
        if not (frame_id.isascii() and frame_id.isdecimal()):
            place = {"text": _text_of(doc, span), "start": span.stored.start, "end": span.stored.end, "label": label}
            raise ValueError(Errors.E001.format(key=spans_key, doc=beginning_of(doc), **place))
        if span.is_lost:
            problem = f"has '{_text_of(doc, span)}' as {label}, which does not begin and end with tokens any more"
            raise ValueError(Errors.E003.format(key=spans_key, frame=frame_id, problem=problem, doc=beginning_of(doc)))
        members = roles.setdefault(frame_id, [])
        if label == PREDICATE:
            predicates[frame_id].append(i)
        else:
            members.append(RoleSpan(label, span.start, span.end, probabilities[i]))
    frames = []
    for frame_id, members in roles.items():
        found = predicates[frame_id]
        if len(found) != 1:
            shown = [f"{s.stored.label_}: {_text_of(doc, s)}" for s in spans if s.stored.id_ == frame_id]
            raise ValueError(
                Errors.E002.format(key=spans_key, frame=frame_id, found=len(found), spans=shown, doc=beginning_of(doc))
            )
        i = found[0]
        stored, start, end = spans[i]
        if stored.start != int(frame_id):
            problem = f"has its predicate at token {stored.start}, and not at the one that its id names"
            raise ValueError(Errors.E003.format(key=spans_key, frame=frame_id, problem=problem, doc=beginning_of(doc)))
        members.sort(key=lambda role: (role.start, role.end))
        members = cut_overlaps(start, end, members) if widen else members
        check_overlaps(doc, start, end, members)
        frames.append(FrameSpans(start, end, stored.kb_id_, tuple(members), probabilities[i], sense_probabilities[i]))
    return sorted(frames, key=lambda frame: frame.start)


def get_frames(doc: Doc, spans_key: str = SPANS_KEY) -> Tuple[Frame, ...]:
    """The frames of a Doc as Spans: what `doc._.frames` gives.

    doc (Doc): The Doc.
    spans_key (str): The span group to read.
    RETURNS (Tuple[Frame, ...]): In the order of the predicates; empty if the group is absent or empty.
    RAISES (ValueError): E001-E003, E009 for a group that breaks the format.
    """
    return tuple(
        Frame(
            predicate=doc[frame.start : frame.end],
            sense=frame.sense,
            arguments=tuple(Argument(r.role, doc[r.start : r.end], r.probability) for r in frame.roles),
            probability=frame.probability,
            sense_probability=frame.sense_probability,
        )
        for frame in read_frame_spans(doc, spans_key)
    )


def set_frames(doc: Doc, frames: Iterable[FrameSpans], spans_key: str = SPANS_KEY) -> None:
    """Write frames to a Doc, replacing those it had. An empty list marks the Doc as annotated without predicates.

    doc (Doc): The Doc to write to; unchanged if a frame is refused.
    frames (Iterable[FrameSpans]): The frames, in any order.
    spans_key (str): The span group to write.
    RAISES (ValueError): E004-E007, E009, E012, E013 for offsets outside the Doc or that are none, two frames on one
        token, a role or sense that is no text, a role "V", overlapping arguments of one frame, wrong probabilities.
    """
    spans: List[Span] = []
    probabilities: List[Optional[float]] = []
    sense_probabilities: List[Optional[float]] = []
    for frame in check_frames(doc, frames):
        frame_id = str(frame.start)
        spans.append(Span(doc, frame.start, frame.end, label=PREDICATE, kb_id=frame.sense, span_id=frame_id))
        probabilities.append(frame.probability)
        sense_probabilities.append(frame.sense_probability)
        for role, start, end, probability in frame.roles:
            spans.append(Span(doc, start, end, label=role, span_id=frame_id))
            probabilities.append(probability)
            sense_probabilities.append(None)
    attrs = {}
    if any(p is not None for p in probabilities):
        attrs[_PROBABILITIES] = probabilities
    if any(p is not None for p in sense_probabilities):
        attrs[_SENSE_PROBABILITIES] = sense_probabilities
    doc.spans[spans_key] = SpanGroup(doc, name=spans_key, spans=spans, attrs=attrs)


def slice_doc(doc: Doc, start: int, end: int, spans_key: str = SPANS_KEY) -> Doc:
    """A part of a Doc as a Doc of its own, with its frames: what `Span.as_doc` would give if it kept span groups.

    A frame whose predicate lies outside the part is dropped, and so is an argument that is not wholly inside (W001).
    Text categories describe the whole Doc and are copied to the part. A translation goes along with the whole Doc only.

    doc (Doc): The Doc, left as it is.
    start (int): Index of the part's first token.
    end (int): Index after the part's last token.
    spans_key (str): The span group of the frames.
    RETURNS (Doc): The part.
    RAISES (ValueError): E014 for a part that is not one.
    """
    if not 0 <= start < end <= len(doc):
        raise ValueError(Errors.E014.format(start=start, end=end, length=len(doc)))
    part = doc[start:end].as_doc()
    part.cats = dict(doc.cats)
    part.has_unknown_spaces = doc.has_unknown_spaces
    texts = get_translations(doc)
    if texts is not None and len(part) == len(doc):
        set_translations(part, texts)
    if spans_key not in doc.spans:
        return part
    kept = []
    for frame in read_frame_spans(doc, spans_key):
        if not start <= frame.start < end:
            continue
        roles = [r for r in frame.roles if start <= r.start and r.end <= end]
        dropped = len(frame.roles) - len(roles) + (frame.end > end)
        if dropped:
            predicate = doc[frame.start : frame.end].text
            message = Warnings.W001.format(start=start, end=end, predicate=predicate, dropped=dropped)
            warnings.warn(message, stacklevel=2)
        moved = tuple(r._replace(start=r.start - start, end=r.end - start) for r in roles)
        kept.append(frame._replace(start=frame.start - start, end=min(frame.end, end) - start, roles=moved))
    set_frames(part, kept, spans_key)
    return part


def join_docs(docs: Sequence[Doc], spans_key: str = SPANS_KEY) -> Doc:
    """Docs joined to one, frames kept apart: what `Doc.from_docs` would give if it moved frame ids.

    Translations are joined by blanks, into those languages that all Docs have. User data of tokens and spans move with
    them; other user data stay where all Docs say the same, and are left out where they differ (W012, once).

    docs (Sequence[Doc]): At least one Doc, all of one vocabulary, all with frames or all without.
    spans_key (str): The span group of the frames.
    RETURNS (Doc): The joined Doc.
    RAISES (ValueError): E008 if only some Docs are annotated with frames, E015 for no Docs or different vocabularies.
    """
    if not docs or any(doc.vocab is not docs[0].vocab for doc in docs):
        raise ValueError(Errors.E015.format(found=f"{len(docs)} with {len({id(doc.vocab) for doc in docs})}"))
    annotated = [doc for doc in docs if spans_key in doc.spans]
    if annotated and len(annotated) < len(docs):
        raise ValueError(Errors.E008.format(what=f"{len(annotated)} of {len(docs)}"))
    joined = Doc.from_docs(list(docs), ensure_whitespace=False, exclude=["spans", "user_data"])  # type: ignore[call-arg]
    for key in sorted({key for doc in docs for key in doc.spans} - {spans_key, TRANSLATIONS_KEY}):
        joined.spans[key] = join_groups(docs, key, joined)
    joined.user_data.update(join_user_data(docs))
    texts = join_translations(docs)
    if texts is not None:
        set_translations(joined, texts)
    if annotated:
        set_frames(joined, join_frames(docs, spans_key), spans_key)
    return joined


def join_frames(docs: Sequence[Doc], spans_key: str = SPANS_KEY) -> List[FrameSpans]:
    """The frames of Docs on the tokens of the Doc that they are joined to.

    docs (Sequence[Doc]): The Docs.
    spans_key (str): The span group to read.
    RETURNS (List[FrameSpans]): In the order of their predicates.
    """
    moved = []
    for doc, offset in zip(docs, accumulate(map(len, docs), initial=0)):
        for frame in read_frame_spans(doc, spans_key):
            roles = tuple(r._replace(start=r.start + offset, end=r.end + offset) for r in frame.roles)
            moved.append(frame._replace(start=frame.start + offset, end=frame.end + offset, roles=roles))
    return moved


def register_extensions() -> None:
    """Make `doc._.frames`, `token._.frame` and `doc._.translation` known to spaCy. Components and readers call it;
    calling again is safe."""
    register_translations()
    if not Doc.has_extension("frames"):
        Doc.set_extension("frames", getter=get_frames)
    if not Token.has_extension("frame"):
        Token.set_extension("frame", getter=_frame_of_token)


def _frame_of_token(token: Token) -> Optional[Frame]:
    """The frame of which the token is the predicate, or part of its first contiguous part; None if there is none."""
    if SPANS_KEY not in token.doc.spans:
        return None
    # look for the predicate first: to read all frames for each token of a Doc would be quadratic in its length
    group, after = token.doc.spans[SPANS_KEY], token.idx + len(token)
    if not any(s.label_ == PREDICATE and s.start_char < after and token.idx < s.end_char for s in read_spans(group)):
        return None
    return next((f for f in get_frames(token.doc) if f.predicate.start <= token.i < f.predicate.end), None)


def _aligned_attr(group: SpanGroup, key: str, length: int) -> List[Optional[float]]:
    values = group.attrs.get(key)
    # Spans added or removed by hand leave the list out of step: then no probability is better than a wrong one.
    if values is None or len(values) != length:
        return [None] * length
    return list(values)


def _text_of(doc: Doc, span: PlacedSpan) -> str:
    return doc.text[span.stored.start_char : span.stored.end_char]


def _shown(probability: Optional[float]) -> str:
    return "" if probability is None else f" ({probability:.2f})"
