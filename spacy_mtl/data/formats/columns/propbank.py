"""PropBank's column format: `gold_skel`, with words blanked as [WORD], and `gold_conll`, with the words.

A row is: document, sentence number, token number, word, XPOS, parse bit, lemma of the frame, roleset, then one column
for each predicate, in the order of the predicates' rows, with cells such as "(ARG1*", "*", "*)", "(V*)".
https://github.com/propbank/propbank-release
"""

import re
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from ....errors import Errors
from ....types import FrameSpans, RoleSpan
from ..lines import Place, parse_number, read_blocks, split_blanks
from ..remarks import Remarks

BLANK = "[WORD]"
_FIXED_COLUMNS = 8
_PREDICATE, _CONTINUED = "V", "C-V"
_CELL = re.compile(r"(?:\(([^()*\s]+))?\*(\)?)")
_SHORT_ROLE = re.compile(r"^((?:[CR]-)*)A([0-5AM](?:-.*)?)$")


class PropbankSentence(NamedTuple):
    """A sentence with its frames.

    place (Place): File, first line and "document:sentence number".
    document (str): The document, such as "google/ewt/reviews/00/001325.xml".
    number (int): The sentence's number in the document, from 0.
    words (List[str]): The words; "[WORD]" in a file without them.
    tags (List[str]): The Penn Treebank's parts of speech.
    lemmas (List[str]): The lemma of the frame on a predicate's row, else "".
    rolesets (List[str]): The roleset on a predicate's row, such as "give.01", else "".
    frames (List[FrameSpans]): The frames, in the order of their columns.
    moved (int): How many frames share their first token with another and stand at their own row instead.
    """

    place: Place
    document: str
    number: int
    words: List[str]
    tags: List[str]
    lemmas: List[str]
    rolesets: List[str]
    frames: List[FrameSpans]
    moved: int


def read_propbank(path: Union[str, Path], *, remarks: Optional[Remarks] = None) -> Iterator[PropbankSentence]:
    """The sentences of a `gold_skel` or `gold_conll` file.

    A frame starts at the first token of its "V". Where two frames share it (the "V" of "jumpstart" is "jump", which
    is a predicate too), the later one takes as predicate that part, "V" or "C-V", which holds the token of its row;
    the parts change labels, no token is lost.

    path (Union[str, Path]): The file.
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (PropbankSentence): One sentence.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E103 for an encoding or a number of columns; E108-E114 for what breaks the format.
    """
    path = Path(path)
    remarks = remarks or Remarks()
    for block in read_blocks(path):
        with remarks.skipping():
            yield _parse_sentence(path, [(number, split_blanks(line)) for number, line in block])


def parse_column(cells: Sequence[str], places: Sequence[str]) -> List[Tuple[str, int, int]]:
    """The spans of one predicate's column.

    cells (Sequence[str]): One cell a token.
    places (Sequence[str]): Where each cell stands, for messages.
    RETURNS (List[Tuple[str, int, int]]): Role, index of the first token, index after the last; in order.
    RAISES (ValueError): E110-E112 for a cell of another form, a span in a span, a span opened and not closed or
        closed and not opened.
    """
    spans = []
    role, start = "", 0
    for i, cell in enumerate(cells):
        if cell == "*":
            continue
        match = _CELL.fullmatch(cell)
        if not match:
            raise ValueError(Errors.E110.format(place=places[i], found=cell))
        if match[1]:
            if role:
                raise ValueError(Errors.E111.format(place=places[i], found=match[1], open=role))
            role, start = match[1], i
        if match[2]:
            if not role:
                raise ValueError(Errors.E112.format(place=places[i], what="closed that was not opened", found=cell))
            spans.append((role, start, i + 1))
            role = ""
    if role:
        raise ValueError(Errors.E112.format(place=places[start], what="opened and never closed", found=f"({role}*"))
    return spans


def parse_frames(
    columns: Sequence[Sequence[str]], predicates: Sequence[int], rolesets: Sequence[str], places: Sequence[str]
) -> Tuple[List[FrameSpans], int]:
    """The frames of a sentence from its predicates' columns. Where two share their first token, see `read_propbank`.

    columns (Sequence[Sequence[str]]): One column a predicate, with one cell a token.
    predicates (Sequence[int]): Index of the row that names each column's predicate.
    rolesets (Sequence[str]): The predicates' rolesets; "" where they are not annotated.
    places (Sequence[str]): Where each row stands, for messages.
    RETURNS (Tuple[List[FrameSpans], int]): The frames, in the order of the columns, and how many were moved.
    RAISES (ValueError): E110-E112 as `parse_column`; E114, E115 for a column without a single "V", or for two
        predicates that begin at one token.
    """
    frames: Dict[int, FrameSpans] = {}
    moved = 0
    for column, predicate, roleset in zip(columns, predicates, rolesets):
        spans = parse_column(column, places)
        if sum(role == _PREDICATE for role, _, _ in spans) != 1:
            found_roles = ", ".join(role for role, _, _ in spans) or "nothing"
            raise ValueError(Errors.E114.format(place=places[predicate], found=found_roles))
        frame = _to_frame(spans, roleset)
        if frame.start in frames:
            frame = _to_frame(_predicate_at(spans, predicate), roleset)
            moved += 1
        if frame.start in frames:
            raise ValueError(Errors.E115.format(place=places[predicate], token=frame.start))
        frames[frame.start] = frame
    return list(frames.values()), moved


def full_role(role: str) -> str:
    """PropBank's name of a role that CoNLL-2005 or Universal Propositions shorten.

    role (str): Such as "A0", "AM-TMP", "R-A1"; any other name is left as it is.
    RETURNS (str): Such as "ARG0", "ARGM-TMP", "R-ARG1".
    """
    return _SHORT_ROLE.sub(r"\1ARG\2", role)


def format_column(length: int, frame: FrameSpans) -> List[str]:
    """The column of one frame: the reverse of `parse_column`.

    length (int): The number of tokens.
    frame (FrameSpans): A frame whose spans do not overlap.
    RETURNS (List[str]): One cell a token.
    RAISES (ValueError): E113 if spans overlap, which a column cannot hold.
    """
    cells = ["*"] * length
    last_end, last_role = 0, ""
    spans = [(frame.start, frame.end, _PREDICATE)] + [(r.start, r.end, r.role) for r in frame.roles]
    for start, end, role in sorted(spans):
        if start < last_end:
            raise ValueError(Errors.E113.format(predicate=frame.start, first=last_role, second=role, token=start))
        cells[start] = f"({role}*"
        cells[end - 1] += ")"
        last_end, last_role = end, role
    return cells


def _parse_sentence(path: Path, rows: Sequence[Tuple[int, List[str]]]) -> PropbankSentence:
    first = rows[0][1]
    place = Place(path, rows[0][0], ":".join(first[:2]))
    places = [place.at(number) for number, _ in rows]
    for i, (_, row) in enumerate(rows):
        if len(row) < _FIXED_COLUMNS:
            message = Errors.E103.format(place=places[i], expected=f"at least {_FIXED_COLUMNS}", found=len(row))
            raise ValueError(message)
        if row[2] != str(i) or row[:2] != first[:2] or parse_number(row[1]) < 0:
            expected = f"{' '.join(first[:2])} {i}"
            raise ValueError(Errors.E108.format(place=places[i], expected=expected, found=" ".join(row[:3])))
    predicates = [i for i, (_, row) in enumerate(rows) if row[7] != "-"]
    for i, (_, row) in enumerate(rows):
        if len(row) != _FIXED_COLUMNS + len(predicates):
            found = len(row) - _FIXED_COLUMNS
            raise ValueError(Errors.E109.format(place=places[i], expected=len(predicates), found=found))
    columns = [[row[i] for _, row in rows] for i in range(_FIXED_COLUMNS, len(first))]
    frames, moved = parse_frames(columns, predicates, [rows[i][1][7] for i in predicates], places)
    return PropbankSentence(
        place=place,
        document=first[0],
        number=parse_number(first[1]),
        words=[row[3] for _, row in rows],
        tags=[row[4] for _, row in rows],
        lemmas=["" if row[6] == "-" else row[6] for _, row in rows],
        rolesets=["" if row[7] == "-" else row[7] for _, row in rows],
        frames=frames,
        moved=moved,
    )


def _to_frame(spans: Sequence[Tuple[str, int, int]], sense: str) -> FrameSpans:
    start, end = next((start, end) for role, start, end in spans if role == _PREDICATE)
    roles = tuple(RoleSpan(role, start, end) for role, start, end in spans if role != _PREDICATE)
    return FrameSpans(start, end, sense, roles)


def _predicate_at(spans: Sequence[Tuple[str, int, int]], token: int) -> List[Tuple[str, int, int]]:
    """Make the part of the predicate that holds the token its "V", and the other parts its "C-V"."""
    parts = [span for span in spans if span[0] in (_PREDICATE, _CONTINUED)]
    chosen = next((span for span in parts if span[1] <= token < span[2]), None)
    if chosen is None:
        return list(spans)
    relabelled = []
    for span in spans:
        role = span[0]
        if span is chosen:
            role = _PREDICATE
        elif span in parts:
            role = _CONTINUED
        relabelled.append((role, span[1], span[2]))
    return relabelled
