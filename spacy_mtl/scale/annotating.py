"""What is done with a shard, by whichever process: its texts are annotated, and its files are written."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from .folder import FAILED, SHARDS
from .records import Record, Text, describe_failure, read_record
from .shards import Shard
from .writers import WRITERS, dump_line, save_json, write_whole


class Settings(NamedTuple):
    """How texts are annotated and written.

    format (str): A name in `WRITERS`.
    text_column (str): The field of the text.
    max_length (int): The number of characters that a text may have.
    """

    format: str
    text_column: str
    max_length: int


@dataclass
class Task:
    """A shard for a process to annotate, and what is known of it.

    shard (Shard): The shard.
    killers (Dict[int, str]): By number texts that ended a process, and how: they are set aside.
    alone (Set[int]): Indices of batches whose texts are annotated one by one.
    trial (Optional[int]): The index of a batch whose texts are only tried, one by one; None to annotate the shard.
    trial_start (int): The number of the first text to be tried.
    """

    shard: Shard
    killers: Dict[int, str] = field(default_factory=dict)
    alone: Set[int] = field(default_factory=set)
    trial: Optional[int] = None
    trial_start: int = 0


class Step(NamedTuple):
    """What is being done.

    kind (str): BATCH before a batch is begun, ALONE before a text is begun alone, TEXTS after a batch, DONE at the end.
    number (int): The index of the batch, the number of the text, how many texts it had, how many were set aside.
    """

    kind: str
    number: int


BATCH, ALONE, TEXTS, DONE = "batch", "alone", "texts", "done"


class ShardAnnotator:
    """Annotates shards by a pipeline."""

    def __init__(self, nlp: Language, folder: Path, settings: Settings) -> None:
        """Take the pipeline.

        nlp (Language): The pipeline.
        folder (Path): Where the files go.
        settings (Settings): How.
        """
        self._nlp = nlp
        self._folder = folder
        self._settings = settings
        self._writer = WRITERS[settings.format](nlp)

    def annotate(self, task: Task) -> Iterator[Step]:
        """Annotate a shard and write its files, or try the texts of a batch.

        task (Task): The shard.
        YIELDS (Step): What is being done: whoever sees a process die knows what it had begun.
        RAISES (OSError): E777 if a file cannot be written.
        """
        shard = task.shard
        rows: List[Any] = []
        failures: Dict[int, bytes] = {}
        if task.trial is not None:
            batch, start = shard.batches[task.trial], shard.starts()[task.trial]
            read = self._read(batch, start, task.killers, {})
            texts = {number: text for number, text in read if number >= task.trial_start}
            yield from self._annotate_alone(texts, batch, start, rows, failures)
            yield Step(DONE, 0)
            return
        for i, (start, batch) in enumerate(zip(shard.starts(), shard.batches)):
            yield Step(BATCH, i)
            texts = dict(self._read(batch, start, task.killers, failures))
            found = None if i in task.alone else self._annotate_together(list(texts.values()))
            if found is None:
                yield from self._annotate_alone(texts, batch, start, rows, failures)
            else:
                rows += found
            yield Step(TEXTS, len(batch))
        self._write(shard, rows, failures)
        yield Step(DONE, len(failures))

    def _read(
        self, batch: List[Record], start: int, killers: Dict[int, str], failures: Dict[int, bytes]
    ) -> Iterator[Tuple[int, Text]]:
        """The texts by number; of those that cannot be read failures."""
        for number, record in enumerate(batch, start=start):
            try:
                if number in killers:
                    raise ValueError(killers[number])
                yield number, read_record(record, number, self._settings.text_column, self._settings.max_length)
            except ValueError as error:
                failures[number] = self._fail(record, number, str(error))

    def _annotate_together(self, texts: List[Text]) -> Optional[List[Any]]:
        """RETURNS (Optional[List[Any]]): Rows; None if something went wrong."""
        try:
            docs = [self._make_doc(text) for text in texts]
            annotated = list(self._nlp.pipe(docs, batch_size=max(1, len(docs))))
            if len(annotated) != len(texts):
                return None
            return [self._writer.encode(text, doc) for text, doc in zip(texts, annotated)]
        # anything may go wrong in a component, and a batch may be too large for the memory
        except Exception:
            return None

    def _annotate_alone(
        self, texts: Dict[int, Text], batch: List[Record], start: int, rows: List[Any], failures: Dict[int, bytes]
    ) -> Iterator[Step]:
        for number, text in texts.items():
            yield Step(ALONE, number)
            try:
                (doc,) = self._nlp.pipe([self._make_doc(text)])
                rows.append(self._writer.encode(text, doc))
            except Exception as error:
                reason = Errors.E783.format(error=f"{type(error).__name__}: {error}")
                failures[number] = self._fail(batch[number - start], number, reason)

    def _make_doc(self, text: Text) -> Doc:
        doc = text.make_doc(self._nlp.vocab)
        return self._nlp.make_doc(text.text) if doc is None else doc

    def _fail(self, record: Record, number: int, reason: str) -> bytes:
        return dump_line(describe_failure(record, number, self._settings.text_column, reason))

    def _write(self, shard: Shard, rows: List[Any], failures: Dict[int, bytes]) -> None:
        """The mark comes last: a shard without one is written again."""
        name = f"{shard.name}.{self._settings.format}"
        mark = {"texts": len(shard), "failed": len(failures), "input": shard.fingerprint()}
        try:
            write_whole(self._folder / name, lambda path: self._writer.write(rows, path))
            if failures:
                failures_path = self._folder / FAILED / f"{shard.name}.jsonl"
                write_whole(failures_path, lambda path: _write_lines(path, failures))
            save_json(self._folder / SHARDS / f"{shard.name}.json", mark)
        except OSError as error:
            raise OSError(Errors.E777.format(path=self._folder, problem=error)) from error


def _write_lines(path: Path, lines: Dict[int, bytes]) -> None:
    path.write_bytes(b"".join(lines[number] for number in sorted(lines)))
