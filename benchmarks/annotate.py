"""Bulk annotation against `nlp.pipe`, by the clock and by processor time, in turns; and the memory of its processes.

`nlp.pipe` has the texts in a list, and drops the Docs. `annotate` reads a JSONL file, and writes what is found. See
processes.py for what processor time tells; with several workers the slowest process is the one that counts.
"""

from processes import read_seconds  # isort: skip  (sets the threads before numpy is loaded)

import json
import resource
import tempfile
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Dict, List, Tuple

import spacy
import typer
from spacy.language import Language
from tqdm import tqdm
from wasabi import msg

from spacy_mtl.analysis.trainings.measuring import read_peak_memory
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.scale.annotate import Progress, annotate_files

Seconds = Tuple[float, float, float]


def main(
    pipeline: Annotated[Path, typer.Argument(help="A trained pipeline")],
    corpus: Annotated[Path, typer.Argument(help="A .spacy file with the texts")],
    texts: Annotated[int, typer.Option(help="Number of texts; those of the corpus again and again")] = 8000,
    workers: Annotated[int, typer.Option(help="Number of workers to compare with one")] = 2,
    turns: Annotated[int, typer.Option(help="Turns of each")] = 3,
    format: Annotated[str, typer.Option(help="jsonl, parquet or spacy")] = "jsonl",
    memory: Annotated[int, typer.Option(help="Only measure the memory, with so many megabytes of texts")] = 0,
) -> None:
    """Print a table of the medians, or the memory of the processes."""
    nlp = spacy.load(pipeline)
    found = [example.reference.text for example in make_corpus(corpus)(nlp)]
    with tempfile.TemporaryDirectory() as folder:
        if memory:
            measure_memory(nlp, found, Path(folder), memory * 1_000_000, workers)
            return
        chosen = list(islice(cycle(found), texts))
        path = Path(folder) / "texts.jsonl"
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in chosen), encoding="utf8")
        for _ in nlp.pipe(chosen[:500]):
            pass
        taken: Dict[str, List[Seconds]] = {}
        for turn in tqdm(range(turns), desc="Turns", disable=None):
            taken.setdefault("nlp.pipe", []).append(time_pipe(nlp, chosen))
            for number in (1, workers):
                output = Path(folder) / f"{turn}-{number}"
                name = f"annotate, {number} at work"
                taken.setdefault(name, []).append(time_annotate(nlp, path, output, number, format))
    medians = {name: [median(column) for column in zip(*rows)] for name, rows in taken.items()}
    table = [(name, *(f"{value:.2f}" for value in row)) for name, row in medians.items()]
    header = ("", "Clock s", "Parent s", "Workers s")
    msg.table(table, header=header, divider=True, aligns=("l", "r", "r", "r"))
    (_, alone, _), (_, parent, one), (_, parent_of_several, several) = medians.values()
    msg.text(f"1 worker against nlp.pipe, all processor time: {alone / (parent + one):.2f}")
    slowest = max(parent_of_several, several / workers)
    msg.text(f"{workers} workers against 1, by the slowest process: {max(parent, one) / slowest:.2f}")
    together = (parent_of_several + several) / workers
    msg.text(f"{workers} workers against 1, all processor time on {workers} cores: {(parent + one) / together:.2f}")


def time_pipe(nlp: Language, texts: List[str]) -> Seconds:
    """RETURNS (Seconds): By the clock, and of processor time of this process and of its workers."""
    return time_block(lambda: sum(1 for _ in nlp.pipe(texts)))


def time_annotate(nlp: Language, path: Path, output: Path, workers: int, format: str) -> Seconds:
    """RETURNS (Seconds): As `time_pipe`."""
    return time_block(lambda: annotate_files(nlp, [path], output, workers=workers, format=format))


def time_block(block) -> Seconds:
    """RETURNS (Seconds): As `time_pipe`, of a function."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    before = [read_seconds(kind) for kind in kinds]
    start = perf_counter()
    block()
    clock = perf_counter() - start
    parent, workers = (read_seconds(kind) - value for kind, value in zip(kinds, before))
    return clock, parent, workers


def measure_memory(nlp: Language, found: List[str], folder: Path, size: int, workers: int) -> None:
    """Annotate a large file in which ever new words come up, and print how much the processes hold at most."""
    path = folder / "texts.jsonl"
    written = count = 0
    with path.open("w", encoding="utf8") as file:
        for text in cycle(found):
            written += file.write(json.dumps({"text": f"{text} word{count} name{count * 7919}"}) + "\n")
            count += 1
            if written > size:
                break
    before = read_peak_memory()
    peaks: Dict[str, int] = {}

    def watch(progress: Progress) -> None:
        for child in Path("/proc/self/task").glob("*/children"):
            for pid in child.read_text().split():
                peaks[pid] = max(peaks.get(pid, 0), read_peak_memory(int(pid)) or 0)

    annotate_files(nlp, [path], folder / "output", workers=workers, progress=watch)
    msg.text(f"{count:,} texts, {written / 1e6:,.0f} MB; the process with the pipeline had held {before / 1e6:,.0f} MB")
    msg.text(f"Parent: {(read_peak_memory() - before) / 1e6:,.0f} MB more")
    msg.text(f"Largest of {len(peaks)} workers: {(max(peaks.values()) - before) / 1e6:,.0f} MB more")


if __name__ == "__main__":
    typer.run(main)
