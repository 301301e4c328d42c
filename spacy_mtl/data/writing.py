"""Output files and folders that are whole or absent."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterable, Iterator, Union

from spacy.tokens import Doc, DocBin

FILE_TYPE = ".spacy"


@contextmanager
def whole_file(path: Union[str, Path]) -> Iterator[Path]:
    """A path to write to, renamed to the wanted one when the block ends well and removed when it does not.

    path (Union[str, Path]): The wanted file; its folder is made if it is missing.
    YIELDS (Path): A file beside it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files that only their owner may read.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder to write to, renamed to the wanted one when the block ends well and removed when it does not.

    path (Path): The wanted folder, which does not exist.
    YIELDS (Path): A folder beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as temporary:
        # within it, because a temporary folder may be read by its owner alone
        folder = Path(temporary) / path.name
        folder.mkdir()
        yield folder
        os.rename(folder, path)


def write_docs(docs: Iterable[Doc], path: Union[str, Path]) -> int:
    """Write Docs to a DocBin, user data included.

    docs (Iterable[Doc]): The Docs.
    path (Union[str, Path]): The `.spacy` file, replaced if it is there and left alone if the Docs fail.
    RETURNS (int): The number of Docs.
    """
    doc_bin = DocBin(store_user_data=True)
    for doc in docs:
        doc_bin.add(doc)
    with whole_file(path) as temporary:
        doc_bin.to_disk(temporary)
    return len(doc_bin)
