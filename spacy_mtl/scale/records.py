"""Texts as they stand in an input, and what they hold: files are only cut into records, and workers read those."""

import json
from typing import Any, Dict, List, Mapping, NamedTuple, NoReturn, Optional, Tuple

from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..errors import Errors

# what the data of a record is: a text, a JSON object with a text, one with words, one with a reason why it is no text
TEXT, OBJECT, WORDS, FAULT = "text", "object", "words", "fault"
ID = "id"
SHOWN = 1000


class Record(NamedTuple):
    """A text as it stands in an input.

    source (str): The file; "" for a text that comes from none.
    line (int): Its line, row or place in the file, from 1.
    kind (str): What the data is.
    data (bytes): What stands there.
    """

    source: str
    line: int
    kind: str
    data: bytes


class Text(NamedTuple):
    """A text to be annotated.

    id (Any): Its id, a string or a number.
    text (str): The text.
    columns (Dict[str, Any]): What else the input says about it.
    words (Optional[List[str]]): Its tokens, where the input has them.
    spaces (Optional[List[bool]]): Whether a space follows each token.
    """

    id: Any
    text: str
    columns: Dict[str, Any]
    words: Optional[List[str]] = None
    spaces: Optional[List[bool]] = None

    def make_doc(self, vocab: Vocab) -> Optional[Doc]:
        """RETURNS (Optional[Doc]): The tokens; None if the tokenizer is to find them."""
        return None if self.words is None else Doc(vocab, words=self.words, spaces=self.spaces)


def record_of(text: Any, line: int) -> Record:
    """A record of what a program gives.

    text (Union[str, Mapping[str, Any], Doc]): A text, fields of which one is the text, or a Doc, for its tokens.
    line (int): Its place, from 1.
    RETURNS (Record): The record.
    """
    if isinstance(text, str):
        return Record("", line, TEXT, text.encode("utf8", "surrogatepass"))
    if isinstance(text, Doc):
        return Record("", line, WORDS, pack_words(text))
    if isinstance(text, Mapping):
        return Record("", line, OBJECT, pack_object(dict(text)))
    return Record("", line, FAULT, pack_fault(f"a string, a dictionary or a Doc, found {type(text).__name__}", ""))


def pack_object(fields: Mapping[str, Any]) -> bytes:
    """RETURNS (bytes): Fields as JSON; what JSON does not know, such as a date, as a string."""
    return json.dumps(fields, default=str).encode("ascii")


def pack_words(doc: Doc) -> bytes:
    """RETURNS (bytes): The tokens of a Doc, and that of its user data which JSON can hold."""
    columns = {}
    for name, value in doc.user_data.items():
        try:
            columns[name] = json.loads(json.dumps(value)) if isinstance(name, str) else None
        except (TypeError, ValueError):
            continue
    columns = {name: value for name, value in columns.items() if value is not None}
    fields = {"words": [token.text for token in doc], "spaces": [bool(token.whitespace_) for token in doc]}
    return pack_object({**fields, "columns": columns})


def pack_fault(expected: str, data: str) -> bytes:
    """RETURNS (bytes): What was expected of a text that cannot be read, and found; and what stands there."""
    return pack_object({"expected": expected, "data": data[:SHOWN]})


def read_record(record: Record, number: int, text_column: str, max_length: int) -> Text:
    """Read what a record holds.

    record (Record): The record.
    number (int): The number of the text, from 0: its id, where the input gives none.
    text_column (str): The field of the text.
    max_length (int): The number of characters that a text may have.
    RETURNS (Text): The text.
    RAISES (ValueError): E781 for what is no text, E782 for one that is too long.
    """
    text = _READERS[record.kind](record.data, number, text_column)
    try:
        text.text.encode("utf8")
    except UnicodeEncodeError:
        _refuse("text in UTF-8, found other bytes")
    if len(text.text) > max_length:
        raise ValueError(Errors.E782.format(expected=max_length, found=len(text.text)))
    return text


def describe_failure(record: Record, number: int, text_column: str, reason: str) -> Dict[str, Any]:
    """What is written about a text that was set aside: enough to find it, and to annotate it later.

    record (Record): The record.
    number (int): The number of the text, from 0.
    text_column (str): The field of the text.
    reason (str): Why.
    RETURNS (Dict[str, Any]): id; source and line; reason; and the text with its columns, or what stands in its place.
    """
    failure: Dict[str, Any] = {ID: number, "source": record.source, "line": record.line, "reason": reason}
    try:
        text = _READERS[record.kind](record.data, number, text_column)
        text.text.encode("utf8")
    except ValueError:
        if record.kind == FAULT:
            data = json.loads(record.data)["data"]
        else:
            data = record.data[:SHOWN].decode("utf8", "backslashreplace")
        return {**failure, "data": data.encode("utf8", "backslashreplace").decode("utf8")}
    return {**failure, ID: text.id, "text": text.text, **({"columns": text.columns} if text.columns else {})}


def _read_text(data: bytes, number: int, text_column: str) -> Text:
    try:
        return Text(number, data.decode("utf8"), {})
    except UnicodeDecodeError as error:
        _refuse(f"text in UTF-8, found the byte 0x{data[error.start]:02x}")


def _read_object(data: bytes, number: int, text_column: str) -> Text:
    fields = _load(data)
    if not isinstance(fields.get(text_column), str):
        found = f"a {type(fields[text_column]).__name__}" if text_column in fields else f"only {', '.join(fields)}"
        _refuse(f"a text in the field '{text_column}', found {found[:SHOWN]}")
    text = fields.pop(text_column)
    text_id, columns = _take_id(fields, number)
    return Text(text_id, text, columns)


def _read_words(data: bytes, number: int, text_column: str) -> Text:
    fields = json.loads(data)
    words, spaces = fields["words"], fields["spaces"]
    text_id, columns = _take_id(fields["columns"], number)
    text = "".join(word + " " * space for word, space in zip(words, spaces))
    return Text(text_id, text, columns, words, spaces)


def _read_fault(data: bytes, number: int, text_column: str) -> Text:
    _refuse(json.loads(data)["expected"])


_READERS = {TEXT: _read_text, OBJECT: _read_object, WORDS: _read_words, FAULT: _read_fault}


def _load(data: bytes) -> Dict[str, Any]:
    try:
        fields = json.loads(data, parse_constant=_refuse_constant)
        if b"\\ud" in data.lower():
            # a lone surrogate could not be written again
            json.dumps(fields, ensure_ascii=False).encode("utf8")
    except (ValueError, RecursionError) as error:
        _refuse(f"a JSON object in UTF-8, found something else ({error})")
    if not isinstance(fields, dict):
        _refuse(f"a JSON object, found a {type(fields).__name__}")
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _take_id(fields: Dict[str, Any], number: int) -> Tuple[Any, Dict[str, Any]]:
    """An id that is neither a string nor a number stays among the columns."""
    if isinstance(fields.get(ID), (str, int, float)):
        return fields.pop(ID), fields
    return number, fields


def _refuse(expected: str) -> NoReturn:
    raise ValueError(Errors.E781.format(expected=expected))
