"""Two files of lines, of which line n of the one is the translation of line n of the other."""

from itertools import zip_longest
from pathlib import Path
from typing import Iterator, Optional

from ....errors import Errors
from ..lines import Place, read_lines
from .pairs import Pair


def read_line_pairs(path: Path, source_lang: str, target_lang: str, targets: Optional[Path] = None) -> Iterator[Pair]:
    """The pairs of two files.

    path (Path): The texts, one a line.
    source_lang (str): Their language.
    target_lang (str): The language of the translations.
    targets (Optional[Path]): The translations, one a line; by default the file whose name has the target's language
        where that of `path` has the source's, as "train.en.gz" and "train.de.gz".
    YIELDS (Pair): One pair a line.
    RAISES (FileNotFoundError): E101 if one of the files is not there.
    RAISES (ValueError): E102, E130 for an encoding or a damaged file; E171 for files of different lengths; E172 if the
        name tells no other file.
    """
    targets = find_targets(path, source_lang, target_lang) if targets is None else targets
    sources, translations = list(read_lines(path)), list(read_lines(targets))
    if len(sources) != len(translations):
        raise ValueError(Errors.E171.format(path=targets, expected=len(sources), other=path, found=len(translations)))
    for (number, text), (_, translation) in zip_longest(sources, translations):
        yield Pair(Place(path, number).at(number), text, {target_lang: translation})


def find_targets(path: Path, source_lang: str, target_lang: str) -> Path:
    """The file of translations whose name goes with that of a file of texts.

    path (Path): The texts, such as "train.en.gz".
    source_lang (str): Their language.
    target_lang (str): The language of the translations.
    RETURNS (Path): The file, such as "train.de.gz", whether it is there or not.
    RAISES (ValueError): E172 if the name of the texts does not have their language.
    """
    parts = path.name.split(".")
    places = [i for i, part in enumerate(parts) if part == source_lang]
    if not places:
        problem = f"its name has no part '.{source_lang}' for which '.{target_lang}' could stand"
        expected = "the file with the translations (--targets)"
        raise ValueError(Errors.E172.format(path=path, problem=problem, expected=expected))
    parts[places[-1]] = target_lang
    return path.with_name(".".join(parts))
