"""CoNLL-U, the format of Universal Dependencies: https://universaldependencies.org/format.html"""

import re
from pathlib import Path
from typing import Iterator, List, NamedTuple, Sequence, Tuple, Union

from ..errors import Errors
from .lines import Place, find_sent_id, read_blocks

COLUMNS = 10
_WORD = re.compile(r"[1-9][0-9]*")
_RANGE = re.compile(r"([1-9][0-9]*)-([1-9][0-9]*)")
_EMPTY_NODE = re.compile(r"[0-9]+\.[0-9]+")


class ConlluSentence(NamedTuple):
    """A sentence in syntactic words. What the file leaves open ("_") is "".

    place (Place): File, first line and `sent_id`.
    words (List[str]): The forms.
    spaces (List[bool]): Whether a space follows the word; inside a multiword token none does.
    lemmas (List[str]): The lemmas.
    pos (List[str]): The universal parts of speech.
    tags (List[str]): The language's own tags (XPOS).
    morphs (List[str]): The features, such as "Number=Sing|Person=3".
    heads (List[int]): Index of each word's head in the sentence, its own for a root; -1 where it is open.
    deps (List[str]): The relations to the heads.
    """

    place: Place
    words: List[str]
    spaces: List[bool]
    lemmas: List[str]
    pos: List[str]
    tags: List[str]
    morphs: List[str]
    heads: List[int]
    deps: List[str]


def read_conllu(path: Union[str, Path]) -> Iterator[ConlluSentence]:
    """The sentences of a CoNLL-U file. Rows of multiword tokens and empty nodes give no word.

    path (Union[str, Path]): The file.
    YIELDS (ConlluSentence): One sentence.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102-E105 for an encoding, a number of columns, an ID or a HEAD that breaks the format.
    """
    path = Path(path)
    for block in read_blocks(path):
        rows = [(number, line.split("\t")) for number, line in block if not line.startswith("#")]
        if rows:
            yield parse_sentence(Place(path, block[0][0], find_sent_id(block)), rows)


def parse_sentence(place: Place, rows: Sequence[Tuple[int, List[str]]]) -> ConlluSentence:
    """A sentence from its rows.

    place (Place): Where the sentence stands, for messages.
    rows (Sequence[Tuple[int, List[str]]]): The numbered rows, of ten columns each.
    RETURNS (ConlluSentence): The sentence.
    RAISES (ValueError): E103-E105 for a number of columns, an ID or a HEAD that breaks the format.
    """
    sentence = ConlluSentence(place, [], [], [], [], [], [], [], [])
    head_lines = []
    range_end, range_space = 0, True
    for number, row in rows:
        if len(row) != COLUMNS:
            message = Errors.E103.format(place=place.at(number), expected=f"{COLUMNS} (tab-separated)", found=len(row))
            raise ValueError(message)
        word_range = _RANGE.fullmatch(row[0])
        if word_range:
            range_end, range_space = int(word_range[2]), _space_after(row[9])
            continue
        if _EMPTY_NODE.fullmatch(row[0]):
            continue
        position = len(sentence.words) + 1
        if not _WORD.fullmatch(row[0]) or int(row[0]) != position:
            raise ValueError(Errors.E104.format(place=place.at(number), expected=position, found=row[0]))
        if position < range_end:
            space = False
        elif position == range_end:
            space = range_space
        else:
            space = _space_after(row[9])
        sentence.words.append(row[1])
        sentence.spaces.append(space)
        # "_" may be a word, and then it is its own lemma.
        sentence.lemmas.append(row[2] if row[1] == "_" else _value(row[2]))
        sentence.pos.append(_value(row[3]))
        sentence.tags.append(_value(row[4]))
        sentence.morphs.append(_value(row[5]))
        head_lines.append((number, row[6]))
        sentence.deps.append(_value(row[7]))
    for i, (number, head) in enumerate(head_lines):
        sentence.heads.append(_parse_head(place.at(number), head, i, len(head_lines)))
    return sentence


def _parse_head(place: str, head: str, index: int, length: int) -> int:
    if head == "_":
        return -1
    if not head.isdecimal() or int(head) > length:
        raise ValueError(Errors.E105.format(place=place, length=length, found=head))
    return int(head) - 1 if int(head) else index


def _value(column: str) -> str:
    return "" if column == "_" else column


def _space_after(misc: str) -> bool:
    return "SpaceAfter=No" not in misc.split("|")
