"""TMX, the Translation Memory eXchange format, version 1.4.

https://www.gala-global.org/tmx-14b
"""

import gzip
import zlib
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple
from xml.parsers import expat

from ....errors import Errors
from ..lines import GZIP_SUFFIX, Place
from ..remarks import Remarks
from .pairs import Pair, is_language

_CHUNK = 1 << 20
# what stands in these is markup of the format that the text comes from
_CODES = {"bpt", "ept", "it", "ph", "ut"}
_LANGUAGES = ("xml:lang", "lang")


def read_tmx(
    path: Path, source_lang: str, target_lang: Optional[str] = None, *, remarks: Optional[Remarks] = None
) -> Iterator[Pair]:
    """The units of a TMX file, read piece by piece. Inline codes are left out of the texts.

    path (Path): The file; compressed by gzip if its name ends in ".gz".
    source_lang (str): The language of the texts: "en" takes "en-US" as well.
    target_lang (Optional[str]): The language of the translations; None for all others, by their codes without region.
    remarks (Optional[Remarks]): Takes units without these languages.
    YIELDS (Pair): One pair a unit. Of several translations into a language the first is taken.
    RAISES (FileNotFoundError): E101 if there is no such file.
    RAISES (ValueError): E130 for a damaged file, E173 for one that is no TMX.
    """
    if not path.is_file():
        raise FileNotFoundError(Errors.E101.format(path=path, found="a folder" if path.is_dir() else "nothing"))
    remarks = Remarks() if remarks is None else remarks
    for unit in _read_units(path):
        sources = [text for language, text in unit.texts if is_language(language, source_lang)]
        translations: Dict[str, str] = {}
        for language, text in unit.texts:
            if target_lang is None and not is_language(language, source_lang):
                translations.setdefault(language.replace("_", "-").split("-")[0].lower(), text)
            elif target_lang is not None and is_language(language, target_lang):
                translations.setdefault(target_lang, text)
        place = Place(path, unit.line, unit.id).at(unit.line)
        if not sources:
            remarks.leave_out(f"no text in '{source_lang}'", place)
            continue
        yield Pair(place, sources[0], translations, unit.id)


class _Unit:
    """A unit: its texts with their languages, in the order of the file."""

    def __init__(self, line: int, found_id: str) -> None:
        self.line = line
        self.id = found_id
        self.texts: List[Tuple[str, str]] = []


class _Handler:
    """Takes the events of the parser, and keeps the units that are complete."""

    def __init__(self, parser: Any) -> None:
        self.parser = parser
        self.units: List[_Unit] = []
        self.root = ""
        self._unit: Optional[_Unit] = None
        self._language = ""
        self._text: Optional[List[str]] = None
        self._codes = 0
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._add_text
        parser.buffer_text = True

    def take(self) -> List[_Unit]:
        units, self.units = self.units, []
        return units

    def _start(self, name: str, attributes: Dict[str, str]) -> None:
        self.root = self.root or name
        if name == "tu":
            self._unit = _Unit(self.parser.CurrentLineNumber, attributes.get("tuid", ""))
        elif name == "tuv":
            self._language = next((attributes[key] for key in _LANGUAGES if key in attributes), "")
        elif name == "seg":
            self._text, self._codes = [], 0
        elif name in _CODES:
            self._codes += 1

    def _end(self, name: str) -> None:
        if name == "tu" and self._unit is not None:
            self.units.append(self._unit)
            self._unit = None
        elif name == "seg" and self._text is not None:
            if self._unit is not None:
                self._unit.texts.append((self._language, "".join(self._text)))
            self._text = None
        elif name in _CODES:
            self._codes -= 1

    def _add_text(self, text: str) -> None:
        if self._text is not None and not self._codes:
            self._text.append(text)


def _read_units(path: Path) -> Iterator[_Unit]:
    parser = expat.ParserCreate()
    handler = _Handler(parser)
    try:
        with gzip.open(path, "rb") if path.suffix == GZIP_SUFFIX else path.open("rb") as file:
            while True:
                chunk = file.read(_CHUNK)
                parser.Parse(chunk, not chunk)
                if handler.root not in ("", "tmx"):
                    found = f"the element '{handler.root}' around all others"
                    raise ValueError(Errors.E173.format(path=path, line=1, found=found))
                yield from handler.take()
                if not chunk:
                    return
    except expat.ExpatError as error:
        found = f"{expat.ErrorString(error.code)} in column {error.offset + 1}"
        raise ValueError(Errors.E173.format(path=path, line=error.lineno, found=found)) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        line = parser.CurrentLineNumber
        raise ValueError(Errors.E130.format(path=path, line=line, problem=str(error))) from error
