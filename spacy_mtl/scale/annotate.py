"""Texts of any number, annotated by several processes, and written to files exactly once."""

import contextlib
from pathlib import Path
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    Mapping,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Union,
)

from spacy.language import Language
from spacy.tokens import Doc

from ..analysis.trainings.fingerprints import find_versions
from ..analysis.trainings.interruption import Interruption
from ..errors import Errors
from . import processes
from .annotating import Settings
from .engines import Engine, LocalEngine
from .fingerprints import fingerprint_pipeline
from .folder import VERSION, OutputFolder, opened
from .inputs import FileReader, ReadSettings, find_files
from .pipelines import Pipeline, prepare
from .ray_engine import RayEngine
from .records import Record, record_of
from .shards import Shard, make_shards
from .writers import WRITERS

SHARD_SIZE = 2000
ENGINES = ("local", "ray")


class Progress(NamedTuple):
    """How far the annotation has come.

    texts (int): The number of texts that are annotated, those of an earlier run included.
    kept (int): The number of those of an earlier run.
    failed (int): The number of those that were set aside.
    shards (int): The number of shards that are whole.
    position (int): How much of the input that is: bytes of files, or texts.
    kept_position (int): How much an earlier run has done.
    total (Optional[int]): How much there is; None if it is not known.
    """

    texts: int = 0
    kept: int = 0
    failed: int = 0
    shards: int = 0
    position: int = 0
    kept_position: int = 0
    total: Optional[int] = None


class Source(Protocol):
    """Texts, and how far the reading has come."""

    total: Optional[int]

    @property
    def position(self) -> int: ...

    def __iter__(self) -> Iterator[Record]: ...


class Options(NamedTuple):
    """How texts are annotated.

    format (str): How they are written: "jsonl", "parquet" or "spacy".
    workers (int): The number of processes.
    shard_size (int): The number of texts in a file, at most.
    batch_size (Optional[int]): The number of texts that are annotated together; None for the pipeline's own.
    max_length (Optional[int]): The number of characters that a text may have; None for the pipeline's own.
    text_column (str): The field or column of the text.
    gpu_id (int): The GPU; -1 for none.
    code (Union[str, Path, None]): A Python file with registered functions that the pipeline needs.
    engine (str): "local" for processes of this machine, "ray" for those of a cluster, each with a processor.
    address (Optional[str]): The Ray cluster, as "auto"; None for the one that is connected, or this machine.
    """

    format: str = "jsonl"
    workers: int = 1
    shard_size: int = SHARD_SIZE
    batch_size: Optional[int] = None
    max_length: Optional[int] = None
    text_column: str = "text"
    gpu_id: int = -1
    code: Union[str, Path, None] = None
    engine: str = "local"
    address: Optional[str] = None


def annotate(
    pipeline: Union[str, Path, Language],
    texts: Iterable[Union[str, Mapping[str, Any], Doc]],
    output: Union[str, Path],
    *,
    progress: Callable[[Progress], None] = lambda progress: None,
    **options: Any,
) -> Progress:
    """Annotate texts and write what is found to a folder, as `spacy mtl annotate` does.

    Each text is written once, or set aside with a reason. If the run is stopped, or killed, the same call goes on from
    the shards that are whole, and ends with the same files as if nothing had happened.

    pipeline (Union[str, Path, Language]): A folder, the name of a package, or a pipeline.
    texts (Iterable[Union[str, Mapping[str, Any], Doc]]): Texts; fields such as `id` and `text`, of which the others are
        carried along; or Docs, for their tokens. They may be more than the memory holds.
    output (Union[str, Path]): The folder.
    progress (Callable[[Progress], None]): Is called as the annotation goes on.
    **options (Any): As `Options` has them.
    RETURNS (Progress): What was done.
    RAISES (ValueError): E750 for a setting that is no number of 1 or more, E756 or E757 if the folder was begun with
        another pipeline, other settings or other texts.
    RAISES (OSError): E603 or E610 for a pipeline that cannot be loaded, E726 if another run writes to the folder, E748
        for a cluster that is not there, E758 for a folder with something else, E777 for one that cannot be written to.
    RAISES (ImportError): E776 if Parquet cannot be written, E749 if Ray is not installed.
    RAISES (RuntimeError): E778 or E779 if the processes fail.
    """
    chosen = Options(**options)
    return _run(prepare(pipeline, chosen.gpu_id, chosen.code), _Given(texts), Path(output), chosen, {}, progress)


def annotate_files(
    pipeline: Union[str, Path, Language],
    inputs: Sequence[Union[str, Path]],
    output: Union[str, Path],
    *,
    input_format: Optional[str] = None,
    delimiter: Optional[str] = None,
    whole_files: bool = False,
    progress: Callable[[Progress], None] = lambda progress: None,
    **options: Any,
) -> Progress:
    """Annotate the texts of files: text, JSONL, CSV and TSV, compressed by gzip or not, Parquet, `.spacy`.

    pipeline (Union[str, Path, Language]): A folder, the name of a package, or a pipeline.
    inputs (Sequence[Union[str, Path]]): Files, and folders with such files.
    output (Union[str, Path]): The folder to write to.
    input_format (Optional[str]): The format of the files; None if their endings tell it.
    delimiter (Optional[str]): Between the columns of tables; None for a comma, or a tab in `.tsv`.
    whole_files (bool): Whether a `.txt` file is one text, and not one a line.
    progress (Callable[[Progress], None]): Is called as the annotation goes on.
    **options (Any): As `Options` has them.
    RETURNS (Progress): What was done.
    RAISES (OSError, ImportError, RuntimeError): As `annotate`.
    RAISES (ValueError): As `annotate`, and E101, E153, E759 for inputs that are not there, in the output, or of no
        known format; E102, E122, E130, E784 for a file that cannot be read.
    """
    chosen = Options(**options)
    files = find_files(inputs, Path(output), input_format)
    prepared = prepare(pipeline, chosen.gpu_id, chosen.code)
    reader = FileReader(files, ReadSettings(chosen.text_column, delimiter, whole_files), prepared.nlp)
    extra = {"input_format": input_format, "delimiter": delimiter, "whole_files": whole_files}
    return _run(prepared, reader, Path(output), chosen, extra, progress)


class _Given:
    """Texts of a program."""

    def __init__(self, texts: Iterable[Any]) -> None:
        self._texts = texts
        self.total = len(texts) if isinstance(texts, Sequence) else None
        self.position = 0

    def __iter__(self) -> Iterator[Record]:
        for text in self._texts:
            self.position += 1
            yield record_of(text, self.position)


def _run(
    pipeline: Pipeline,
    source: Source,
    output: Path,
    options: Options,
    extra: Dict[str, Any],
    progress: Callable[[Progress], None],
) -> Progress:
    nlp = pipeline.nlp
    batch_size = nlp.batch_size if options.batch_size is None else options.batch_size
    max_length = nlp.max_length if options.max_length is None else options.max_length
    numbers = {"workers": options.workers, "shard_size": options.shard_size, "batch_size": batch_size}
    for name, value in {**numbers, "max_length": max_length}.items():
        if not isinstance(value, int) or value < 1:
            raise ValueError(Errors.E750.format(setting=name, found=value))
    for found, known in ((options.format, WRITERS), (options.engine, ENGINES)):
        if found not in known:
            raise ValueError(Errors.E763.format(found=found, expected=", ".join(known)))
    settings = Settings(options.format, options.text_column, max_length)

    def connect() -> Engine:
        if options.engine == "ray":
            return RayEngine(pipeline, output, settings, options.address)
        return LocalEngine(pipeline, output, settings, options.workers)

    # what cannot be written comes up before anything is
    WRITERS[options.format](nlp)
    manifest = {
        "version": VERSION,
        "pipeline": fingerprint_pipeline(pipeline),
        "packages": find_versions(),
        "settings": {**settings._asdict(), "shard_size": options.shard_size, "batch_size": batch_size, **extra},
    }

    with Interruption(), opened(output, manifest) as folder, contextlib.closing(connect()) as engine:
        state = _State(folder, source, progress)
        shards = state.find_unfinished(make_shards(source, options.shard_size, batch_size))
        for step in processes.Processes(engine, options.workers).annotate(shards):
            state.note(step)
        counts = {"texts": state.done.texts, "failed": state.done.failed, "shards": state.done.shards}
        folder.finish(manifest, counts)
    return state.done


class _State:
    """What has been done, of which the caller is told."""

    def __init__(self, folder: OutputFolder, source: Source, progress: Callable[[Progress], None]) -> None:
        self._folder = folder
        self._source = source
        self._progress = progress
        self._begun = 0
        self._sizes: Dict[int, int] = {}
        self._left: Dict[int, int] = {}
        self.done = Progress(total=source.total)

    def find_unfinished(self, shards: Iterable[Shard]) -> Iterator[Shard]:
        """YIELDS (Shard): The shards that are to be annotated; the others are counted."""
        for shard in shards:
            size, self._begun = self._source.position - self._begun, self._source.position
            found = self._folder.find(shard)
            if found is None:
                self._sizes[shard.index] = self._left[shard.index] = size
                yield shard
                continue
            done = self.done
            self._tell(
                texts=done.texts + len(shard),
                kept=done.kept + len(shard),
                failed=done.failed + found["failed"],
                shards=done.shards + 1,
                position=done.position + size,
                kept_position=done.kept_position + size,
            )

    def note(self, step: processes.Progress) -> None:
        """step (processes.Progress): What a process has done."""
        done, index = self.done, step.shard.index
        size = self._sizes[index] * step.texts // len(step.shard)
        if step.failed is None:
            self._left[index] -= size
            self._tell(texts=done.texts + step.texts, position=done.position + size)
        else:
            position = done.position + self._left.pop(index)
            self._tell(failed=done.failed + step.failed, shards=done.shards + 1, position=position)

    def _tell(self, **changed: int) -> None:
        self.done = self.done._replace(**changed)
        self._progress(self.done)
