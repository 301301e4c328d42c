"""From corpora in other formats to Docs, and to DocBin."""

from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Set, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc
from tqdm import tqdm

from ...errors import Errors
from ..writing import check_file_type, check_output, write_docs, write_together
from .categories import Labelled, collect_labels
from .counting import Counts, Tally
from .dev_split import split_parts
from .formats import FORMATS, REMARKS, find_inputs, find_options, guess_format, takes_remarks
from .recognition import advise
from .remarks import Remarks


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
    output = _check_output(output, inputs)
    tally = Tally()
    docs = read_docs(inputs, format, nlp, skip_bad=skip_bad, remarks=remarks, **options)
    write_docs(tally.count(_show(docs, progress)), output)
    return tally.total()


def convert_in_parts(
    inputs: Sequence[Union[str, Path]],
    output: Union[str, Path],
    held_out: Sequence[Tuple[Union[str, Path], float]],
    format: Optional[str],
    nlp: Language,
    *,
    seed: int = 0,
    progress: bool = False,
    skip_bad: bool = False,
    remarks: Optional[Remarks] = None,
    **options: Any,
) -> List[Counts]:
    """Convert files or folders to several DocBins, of which each but the first holds a share of the documents. See
    `split_dev`.

    inputs (Sequence[Union[str, Path]]): As for `convert`.
    output (Union[str, Path]): The `.spacy` file of the greater part.
    held_out (Sequence[Tuple[Union[str, Path], float]]): The `.spacy` files of the parts held out, and their shares of
        the Docs.
    format (Optional[str]): As for `convert`, and so are `nlp`, `progress`, `skip_bad`, `remarks` and the options.
    seed (int): Of the choice.
    RETURNS (List[Counts]): What was written to each.
    RAISES (FileNotFoundError, ValueError): As `convert` and `split_parts`.
    """
    outputs = [_check_output(path, inputs) for path in (output, *(path for path, _ in held_out))]
    if len(set(outputs)) < len(outputs):
        problem = "it is the output of two parts"
        raise ValueError(Errors.E149.format(path=outputs[-1], problem=problem, expected="a file for each part"))
    docs = _show(read_docs(inputs, format, nlp, skip_bad=skip_bad, remarks=remarks, **options), progress)
    return write_in_parts(docs, output, held_out, seed, remarks)


def write_in_parts(
    docs: Iterable[Doc],
    output: Union[str, Path],
    held_out: Sequence[Tuple[Union[str, Path], float]],
    seed: int = 0,
    remarks: Optional[Remarks] = None,
) -> List[Counts]:
    """Write Docs to a DocBin, and shares of their documents to others.

    docs (Iterable[Doc]): The Docs.
    output, held_out, seed: As for `convert_in_parts`.
    remarks (Optional[Remarks]): Told of what was held out.
    RETURNS (List[Counts]): What was written to each.
    RAISES (OSError, ValueError): As `write_docs` and `split_parts`.
    """
    outputs = [Path(path) for path in (output, *(path for path, _ in held_out))]
    left, splits = split_parts(docs, [share for _, share in held_out], seed)
    if splits and remarks is not None:
        number, moved = (sum(counts) for counts in zip(*((split.documents, split.moved) for split in splits)))
        but = f", but for {moved:,} Docs with a text that the others have" if moved else ""
        remarks.note(f"documents held out with seed {seed}: {number:,}{but}")
    tallies = [Tally() for _ in outputs]
    parts = [left, *(split.dev for split in splits)]
    write_together([(tally.count(docs), path) for tally, docs, path in zip(tallies, parts, outputs)])
    return [tally.total() for tally in tallies]


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
        options["labels"] = _collect(chosen.labelled, paths, name, options, skip_bad)
    return _read(paths, name, nlp, options, remarks or Remarks(skip_bad), warn=remarks is None)


def _check_output(output: Union[str, Path], inputs: Sequence[Union[str, Path]]) -> Path:
    output = Path(output)
    check_file_type(output)
    # no format reads what is written: it may lie in a folder of a corpus
    check_output(output, [path for path in inputs if not Path(path).is_dir()])
    return output


def _show(docs: Iterator[Doc], progress: bool) -> Iterator[Doc]:
    return tqdm(docs, unit=" docs", disable=None if progress else True, leave=False)


def _collect(
    labelled: Callable[..., Iterable[Labelled]],
    paths: Sequence[Path],
    format: str,
    options: Dict[str, Any],
    skip_bad: bool,
) -> List[str]:
    taken = {name: options[name] for name in find_options(labelled) & set(options)}
    if takes_remarks(labelled):
        taken[REMARKS] = Remarks(skip_bad)
    found: Set[str] = set()
    for path in paths:
        with _advising(path, format):
            found |= set(collect_labels(labelled(path, **taken)))
    return sorted(found)


@contextmanager
def _advising(path: Path, format: str) -> Iterator[None]:
    """Name in an error the format that a file has, if it is another one."""
    try:
        yield
    except ValueError as error:
        advice = advise(path, format)
        if not advice:
            raise
        raise ValueError(f"{error}{advice}") from error


def _read(
    paths: Sequence[Path], format: str, nlp: Language, options: Dict[str, Any], remarks: Remarks, *, warn: bool
) -> Iterator[Doc]:
    read = FORMATS[format].docs
    taken = {REMARKS: remarks} if takes_remarks(read) else {}
    for path in paths:
        found = 0
        with _advising(path, format):
            for doc in _guard(read(path, nlp, **options, **taken), path, format):
                yield doc
                found += 1
        if not found:
            raise ValueError(Errors.E148.format(path=path, format=format) + advise(path, format))
    remarks.warn_counted()
    if warn:
        remarks.warn()


def _guard(docs: Iterator[Doc], path: Path, format: str) -> Iterator[Doc]:
    """Docs as they are read; what a reader has not foreseen comes with a code as well."""
    number = 0
    while True:
        try:
            doc = next(docs, None)
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            if str(error).startswith("[MTL-"):
                raise
            found = f"{type(error).__name__}: {error}"
            message = Errors.E183.format(path=path, n=number, error=found, format=format)
            raise ValueError(message) from error
        if doc is None:
            return
        yield doc
        number += 1
