"""JSON whose numbers come back as they were: srsly writes 1e-12 as 0.0, and reads 11.524 as 11.524000000000001."""

import json
from pathlib import Path
from typing import Any, Union


def to_json(value: Any, *, indent: int = 0) -> str:
    """Write a value as JSON in ASCII.

    value (Any): Dicts, lists, texts, numbers, booleans and None.
    indent (int): Spaces a level; 0 for one line without any.
    RETURNS (str): The JSON.
    RAISES (ValueError): For a number that JSON has no word for: infinite, or none.
    RAISES (TypeError): For a value of another type.
    """
    separators = None if indent else (",", ":")
    return json.dumps(value, indent=indent or None, separators=separators, allow_nan=False)


def write_json(path: Union[str, Path], value: Any) -> None:
    """Write a file with a value as `to_json` does, for people to read.

    path (Union[str, Path]): The file.
    value (Any): What it is to hold.
    """
    Path(path).write_text(to_json(value, indent=2), encoding="ascii")


def read_json(path: Union[str, Path]) -> Any:
    """Read a file of JSON.

    path (Union[str, Path]): The file, in UTF-8.
    RETURNS (Any): What it holds.
    RAISES (ValueError): If it is no JSON.
    """
    return json.loads(Path(path).read_text(encoding="utf8"))
