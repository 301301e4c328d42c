"""The files that annotated texts are written to, one a shard."""

import json
import os
from pathlib import Path
from typing import Any, Callable, Dict, List, Protocol

import srsly
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from ..data.writing import whole_file
from ..json_files import write_json
from ..pipeline.findings import OTHER, Describer
from .parquet import make_schema, to_row, write_rows
from .records import Text

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Writer(Protocol):
    """Writes the texts of a shard."""

    def encode(self, text: Text, doc: Doc) -> Any:
        """Make a row of a text. What is wrong with it comes up here.

        text (Text): The text.
        doc (Doc): The same, annotated.
        RETURNS (Any): A row.
        """

    def write(self, rows: List[Any], path: Path) -> None:
        """Write a file.

        rows (List[Any]): The rows.
        path (Path): The file.
        """


class JsonlWriter:
    """A JSON object a line."""

    def __init__(self, nlp: Language) -> None:
        """nlp (Language): The pipeline."""
        self._describe = Describer(nlp)

    def encode(self, text: Text, doc: Doc) -> bytes:
        """RETURNS (bytes): A line."""
        return dump_line(_describe(text, self._describe(doc)))

    def write(self, rows: List[bytes], path: Path) -> None:
        """Write the lines."""
        path.write_bytes(b"".join(rows))


class ParquetWriter:
    """A row of structs, as `make_schema` says."""

    def __init__(self, nlp: Language) -> None:
        """nlp (Language): The pipeline."""
        self._describe = Describer(nlp)
        self._schema = make_schema([*(pipe.name for pipe in self._describe.categorizers), OTHER])

    def encode(self, text: Text, doc: Doc) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): A row."""
        return to_row(_describe(text, self._describe(doc)))

    def write(self, rows: List[Dict[str, Any]], path: Path) -> None:
        """Write the rows."""
        write_rows(rows, self._schema, path)


class DocWriter:
    """A DocBin with user data, in which are the ids and the columns."""

    def __init__(self, nlp: Language) -> None:
        """nlp (Language): The pipeline."""

    def encode(self, text: Text, doc: Doc) -> Doc:
        """RETURNS (Doc): The Doc, with what the input says besides."""
        doc.user_data.update(text.columns)
        doc.user_data["id"] = text.id
        # it is not stored
        doc.tensor = doc.tensor[:0]
        # what a DocBin would find out when it is written, and of no Doc in particular
        srsly.msgpack_dumps([doc.cats, doc.user_data])
        return doc

    def write(self, rows: List[Doc], path: Path) -> None:
        """Write the Docs."""
        DocBin(docs=rows, store_user_data=True).to_disk(path)


WRITERS: Dict[str, Callable[[Language], Writer]] = {"jsonl": JsonlWriter, "parquet": ParquetWriter, "spacy": DocWriter}


def dump_line(fields: Dict[str, Any]) -> bytes:
    """RETURNS (bytes): Fields as a line of JSON in UTF-8."""
    return _ENCODER.encode(fields).encode("utf8") + b"\n"


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file that is whole or absent, also after a loss of power.

    path (Path): The file.
    write (Callable[[Path], None]): Writes it to another place.
    """
    with whole_file(path) as temporary:
        write(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())


def save_json(path: Path, content: Any) -> None:
    """Write a small file, as `write_whole` does.

    path (Path): The file.
    content (Any): For JSON.
    """
    write_whole(path, lambda temporary: write_json(temporary, content))


def _describe(text: Text, found: Dict[str, Any]) -> Dict[str, Any]:
    described = {"id": text.id, **found}
    return {**described, "columns": text.columns} if text.columns else described
