"""Which files have texts with translations, by the languages that they name."""

import json
from itertools import islice
from pathlib import Path
from typing import List, Sequence

from ....translations import is_known_language
from ..lines import GZIP_SUFFIX, read_lines
from .jsonl import INNER
from .pairs import is_language

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_JSONL = ".jsonl"
_IDS = ("", "id")


def find_target_langs(path: Path, source_lang: str) -> List[str]:
    """The languages that a table's header names beside that of the texts, or a file's first JSON object.

    Such a header names languages alone, or an id: one that has "text" as well may have a column of labels for each
    language.

    path (Path): The file.
    source_lang (str): The language of the texts.
    RETURNS (List[str]): The languages; empty for a file of another kind, or one that cannot be read.
    """
    ending = Path(path.name.removesuffix(GZIP_SUFFIX)).suffix.lower()
    if not path.is_file() or ending not in (*_DELIMITERS, _JSONL):
        return []
    try:
        first = next((line for _, line in islice(read_lines(path), 100) if line.strip()), "")
    except (OSError, ValueError):
        return []
    names = _read_fields(first) if ending == _JSONL else first.split(_DELIMITERS[ending])
    return _choose([name.strip().strip('"') for name in names], source_lang)


def _read_fields(line: str) -> Sequence[str]:
    try:
        found = json.loads(line)
    except ValueError:
        return ()
    if not isinstance(found, dict):
        return ()
    inner = [value for name, value in found.items() if name in INNER and isinstance(value, dict)]
    return list(inner[0] if inner else found)


def _choose(names: Sequence[str], source_lang: str) -> List[str]:
    names = [name for name in names if name.lower() not in _IDS]
    others = [name for name in names if not is_language(name, source_lang)]
    is_parallel = len(others) == len(names) - 1 and all(map(is_known_language, names))
    return others if is_parallel else []
