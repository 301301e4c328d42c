"""Files with one row a token and a tag in one of its columns, whatever the tags mean."""

import re
from collections import Counter
from pathlib import Path
from typing import List, NamedTuple, Optional, Sequence, Tuple, Union

from ....errors import Errors, Warnings
from ..lines import Place, find_comment, find_sent_id, read_blocks, split_comments, split_row
from ..remarks import Remarks
from .conllu import Documents, add_range, check_last_range, is_empty_node
from .schemes import is_tag
from .spelling import MultiwordToken, spell

Row = Tuple[int, List[str]]
"""Number of a line and its cells."""
_NUMBERED_TAG = 2
_DOCUMENT_START = "-DOCSTART-"
_DOCUMENT_ID = re.compile(r"\(([^()]+)\)")


class TaggedRows(NamedTuple):
    """A sentence as it stands in the file.

    place (Place): File, first line, and `sent_id` or else the document.
    document (str): The document's id, or its number in the file; "" in a file without documents.
    text (str): The raw text, as a comment gives it; "" if none does.
    rows (List[Row]): The rows of the tokens.
    """

    place: Place
    document: str
    text: str
    rows: List[Row]


class Columns(NamedTuple):
    """Where a file has what.

    word (int): Index of the column with the token.
    tag (int): Index of the column with the tag; -1 for the last.
    width (int): How many columns a row has, or needs, if the tag's is not counted from the end.
    numbered (bool): Whether the first column numbers the tokens.
    """

    word: int
    tag: int
    width: int
    numbered: bool


class Tokens(NamedTuple):
    """The tokens of a sentence, with tags that are not checked.

    words (List[str]): The tokens.
    tags (List[str]): One tag a token.
    places (List[str]): Where each stands, for messages.
    spaces (Optional[List[bool]]): Whether white space follows each token; None if the file does not say.
    multiword (List[MultiwordToken]): Tokens that the text writes as one.
    """

    words: List[str]
    tags: List[str]
    places: List[str]
    spaces: Optional[List[bool]]
    multiword: List[MultiwordToken]


def read_tagged(path: Union[str, Path]) -> List[TaggedRows]:
    """The sentences of a file. Rows of "-DOCSTART-", with an id in parentheses or without, and comments "# newdoc"
    begin documents.

    path (Union[str, Path]): The file, with tabs between its columns or, in rows without tabs, blanks.
    RETURNS (List[TaggedRows]): The sentences.
    RAISES (FileNotFoundError, ValueError): As `read_blocks`.
    """
    path = Path(path)
    documents = Documents(path)
    sentences = []
    for block in read_blocks(path):
        comments, lines = split_comments(block)
        documents.follow(comments)
        rows: List[Row] = []
        for number, line in lines:
            cells = split_row(line)
            if cells[0] == _DOCUMENT_START:
                found = _DOCUMENT_ID.search(line)
                documents.begin(found[1].strip() if found else "")
            else:
                rows.append((number, cells))
        if rows:
            first = comments[0][0] if comments else rows[0][0]
            place = Place(path, first, find_sent_id(comments) or documents.name)
            sentences.append(TaggedRows(place, documents.name, find_comment(comments, "text"), rows))
    return sentences


def find_columns(sentences: Sequence[TaggedRows], word: Optional[int] = None, tag: Optional[int] = None) -> Columns:
    """Where the sentences of a file have their tokens and tags.

    sentences (Sequence[TaggedRows]): The sentences.
    word (Optional[int]): Index of the token's column; by default the second, where three or more columns begin with
        the token's number, and else the first.
    tag (Optional[int]): Index of the tag's column; by default the third, where tokens are numbered and it has as many
        tags as the last one, and else the last.
    RETURNS (Columns): The columns.
    """
    rows = [cells for sentence in sentences for _, cells in sentence.rows]
    numbered = word != 0 and 2 * sum(_count_numbered(sentence.rows) for sentence in sentences) > len(rows)
    if word is None:
        word = 1 if numbered else 0
    if tag is None:
        third, last = (
            sum(is_tag(cells[column]) for cells in rows if len(cells) > _NUMBERED_TAG) for column in (_NUMBERED_TAG, -1)
        )
        tag = _NUMBERED_TAG if numbered and third >= last else -1
    widths = Counter(len(cells) for cells in rows)
    width = max(word, tag, 1) + 1
    if tag < 0 and widths:
        width = max(width, -tag, max(widths, key=lambda found: widths[found]))
    return Columns(word, tag, width, numbered)


def cut_tokens(sentence: TaggedRows, columns: Columns, remarks: Remarks) -> Tokens:
    """The tokens and tags of a sentence, with blanks where its raw text has them.

    sentence (TaggedRows): The sentence.
    columns (Columns): Where it has what.
    remarks (Remarks): Counts a raw text that is not that of the tokens (W102).
    RETURNS (Tokens): The tokens. Rows such as "3-4" are multiword tokens, rows such as "3.1" are left out.
    RAISES (ValueError): E103, E166, E169 for a row of another width, without a token, or with a wrong range.
    """
    tokens = Tokens([], [], [], None, [])
    for number, cells in sentence.rows:
        place = sentence.place.at(number)
        is_comment = not tokens.words and cells[0].startswith("#")
        if columns.numbered and (is_comment or is_empty_node(cells)):
            continue
        if len(cells) < columns.width or (columns.tag < 0 and len(cells) > columns.width):
            expected = f"{'' if columns.tag < 0 else 'at least '}{columns.width}"
            raise ValueError(Errors.E103.format(place=place, expected=expected, found=len(cells)))
        word = cells[columns.word]
        if not word:
            raise ValueError(Errors.E166.format(place=place, found=cells))
        if columns.numbered and add_range(tokens.multiword, len(tokens.words), [cells[0], word], place):
            continue
        tokens.words.append(word)
        tokens.tags.append(cells[columns.tag])
        tokens.places.append(place)
    check_last_range(tokens.multiword, len(tokens.words), sentence.place.at(sentence.rows[-1][0]))
    return _add_text(sentence, tokens, remarks)


def _add_text(sentence: TaggedRows, tokens: Tokens, remarks: Remarks) -> Tokens:
    if not sentence.text or not tokens.words:
        return tokens
    contractions = not tokens.multiword
    spelling = spell(tokens.words, sentence.text, tokens.multiword, contractions=contractions)
    if spelling is None:
        remarks.count(Warnings.W102, f"{sentence.place.at(sentence.place.line)}, '{sentence.text}'")
        return tokens
    return tokens._replace(spaces=spelling.spaces, multiword=spelling.multiword)


def _count_numbered(rows: Sequence[Row]) -> int:
    """How many rows of at least three columns begin with the number after that of the row before."""
    expected = 0 if rows[0][1][0] == "0" else 1
    count = 0
    for _, cells in rows:
        if len(cells) > _NUMBERED_TAG and cells[0] == str(expected):
            count += 1
            expected += 1
    return count
