"""CoNLL-U, the format of Universal Dependencies: https://universaldependencies.org/format.html"""

import re
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from ....errors import Errors, Warnings
from ..lines import Line, Place, find_comment, find_sent_id, parse_number, read_blocks
from ..remarks import Remarks
from .spelling import MultiwordToken, merge_words, spell

COLUMNS = 10
_RANGE = re.compile(r"([0-9]+)-([0-9]+)")
_EMPTY_NODE = re.compile(r"[0-9]+\.[0-9]+")
_NEW_DOCUMENT = re.compile(r"#\s*newdoc\b")
_FEATURE = re.compile(r"[^=]+=[^=]+")


class ConlluSentence(NamedTuple):
    """A sentence in syntactic words. What the file leaves open ("_") is "".

    place (Place): File, first line and `sent_id`.
    words (List[str]): The forms.
    spaces (List[bool]): Whether white space follows the word; inside a multiword token none does.
    lemmas (List[str]): The lemmas.
    pos (List[str]): The universal parts of speech.
    tags (List[str]): The language's own tags (XPOS).
    morphs (List[str]): The features, such as "Number=Sing|Person=3".
    heads (List[int]): Index of each word's head in the sentence, its own for a root; -1 where it is open.
    deps (List[str]): The relations to the heads.
    multiword (List[MultiwordToken]): The multiword tokens, in order.
    text (str): The raw text, as a comment gives it; "" if none does.
    document (str): The id of the document, or its number in the file; "" in a file without documents.
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
    multiword: List[MultiwordToken]
    text: str = ""
    document: str = ""


class Documents:
    """Names the documents of a file by its comments, "# newdoc id = ..."."""

    def __init__(self, path: Path) -> None:
        """Begin before the first document.

        path (Path): The file, after which documents without ids are named.
        """
        self.path = path
        self.number = 0
        self.name = ""

    def follow(self, comments: Sequence[Line]) -> str:
        """The document of a sentence.

        comments (Sequence[Line]): The numbered lines above the sentence.
        RETURNS (str): The id of the document, or a name by its number; "" before the first.
        """
        if any(_NEW_DOCUMENT.match(line) for _, line in comments):
            self.begin(find_comment(comments, "newdoc id"))
        return self.name

    def begin(self, name: str = "") -> None:
        """Begin a document.

        name (str): Its id; "" if there is none.
        """
        self.number += 1
        self.name = name or f"{self.path.name.partition('.')[0]}-{self.number}"


def read_conllu(path: Union[str, Path], *, remarks: Optional[Remarks] = None) -> Iterator[ConlluSentence]:
    """The sentences of a CoNLL-U file. Rows of multiword tokens and empty nodes give no word.

    Blanks are where "# text" has them. If the tokens do not spell it, or "SpaceAfter=No" contradicts it, the columns
    hold, and the sentence is counted (W102).

    path (Union[str, Path]): The file.
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (ConlluSentence): One sentence.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102-E105, E166, E169, E170 for an encoding, a number of columns, an ID, a HEAD, a form, a
        range or features that break the format.
    """
    path = Path(path)
    remarks = remarks or Remarks()
    documents = Documents(path)
    for block in read_blocks(path):
        document = documents.follow(block)
        rows = [(number, line.split("\t")) for number, line in block if not line.startswith("#")]
        if rows:
            with remarks.skipping():
                sentence = parse_sentence(Place(path, block[0][0], find_sent_id(block)), rows)
                yield add_text(sentence._replace(document=document), find_comment(block, "text"), remarks)


def parse_sentence(place: Place, rows: Sequence[Tuple[int, List[str]]]) -> ConlluSentence:
    """A sentence from its rows.

    place (Place): Where the sentence stands, for messages.
    rows (Sequence[Tuple[int, List[str]]]): The numbered rows, of ten columns each.
    RETURNS (ConlluSentence): The sentence.
    RAISES (ValueError): E103-E105, E166, E169, E170 for what breaks the format.
    """
    sentence = ConlluSentence(place, [], [], [], [], [], [], [], [], [])
    head_lines = []
    space_after: Dict[int, bool] = {}
    for number, row in rows:
        row = [cell.strip(" ") for cell in row]
        if len(row) != COLUMNS:
            message = Errors.E103.format(place=place.at(number), expected=f"{COLUMNS} (tab-separated)", found=len(row))
            raise ValueError(message)
        if is_empty_node(row):
            continue
        if not row[1]:
            raise ValueError(Errors.E166.format(place=place.at(number), found=row))
        if add_range(sentence.multiword, len(sentence.words), row, place.at(number)):
            space_after[sentence.multiword[-1].end] = _has_space_after(row[9])
            continue
        position = len(sentence.words) + 1
        if parse_number(row[0]) != position:
            raise ValueError(Errors.E104.format(place=place.at(number), expected=position, found=row[0]))
        is_inside = bool(sentence.multiword) and position <= sentence.multiword[-1].end
        space = not is_inside and _has_space_after(row[9])
        sentence.words.append(row[1])
        sentence.spaces.append(space_after.get(position, space))
        # "_" may be a word, and then it is its own lemma.
        sentence.lemmas.append(row[2] if row[1] == "_" else _value(row[2]))
        sentence.pos.append(_value(row[3]))
        sentence.tags.append(_value(row[4]))
        sentence.morphs.append(_parse_features(place.at(number), row[5]))
        head_lines.append((number, row[6]))
        sentence.deps.append(_value(row[7]))
    check_last_range(sentence.multiword, len(sentence.words), place.at(rows[-1][0]))
    for i, (number, head) in enumerate(head_lines):
        sentence.heads.append(_parse_head(place.at(number), head, i, len(head_lines)))
    return sentence


def is_empty_node(row: Sequence[str]) -> bool:
    """Whether a row is of an empty node, such as "8.1", that the text does not have.

    row (Sequence[str]): The cells.
    RETURNS (bool): Whether it is.
    """
    return bool(_EMPTY_NODE.fullmatch(row[0]))


def add_range(multiword: List[MultiwordToken], length: int, row: Sequence[str], place: str) -> bool:
    """Add the multiword token of a row, if it is such a row.

    multiword (List[MultiwordToken]): Those above it in the sentence.
    length (int): The number of words above it.
    row (Sequence[str]): The cells: the range of words, such as "2-3", and the form.
    place (str): Where it stands, for messages.
    RETURNS (bool): Whether it was added.
    RAISES (ValueError): E169 for a range that does not begin with the next word.
    """
    match = _RANGE.fullmatch(row[0])
    if not match:
        return False
    start, end = parse_number(match[1]), parse_number(match[2])
    if start != length + 1 or end < start or (multiword and length < multiword[-1].end):
        expected = f"begins with the next word, {length + 1}, and overlaps no other"
        raise ValueError(Errors.E169.format(place=place, expected=expected, found=row[0]))
    multiword.append(MultiwordToken(row[1], length, end))
    return True


def check_last_range(multiword: Sequence[MultiwordToken], length: int, place: str) -> None:
    """Refuse a multiword token that goes beyond its sentence.

    multiword (Sequence[MultiwordToken]): The multiword tokens of the sentence.
    length (int): The number of its words.
    place (str): Where it ends, for messages.
    RAISES (ValueError): E169 if the last one does.
    """
    if multiword and multiword[-1].end > length:
        expected = f"ends with a word of the sentence, which has {length}"
        found = f"{multiword[-1].start + 1}-{multiword[-1].end}"
        raise ValueError(Errors.E169.format(place=place, expected=expected, found=found))


def add_text(sentence: ConlluSentence, text: str, remarks: Remarks) -> ConlluSentence:
    """Take the blanks of a sentence from its raw text, if its tokens spell the text.

    sentence (ConlluSentence): The sentence, with the blanks that MISC gives.
    text (str): The raw text; "" if there is none.
    remarks (Remarks): Counts a text that is not that of the tokens (W102).
    RETURNS (ConlluSentence): The sentence with the text.
    """
    if not text or not sentence.words:
        return sentence
    spelling = spell(sentence.words, text, sentence.multiword)
    ends = [token.end - 1 for token in merge_words(sentence.words, sentence.multiword)[:-1]]
    if spelling is None or any(spelling.spaces[end] and not sentence.spaces[end] for end in ends):
        remarks.count(Warnings.W102, f"{sentence.place.at(sentence.place.line)}, '{text}'")
        return sentence._replace(text=text)
    # what follows the last word is not in the text
    return sentence._replace(text=text, spaces=[*spelling.spaces[:-1], sentence.spaces[-1]])


def _parse_head(place: str, head: str, index: int, length: int) -> int:
    if head == "_":
        return -1
    found = parse_number(head)
    if not 0 <= found <= length:
        raise ValueError(Errors.E105.format(place=place, length=length, found=head))
    return found - 1 if found else index


def _parse_features(place: str, features: str) -> str:
    """What has no value is left out: spaCy does not take it."""
    parts = [part for part in features.split("|") if "=" in part]
    for part in parts:
        if not _FEATURE.fullmatch(part):
            raise ValueError(Errors.E170.format(place=place, found=part))
    return "|".join(parts)


def _value(column: str) -> str:
    return "" if column == "_" else column


def _has_space_after(misc: str) -> bool:
    """UDPipe writes "SpacesAfter" for white space that is not one blank."""
    return "SpaceAfter=No" not in misc.split("|")
