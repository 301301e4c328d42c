"""Bulk annotation against `nlp.pipe`, by the clock and by processor time, in turns; and the memory of its processes.

`nlp.pipe` has the texts in a list, and drops the Docs. `annotate` reads a JSONL file, and writes what is found. See
processes.py for what processor time tells; with several workers the slowest process is the one that counts.
"""

from processes import read_seconds  # isort: skip  (sets the threads before numpy is loaded)

import json
import os
import resource
import tempfile
from contextlib import closing, contextmanager, suppress
from itertools import cycle, islice
from multiprocessing import Process
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Dict, Iterator, List, Tuple

import spacy
import typer
from spacy.language import Language
from tqdm import tqdm
from wasabi import msg

from spacy_mtl.analysis.trainings.measuring import read_peak_memory
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.scale.annotate import Progress, annotate_files
from spacy_mtl.scale.ray_cluster import Cluster

Seconds = Tuple[float, float, float]
LETTERS = 400
TOLD = 8


def main(
    pipeline: Annotated[Path, typer.Argument(help="A trained pipeline")],
    corpus: Annotated[Path, typer.Argument(help="A .spacy file with the texts")],
    texts: Annotated[int, typer.Option(help="Number of texts; those of the corpus again and again")] = 8000,
    workers: Annotated[int, typer.Option(help="Number of workers to compare with one")] = 2,
    turns: Annotated[int, typer.Option(help="Turns of each")] = 3,
    format: Annotated[str, typer.Option(help="jsonl, parquet or spacy")] = "jsonl",
    memory: Annotated[int, typer.Option(help="Only measure the memory, with so many megabytes of texts")] = 0,
    column: Annotated[int, typer.Option(help="With --memory: letters of a further column of each text")] = 0,
    ray: Annotated[bool, typer.Option("--ray", help="Compare processes of Ray with those of this machine")] = False,
    nodes: Annotated[int, typer.Option(help="With --ray: as many nodes of a cluster, simulated on this machine")] = 0,
) -> None:
    """Print a table of the medians, or the memory of the processes."""
    nlp = spacy.load(pipeline)
    with tempfile.TemporaryDirectory() as folder:
        if memory:
            measure_memory(nlp, corpus, Path(folder), memory * 1_000_000, column, workers)
            return
        found = [example.reference.text for example in make_corpus(corpus)(nlp)]
        chosen = list(islice(cycle(found), texts))
        path = Path(folder) / "texts.jsonl"
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in chosen), encoding="utf8")
        for _ in nlp.pipe(chosen[:500]):
            pass
        if ray:
            with start_nodes(nodes):
                compare_engines(pipeline, path, Path(folder), workers, turns, format)
            return
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


@contextmanager
def start_nodes(nodes: int) -> Iterator[None]:
    """Connect to a cluster of so many nodes with a processor each, all on this machine. None without nodes."""
    if not nodes:
        yield
        return
    import ray
    from ray.cluster_utils import Cluster as Simulated

    simulated = Simulated(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    for _ in range(nodes - 1):
        simulated.add_node(num_cpus=1)
    ray.init(address=simulated.address, log_to_driver=False)
    try:
        yield
    finally:
        ray.shutdown()
        simulated.shutdown()


def compare_engines(pipeline: Path, path: Path, folder: Path, workers: int, turns: int, format: str) -> None:
    """Print what local processes and those of Ray take. Linux alone."""
    start = perf_counter()
    with closing(Cluster(None)):
        msg.text(f"Ray starts in {perf_counter() - start:.1f} s")
        taken: Dict[str, List[Tuple[float, ...]]] = {"local": [], "ray": []}
        for turn in tqdm(range(turns), desc="Turns", disable=None):
            for engine, rows in taken.items():
                options = {"workers": workers, "engine": engine, "format": format}
                rows.append(time_tree(pipeline, path, folder / f"{turn}-{engine}", options))
    header = ("Engine", "Clock s", "Parent s", "Workers s", "Ray itself s", "Largest worker MB")
    medians = {engine: [median(column) for column in zip(*rows)] for engine, rows in taken.items()}
    table = [(engine, *(f"{value:.2f}" for value in row)) for engine, row in medians.items()]
    msg.table(table, header=header, divider=True, aligns=("l", *"rrrrr"))
    local, cluster = (max(parent, several / workers) for _, parent, several, *_ in medians.values())
    msg.text(f"Ray against local, by the slowest process: {local / cluster:.2f}")
    local, cluster = (sum(row[1:4]) for row in medians.values())
    msg.text(f"Ray against local, all processor time: {local / cluster:.2f}")


def time_tree(pipeline: Path, path: Path, output: Path, options: Dict) -> Tuple[float, ...]:
    """RETURNS (Tuple[float, ...]): Seconds by the clock, and of processor time of this process, of its workers and of
    the other processes that it has started; megabytes of the largest worker."""
    before, seen, peaks = read_tree(), {}, {}

    def watch(progress: Progress) -> None:
        seen.update(read_tree())
        for pid, (is_worker, _) in seen.items():
            if is_worker:
                peaks[pid] = max(peaks.get(pid, 0), read_peak_memory(pid) or 0)

    own, start = read_seconds(resource.RUSAGE_SELF), perf_counter()
    annotate_files(pipeline, [path], output, progress=watch, **options)
    clock, own = perf_counter() - start, read_seconds(resource.RUSAGE_SELF) - own
    # a process of Ray is idle before it becomes a worker
    used = [
        (is_worker, seconds - (before[pid][1] if pid in before else 0)) for pid, (is_worker, seconds) in seen.items()
    ]
    sums = [sum(seconds for is_worker, seconds in used if is_worker == kind) for kind in (True, False)]
    return clock, own, *sums, max(peaks.values()) / 1e6


def read_tree() -> Dict[int, Tuple[bool, float]]:
    """RETURNS (Dict[int, Tuple[bool, float]]): By process that this one has started, itself or through others, whether
    it annotates, and its seconds of processor time."""
    parents, found = {}, {}
    # processes of this machine are copies of this one
    own = Path("/proc/self/cmdline").read_bytes()
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            name, parent = (path / "cmdline").read_bytes(), int(fields[1])
            is_worker = name == own or name.startswith(b"ray::Session")
            pid = int(path.name)
            parents[pid] = parent
            found[pid] = is_worker, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    started = {os.getpid()}
    for _ in range(5):
        started.update(pid for pid, parent in parents.items() if parent in started)
    return {pid: found[pid] for pid in started - {os.getpid()}}


def measure_memory(nlp: Language, corpus: Path, folder: Path, size: int, column: int, workers: int) -> None:
    """Annotate a large file in which ever new words come up, and print how much the processes hold at most."""
    path = folder / "texts.jsonl"
    # another process, so that this one holds the pipeline and nothing else
    writing = Process(target=write_texts, args=(nlp, corpus, path, size, column))
    writing.start()
    writing.join()
    written = path.stat().st_size
    before = read_peak_memory()
    peaks: Dict[str, int] = {}
    told = 0

    def watch(progress: Progress) -> None:
        nonlocal told
        for child in Path("/proc/self/task").glob("*/children"):
            for pid in child.read_text().split():
                peaks[pid] = max(peaks.get(pid, 0), read_peak_memory(int(pid)) or 0)
        if progress.position * TOLD // written > told:
            told = progress.position * TOLD // written
            parent, largest = (peak / 1e6 for peak in (read_peak_memory(), max(peaks.values())))
            place = f"After {progress.position / 1e6:,.0f} MB"
            msg.text(f"{place}: parent {parent:,.0f} MB, largest of {len(peaks)} workers {largest:,.0f} MB")

    msg.text(f"{written / 1e6:,.0f} MB of texts; the process with the pipeline had held {before / 1e6:,.0f} MB")
    annotate_files(nlp, [path], folder / "output", workers=workers, progress=watch)


def write_texts(nlp: Language, corpus: Path, path: Path, size: int, column: int) -> None:
    """Write texts, each with two words that no other has, and a further column if it is to have letters."""
    written = 0
    others = {"more": "m" * column} if column else {}
    with path.open("w", encoding="utf8") as file:
        for number, example in enumerate(cycle(make_corpus(corpus)(nlp))):
            # long words, so that the texts are many megabytes soon
            words = [f"{letter * LETTERS}{number}" for letter in "ab"]
            written += file.write(json.dumps({"text": " ".join([example.reference.text, *words]), **others}) + "\n")
            if written > size:
                break


if __name__ == "__main__":
    typer.run(main)
