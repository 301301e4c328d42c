"""IOB2: one row a token, with a tag O, B-label or I-label. Other schemes in such rows are read as IOB2."""

from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from ....errors import Errors, Warnings
from ..lines import Place
from ..remarks import Remarks
from .conllu import ConlluSentence, read_conllu
from .schemes import drop_ends, marks_ends
from .spelling import MultiwordToken
from .tagged import Tokens, cut_tokens, find_columns, read_tagged

TaggedSpan = Tuple[str, int, int]
"""Label, index of the first token, index after the last."""


class Iob2Sentence(NamedTuple):
    """A sentence with a tag on each token.

    place (Place): File, first line and `sent_id`.
    words (List[str]): The tokens.
    tags (List[str]): Valid IOB2 tags.
    spaces (Optional[List[bool]]): Whether white space follows each token; None if the file does not say.
    multiword (List[MultiwordToken]): Tokens that the text writes as one, in order.
    document (str): The document's id, or its number in the file; "" in a file without documents.
    """

    place: Place
    words: List[str]
    tags: List[str]
    spaces: Optional[List[bool]]
    multiword: List[MultiwordToken]
    document: str = ""

    @property
    def spans(self) -> List[TaggedSpan]:
        """RETURNS (List[TaggedSpan]): The tagged spans, in the order of the text."""
        return tags_to_spans(self.tags)


def read_iob2(
    path: Union[str, Path],
    *,
    word_column: Optional[int] = None,
    tag_column: Optional[int] = None,
    repair: bool = False,
    either: bool = False,
    words: Optional[Union[str, Path]] = None,
    remarks: Optional[Remarks] = None,
) -> Iterator[Iob2Sentence]:
    """The sentences of a file with columns, separated by tabs or, in rows without tabs, by blanks.

    The tags may also be BILUO or IOBES; see `marks_ends`. Blanks are where "# text" has them, if the tokens spell it;
    else the sentence is counted (W102), and its spacing is unknown.

    path (Union[str, Path]): The file.
    word_column, tag_column (Optional[int]): Indices of the columns, by default those that `find_columns` finds.
    repair (bool): Whether an "I-" that continues nothing is read as "B-".
    either (bool): Whether the tags may be IOB1, where a span begins with "I-" unless it touches one of the same label.
        A file is read as IOB1 if no "B-" in it begins a span that "I-" could not continue.
    words (Optional[Union[str, Path]]): A treebank in CoNLL-U with the same words, which says what its text is like.
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (Iob2Sentence): One sentence.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E103, E130, E164-E166 for an encoding, a damaged file, a number of columns or an empty
        one; E106, E107, E168 for a tag that breaks its scheme.
    """
    remarks = remarks or Remarks()
    treebank = {} if words is None else {tuple(sentence.words): sentence for sentence in read_conllu(words)}
    sentences = read_tagged(path)
    columns = find_columns(sentences, word_column, tag_column)
    # rows that are too short are refused with their sentence
    cells = [[row for _, row in sentence.rows if len(row) >= columns.width] for sentence in sentences]
    tags = [[row[columns.tag] for row in rows] for rows in cells]
    with_ends = marks_ends(tags)
    repair = repair or (either and not with_ends and all(map(_is_iob1, tags)))
    for sentence in sentences:
        with remarks.skipping():
            tokens = cut_tokens(sentence, columns, remarks)
            if not tokens.words:
                continue
            if treebank:
                tokens = _find_text(tokens, treebank, sentence.place, remarks)
            valid = parse_tags(tokens.tags, tokens.places, with_ends=with_ends, repair=repair)
            yield Iob2Sentence(sentence.place, tokens.words, valid, tokens.spaces, tokens.multiword, sentence.document)


def parse_tags(tags: Sequence[str], places: Sequence[str], *, with_ends: bool, repair: bool = False) -> List[str]:
    """Valid IOB2 tags of a sentence.

    tags (Sequence[str]): One tag a token.
    places (Sequence[str]): Where each tag stands, for messages.
    with_ends (bool): Whether the scheme marks the ends of spans; see `marks_ends`.
    repair (bool): Whether a tag that continues nothing begins a span, and one that is not ended ends by itself.
    RETURNS (List[str]): One tag a token.
    RAISES (ValueError): E106 for a tag of another form; E107, or E168 with ends, for a sequence that breaks the scheme.
    """
    if with_ends:
        tags = drop_ends(tags, places, repair=repair)
    if repair:
        tags = begin_spans(tags)
    for i, tag in enumerate(tags):
        check_tag(places[i], tag, tags[i - 1] if i else "O")
    return list(tags)


def tags_to_spans(tags: Sequence[str]) -> List[TaggedSpan]:
    """The spans that valid IOB2 tags describe.

    tags (Sequence[str]): One tag a token.
    RETURNS (List[TaggedSpan]): The spans, in the order of the text.
    """
    starts = [i for i, tag in enumerate(tags) if tag.startswith("B-")]
    spans = []
    for start in starts:
        end = start + 1
        while end < len(tags) and tags[end].startswith("I-"):
            end += 1
        spans.append((tags[start][2:], start, end))
    return spans


def spans_to_tags(length: int, spans: Sequence[TaggedSpan]) -> List[str]:
    """The IOB2 tags of spans that do not overlap.

    length (int): The number of tokens.
    spans (Sequence[TaggedSpan]): The spans, in any order.
    RETURNS (List[str]): One tag a token.
    """
    tags = ["O"] * length
    for label, start, end in spans:
        tags[start:end] = [f"B-{label}"] + [f"I-{label}"] * (end - start - 1)
    return tags


def begin_spans(tags: Sequence[str]) -> List[str]:
    """IOB2 from IOB1, where a span begins with "I-" unless it touches a span of the same label, or from broken IOB2:
    an "I-" that continues nothing becomes "B-".

    tags (Sequence[str]): One tag a token.
    RETURNS (List[str]): One tag a token; valid IOB2 stays as it is.
    """
    begun: List[str] = []
    for i, tag in enumerate(tags):
        label = tag[2:]
        continues = i > 0 and tags[i - 1] in (f"B-{label}", f"I-{label}")
        begun.append(f"B-{label}" if tag.startswith("I-") and not continues else tag)
    return begun


def check_tag(place: str, tag: str, previous: str = "O") -> None:
    """Refuse a tag that breaks IOB2.

    place (str): Where the tag stands, for the message.
    tag (str): The tag.
    previous (str): The tag before it; "O" at the beginning of a sentence.
    RAISES (ValueError): E106 for a tag of another form, E107 for an "I-" that continues nothing.
    """
    if tag == "O":
        return
    prefix, _, label = tag.partition("-")
    if prefix not in ("B", "I") or not label:
        raise ValueError(Errors.E106.format(place=place, found=tag))
    if prefix == "I" and previous not in (f"B-{label}", f"I-{label}"):
        raise ValueError(Errors.E107.format(place=place, label=label, found=previous))


def _is_iob1(tags: Sequence[str]) -> bool:
    """Whether every "B-" keeps apart two spans of one label, as IOB1 has it."""
    previous = ["O", *tags]
    return all(before[1:] == tag[1:] for before, tag in zip(previous, tags) if tag.startswith("B-"))


def _find_text(
    tokens: Tokens, treebank: Dict[Tuple[str, ...], ConlluSentence], place: Place, remarks: Remarks
) -> Tokens:
    sentence = treebank.get(tuple(tokens.words))
    if sentence is None:
        remarks.count(Warnings.W105, place.at(place.line))
        return tokens
    return tokens._replace(spaces=sentence.spaces, multiword=sentence.multiword)
