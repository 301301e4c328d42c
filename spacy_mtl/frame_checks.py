"""What a Doc can hold as frames: everything is looked at before anything is written."""

from operator import index
from typing import Any, Iterable, List, Optional, Sequence, Tuple

from spacy.tokens import Doc

from .errors import Errors
from .types import FrameSpans, RoleSpan

PREDICATE = "V"
TOKENS_SHOWN = 12
# what is summed in single precision may come out a little above one
ROUNDING = 1e-4


def check_frames(doc: Doc, frames: Iterable[FrameSpans]) -> List[FrameSpans]:
    """The frames in the order of their predicates, with Python's own numbers and strings.

    doc (Doc): The Doc that they are for.
    frames (Iterable[FrameSpans]): The frames, in any order.
    RETURNS (List[FrameSpans]): The frames; arguments stay in their order.
    RAISES (ValueError): E004-E007, E009, E012, E013 for what no Doc can hold.
    """
    if isinstance(frames, (FrameSpans, str, bytes)) or not isinstance(frames, Iterable):
        raise ValueError(
            Errors.E012.format(what="what is given", expected="a list of FrameSpans", found=_shorten(frames))
        )
    checked = sorted((_check_frame(doc, frame) for frame in frames), key=lambda frame: frame.start)
    for one, other in zip(checked, checked[1:]):
        if one.start == other.start:
            raise ValueError(Errors.E005.format(start=one.start, token=doc[one.start].text))
    return checked


def check_overlaps(doc: Doc, start: int, end: int, roles: Sequence[RoleSpan]) -> None:
    """Refuse a frame whose spans share a token: the roles of one predicate are told apart token by token.

    doc (Doc): The Doc.
    start (int): Index of the predicate's first token.
    end (int): Index after its last token.
    roles (Sequence[RoleSpan]): The arguments, in the order of their first tokens.
    RAISES (ValueError): E009 for spans that share a token.
    """
    last_role, last_end = "", -1
    for role in roles:
        if role.start < last_end or (role.start < end and start < role.end):
            other = last_role if role.start < last_end else PREDICATE
            place = {"role": role.role, "start": role.start, "end": role.end, "other": other}
            raise ValueError(Errors.E009.format(predicate=doc[start:end].text, doc=beginning_of(doc), **place))
        last_role, last_end = role.role, role.end


def cut_overlaps(start: int, end: int, roles: Iterable[RoleSpan]) -> List[RoleSpan]:
    """The arguments of a frame without the tokens that they share with the predicate or with an argument before them.

    start (int): Index of the predicate's first token.
    end (int): Index after its last token.
    roles (Iterable[RoleSpan]): The arguments, in the order of their first tokens.
    RETURNS (List[RoleSpan]): Those that have a token left.
    """
    cut: List[RoleSpan] = []
    taken = 0
    for role in roles:
        first, after = max(role.start, taken), role.end
        if first < end and start < after:
            first, after = (first, start) if first < start else (max(first, end), after)
        if first < after:
            cut.append(role._replace(start=first, end=after))
            taken = after
    return cut


def beginning_of(doc: Doc) -> str:
    """RETURNS (str): The first words of a Doc, to find it by."""
    return doc[:TOKENS_SHOWN].text


def _check_frame(doc: Doc, frame: Any) -> FrameSpans:
    if not isinstance(frame, FrameSpans):
        expected = "a FrameSpans, which Frame.to_offsets() gives"
        raise ValueError(Errors.E012.format(what="a frame", expected=expected, found=_shorten(frame)))
    start, end = _check_offsets(doc, "the predicate", frame.start, frame.end)
    place = f"the predicate at token {start}"
    sense = _check_string(f"the sense of {place}", frame.sense, "a string, '' if there is none")
    if isinstance(frame.roles, (str, RoleSpan)) or not isinstance(frame.roles, Iterable):
        found = _shorten(frame.roles)
        raise ValueError(Errors.E012.format(what=f"what {place} has as roles", expected="RoleSpans", found=found))
    roles = tuple(_check_role(doc, role, place) for role in frame.roles)
    check_overlaps(doc, start, end, sorted(roles, key=lambda role: (role.start, role.end)))
    probability = _check_probability(place, frame.probability)
    sense_probability = _check_probability(f"the sense of {place}", frame.sense_probability)
    return FrameSpans(start, end, sense, roles, probability, sense_probability)


def _check_role(doc: Doc, role: Any, place: str) -> RoleSpan:
    if not isinstance(role, RoleSpan):
        raise ValueError(
            Errors.E012.format(what=f"an argument of {place}", expected="a RoleSpan", found=_shorten(role))
        )
    label = _check_string(f"the role of an argument of {place}", role.role, "a string such as 'ARG0'")
    start, end = _check_offsets(doc, f"the argument {label}", role.start, role.end)
    if not label.strip():
        raise ValueError(Errors.E006.format(what="role", start=start, end=end))
    if label == PREDICATE:
        raise ValueError(Errors.E007.format(start=start, end=end))
    return RoleSpan(label, start, end, _check_probability(f"the argument {label} of {place}", role.probability))


def _check_offsets(doc: Doc, what: str, start: Any, end: Any) -> Tuple[int, int]:
    first, after = _check_index(what, start), _check_index(what, end)
    if not 0 <= first < after <= len(doc):
        raise ValueError(Errors.E004.format(what=what, start=first, end=after, length=len(doc)))
    return first, after


def _check_index(what: str, found: Any) -> int:
    try:
        # True and False are numbers to Python, and no tokens to anybody
        if not isinstance(found, bool):
            return index(found)
    except TypeError:
        pass
    raise ValueError(Errors.E012.format(what=f"a border of {what}", expected="a token's index", found=_shorten(found)))


def _check_string(what: str, found: Any, expected: str) -> str:
    if not isinstance(found, str):
        raise ValueError(Errors.E012.format(what=what, expected=expected, found=_shorten(found)))
    try:
        found.encode("utf8")
    except UnicodeEncodeError as error:
        raise ValueError(Errors.E013.format(what=what, found=ascii(found)[:80])) from error
    return str(found)


def _check_probability(what: str, found: Any) -> Optional[float]:
    if found is None:
        return None
    try:
        probability = float(found)
    except (TypeError, ValueError):
        probability = -1.0
    if isinstance(found, str) or not 0 <= probability <= 1 + ROUNDING:
        name = f"the probability of {what}"
        raise ValueError(Errors.E012.format(what=name, expected="a number from 0 to 1, or None", found=_shorten(found)))
    return min(probability, 1.0)


def _shorten(found: Any) -> str:
    return ascii(found)[:80]
