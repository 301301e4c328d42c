"""Predicates, senses and roles on a Doc: reading and writing them.

A Doc keeps its frames in one span group, `doc.spans["srl"]`. Every predicate and every argument is a Span: its label
is the role ("V" for the predicate), its id the index of the predicate's first token, and the kb_id of the "V" span is
the roleset. A present, empty group means "annotated, no predicate"; an absent group means "not annotated".
Probabilities lie in the group's attrs, in the order of its spans.
"""

import warnings
from collections import defaultdict
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from spacy.tokens import Doc, Span, SpanGroup, Token
from spacy.training import Example

from .errors import Errors, Warnings
from .types import FrameSpans, RoleSpan

SPANS_KEY = "srl"
PREDICATE = "V"
_PROBABILITIES = "probabilities"
_SENSE_PROBABILITIES = "sense_probabilities"


class Argument(NamedTuple):
    """An argument as read from a Doc.

    role (str): The label, such as "ARG0" or "C-ARG1".
    span (Span): Its tokens.
    probability (Optional[float]): The model's probability in [0, 1]; None in gold annotation.
    """

    role: str
    span: Span
    probability: Optional[float] = None


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

    def to_offsets(self) -> FrameSpans:
        """RETURNS (FrameSpans): The same frame in token offsets, for `set_frames` or to outlive the Doc."""
        roles = tuple(RoleSpan(role, span.start, span.end, p) for role, span, p in self.arguments)
        return FrameSpans(
            self.predicate.start, self.predicate.end, self.sense, roles, self.probability, self.sense_probability
        )


def read_frame_spans(doc: Doc, spans_key: str = SPANS_KEY) -> List[FrameSpans]:
    """The frames of a Doc in token offsets, in the order of their predicates.

    doc (Doc): The Doc.
    spans_key (str): The span group to read.
    RETURNS (List[FrameSpans]): Empty if the group is absent or empty.
    RAISES (ValueError): E001-E003 for a group that breaks the format.
    """
    if spans_key not in doc.spans:
        return []
    group = doc.spans[spans_key]
    spans = list(group)
    probabilities = _aligned_attr(group, _PROBABILITIES, len(spans))
    sense_probabilities = _aligned_attr(group, _SENSE_PROBABILITIES, len(spans))
    predicates: Dict[str, List[int]] = defaultdict(list)
    roles: Dict[str, List[RoleSpan]] = {}
    for i, span in enumerate(spans):
        frame_id = span.id_
        if not frame_id.isdigit():
            raise ValueError(
                Errors.E001.format(key=spans_key, text=span.text, start=span.start, end=span.end, label=span.label_)
            )
        members = roles.setdefault(frame_id, [])
        if span.label_ == PREDICATE:
            predicates[frame_id].append(i)
        else:
            members.append(RoleSpan(span.label_, span.start, span.end, probabilities[i]))
    frames = []
    for frame_id, members in roles.items():
        found = predicates[frame_id]
        if len(found) != 1:
            shown = [f"{s.label_}: {s.text}" for s in spans if s.id_ == frame_id]
            raise ValueError(Errors.E002.format(key=spans_key, frame=frame_id, found=len(found), spans=shown))
        i = found[0]
        span = spans[i]
        if span.start != int(frame_id):
            raise ValueError(Errors.E003.format(key=spans_key, frame=frame_id, start=span.start))
        members.sort(key=lambda role: (role.start, role.end))
        frames.append(
            FrameSpans(span.start, span.end, span.kb_id_, tuple(members), probabilities[i], sense_probabilities[i])
        )
    return sorted(frames)


def get_frames(doc: Doc, spans_key: str = SPANS_KEY) -> Tuple[Frame, ...]:
    """The frames of a Doc as Spans: what `doc._.frames` gives.

    doc (Doc): The Doc.
    spans_key (str): The span group to read.
    RETURNS (Tuple[Frame, ...]): In the order of the predicates; empty if the group is absent or empty.
    RAISES (ValueError): E001-E003 for a group that breaks the format.
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
    RAISES (ValueError): E004-E007 for offsets outside the Doc, two frames on one token, an empty role, a role "V".
    """
    spans: List[Span] = []
    probabilities: List[Optional[float]] = []
    sense_probabilities: List[Optional[float]] = []
    seen = set()
    for frame in sorted(frames, key=lambda f: f.start):
        _check_offsets(doc, "the predicate", frame.start, frame.end)
        if frame.start in seen:
            raise ValueError(Errors.E005.format(start=frame.start, token=doc[frame.start].text))
        seen.add(frame.start)
        frame_id = str(frame.start)
        spans.append(Span(doc, frame.start, frame.end, label=PREDICATE, kb_id=frame.sense, span_id=frame_id))
        probabilities.append(frame.probability)
        sense_probabilities.append(frame.sense_probability)
        for role, start, end, probability in frame.roles:
            _check_offsets(doc, f"the argument {role}", start, end)
            if not role:
                raise ValueError(Errors.E006.format(what="role", start=start, end=end))
            if role == PREDICATE:
                raise ValueError(Errors.E007.format(start=start, end=end))
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
    Text categories describe the whole Doc and are copied to the part.

    doc (Doc): The Doc, left as it is.
    start (int): Index of the part's first token.
    end (int): Index after the part's last token.
    spans_key (str): The span group of the frames.
    RETURNS (Doc): The part.
    """
    part = doc[start:end].as_doc()
    part.cats = dict(doc.cats)
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

    docs (Sequence[Doc]): At least one Doc, all of one vocabulary, all with frames or all without.
    spans_key (str): The span group of the frames.
    RETURNS (Doc): The joined Doc.
    RAISES (ValueError): E008 if only some Docs are annotated with frames.
    """
    annotated = [doc for doc in docs if spans_key in doc.spans]
    if annotated and len(annotated) < len(docs):
        raise ValueError(Errors.E008.format(what=f"{len(annotated)} of {len(docs)}"))
    moved = []
    offset = 0
    for doc in docs:
        for frame in read_frame_spans(doc, spans_key):
            roles = tuple(r._replace(start=r.start + offset, end=r.end + offset) for r in frame.roles)
            moved.append(frame._replace(start=frame.start + offset, end=frame.end + offset, roles=roles))
        offset += len(doc)
    joined = Doc.from_docs(list(docs), ensure_whitespace=False)
    if annotated:
        set_frames(joined, moved, spans_key)
    return joined


class AlignedFrames(NamedTuple):
    """The reference's frames on the predicted Doc's tokens.

    frames (List[FrameSpans]): Those whose predicate falls on whole tokens, with the arguments that do.
    unaligned_predicates (List[Tuple[int, int]]): Token ranges that touch a predicate that could not be aligned.
    unaligned_roles (Dict[int, List[Tuple[int, int]]]): By frame, the token ranges that touch such an argument.
    """

    frames: List[FrameSpans]
    unaligned_predicates: List[Tuple[int, int]]
    unaligned_roles: Dict[int, List[Tuple[int, int]]]


def align_frames(example: Example, spans_key: str = SPANS_KEY) -> AlignedFrames:
    """Bring the reference's frames to the tokens of the predicted Doc, span by span.

    spaCy's `get_aligned_spans_y2x` loses ids and drops overlapping spans; here overlapping arguments of different
    frames stay. What has no exact counterpart is reported, so that a head can mask it instead of learning "O".

    example (Example): The Example.
    spans_key (str): The span group of the frames.
    RETURNS (AlignedFrames): The frames and what could not be aligned.
    """
    gold = read_frame_spans(example.reference, spans_key)
    if example.x.to_array("ORTH").tolist() == example.y.to_array("ORTH").tolist():
        return AlignedFrames(gold, [], {})
    frames: List[FrameSpans] = []
    unaligned_predicates: List[Tuple[int, int]] = []
    unaligned_roles: Dict[int, List[Tuple[int, int]]] = {}
    for frame in gold:
        touched, exact = _align_range(example, frame.start, frame.end)
        if not exact or any(touched[0] == other.start for other in frames):
            unaligned_predicates.append(touched)
            continue
        roles = []
        for role in frame.roles:
            role_touched, role_exact = _align_range(example, role.start, role.end)
            if role_exact:
                roles.append(role._replace(start=role_touched[0], end=role_touched[1]))
            else:
                unaligned_roles.setdefault(touched[0], []).append(role_touched)
        frames.append(frame._replace(start=touched[0], end=touched[1], roles=tuple(roles)))
    return AlignedFrames(frames, unaligned_predicates, unaligned_roles)


def register_extensions() -> None:
    """Make `doc._.frames` and `token._.frame` known to spaCy. Components and readers call it; calling again is safe."""
    if not Doc.has_extension("frames"):
        Doc.set_extension("frames", getter=get_frames)
    if not Token.has_extension("frame"):
        Token.set_extension("frame", getter=_frame_of_token)


def _frame_of_token(token: Token) -> Optional[Frame]:
    """The frame of which the token is the predicate, or part of its first contiguous part; None if there is none."""
    for frame in get_frames(token.doc):
        if frame.predicate.start <= token.i < frame.predicate.end:
            return frame
    return None


def _aligned_attr(group: SpanGroup, key: str, length: int) -> List[Optional[float]]:
    values = group.attrs.get(key)
    # Spans added or removed by hand leave the list out of step: then no probability is better than a wrong one.
    if values is None or len(values) != length:
        return [None] * length
    return list(values)


def _check_offsets(doc: Doc, what: str, start: int, end: int) -> None:
    if not 0 <= start < end <= len(doc):
        raise ValueError(Errors.E004.format(what=what, start=start, end=end, length=len(doc)))


def _align_range(example: Example, start: int, end: int) -> Tuple[Tuple[int, int], bool]:
    """Map reference tokens to predicted tokens: the range they touch, and whether it covers the same text."""
    indices = [int(i) for i in example.alignment.y2x[start:end]]
    if not indices:
        return (0, 0), False
    first, last = min(indices), max(indices)
    back = [int(i) for i in example.alignment.x2y[first : last + 1]]
    return (first, last + 1), bool(back) and min(back) >= start and max(back) < end
