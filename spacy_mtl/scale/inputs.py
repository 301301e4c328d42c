"""Files that hold texts: which they are, and how far the reading has come."""

from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from spacy.language import Language

from ..data.decoding import decode_file
from ..data.formats.lines import GZIP_SUFFIX
from ..errors import Errors
from .delimited import check_header, read_rows
from .lines import Opened, read_lines, read_whole
from .parquet import check_columns, read_parquet
from .records import FAULT, OBJECT, TEXT, WORDS, Record, pack_fault, pack_object, pack_words

ENDINGS = {
    ".txt": "txt",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".spacy": "spacy",
}
COMPRESSIBLE = {"txt", "jsonl", "csv", "tsv"}
# hidden files, and what programs write beside their data, as this one does
_LEFT_OUT = (".", "_")


class InputFile(NamedTuple):
    """A file with texts.

    path (Path): The file.
    name (str): How it is called in what is written: within the folder that was given, or alone.
    format (str): A value of `ENDINGS`.
    """

    path: Path
    name: str
    format: str


class ReadSettings(NamedTuple):
    """How files are read.

    text_column (str): The field or column of the text.
    delimiter (Optional[str]): Between the columns of a table; None for what the file's ending says.
    whole_files (bool): Whether a `.txt` file is one text, and not one a line.
    """

    text_column: str = "text"
    delimiter: Optional[str] = None
    whole_files: bool = False


def find_files(inputs: Sequence[Union[str, Path]], output: Path, format: Optional[str] = None) -> List[InputFile]:
    """The files of inputs.

    inputs (Sequence[Union[str, Path]]): Files, and folders with files in any depth.
    output (Path): The folder to write to.
    format (Optional[str]): The format of all, a value of `ENDINGS`; None if endings tell it.
    RETURNS (List[InputFile]): In the order in which they are given, those of a folder sorted; files of a folder that
        have another ending are left out, and those whose name, or whose folder's, begins with "." or "_".
    RAISES (FileNotFoundError): E101 for an input that is not there, E759 for a folder without such a file.
    RAISES (ValueError): E759 for an unknown ending or format, E153 for an input in the folder to write to.
    """
    known = ", ".join(sorted(ENDINGS))
    if format is not None and format not in ENDINGS.values():
        raise ValueError(Errors.E759.format(path=format, problem="no such format", expected=set(ENDINGS.values())))
    files: List[InputFile] = []
    for given in map(Path, inputs):
        if not given.exists():
            raise FileNotFoundError(Errors.E101.format(path=given, found="nothing"))
        target, place = output.resolve(), given.resolve()
        if target == place or target in place.parents or place in target.parents:
            raise ValueError(Errors.E153.format(output=output, input=given))
        if given.is_dir():
            found = [
                InputFile(path, path.relative_to(given).as_posix(), known_format)
                for path in sorted(given.rglob("*"))
                if path.is_file() and not any(part.startswith(_LEFT_OUT) for part in path.relative_to(given).parts)
                if (known_format := _find_format(path, format))
            ]
            if not found:
                raise FileNotFoundError(Errors.E759.format(path=given, problem="no file with texts", expected=known))
            files += found
        else:
            told = _find_format(given, format)
            if told is None:
                raise ValueError(Errors.E759.format(path=given, problem="an unknown ending", expected=known))
            files.append(InputFile(given, given.name, told))
    return files


class FileReader:
    """Reads the texts of files one after the other."""

    def __init__(self, files: Sequence[InputFile], settings: ReadSettings, nlp: Language) -> None:
        """Look at how the files begin.

        files (Sequence[InputFile]): The files.
        settings (ReadSettings): How they are read.
        nlp (Language): Gives the vocabulary of stored Docs.
        RAISES (ValueError): E784 for a table without the column of the text.
        RAISES (ImportError): E776 if Parquet cannot be read.
        """
        self._files = files
        self._settings = settings
        self._nlp = nlp
        self._opened: Optional[Opened] = None
        self._done = self._reached = 0
        self.total: Optional[int] = sum(file.path.stat().st_size for file in files)
        for file in files:
            if file.format in ("csv", "tsv"):
                check_header(file.path, settings.text_column, settings.delimiter)
            elif file.format == "parquet":
                check_columns(file.path, settings.text_column)

    @property
    def position(self) -> int:
        """RETURNS (int): How many bytes have been read, of `total`."""
        return self._done + (self._reached if self._opened is None else self._opened.position)

    def __iter__(self) -> Iterator[Record]:
        """YIELDS (Record): The texts.
        RAISES (ValueError): E130 for a damaged compressed file, E122 for a damaged DocBin, E784 for a damaged table."""
        for file in self._files:
            size = file.path.stat().st_size
            for line, kind, data in self._read(file, size):
                yield Record(file.name, line, kind, data)
            self._opened = None
            self._reached = 0
            self._done += size

    def _read(self, file: InputFile, size: int) -> Iterator[Tuple[int, str, bytes]]:
        settings, path = self._settings, file.path
        if file.format == "spacy":
            for number, doc in enumerate(decode_file(path, self._nlp.vocab), start=1):
                yield number, WORDS, pack_words(doc)
        elif file.format == "parquet":
            for number, (share, fields) in enumerate(read_parquet(path), start=1):
                self._reached = int(share * size)
                yield number, OBJECT, pack_object(fields)
        else:
            with Opened(path) as opened:
                self._opened = opened
                if file.format in ("csv", "tsv"):
                    for number, row in read_rows(opened, settings.delimiter):
                        if isinstance(row, dict):
                            yield number, OBJECT, pack_object(row)
                        else:
                            yield number, FAULT, pack_fault(*row)
                elif file.format == "txt" and settings.whole_files:
                    data, is_whole = read_whole(opened)
                    yield 1, TEXT if is_whole else FAULT, data
                else:
                    kind = OBJECT if file.format == "jsonl" else TEXT
                    for number, data, is_whole in read_lines(opened):
                        yield number, kind if is_whole else FAULT, data


def _find_format(path: Path, format: Optional[str]) -> Optional[str]:
    name = path.name.lower()
    ending = Path(name.removesuffix(GZIP_SUFFIX)).suffix
    told = ENDINGS.get(ending)
    if name.endswith(GZIP_SUFFIX) and told not in COMPRESSIBLE:
        told = None
    return format or told
