"""From files of any format to the three parts that a training needs."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from spacy.language import Language

from ..data.formats.converting import read_docs, write_in_parts
from ..data.formats.counting import Counts
from ..data.formats.formats import FORMATS, SPACY, guess_format
from ..data.formats.parallel.parallel import find_other_file
from ..data.formats.parallel.recognition import find_target_langs
from ..data.formats.recognition import recognize
from ..data.formats.remarks import Remarks
from ..errors import Errors
from .inputs import PARTS, Input

FEWEST = 20
SMALL = 1000
LARGE_SHARE, SMALL_SHARE = 0.2, 0.1
PARALLEL, TARGET, TARGETS = "parallel", "target_lang", "targets"
SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers")


class Prepared(NamedTuple):
    """A corpus with all its parts.

    name (str): Its name.
    tasks (List[str]): The names of the tasks that it teaches; empty for those that it is annotated for.
    parts (Dict[str, str]): The `.spacy` file or folder of each part.
    """

    name: str
    tasks: List[str]
    parts: Dict[str, str]


class Conversion(NamedTuple):
    """How a file or a folder became one part or several.

    path (Path): The file or folder.
    format (str): Its format.
    outputs (Dict[str, Path]): The file of each part.
    counts (Dict[str, Counts]): What each holds.
    share (float): The share of each part that was held out; 0 if none was.
    options (Dict[str, Any]): The format's options that were used.
    is_named (bool): Whether the format has to be named, since the ending does not tell it.
    remarks (Remarks): How the file was read.
    """

    path: Path
    format: str
    outputs: Dict[str, Path]
    counts: Dict[str, Counts]
    share: float
    options: Dict[str, Any]
    is_named: bool
    remarks: Remarks


class Preparation(NamedTuple):
    """A corpus and how it was prepared.

    corpus (Prepared): The corpus.
    conversions (List[Conversion]): What was converted; parts that were `.spacy` files stay where they are.
    """

    corpus: Prepared
    conversions: List[Conversion]


def prepare(
    corpus: Input,
    folder: Path,
    place: Path,
    nlp: Language,
    *,
    prefix: str = "",
    format: Optional[str] = None,
    options: Mapping[str, Any] = {},
    seed: int = 0,
    skip_bad: bool = False,
) -> Preparation:
    """Convert what is not in spaCy's format, and hold out the parts that are missing.

    Parts are held out of the training part, by document: a fifth each of a corpus with less than SMALL texts, else a
    tenth.

    corpus (Input): The corpus.
    folder (Path): Where to write.
    place (Path): Where that folder will be when all is written.
    nlp (Language): Gives the tokenizer.
    prefix (str): Of the files' names.
    format (Optional[str]): Of all files that are not `.spacy`; None to find it out.
    options (Mapping[str, Any]): Of formats; each is given to those that have it.
    seed (int): Of the choice of the parts.
    skip_bad (bool): Whether to leave out what cannot be read.
    RETURNS (Preparation): The corpus.
    RAISES (FileNotFoundError, ValueError): What conversion raises; E788 for a corpus that is too small to be split,
        E789 for a spreadsheet, E149 for an option that no format has.
    """
    parts: Dict[str, str] = {}
    conversions = []
    missing = [part for part in PARTS if part not in corpus.parts]
    for part, path in corpus.parts.items():
        name, is_named = find_format(path, format, nlp.lang or "")
        held_out = missing if part == "train" else []
        if name == SPACY and not held_out:
            parts[part] = str(path)
            continue
        remarks = Remarks(skip_bad)
        taken = {key: value for key, value in options.items() if key in FORMATS[name].options}
        targets = find_target_langs(path, nlp.lang or "") if name == PARALLEL else []
        if len(targets) == 1:
            taken.setdefault(TARGET, targets[0])
        docs = list(read_docs([path], name, nlp, remarks=remarks, **taken))
        if held_out and len(docs) < FEWEST:
            raise ValueError(Errors.E788.format(path=path, found=len(docs), fewest=FEWEST))
        share = 0.0 if not held_out else LARGE_SHARE if len(docs) < SMALL else SMALL_SHARE
        names = {one: f"{prefix}{one}.spacy" for one in (part, *held_out)}
        outputs = [folder / file for file in names.values()]
        counts = write_in_parts(docs, outputs[0], [(path, share) for path in outputs[1:]], seed, remarks)
        places = {one: place / file for one, file in names.items()}
        parts.update({one: str(path) for one, path in places.items()})
        conversions.append(Conversion(path, name, places, dict(zip(names, counts)), share, taken, is_named, remarks))
    return Preparation(Prepared(corpus.name, list(corpus.tasks), {part: parts[part] for part in PARTS}), conversions)


def check_options(corpora: Sequence[Input], format: Optional[str], options: Mapping[str, Any], lang: str = "") -> None:
    """See that each option is one of some file's format.

    corpora (Sequence[Input]): The corpora.
    format (Optional[str]): Of their files; None to find it out.
    options (Mapping[str, Any]): The options.
    lang (str): The language of the texts.
    RAISES (ValueError): E149 for an option that no format has; as `find_format`.
    """
    paths = [path for corpus in corpora for path in corpus.parts.values()]
    formats = {find_format(path, format, lang)[0] for path in paths}
    unknown = [key for key in options if not any(key in FORMATS[name].options for name in formats)]
    if unknown:
        problem = f"the format {', '.join(sorted(formats))} has no option {', '.join(unknown)}"
        known = sorted({key for name in formats for key in FORMATS[name].options})
        parallel = f", or --format {PARALLEL} for texts with translations" if TARGET in unknown else ""
        expected = f"some of {', '.join(known) or 'none'}{parallel}"
        raise ValueError(Errors.E149.format(path=paths[0], problem=problem, expected=expected))


def list_other_files(
    corpora: Sequence[Input], format: Optional[str], options: Mapping[str, Any], lang: str = ""
) -> List[Path]:
    """The files that have the translations of corpora, where those are files of lines.

    corpora (Sequence[Input]): The corpora.
    format (Optional[str]): Of their files; None to find it out.
    options (Mapping[str, Any]): Of formats.
    lang (str): The language of the texts.
    RETURNS (List[Path]): The files.
    RAISES (ValueError): E172 if a name tells no other; as `find_format`.
    """
    paths = [path for corpus in corpora for path in corpus.parts.values()]
    parallel = [path for path in paths if find_format(path, format, lang)[0] == PARALLEL]
    given = [find_other_file(path, lang, options.get(TARGET), options.get(TARGETS)) for path in parallel]
    return [path for path in given if path is not None]


def find_format(path: Path, format: Optional[str] = None, lang: str = "") -> Tuple[str, bool]:
    """The format of a file or folder, by its ending or else by its lines. A table or JSON objects whose fields are
    called as languages, that of the texts among them, have texts with translations.

    path (Path): The file or folder.
    format (Optional[str]): The format of files that are not `.spacy`, if it is known.
    lang (str): The language of the texts.
    RETURNS (Tuple[str, bool]): Its name, and whether a conversion has to be told it.
    RAISES (ValueError): E789 for a spreadsheet, E149 for a format that cannot be told or does not exist.
    """
    if path.suffix.lower() in SPREADSHEETS:
        raise ValueError(Errors.E789.format(path=path))
    if format is None and find_target_langs(path, lang):
        return PARALLEL, True
    try:
        told = guess_format([path])
    except ValueError:
        fitting = recognize(path) if path.is_file() and format is None else []
        if format is None and not fitting:
            raise
        possible = [name for name in fitting if path.name.removesuffix(".gz").endswith(tuple(FORMATS[name].endings))]
        told = ""
        fitting = possible or fitting
    if told == SPACY or (told and format in (None, told)):
        return told, False
    if format is not None and format not in FORMATS:
        problem, known = f"no format '{format}'", ", ".join(FORMATS)
        raise ValueError(Errors.E149.format(path=path, problem=problem, expected=f"one of {known}"))
    return format or fitting[0], True
