"""From corpora in other formats to DocBin: one table of formats, and the conversion."""

from inspect import signature
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Union

from spacy.language import Language
from spacy.tokens import Doc
from tqdm import tqdm

from ..errors import Errors
from .categories import Labelled, collect_labels
from .columns import (
    read_conll2003_docs,
    read_conll2005_docs,
    read_conll2012_docs,
    read_conllu_docs,
    read_iob2_docs,
    read_propbank_docs,
    read_proposition_docs,
)
from .counting import Counts, Tally
from .intents import WORDS, read_intent_docs, read_intents
from .jsonl import read_jsonl, read_jsonl_docs
from .lines import GZIP_SUFFIX
from .markup import read_markup_docs, read_markup_labels
from .remarks import Remarks
from .tables import read_table, read_table_docs
from .writing import FILE_TYPE, write_docs

_REMARKS = "remarks"


class Format(NamedTuple):
    """How a format is read.

    docs (Callable[..., Iterator[Doc]]): The Docs of a path; takes the path, the pipeline and options by keyword.
    endings (Sequence[str]): How names of such files end, without ".gz".
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
        return _find_options(self.docs)


FORMATS: Dict[str, Format] = {
    "markup": Format(read_markup_docs, [".txt"], read_markup_labels),
    "csv": Format(read_table_docs, [".csv"], read_table, {"delimiter": ",", "quotes": True}),
    "tsv": Format(read_table_docs, [".tsv"], read_table, {"delimiter": "\t"}),
    "jsonl": Format(read_jsonl_docs, [".jsonl"], read_jsonl),
    "intents": Format(read_intent_docs, [f"/{WORDS}"], read_intents),
    "iob2": Format(read_iob2_docs, [".iob2"]),
    "conllu": Format(read_conllu_docs, [".conllu"]),
    "conll2003": Format(read_conll2003_docs, [".conll", ".iob", ".bio", ".txt"]),
    "conll2005": Format(read_conll2005_docs, [".props"]),
    "conll2012": Format(read_conll2012_docs, ["_conll"]),
    "propbank": Format(read_propbank_docs, [".gold_conll", ".gold_skel"]),
    "propositions": Format(read_proposition_docs, [".conllup", ".conllu"]),
}


def convert(
    inputs: Sequence[Union[str, Path]],
    output: Union[str, Path],
    format: Optional[str],
    nlp: Language,
    *,
    progress: bool = False,
    skip_bad: bool = False,
    remarks: Optional[Remarks] = None,
    **options: Any,
) -> Counts:
    """Convert files or folders to one DocBin, which is written whole or not at all.

    inputs (Sequence[Union[str, Path]]): Files, and folders of which all files with the format's endings are taken, in
        the order of their paths.
    output (Union[str, Path]): The `.spacy` file.
    format (Optional[str]): A name in `FORMATS`; None to tell it by the inputs' endings.
    nlp (Language): Gives the vocabulary, and the tokenizer for formats without tokens.
    progress (bool): Whether to show a progress bar on a terminal.
    skip_bad (bool): As for `read_docs`.
    remarks (Optional[Remarks]): As for `read_docs`.
    **options (Any): The format's own, such as `labels`, by default those of all inputs together.
    RETURNS (Counts): What was written.
    RAISES (FileNotFoundError): E101, E116 for an input that is not there, or a folder without such files.
    RAISES (ValueError): E148 for an input without annotated text; E149 for an output, a format or an option that does
        not fit; those of the format's reader.
    """
    output = Path(output)
    if output.suffix != FILE_TYPE:
        raise ValueError(Errors.E149.format(path=output, problem="it is no output", expected=f"a {FILE_TYPE} file"))
    tally = Tally()
    read = read_docs(inputs, format, nlp, skip_bad=skip_bad, remarks=remarks, **options)
    docs = tqdm(read, unit=" docs", disable=None if progress else True, leave=False)
    write_docs(tally.count(docs), output)
    return tally.total()


def read_docs(
    inputs: Sequence[Union[str, Path]],
    format: Optional[str],
    nlp: Language,
    *,
    skip_bad: bool = False,
    remarks: Optional[Remarks] = None,
    **options: Any,
) -> Iterator[Doc]:
    """Read files or folders of a format.

    inputs (Sequence[Union[str, Path]]): As for `convert`.
    format (Optional[str]): A name in `FORMATS`; None to tell it by the inputs' endings.
    nlp (Language): Gives the vocabulary, and the tokenizer for formats without tokens.
    skip_bad (bool): Whether a sentence, a row or an object that cannot be read is left out.
    remarks (Optional[Remarks]): Takes what the readers have to say, and has its own `skip_bad`. Without it a warning
        tells what is left out (W111).
    **options (Any): The format's own.
    RETURNS (Iterator[Doc]): The Docs.
    RAISES (FileNotFoundError, ValueError): As `convert`; for the arguments at once, for the files as they are read.
    """
    name = guess_format(inputs) if format is None else format
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise ValueError(Errors.E149.format(path=inputs[0], problem=f"no format '{name}'", expected=f"one of {known}"))
    chosen = FORMATS[name]
    unknown = sorted(set(options) - chosen.options)
    if unknown:
        problem = f"the format '{name}' has no option {', '.join(unknown)}"
        expected = f"among its options: {', '.join(sorted(chosen.options)) or 'none'}"
        raise ValueError(Errors.E149.format(path=inputs[0], problem=problem, expected=expected))
    options = {**chosen.defaults, **options}
    paths = [path for given in inputs for path in find_inputs(Path(given), name)]
    skip_bad = skip_bad if remarks is None else remarks.skip_bad
    if chosen.labelled is not None and options.get("labels") is None:
        options["labels"] = _collect(chosen.labelled, paths, options, skip_bad)
    return _read(paths, name, nlp, options, remarks or Remarks(skip_bad), warn=remarks is None)


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
        expected = ", ".join(f"*{ending}" for ending in FORMATS[format].endings)
        raise FileNotFoundError(Errors.E116.format(path=path, expected=expected))
    return found or [path]


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


def _takes_remarks(function: Callable[..., Any]) -> bool:
    return _REMARKS in signature(function).parameters


def _find_options(function: Callable[..., Any]) -> Set[str]:
    parameters = signature(function).parameters.values()
    return {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY} - {_REMARKS}


def _collect(
    labelled: Callable[..., Iterable[Labelled]], paths: Sequence[Path], options: Dict[str, Any], skip_bad: bool
) -> List[str]:
    taken = {name: options[name] for name in _find_options(labelled) & set(options)}
    if _takes_remarks(labelled):
        taken[_REMARKS] = Remarks(skip_bad)
    return sorted(set().union(*(collect_labels(labelled(path, **taken)) for path in paths)))


def _read(
    paths: Sequence[Path], format: str, nlp: Language, options: Dict[str, Any], remarks: Remarks, *, warn: bool
) -> Iterator[Doc]:
    read = FORMATS[format].docs
    taken = {_REMARKS: remarks} if _takes_remarks(read) else {}
    for path in paths:
        found = False
        for doc in read(path, nlp, **options, **taken):
            yield doc
            found = True
        if not found:
            raise ValueError(Errors.E148.format(path=path, format=format))
    if warn:
        remarks.warn()
