"""Intents with slots, as SNIPS and ATIS come: a folder with three files that go together row by row.

`seq.in` holds the words, `seq.out` their slots in BIO, `label` the intent.
https://github.com/MiuLab/SlotGated-SLU
"""

from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional, Sequence, Union

from spacy.language import Language
from spacy.tokens import Doc

from ....errors import Errors
from ..categories import choose, collect_labels
from ..docs import make_doc
from ..lines import BLANKS, GZIP_SUFFIX, Place, read_lines, split_blanks
from ..remarks import Remarks, reporting
from .iob2 import parse_tags, tags_to_spans
from .schemes import marks_ends

WORDS, SLOTS, INTENTS = "seq.in", "seq.out", "label"


class IntentSentence(NamedTuple):
    """An utterance.

    place (Place): The file with the slots, and the line.
    words (List[str]): The tokens.
    tags (List[str]): The slots as IOB2 tags.
    chosen (List[str]): The intent, or several.
    """

    place: Place
    words: List[str]
    tags: List[str]
    chosen: List[str]


def read_intents(
    folder: Union[str, Path],
    *,
    repair: bool = False,
    separator: Optional[str] = None,
    remarks: Optional[Remarks] = None,
) -> Iterator[IntentSentence]:
    """The utterances of a folder with `seq.in`, `seq.out` and `label`, each of which may be compressed (".gz").

    folder (Union[str, Path]): The folder.
    repair (bool): Whether a slot that begins with "I-" is read as if it began with "B-"; else it is refused.
    separator (Optional[str]): Between several intents of an utterance, "#" in ATIS; without it a line is one label.
    remarks (Optional[Remarks]): Says whether bad utterances are skipped, and takes what is found.
    YIELDS (IntentSentence): One utterance. Rows that are blank in all files are passed over.
    RAISES (FileNotFoundError): E101 if there is no such folder or file.
    RAISES (ValueError): E102, E130 for an encoding or a damaged file; E145 for files or rows of other lengths; E106,
        E107, E168 for a tag that breaks IOB2, or BILUO and IOBES.
    """
    folder = Path(folder)
    remarks = remarks or Remarks()
    paths = [_find(folder, name) for name in (WORDS, SLOTS, INTENTS)]
    words_path, slots_path, intents_path = paths
    columns = [_read_rows(path) for path in paths]
    for path, lines in zip(paths[1:], columns[1:]):
        if len(lines) != len(columns[0]):
            expected = f"{len(columns[0])} lines"
            message = Errors.E145.format(place=path, expected=expected, other=words_path, found=len(lines))
            raise ValueError(message)
    with_ends = marks_ends(split_blanks(line) for line in columns[1])
    for number, row in enumerate(zip(*columns), start=1):
        words, tags, intent = split_blanks(row[0]), split_blanks(row[1]), row[2].strip(BLANKS)
        if not (words or tags or intent):
            continue
        with remarks.skipping():
            place = Place(slots_path, number)
            if not intent:
                place_of_label = Place(intents_path, number).at(number)
                message = Errors.E145.format(place=place_of_label, expected="an intent", other=words_path, found="none")
                raise ValueError(message)
            if len(tags) != len(words) or not words:
                expected = f"{len(words)} tags for '{row[0].strip(BLANKS)}'"
                message = Errors.E145.format(
                    place=place.at(number), expected=expected, other=words_path, found=len(tags)
                )
                raise ValueError(message)
            tags = parse_tags(tags, [place.at(number)] * len(tags), with_ends=with_ends, repair=repair)
            yield IntentSentence(place, words, tags, intent.split(separator) if separator else [intent])


def read_intent_docs(
    folder: Union[str, Path],
    nlp: Language,
    *,
    labels: Optional[Sequence[str]] = None,
    repair: bool = False,
    separator: Optional[str] = None,
    remarks: Optional[Remarks] = None,
) -> Iterator[Doc]:
    """The utterances of a folder as Docs: intents as categories, slots as entities.

    folder (Union[str, Path]): The folder.
    nlp (Language): Gives the vocabulary.
    labels (Optional[Sequence[str]]): All intents of the corpus; by default those of the folder.
    repair (bool): Whether a slot that begins with "I-" is read as if it began with "B-"; else it is refused.
    separator (Optional[str]): Between several intents of an utterance.
    remarks (Optional[Remarks]): Says whether bad utterances are skipped, and takes what is found.
    YIELDS (Doc): One Doc an utterance.
    RAISES (FileNotFoundError, ValueError): As `read_intents`; E142 for an intent that is not among `labels`.
    """
    with reporting(remarks) as remarks:
        sentences = list(read_intents(folder, repair=repair, separator=separator, remarks=remarks))
        known = sorted(collect_labels(sentences)) if labels is None else labels
        for sentence in sentences:
            place = sentence.place.at(sentence.place.line)
            with remarks.skipping():
                yield make_doc(
                    nlp.vocab,
                    sentence.words,
                    place=place,
                    categories=choose(sentence.chosen, known, place),
                    entities=tags_to_spans(sentence.tags),
                )


def _read_rows(path: Path) -> List[str]:
    """The lines of a file up to the last one that is not blank."""
    lines = [line for _, line in read_lines(path)]
    while lines and not lines[-1].strip(BLANKS):
        lines.pop()
    return lines


def _find(folder: Path, name: str) -> Path:
    compressed = folder / f"{name}{GZIP_SUFFIX}"
    return compressed if compressed.is_file() else folder / name
