"""IOB2: one row a token, with a tag O, B-label or I-label."""

from pathlib import Path
from typing import Iterator, List, NamedTuple, Sequence, Tuple, Union

from ..errors import Errors
from .lines import Place, find_sent_id, read_blocks, split_row

TaggedSpan = Tuple[str, int, int]
"""Label, index of the first token, index after the last."""


class Iob2Sentence(NamedTuple):
    """A sentence with a tag on each token.

    place (Place): File, first line and `sent_id`.
    words (List[str]): The tokens.
    tags (List[str]): Valid IOB2 tags.
    """

    place: Place
    words: List[str]
    tags: List[str]

    @property
    def spans(self) -> List[TaggedSpan]:
        """RETURNS (List[TaggedSpan]): The tagged spans, in the order of the text."""
        return tags_to_spans(self.tags)


def read_iob2(path: Union[str, Path], *, word_column: int = 1, tag_column: int = 2) -> Iterator[Iob2Sentence]:
    """The sentences of a file with columns, separated by tabs or, in rows without tabs, by blanks.

    path (Union[str, Path]): The file.
    word_column (int): Index of the column with the token. The default suits files that number their tokens.
    tag_column (int): Index of the column with the tag.
    YIELDS (Iob2Sentence): One sentence.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E102, E103 for an encoding or too few columns; E106, E107 for a tag that breaks IOB2.
    """
    path = Path(path)
    needed = max(word_column, tag_column) + 1
    for block in read_blocks(path):
        place = Place(path, block[0][0], find_sent_id(block))
        words: List[str] = []
        tags: List[str] = []
        for number, line in block:
            # Below the first token a "#" is one: comments stand above the sentence.
            if line.startswith("# ") and not words:
                continue
            row = split_row(line)
            if len(row) < needed:
                message = Errors.E103.format(place=place.at(number), expected=f"at least {needed}", found=len(row))
                raise ValueError(message)
            check_tag(place.at(number), row[tag_column], tags[-1] if tags else "O")
            words.append(row[word_column])
            tags.append(row[tag_column])
        if words:
            yield Iob2Sentence(place, words, tags)


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
