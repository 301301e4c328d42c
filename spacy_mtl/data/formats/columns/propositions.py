"""Universal Propositions: CoNLL-U with rolesets and arguments in further columns. https://universalpropositions.github.io

Three layouts are read. In release 1.0, English has after CoNLL-U's ten columns one with rolesets and one for each
predicate, with roles at the arguments' heads; the other languages have the first eight columns of CoNLL-U, one with
"Y" at predicates, one with rolesets, and those of the predicates. From release 2.0 on a line "# global.columns = ..."
names the columns, of which one lists a predicate's arguments ("A0:1|A1:5") and one their spans ("A0:1-1|A1:4-6");
these files have no words, which come from the treebank's own file.

Where only the head of an argument is given, the argument is its subtree without the predicate, as far as that is
possible; `subtrees.widen_heads` says how. In the development part of English, release 1.0, this finds 94 of 100 spans
of PropBank again; the plain subtree without the predicate finds 90, the head alone 50.
"""

import re
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from ....errors import Errors
from ....types import FrameSpans, RoleSpan
from ..lines import Place, find_comment, find_sent_id, parse_number, read_blocks, split_blanks
from ..remarks import Remarks
from .conllu import COLUMNS, ConlluSentence, Documents, add_text, parse_sentence, read_conllu
from .propbank import full_role
from .subtrees import widen_heads

Row = Tuple[int, List[str]]
Argument = Tuple[str, int, int]
_EMPTY = "_"
_PREDICATE, _CONTINUED = "V", "C-V"
_FORM = 1
_FLAG, _FLAG_COLUMN = "Y", 8
_GLOBAL_COLUMNS = re.compile(r"#\s*global\.columns\s*=\s*(.*)")
_CONLLU_COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")
_ROLESETS = ("UP:PRED", "UP:PREDS", "PB:PRED")
_HEADS = ("UP:ARGHEADS", "PB:ARGHEADS", "PB:ARGS")
_SPANS = ("UP:ARGSPANS", "PB:ARGSPANS")
_LISTED = re.compile(r"([^:]+):([0-9]+)(?:-([0-9]+))?")


class PropositionSentence(NamedTuple):
    """A sentence with its frames.

    sentence (ConlluSentence): Words, tags, tree and place.
    frames (Optional[List[FrameSpans]]): The frames, in the order of their columns; None for a sentence of the treebank
        that PropBank lacks, whose rolesets are blank instead of "_".
    """

    sentence: ConlluSentence
    frames: Optional[List[FrameSpans]]


class Layout(NamedTuple):
    """Which column has what.

    conllu (List[int]): Indices of CoNLL-U's ten columns; -1 for one that the file does not have.
    rolesets (int): Index of the column with rolesets.
    listed (int): Index of the column that lists arguments; -1 where each predicate has a column after all others.
    by_head (bool): Whether the arguments are those of the heads, not of the spans.
    """

    conllu: List[int]
    rolesets: int
    listed: int = -1
    by_head: bool = True


_ENGLISH = Layout(list(range(COLUMNS)), COLUMNS)
_FLAGGED = Layout([*range(_FLAG_COLUMN), -1, -1], _FLAG_COLUMN + 1)


def read_propositions(
    path: Union[str, Path],
    *,
    words: Optional[Union[str, Path]] = None,
    heads_only: bool = False,
    keep_roles: bool = False,
    remarks: Optional[Remarks] = None,
) -> Iterator[PropositionSentence]:
    """The sentences of a file of Universal Propositions, in any of the layouts that the module describes.

    path (Union[str, Path]): The file.
    words (Optional[Union[str, Path]]): The treebank's CoNLL-U file, for a file without words; joined by `sent_id`.
    heads_only (bool): Whether an argument is the one token of its head, as in dependency-based role labelling.
    keep_roles (bool): Whether to keep the short names "A0", "AM-TMP" instead of PropBank's "ARG0", "ARGM-TMP".
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (PropositionSentence): One sentence.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102-E105, E130 for what breaks CoNLL-U; E109, E111, E147 for columns and arguments that break
        the layout; E145, E146 for words that are missing or do not go with the propositions.
    """
    path = Path(path)
    remarks = remarks or Remarks()
    blocks = list(read_blocks(path))
    if not blocks:
        return
    layout = _find_layout(path, blocks, heads_only)
    treebank = None if words is None else {s.place.sentence: s for s in read_conllu(words)}
    if treebank is None and layout.conllu[_FORM] < 0:
        advice = "Name the treebank's CoNLL-U file (--words), or merge the two with Universal Propositions' tools."
        raise ValueError(Errors.E146.format(place=path, found="it lacks the column FORM", advice=advice))
    documents = Documents(path)
    for block in blocks:
        document = documents.follow(block)
        rows = [(number, line.split("\t")) for number, line in block if not line.startswith("#")]
        if not rows:
            continue
        place = Place(path, block[0][0], find_sent_id(block))
        with remarks.skipping():
            tokens = [(number, row) for number, row in rows if parse_number(row[0]) >= 0]
            if treebank is None:
                sentence = parse_sentence(place, [(number, _pick(row, layout.conllu)) for number, row in rows])
                sentence = add_text(sentence._replace(document=document), find_comment(block, "text"), remarks)
            else:
                sentence = _find_words(place, len(tokens), treebank, words)
            frames: Optional[List[FrameSpans]] = None
            if not all(len(row) > layout.rolesets and not row[layout.rolesets] for _, row in tokens):
                found = _read_arguments(place, tokens, layout)
                frames = [_to_frame(sentence, *one, layout.by_head and not heads_only, keep_roles) for one in found]
            yield PropositionSentence(sentence, frames)


def _to_frame(
    sentence: ConlluSentence,
    predicate: int,
    roleset: str,
    arguments: Sequence[Argument],
    widen: bool,
    keep_roles: bool,
) -> FrameSpans:
    if widen:
        spans = widen_heads(sentence.heads, sentence.deps, predicate, [start for _, start, _ in arguments])
        arguments = [(role, *span) for (role, _, _), span in zip(arguments, spans)]
    roles = tuple(RoleSpan(r if keep_roles else full_role(r), start, end) for r, start, end in arguments)
    return FrameSpans(predicate, predicate + 1, roleset, roles)


def _find_layout(path: Path, blocks: Sequence[Sequence[Tuple[int, str]]], heads_only: bool) -> Layout:
    number, first = blocks[0][0]
    named = _GLOBAL_COLUMNS.match(first)
    if named:
        names = split_blanks(named[1])
        conllu = [names.index(name) if name in names else -1 for name in _CONLLU_COLUMNS]
        rolesets, heads, spans = (_find_column(names, known) for known in (_ROLESETS, _HEADS, _SPANS))
        listed = heads if heads_only or spans < 0 else spans
        if conllu[0] == 0 and rolesets > 0 and listed > 0:
            return Layout(conllu, rolesets, listed, by_head=listed == heads)
        expected = f"global columns ID, {_ROLESETS[0]}, {_HEADS[0]}" + ("" if heads_only else f" or {_SPANS[0]}")
        raise ValueError(Errors.E147.format(place=f"{path}, line {number}", expected=expected, found=named[1]))
    rows = [line.split("\t") for block in blocks for _, line in block if line[:1].isdecimal()]
    if any(len(row) > _FLAG_COLUMN and row[_FLAG_COLUMN] == _FLAG for row in rows):
        return _FLAGGED
    if rows and all(len(row) > COLUMNS for row in rows if parse_number(row[0]) >= 0):
        return _ENGLISH
    expected = "'# global.columns', ten columns of CoNLL-U and one with rolesets, or eight, one with 'Y' and rolesets"
    raise ValueError(Errors.E147.format(place=path, expected=expected, found=f"{len(rows[0]) if rows else 0} columns"))


def _find_column(names: Sequence[str], known: Sequence[str]) -> int:
    return next((i for i, name in enumerate(names) if name in known), -1)


def _pick(row: Sequence[str], columns: Sequence[int]) -> List[str]:
    return [row[i] if 0 <= i < len(row) else _EMPTY for i in columns]


def _find_words(
    place: Place, length: int, treebank: Dict[str, ConlluSentence], words: Optional[Union[str, Path]]
) -> ConlluSentence:
    sentence = treebank.get(place.sentence)
    if sentence is None or len(sentence.words) != length:
        found = "none" if sentence is None else f"{len(sentence.words)} words"
        expected = f"a sentence with this id and {length} words"
        raise ValueError(Errors.E145.format(place=place.at(place.line), expected=expected, other=words, found=found))
    return sentence


def _read_arguments(place: Place, tokens: Sequence[Row], layout: Layout) -> Iterator[Tuple[int, str, List[Argument]]]:
    """Index of each predicate, its roleset and its arguments."""
    width = max(layout.rolesets, layout.listed) + 1
    for number, row in tokens:
        if len(row) < width:
            raise ValueError(Errors.E103.format(place=place.at(number), expected=f"at least {width}", found=len(row)))
    if layout.listed >= 0:
        yield from _read_listed(place, tokens, layout)
        return
    named = [i for i, (_, row) in enumerate(tokens) if row[layout.rolesets] != _EMPTY]
    for number, row in tokens:
        # release 1.0 ends the rows of sentences without predicates with a tab
        found = len(row) - width - (not named and row[-1] == "")
        if found != len(named):
            raise ValueError(Errors.E109.format(place=place.at(number), expected=len(named), found=found))
    taken = set()
    for column, row_of_roleset in enumerate(named, start=width):
        cells = [row[column] for _, row in tokens]
        # as in PropBank the predicate is where "V" is, unless another frame is there
        predicate = cells.index(_PREDICATE) if _PREDICATE in cells else row_of_roleset
        if predicate in taken:
            predicate = row_of_roleset
        number, row = tokens[row_of_roleset]
        if predicate in taken:
            raise ValueError(Errors.E115.format(place=place.at(number), token=predicate))
        taken.add(predicate)
        parts = {_PREDICATE: _CONTINUED}
        arguments = [(parts.get(cell, cell), i, i + 1) for i, cell in enumerate(cells) if cell != _EMPTY]
        arguments = [argument for argument in arguments if argument[:2] != (_CONTINUED, predicate)]
        _check_apart(place.at(number), predicate, arguments)
        yield predicate, row[layout.rolesets], arguments


def _read_listed(place: Place, tokens: Sequence[Row], layout: Layout) -> Iterator[Tuple[int, str, List[Argument]]]:
    for i, (number, row) in enumerate(tokens):
        roleset, listed = row[layout.rolesets], row[layout.listed]
        if roleset == _EMPTY and listed != _EMPTY:
            expected = "a roleset beside arguments"
            raise ValueError(Errors.E147.format(place=place.at(number), expected=expected, found=listed))
        if roleset != _EMPTY:
            cells = [] if listed == _EMPTY else listed.split("|")
            # several words of one argument repeat its span
            arguments = list(dict.fromkeys(_parse_listed(place.at(number), cell, len(tokens)) for cell in cells))
            _check_apart(place.at(number), i, arguments)
            yield i, roleset, arguments


def _parse_listed(place: str, cell: str, length: int) -> Argument:
    match = _LISTED.fullmatch(cell)
    if match:
        start, end = parse_number(match[2]) - 1, parse_number(match[3] or match[2])
        if 0 <= start < end <= length:
            return match[1], start, end
    expected = f"arguments such as 'A0:1' or 'A1:4-6' with IDs from 1 to {length}, and '|' between them"
    raise ValueError(Errors.E147.format(place=place, expected=expected, found=cell))


def _check_apart(place: str, predicate: int, arguments: Sequence[Argument]) -> None:
    ordered = sorted([(predicate, predicate + 1, _PREDICATE), *((start, end, role) for role, start, end in arguments)])
    for (_, end, role), (start, _, following) in zip(ordered, ordered[1:]):
        if start < end:
            raise ValueError(Errors.E111.format(place=place, found=following, open=role))
