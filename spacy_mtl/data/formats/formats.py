"""The formats that corpora come in: one table, and which files are of which format."""

from inspect import signature
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Union

from spacy.tokens import Doc

from ...errors import Errors
from ..writing import FILE_TYPE
from .categories import Labelled
from .columns.columns import (
    read_conll2003_docs,
    read_conll2005_docs,
    read_conll2012_docs,
    read_conllu_docs,
    read_iob2_docs,
    read_propbank_docs,
    read_proposition_docs,
)
from .columns.intents import WORDS, read_intent_docs, read_intents
from .docbin import read_docbin_docs
from .lines import GZIP_SUFFIX
from .parallel.parallel import read_parallel_docs, read_tmx_docs
from .texts.jsonl import read_jsonl, read_jsonl_docs
from .texts.markup import read_markup_docs, read_markup_labels
from .texts.tables import read_table, read_table_docs

REMARKS = "remarks"
SPACY = "spacy"


class Format(NamedTuple):
    """How a format is read.

    docs (Callable[..., Iterator[Doc]]): The Docs of a path; takes the path, the pipeline and options by keyword.
    endings (Sequence[str]): How names of such files end, without ".gz"; none for a format that only files have which
        are named one by one.
    labelled (Optional[Callable[..., Iterable[Labelled]]]): What names labels in a path, for a format whose Docs need
        the labels of the whole corpus; takes the path and some of the options.
    defaults (Mapping[str, Any]): Options that the format itself sets.
    """

    docs: Callable[..., Iterator[Doc]]
    endings: Sequence[str]
    labelled: Optional[Callable[..., Iterable[Labelled]]] = None
    defaults: Mapping[str, Any] = {}

    @property
    def options(self) -> Set[str]:
        """RETURNS (Set[str]): The names of the options."""
        return find_options(self.docs)


FORMATS: Dict[str, Format] = {
    "markup": Format(read_markup_docs, [".txt"], read_markup_labels),
    "csv": Format(read_table_docs, [".csv"], read_table, {"delimiter": ",", "quotes": True}),
    "tsv": Format(read_table_docs, [".tsv"], read_table, {"delimiter": "\t"}),
    "jsonl": Format(read_jsonl_docs, [".jsonl"], read_jsonl),
    "intents": Format(read_intent_docs, [f"/{WORDS}"], read_intents),
    "parallel": Format(read_parallel_docs, []),
    "tmx": Format(read_tmx_docs, [".tmx"]),
    "iob2": Format(read_iob2_docs, [".iob2"]),
    "conllu": Format(read_conllu_docs, [".conllu"]),
    "conll2003": Format(read_conll2003_docs, [".conll", ".iob", ".bio", ".txt"]),
    "conll2005": Format(read_conll2005_docs, [".props"]),
    "conll2012": Format(read_conll2012_docs, ["_conll"]),
    "propbank": Format(read_propbank_docs, [".gold_conll", ".gold_skel"]),
    "propositions": Format(read_proposition_docs, [".conllup", ".conllu"]),
    SPACY: Format(read_docbin_docs, [FILE_TYPE]),
}


def guess_format(inputs: Sequence[Union[str, Path]]) -> str:
    """The format that the endings of the inputs' files tell. A file that could be of several formats tells nothing.

    inputs (Sequence[Union[str, Path]]): Files or folders.
    RETURNS (str): A name in `FORMATS`.
    RAISES (ValueError): E149 if the endings tell no format, or several.
    """
    told: Set[str] = set()
    possible: Set[str] = set()
    for path in inputs:
        names_by_file: Dict[Path, List[str]] = {}
        for name in FORMATS:
            for file in _list_files(Path(path), name):
                names_by_file.setdefault(file, []).append(name)
        told.update(names[0] for names in names_by_file.values() if len(names) == 1)
        possible.update(*names_by_file.values())
    if len(told) > 1:
        # what an earlier conversion wrote into the folder of its inputs
        told.discard(SPACY)
    if len(told) == 1:
        return told.pop()
    problem = "its format cannot be told by the ending"
    expected = f"the format by name (--format): {', '.join(sorted(told or possible or FORMATS))}"
    raise ValueError(Errors.E149.format(path=inputs[0], problem=problem, expected=expected))


def find_inputs(path: Path, format: str) -> List[Path]:
    """The files of a format at a path, or the folders where the format is one of folders.

    path (Path): A file, whatever its ending, or a folder.
    format (str): A name in `FORMATS`.
    RETURNS (List[Path]): In the order of their paths; hidden files are left out.
    RAISES (FileNotFoundError): E101 if there is nothing at the path, E116 if a folder has no such file.
    """
    if not path.exists():
        raise FileNotFoundError(Errors.E101.format(path=path, found="nothing"))
    found = _list_files(path, format)
    if not found and path.is_dir():
        expected = ", ".join(f"*{ending}" for ending in FORMATS[format].endings) or "named one by one, not those"
        raise FileNotFoundError(Errors.E116.format(path=path, expected=expected))
    return found or [path]


def takes_remarks(function: Callable[..., Any]) -> bool:
    """RETURNS (bool): Whether a reader takes an object for remarks."""
    return REMARKS in signature(function).parameters


def find_options(function: Callable[..., Any]) -> Set[str]:
    """RETURNS (Set[str]): The names of a reader's options."""
    parameters = signature(function).parameters.values()
    return {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY} - {REMARKS}


def _list_files(path: Path, format: str) -> List[Path]:
    endings = tuple(FORMATS[format].endings)
    files = [path]
    if path.is_dir():
        files = [file for file in path.rglob("*") if file.is_file()]
        files = [file for file in files if not any(part.startswith(".") for part in file.relative_to(path).parts)]
    files = sorted(file for file in files if file.as_posix().removesuffix(GZIP_SUFFIX).endswith(endings))
    # an ending that begins with "/" names a file that stands for its folder
    by_folder = any(ending.startswith("/") for ending in endings)
    return [file.parent if by_folder else file for file in files]
