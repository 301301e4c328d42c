"""Parquet: texts are read from it, and what is found in them is written to it."""

import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from ..errors import Errors

_ROWS = 1024


def import_parquet() -> Any:
    """RETURNS (Any): The module `pyarrow.parquet`. RAISES (ImportError): E776 if it is not installed."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError(Errors.E776.format(problem=error)) from error
    return pyarrow.parquet


def check_columns(path: Path, text_column: str) -> None:
    """Refuse a file without a column for the text.

    path (Path): The file.
    text_column (str): The name of the column.
    RAISES (ValueError): E784 if it has none, or is no Parquet.
    RAISES (ImportError): E776 if Parquet cannot be read.
    """
    names = _open(path).schema_arrow.names
    if text_column not in names:
        found = f"the columns {', '.join(names)}"
        raise ValueError(Errors.E784.format(path=path, expected=f"a column '{text_column}'", found=found))


def read_parquet(path: Path) -> Iterator[Tuple[float, Dict[str, Any]]]:
    """The rows of a file.

    path (Path): The file.
    YIELDS (Tuple[float, Dict[str, Any]]): The share of the file that is read, and the values by column.
    RAISES (ValueError): E784 for a damaged file.
    """
    file = _open(path)
    batches = file.iter_batches(batch_size=_ROWS)
    done = 0
    while True:
        try:
            batch = next(batches, None)
        except OSError as error:
            raise ValueError(Errors.E784.format(path=path, expected="a whole Parquet file", found=error)) from error
        if batch is None:
            return
        done += batch.num_rows
        for row in batch.to_pylist():
            yield done / file.metadata.num_rows, row


def make_schema(components: Sequence[str]) -> Any:
    """The columns of what is written.

    components (Sequence[str]): Those that give categories.
    RETURNS (pyarrow.Schema): The schema.
    """
    import_parquet()
    import pyarrow as pa

    place = [("start", pa.int64()), ("end", pa.int64())]
    span = [("text", pa.string()), *place]
    role = pa.struct([("role", pa.string()), *span, ("probability", pa.float64())])
    categories = pa.struct([("chosen", pa.list_(pa.string())), ("probabilities", pa.map_(pa.string(), pa.float64()))])
    candidate = pa.struct([("text", pa.string()), ("score", pa.float64())])
    translation = pa.struct([("text", pa.string()), ("candidates", pa.list_(candidate))])
    frame = [
        *span,
        ("sense", pa.string()),
        ("probability", pa.float64()),
        ("sense_probability", pa.float64()),
        ("roles", pa.list_(role)),
    ]
    return pa.schema(
        [
            ("id", pa.string()),
            ("text", pa.string()),
            ("sentences", pa.list_(pa.struct(place))),
            ("categories", pa.struct([(name, categories) for name in components])),
            ("entities", pa.list_(pa.struct([*span, ("label", pa.string()), ("confidence", pa.float64())]))),
            ("frames", pa.list_(pa.struct(frame))),
            ("translations", pa.map_(pa.string(), translation)),
            ("columns", pa.map_(pa.string(), pa.string())),
        ]
    )


def to_row(description: Dict[str, Any]) -> Dict[str, Any]:
    """A row of what is written.

    description (Dict[str, Any]): What is found in a text, with its id and columns.
    RETURNS (Dict[str, Any]): The same, where maps are lists of pairs, and ids and columns are strings.
    """
    categories = {
        name: {**found, "probabilities": list(found["probabilities"].items())}
        for name, found in description["categories"].items()
    }
    translations = list(description["translations"].items())
    columns = [(name, _to_string(value)) for name, value in description.get("columns", {}).items()]
    maps = {"categories": categories, "translations": translations, "columns": columns}
    return {**description, "id": _to_string(description["id"]), **maps}


def write_rows(rows: List[Dict[str, Any]], schema: Any, path: Path) -> None:
    """Write a file.

    rows (List[Dict[str, Any]]): The rows.
    schema (pyarrow.Schema): The columns.
    path (Path): The file.
    """
    import pyarrow as pa

    import_parquet().write_table(pa.Table.from_pylist(rows, schema=schema), path)


def _open(path: Path) -> Any:
    parquet = import_parquet()
    try:
        return parquet.ParquetFile(path)
    # pyarrow's errors are ValueErrors and OSErrors
    except (OSError, ValueError) as error:
        raise ValueError(Errors.E784.format(path=path, expected="a whole Parquet file", found=error)) from error


def _to_string(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
