"""Output files and folders that are whole or absent."""

import os
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Iterable, Iterator, Sequence, Tuple, Union

import srsly
from spacy.tokens import Doc, DocBin

from ..errors import Errors

FILE_TYPE = ".spacy"
_SHOWN = 40


def check_output(output: Union[str, Path], inputs: Iterable[Union[str, Path]]) -> None:
    """Refuse an output that would be written over an input, or beside the files of a folder that is read as a corpus.

    output (Union[str, Path]): The file to write.
    inputs (Iterable[Union[str, Path]]): Files and folders that are read.
    RAISES (OSError): E192 for a folder, and for a file where its folder should be.
    RAISES (ValueError): E153 for an input.
    """
    output = Path(output)
    if output.is_dir():
        raise IsADirectoryError(Errors.E192.format(path=output, problem="it is a folder", advice="Name a file."))
    check_folder(output.parent)
    place = output.resolve()
    for given in map(Path, inputs):
        found = given.resolve()
        is_beside = found.is_dir() and found in place.parents and output.suffix == FILE_TYPE
        if found == place or is_beside or (output.exists() and given.exists() and output.samefile(given)):
            raise ValueError(Errors.E153.format(output=output, input=given))


def check_file_type(output: Path) -> None:
    """Refuse an output that is to be a corpus and is not named as one.

    output (Path): The file to write.
    RAISES (ValueError): E149 for another ending than ".spacy".
    """
    if output.suffix != FILE_TYPE:
        raise ValueError(Errors.E149.format(path=output, problem="it is no output", expected=f"a {FILE_TYPE} file"))


def check_folder(folder: Union[str, Path]) -> None:
    """Refuse a folder that cannot be made, before the work that it is for.

    folder (Union[str, Path]): The folder, which may exist.
    RAISES (OSError): E192 if there is a file in its place or that of a folder above it.
    """
    folder = Path(folder)
    found = next((place for place in (folder, *folder.absolute().parents) if place.exists()), folder)
    if found.exists() and not found.is_dir():
        problem = f"{found} is a file"
        raise NotADirectoryError(Errors.E192.format(path=folder, problem=problem, advice="Name another folder."))


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
def whole_folder(path: Path, replace: bool = False) -> Iterator[Path]:
    """A folder to write to, renamed to the wanted one when the block ends well and removed when it does not.

    path (Path): The wanted folder, which does not exist.
    replace (bool): Whether it may exist, to be replaced.
    YIELDS (Path): A folder beside it.
    RAISES (OSError): E192 for a place that cannot be written to.
    """
    with _coded(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        made = tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent)
    with made as temporary:
        # within it, because a temporary folder may be read by its owner alone
        folder = Path(temporary) / path.name
        folder.mkdir()
        yield folder
        with _coded(path):
            if replace and path.exists():
                os.rename(path, Path(temporary) / "before")
            os.rename(folder, path)


def write_docs(docs: Iterable[Doc], path: Union[str, Path]) -> int:
    """Write Docs to a DocBin, user data included.

    docs (Iterable[Doc]): The Docs.
    path (Union[str, Path]): The `.spacy` file, replaced if it is there and left alone if the Docs fail.
    RETURNS (int): The number of Docs.
    RAISES (OSError): E192 for a place that cannot be written to.
    RAISES (ValueError): E192 for a Doc that cannot be written, with its number.
    """
    doc_bin = _pack(docs, path)
    with _coded(path), whole_file(path) as temporary:
        _write(doc_bin, temporary, path)
    return len(doc_bin)


def write_together(parts: Sequence[Tuple[Iterable[Doc], Path]]) -> None:
    """Write several DocBins, all or none.

    parts (Sequence[Tuple[Iterable[Doc], Path]]): For each the Docs and their file, as for `write_docs`.
    RAISES (OSError, ValueError): E192 as `write_docs`.
    """
    packed = [(_pack(docs, path), path) for docs, path in parts]
    with _coded(" or ".join(str(path) for _, path in packed)), ExitStack() as stack:
        for doc_bin, path in packed:
            _write(doc_bin, stack.enter_context(whole_file(path)), path)


@contextmanager
def _coded(path: Union[str, Path]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        advice = "Choose a place that can be written to, with room for it."
        raise OSError(Errors.E192.format(path=path, problem=error, advice=advice)) from error


def _pack(docs: Iterable[Doc], path: Union[str, Path]) -> DocBin:
    doc_bin = DocBin(store_user_data=True)
    for number, doc in enumerate(docs, start=1):
        try:
            doc_bin.add(doc)
            # what a DocBin finds out when it is written, and of no Doc by its number
            srsly.msgpack_dumps(doc.cats)
        except (TypeError, ValueError, OverflowError) as error:
            problem = f"Doc {number} ('{doc.text[:_SHOWN]!r} ...') has what no DocBin can hold ({error})"
            raise ValueError(
                Errors.E192.format(path=path, problem=problem, advice="Correct its annotation.")
            ) from error
    return doc_bin


def _write(doc_bin: DocBin, temporary: Path, path: Union[str, Path]) -> None:
    try:
        doc_bin.to_disk(temporary)
    except ValueError as error:
        problem, advice = f"its {len(doc_bin):,} Docs are too large for one file", "Convert the inputs in parts."
        raise ValueError(Errors.E192.format(path=path, problem=problem, advice=advice)) from error
