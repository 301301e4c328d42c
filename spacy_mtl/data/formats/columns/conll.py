"""The columns of the CoNLL shared tasks of 2003 (entities), 2005 (roles) and 2012 (both).

https://www.clips.uantwerpen.be/conll2003/ner/, http://www.lsi.upc.edu/~srlconll/, http://conll.cemantix.org/2012/
"""

import re
from collections import Counter
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from ....errors import Errors
from ....types import FrameSpans
from ..lines import BLANKS, GZIP_SUFFIX, Place, read_blocks, split_blanks
from ..remarks import Remarks
from .iob2 import TaggedSpan, read_iob2
from .propbank import full_role, parse_column, parse_frames
from .spelling import MultiwordToken

Row = Tuple[int, List[str]]
_DOCUMENT_BEGIN = re.compile(r"#begin document \(?([^);]*)\)?")
_NONE = "-"
_FIXED_COLUMNS_2012 = 11
_WORD, _TAG, _LEMMA, _SENSE, _ENTITY = 3, 4, 6, 7, 10
_SENSE_NUMBER = re.compile(r"[0-9]{2}|XX")


class ConllSentence(NamedTuple):
    """A sentence. What the format does not have is None.

    place (Place): File, first line and the document.
    document (str): The document's id, or its number in the file; "" where the format has no documents.
    words (List[str]): The tokens.
    tags (Optional[List[str]]): Parts of speech.
    entities (Optional[List[TaggedSpan]]): The named entities.
    frames (Optional[List[FrameSpans]]): The frames.
    spaces (Optional[List[bool]]): Whether white space follows each token; None if the file does not say.
    multiword (Sequence[MultiwordToken]): Tokens that the text writes as one, in order.
    """

    place: Place
    document: str
    words: List[str]
    tags: Optional[List[str]] = None
    entities: Optional[List[TaggedSpan]] = None
    frames: Optional[List[FrameSpans]] = None
    spaces: Optional[List[bool]] = None
    multiword: Sequence[MultiwordToken] = ()


def read_conll2003(
    path: Union[str, Path],
    *,
    word_column: Optional[int] = None,
    tag_column: Optional[int] = None,
    repair: bool = False,
    words: Optional[Union[str, Path]] = None,
    remarks: Optional[Remarks] = None,
) -> Iterator[ConllSentence]:
    """The sentences of a file in the columns of CoNLL-2003, or of any other with words and entity tags in columns.

    The tags may be IOB2, BILUO, IOBES or, as in the shared task's own release, IOB1; see `read_iob2`.

    path (Union[str, Path]): The file.
    word_column, tag_column, repair, words, remarks: As for `read_iob2`.
    YIELDS (ConllSentence): One sentence, with the number of its document where "-DOCSTART-" rows begin documents.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): As `read_iob2`.
    """
    for sentence in read_iob2(
        path,
        word_column=word_column,
        tag_column=tag_column,
        repair=repair,
        either=True,
        words=words,
        remarks=remarks,
    ):
        yield ConllSentence(
            sentence.place,
            sentence.document,
            sentence.words,
            entities=sentence.spans,
            spaces=sentence.spaces,
            multiword=sentence.multiword,
        )


def read_conll2012(path: Union[str, Path], *, remarks: Optional[Remarks] = None) -> Iterator[ConllSentence]:
    """The sentences of a `*_conll` file of OntoNotes as CoNLL-2012 lays it out.

    A row is: document, part, token number, word, part of speech, parse bit, lemma, frameset, word sense, speaker,
    named entities, one column for each row with a frameset, coreference.

    path (Union[str, Path]): The file.
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (ConllSentence): One sentence, with tags, entities and frames; a roleset is lemma and frameset: "say.01".
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E103, E130 for an encoding, too few columns or a damaged file; E109-E115 for spans and
        predicates that break the format.
    """
    path = Path(path)
    remarks = remarks or Remarks()
    document = ""
    for block in read_blocks(path):
        rows: List[Row] = []
        for number, line in block:
            begin = _DOCUMENT_BEGIN.match(line)
            if begin:
                document = begin[1].strip(BLANKS)
            elif not line.startswith("#"):
                rows.append((number, split_blanks(line)))
        if rows:
            with remarks.skipping():
                yield _parse_2012(Place(path, rows[0][0], document), rows)


def read_conll2005(
    path: Union[str, Path],
    *,
    words: Optional[Union[str, Path]] = None,
    keep_roles: bool = False,
    remarks: Optional[Remarks] = None,
) -> Iterator[ConllSentence]:
    """The sentences of a file with the propositions of CoNLL-2005, alone (`props`) or after columns of words.

    The columns of the arguments are the last ones; before them stands the column of the predicates' lemmas. Where the
    column before that one holds senses ("01"), they make rolesets ("face.01"); else the rolesets stay open.

    path (Union[str, Path]): The file.
    words (Optional[Union[str, Path]]): The file with the words in its first column. By default this one or, if it has
        only propositions, the one beside it with "words" for "props" in its path, as in the shared task's release.
    keep_roles (bool): Whether to keep the short names "A0", "AM-TMP" instead of PropBank's "ARG0", "ARGM-TMP".
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (ConllSentence): One sentence with frames.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E130 for an encoding or a damaged file; E109-E115 for spans and predicates that break
        the format; E145, E146 for words that are missing or do not go with the propositions.
    """
    path = Path(path)
    remarks = remarks or Remarks()
    blocks = [[(number, split_blanks(line)) for number, line in block] for block in read_blocks(path)]
    if not blocks:
        return
    target = _find_target(blocks)
    if target and words is None:
        sentences = [[row[0] for _, row in rows] for rows in blocks]
    else:
        sentences = _read_words(path, blocks, _beside(path) if words is None else Path(words))
    for rows, tokens in zip(blocks, sentences):
        with remarks.skipping():
            yield _parse_2005(Place(path, rows[0][0]), rows, tokens, target, keep_roles)


def _parse_2012(place: Place, rows: Sequence[Row]) -> ConllSentence:
    places = [place.at(number) for number, _ in rows]
    for i, (_, row) in enumerate(rows):
        if len(row) <= _FIXED_COLUMNS_2012:
            expected = f"at least {_FIXED_COLUMNS_2012 + 1}"
            raise ValueError(Errors.E103.format(place=places[i], expected=expected, found=len(row)))
    predicates = [i for i, (_, row) in enumerate(rows) if row[_SENSE] != _NONE]
    rolesets = [f"{rows[i][1][_LEMMA]}.{rows[i][1][_SENSE]}" for i in predicates]
    cells = [row[_FIXED_COLUMNS_2012:-1] for _, row in rows]
    return ConllSentence(
        place=place,
        document=place.sentence,
        words=[row[_WORD] for _, row in rows],
        tags=[row[_TAG] for _, row in rows],
        entities=parse_column([_with_star(row[_ENTITY]) for _, row in rows], places),
        frames=_parse_frames(cells, predicates, rolesets, places),
    )


def _parse_2005(place: Place, rows: Sequence[Row], tokens: List[str], target: int, keep_roles: bool) -> ConllSentence:
    places = [place.at(number) for number, _ in rows]
    for i, (_, row) in enumerate(rows):
        if len(row) <= target:
            raise ValueError(Errors.E103.format(place=places[i], expected=f"at least {target + 1}", found=len(row)))
    predicates = [i for i, (_, row) in enumerate(rows) if row[target] != _NONE]
    rolesets = []
    for i in predicates:
        lemma, sense = rows[i][1][target], rows[i][1][target - 1] if target else ""
        rolesets.append(f"{lemma}.{sense}" if _SENSE_NUMBER.fullmatch(sense) else "")
    frames = _parse_frames([row[target + 1 :] for _, row in rows], predicates, rolesets, places)
    if not keep_roles:
        frames = [f._replace(roles=tuple(r._replace(role=full_role(r.role)) for r in f.roles)) for f in frames]
    return ConllSentence(place, "", tokens, frames=frames)


def _with_star(cell: str) -> str:
    """An entity of one token is "(GPE)", where an argument would be "(ARG0*)"."""
    return cell if "*" in cell else cell.replace(")", "*)")


def _parse_frames(
    cells: Sequence[Sequence[str]], predicates: Sequence[int], rolesets: Sequence[str], places: Sequence[str]
) -> List[FrameSpans]:
    for i, row in enumerate(cells):
        if len(row) != len(predicates):
            raise ValueError(Errors.E109.format(place=places[i], expected=len(predicates), found=len(row)))
    columns = [[row[k] for row in cells] for k in range(len(predicates))]
    return parse_frames(columns, predicates, rolesets, places)[0]


def _find_target(blocks: Sequence[Sequence[Row]]) -> int:
    """Index of the column of predicates: the one with as many lemmas as columns follow, in most sentences."""
    fits: Dict[int, int] = Counter()
    for rows in blocks:
        width = min(len(row) for _, row in rows)
        for column in range(width):
            lemmas = sum(row[column] != _NONE for _, row in rows)
            fits[column] += lemmas == width - column - 1 and all("*" in c for _, row in rows for c in row[column + 1 :])
    return max(fits, key=lambda column: fits[column])


def _beside(path: Path) -> Path:
    parts = [part.replace("props", "words") for part in path.parts[-2:]]
    return Path(*path.parts[:-2], *parts)


def _read_words(path: Path, blocks: Sequence[Sequence[Row]], words: Path) -> List[List[str]]:
    if words == path or not words.exists():
        found = "only propositions" if words == path else f"only propositions, and there is no file {words}"
        advice = f"Name the file with the words (--words); it may end in {GZIP_SUFFIX}."
        raise ValueError(Errors.E146.format(place=path, found=found, advice=advice))
    word_blocks = list(read_blocks(words))
    for rows, block in zip(blocks, word_blocks):
        if len(rows) != len(block):
            place = Place(words, block[0][0]).at(block[0][0])
            message = Errors.E145.format(place=place, expected=f"{len(rows)} words", other=path, found=len(block))
            raise ValueError(message)
    if len(blocks) != len(word_blocks):
        expected = f"{len(blocks)} sentences"
        raise ValueError(Errors.E145.format(place=words, expected=expected, other=path, found=len(word_blocks)))
    return [[split_blanks(line)[0] for _, line in block] for block in word_blocks]
