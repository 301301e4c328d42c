"""Frames of an Example's reference on the tokens of its predicted Doc."""

from typing import Dict, List, NamedTuple, Tuple

from spacy.training import Example

from .annotation import has_same_tokens
from .frames import SPANS_KEY, read_frame_spans
from .types import FrameSpans


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
    if has_same_tokens(example):
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


def _align_range(example: Example, start: int, end: int) -> Tuple[Tuple[int, int], bool]:
    """Map reference tokens to predicted tokens: the range they touch, and whether it covers the same text."""
    indices = [int(i) for i in example.alignment.y2x[start:end]]
    if not indices:
        return (0, 0), False
    first, last = min(indices), max(indices)
    back = [int(i) for i in example.alignment.x2y[first : last + 1]]
    return (first, last + 1), bool(back) and min(back) >= start and max(back) < end
