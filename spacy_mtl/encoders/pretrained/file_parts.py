"""Saved models read piece by piece: large fields stay in the file until they are asked for."""

import io
from pathlib import Path
from typing import Any, BinaryIO, Callable, Dict, Iterator, Optional, Tuple, Union

from srsly.msgpack import OutOfData, Unpacker
from thinc.api import Model
from thinc.util import convert_recursive, is_xp_array

from ...errors import Errors

# First bytes of a field of bytes, and how many bytes its length has after it.
LENGTHS = {0xC4: 1, 0xC5: 2, 0xC6: 4}
READ_SIZE = 2**16
MOST = 2**31 - 1


class FilePart(io.RawIOBase):
    """A part of an open file, as a file: nothing of it is held."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        """Create the part.

        file (BinaryIO): The file, which must stay open while the part is read.
        start (int): Where the part begins.
        length (int): Its bytes.
        """
        super().__init__()
        self._file, self._start, self._length, self._place = file, start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._length}[whence]
        return self._place

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._start + self._place)
        wanted = max(0, min(len(buffer), self._length - self._place))
        found = self._file.readinto(memoryview(buffer)[:wanted])  # type: ignore[attr-defined]
        self._place += found
        return int(found)


class FieldReader:
    """Reads MessagePack, with fields of bytes as parts of the file."""

    def __init__(self, file: Any) -> None:
        """Create a reader.

        file (BinaryIO): The file, at any position: it is read from its beginning.
        """
        self._file = file
        self._move(0)

    def read(self) -> Any:
        """RETURNS (Any): What comes next."""
        return self._unpacker.unpack()

    def read_bytes(self) -> Any:
        """RETURNS (Any): What comes next: a FilePart if it is a field of bytes."""
        place = self._start + self._unpacker.tell()
        self._file.seek(place)
        head = self._file.read(1)
        if not head:
            raise OutOfData("a field of bytes was expected")
        kind = head[0]
        if kind not in LENGTHS:
            self._move(place)
            return self.read()
        length = int.from_bytes(self._file.read(LENGTHS[kind]), "big")
        start = place + 1 + LENGTHS[kind]
        self._move(start + length)
        return FilePart(self._file, start, length)

    def read_list(self, read: Callable[[], Any]) -> list:
        """Read a list.

        read (Callable[[], Any]): Reads an item of it.
        RETURNS (list): The items.
        """
        return [read() for _ in range(self._unpacker.read_array_header())]

    def read_items(self, readers: Dict[str, Callable[[], Any]]) -> Iterator[Tuple[str, Any]]:
        """Read a map.

        readers (Dict[str, Callable[[], Any]]): By keys, what reads their values; others are read whole.
        YIELDS (Tuple[str, Any]): Its keys and values.
        """
        for _ in range(self._unpacker.read_map_header()):
            key = self.read()
            yield key, readers.get(key, self.read)()

    def _move(self, place: int) -> None:
        self._file.seek(place)
        self._start = place
        self._unpacker = Unpacker(
            self._file, raw=False, read_size=READ_SIZE, max_buffer_size=MOST, max_str_len=MOST, max_bin_len=MOST,
            max_array_len=MOST, max_map_len=MOST, max_ext_len=MOST,
        )  # fmt: skip


def read_fields(source: Union[bytes, FilePart], field: str) -> Dict[str, Any]:
    """Read a map from bytes or from a file.

    source (Union[bytes, FilePart]): Where it is.
    field (str): The key of a large field of bytes.
    RETURNS (Dict[str, Any]): The map, with that field as a FilePart.
    """
    # bytes are not copied
    file: Any = io.BytesIO(source) if isinstance(source, bytes) else io.BufferedReader(source)
    reader = FieldReader(file)
    return dict(reader.read_items({field: reader.read_bytes}))


def load_model(model: Model, path: Path) -> None:
    """Load what `Model.to_disk` saved, as `Model.from_disk` does. What belongs to a shim whose `takes_parts` is true
    stays in the file: its `from_bytes` is given a FilePart.

    model (Model): The model. Changes it.
    path (Path): The file.
    RAISES (ValueError): E441 for a file that ends too early, and what `Model.from_dict` raises.
    """
    # a file of another structure is refused below, by thinc
    nodes = iter(model.walk())
    with path.open("rb") as file:
        reader = FieldReader(file)

        def read_shims() -> list:
            node = next(nodes, None)
            parts = reader.read_list(reader.read_bytes)
            return [part if _takes_part(node, i) else _read_whole(part) for i, part in enumerate(parts)]

        try:
            message = dict(reader.read_items({"shims": lambda: reader.read_list(read_shims)}))
        except OutOfData as error:
            raise ValueError(Errors.E441.format(path=path)) from error
        model.from_dict(convert_recursive(is_xp_array, model.ops.asarray, message))


def _takes_part(node: Optional[Model], i: int) -> bool:
    return node is not None and i < len(node.shims) and getattr(node.shims[i], "takes_parts", False)


def _read_whole(field: Any) -> Any:
    return field.read() if isinstance(field, FilePart) else field
