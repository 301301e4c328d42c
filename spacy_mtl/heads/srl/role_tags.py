"""Role tags of packed windows, from frames and back to arguments, on the host."""

from typing import List, NamedTuple, Optional, Sequence, Tuple

import numpy
from thinc.types import Floats2d, Ints1d, Ints2d

from ...types import RoleSpan
from ..windows import Windows
from .role_crf import ILLEGAL, Lattice

OPEN = -1
"""The tag of a token that the annotation leaves open."""


class RoleTagScheme(NamedTuple):
    """Tags of a set of roles: O, then B- of each role, then I- of each role.

    roles (Tuple[str, ...]): The roles, among them "V".
    """

    roles: Tuple[str, ...]

    @property
    def size(self) -> int:
        """RETURNS (int): Number of tags."""
        return 2 * len(self.roles) + 1

    def begin(self, role: int) -> int:
        """RETURNS (int): The tag that begins a role."""
        return 1 + role

    def inside(self, role: int) -> int:
        """RETURNS (int): The tag that continues a role."""
        return 1 + len(self.roles) + role

    def encode(self, spans: Sequence[Tuple[int, int, int]], start: int, end: int) -> Ints1d:
        """Tag a window.

        spans (Sequence[Tuple[int, int, int]]): Role (OPEN if unknown), first token and token after, not overlapping.
        start (int): First token of the window.
        end (int): Token after the window.
        RETURNS (Ints1d): A tag for each token; what is not wholly inside the window is OPEN where it is inside.
        """
        tags = numpy.zeros(end - start, dtype="int32")
        for role, first, after in spans:
            if role == OPEN or first < start or after > end:
                tags[max(first - start, 0) : max(after - start, 0)] = OPEN
            else:
                tags[first - start] = self.begin(role)
                tags[first - start + 1 : after - start] = self.inside(role)
        return tags


def constrain_predicates(
    scores: Floats2d, windows: Windows, predicate_role: int, ends: Optional[Ints1d] = None
) -> Floats2d:
    """Make each predicate's own token begin the role V, and no other.

    scores (Floats2d): Score of each tag at each row, shape (R, K).
    windows (Windows): The predicates.
    predicate_role (int): Index of the role V.
    ends (Optional[Ints1d]): The token after each packed predicate where its extent is given, as an index into the
        batch's tokens; None to leave it to the scores.
    RETURNS (Floats2d): A copy of the scores with the forbidden tags set to ILLEGAL.
    """
    scores = scores.copy()
    own = windows.tokens == windows.predicates[windows.owners]
    kept = scores[own, 1 + predicate_role]
    scores[:, 1 + predicate_role] = ILLEGAL
    scores[own] = ILLEGAL
    scores[own, 1 + predicate_role] = kept
    if ends is not None:
        inside = (scores.shape[1] - 1) // 2 + 1 + predicate_role
        end_of_row = ends[windows.owners]
        within = (windows.tokens > windows.predicates[windows.owners]) & (windows.tokens < end_of_row)
        kept = scores[within, inside]
        scores[within] = ILLEGAL
        scores[within, inside] = kept
        scores[windows.tokens == end_of_row, inside] = ILLEGAL
    return scores


def open_continuations(tags: Ints1d, windows: Windows, roles: int) -> Tuple[Ints1d, Ints1d]:
    """Where a span of known end meets an open token: the open token may be anything but more of that span.

    tags (Ints1d): The tag of each row, OPEN where it is not known.
    windows (Windows): The packing.
    roles (int): Number of roles.
    RETURNS (Tuple[Ints1d, Ints1d]): The open rows behind a span, and for each the tag that would go on with the span.
    """
    steps = windows.tokens - windows.starts[windows.owners]
    offsets = numpy.asarray(windows.offsets, dtype="int64")
    rows = numpy.nonzero((tags == OPEN) & (steps > 0))[0]
    before = tags[offsets[steps[rows] - 1] + windows.owners[rows]]
    behind = before > 0
    inside = numpy.where(before > roles, before, before + roles)
    return rows[behind], inside[behind]


def pack_tags(by_predicate: Sequence[Ints1d], windows: Windows) -> Ints1d:
    """Bring the tags of each predicate's window to the order of the rows.

    by_predicate (Sequence[Ints1d]): Tags of each predicate in the caller's order.
    windows (Windows): The packing.
    RETURNS (Ints1d): One tag a row.
    """
    if not len(windows.order):
        return numpy.zeros(0, dtype="int32")
    padded = numpy.zeros((len(windows.order), len(windows.sizes)), dtype="int32")
    for packed, place in enumerate(windows.order):
        padded[packed, : len(by_predicate[place])] = by_predicate[place]
    return padded[windows.owners, windows.tokens - windows.starts[windows.owners]]


def unpack(values: numpy.ndarray, windows: Windows, fill: float = 0) -> numpy.ndarray:
    """Bring values by row to a table, packed predicate by step.

    values (numpy.ndarray): One value a row.
    windows (Windows): The packing.
    fill (float): Value where a window has ended.
    RETURNS (numpy.ndarray): Shape (P, steps).
    """
    table = numpy.full((len(windows.predicates), len(windows.sizes)), fill, dtype=values.dtype)
    table[windows.owners, windows.tokens - windows.starts[windows.owners]] = values
    return table


def decode_spans(tags: Ints1d, lattice: Lattice, windows: Windows, scheme: RoleTagScheme) -> List[List[RoleSpan]]:
    """Arguments with their exact probabilities, from the tags of all rows at once.

    tags (Ints1d): A legal tag for each row.
    lattice (Lattice): What `forward_backward` found for the scores, as numpy arrays.
    windows (Windows): The packing.
    scheme (RoleTagScheme): The tags.
    RETURNS (List[List[RoleSpan]]): The spans, V among them, of each predicate in the caller's order, in batch tokens.
    """
    spans: List[List[RoleSpan]] = [[] for _ in windows.order]
    if not len(windows.order):
        return spans
    roles = len(scheme.roles)
    table = unpack(tags, windows)
    ends = _span_ends(table, roles)
    rows = numpy.arange(len(tags))
    continues = tags > roles
    factors = numpy.zeros(len(tags), dtype="float64")
    within = lattice.inside[rows[continues], tags[continues] - roles - 1]
    factors[continues] = numpy.log(numpy.maximum(within, 1e-30))
    logs = numpy.cumsum(unpack(factors, windows), axis=1)
    row_table = unpack(rows, windows, fill=-1)
    owners, steps = numpy.nonzero((table > 0) & (table <= roles))
    after = ends[owners, steps]
    role_ids = table[owners, steps] - 1
    first_rows = row_table[owners, steps]
    probabilities = lattice.forward[first_rows, role_ids + 1] * numpy.exp(logs[owners, after - 1] - logs[owners, steps])
    padded_rows = numpy.concatenate([row_table, numpy.full((len(row_table), 1), -1)], axis=1)
    rows_after = padded_rows[owners, after]
    probabilities *= numpy.where(rows_after >= 0, lattice.fresh[rows_after], 1.0)
    probabilities = numpy.clip(probabilities, 0.0, 1.0)
    starts = windows.starts[owners]
    columns = (windows.order[owners], role_ids, starts + steps, starts + after, probabilities)
    for place, role, first, end, probability in zip(*(column.tolist() for column in columns)):
        spans[place].append(RoleSpan(scheme.roles[role], first, end, probability))
    return spans


def _span_ends(table: Ints2d, roles: int) -> Ints2d:
    """For each cell, the first later step that does not continue a span."""
    count, steps = table.shape
    ends = numpy.full((count, steps), steps, dtype="int64")
    following = numpy.full((count,), steps, dtype="int64")
    for t in range(steps - 1, -1, -1):
        ends[:, t] = following
        following = numpy.where(table[:, t] > roles, following, t)
    return ends
