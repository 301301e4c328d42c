"""Joint pipelines against single-task ones and spaCy's own components: quality, speed, memory, size.

Trainings that are finished are not done again: stop the command when you like, and start it again to go on. All that is
timed takes turns within one run, so that a busy machine slows all alike.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

import json
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Dict, List, Optional

import spacy
import typer
from pipeline_runs import Side, plan
from spacy.util import load_config, registry, resolve_dot_names
from tqdm import tqdm
from wasabi import MarkdownRenderer, msg

from spacy_mtl.analysis.evaluation import annotate
from spacy_mtl.analysis.measuring import copy_texts, count_bytes, time_annotation, time_updates
from spacy_mtl.analysis.runs import train_runs
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.writing import whole_file

TIMED_UPDATES = 3
PROCESSES = 2
BEST = "model-best"
app = typer.Typer(add_completion=False)


@app.command()
def main(
    configs: Annotated[List[Path], typer.Argument(help="Joint configs with heads genre, ner and srl")],
    train: Annotated[Path, typer.Option(help="A .spacy file")],
    dev: Annotated[Path, typer.Option(help="A .spacy file")],
    test: Annotated[Path, typer.Option(help="A .spacy file")],
    output: Annotated[Path, typer.Option(help="Folder for trainings and figures")],
    transformer: Annotated[Optional[str], typer.Option(help="Name or folder of the pretrained model")] = None,
    scratch_steps: Annotated[Optional[int], typer.Option(help="Updates of encoders that are not pretrained")] = None,
    pretrained_steps: Annotated[Optional[int], typer.Option(help="Updates of those that are")] = None,
    jobs: Annotated[int, typer.Option(help="Trainings at once")] = 1,
    turns: Annotated[int, typer.Option(help="Turns of each pipeline in timing")] = 5,
    timed_docs: Annotated[int, typer.Option(help="Texts of the test part that are timed; 0 for all")] = 600,
    gpu_id: Annotated[int, typer.Option(help="GPU for training; -1 for the CPU")] = -1,
) -> None:
    """Train, test and time; print the table, and write it to OUTPUT/pipelines.json and pipelines.md."""
    sides: List[Side] = []
    for path in configs:
        overrides: Dict[str, Any] = {"paths.train": str(train), "paths.dev": str(dev)}
        is_pretrained = "transformer" in load_config(path)["paths"]
        if is_pretrained and transformer is not None:
            overrides["paths.transformer"] = transformer
        steps = pretrained_steps if is_pretrained else scratch_steps
        if steps is not None:
            overrides.update({"training.max_steps": steps, "training.optimizer.learn_rate.total_steps": steps})
        sides += plan(path, overrides, output)
    with tqdm(total=sum(side.run.config["training"]["max_steps"] for side in sides), disable=None) as bar:

        def show(steps: Dict[str, int]) -> None:
            bar.n = sum(steps.values())
            bar.refresh()

        outcomes = train_runs([side.run for side in sides], jobs=jobs, gpu_id=gpu_id, progress=show)
    for side in sides:
        if not outcomes[side.run.name].is_finished:
            msg.fail(f"The training of {side.run.name} failed; see {side.run.folder / 'log.txt'}")
    sides = [side for side in sides if outcomes[side.run.name].is_finished]
    rows = {side.run.name: {**score(side, test), **measure_memory(side, test)} for side in sides}
    for encoder in dict.fromkeys(side.encoder for side in sides):
        time_in_turns([side for side in sides if side.encoder == encoder], test, rows, turns, timed_docs)
    report(sides, rows, output)


def score(side: Side, test: Path) -> Dict[str, Any]:
    """Quality and size of a pipeline. The accuracy of categories is taken in one way for all."""
    nlp = spacy.load(side.run.folder / BEST)
    examples = list(make_corpus(test)(nlp))
    scores = nlp.evaluate(examples)
    found = {name: scores.get(name) for name in ("ents_f", "srl_argument_f")}
    # `evaluate` leaves these Examples as they are
    annotated = annotate(nlp, examples)
    labelled = [example for example in annotated if example.reference.cats and example.predicted.cats]
    if labelled:
        right = [
            max(one.predicted.cats, key=one.predicted.cats.get) == max(one.reference.cats, key=one.reference.cats.get)
            for one in labelled
        ]
        found["genre_acc"] = sum(right) / len(right)
    return {"scores": found, "disk_bytes": count_bytes(side.run.folder / BEST)}


def measure_memory(side: Side, test: Path) -> Dict[str, Any]:
    """Most memory that a process holds which does nothing but load the pipeline and annotate."""
    command = [sys.executable, __file__, "annotate", str(side.run.folder / BEST), str(test)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {"peak_bytes": int(done.stdout.split()[-1])}


def annotate_alone(pipeline: Path, corpus: Path) -> None:
    """Load, annotate, print the peak of memory in bytes."""
    nlp = spacy.load(pipeline)
    docs = [example.reference for example in make_corpus(corpus)(nlp)]
    for _ in nlp.pipe(copy_texts(docs, nlp)):
        pass
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def time_in_turns(sides: List[Side], test: Path, rows: Dict[str, Dict[str, Any]], turns: int, timed_docs: int) -> None:
    """Time annotation, by one process and by two, the encoder alone, and training."""
    pipelines = {side.run.name: spacy.load(side.run.folder / BEST) for side in sides}
    work = {}
    for side in sides:
        nlp = pipelines[side.run.name]
        if "frozen_steps" in side.run.config["components"]["tok2vec"]["model"]:
            # an encoder that does not learn yet would cost nothing
            nlp = spacy.load(side.run.folder / BEST, config={"components.tok2vec.model.frozen_steps": 0})
        training = registry.resolve(side.run.config["training"])
        (read,) = resolve_dot_names(side.run.config, ["corpora.train"])
        examples = list(read(nlp))
        batches = [batch for _, batch in zip(range(TIMED_UPDATES), training["batcher"](examples))]
        timed = sum(len(example) for batch in batches for example in batch)
        whole = sum(len(example) for example in examples)
        work[side.run.name] = (nlp, batches, training["optimizer"], training["dropout"], whole / timed)
    docs = [example.reference for example in make_corpus(test, limit=timed_docs)(next(iter(pipelines.values())))]
    n_words = sum(map(len, docs))
    kinds = ("words a second", "words a second, two processes", "share of the encoder", "seconds an epoch")
    for side in sides:
        rows[side.run.name]["times"] = {kind: [] for kind in kinds}
    for turn in tqdm(range(turns + 1), desc=f"Turns, {sides[0].encoder}", disable=None):
        for side in sides:
            nlp = pipelines[side.run.name]
            one = time_annotation(nlp, docs)
            two = time_annotation(nlp, docs, n_process=PROCESSES)
            with nlp.select_pipes(enable=["tok2vec"]):
                alone = time_annotation(nlp, docs)
            learning, batches, optimizer, drop, factor = work[side.run.name]
            epoch = time_updates(learning, batches, optimizer, drop) * factor
            # the first turn fills caches
            if turn:
                for kind, value in zip(kinds, (n_words / one, n_words / two, alone / one, epoch)):
                    rows[side.run.name]["times"][kind].append(value)


def report(sides: List[Side], rows: Dict[str, Dict[str, Any]], output: Path) -> None:
    """Print the table and write it."""
    figures = ("ents_f", "genre_acc", "srl_argument_f")
    header = ["encoder", "pipeline", *figures, "seconds an epoch", "words/s", "spread", "words/s, 2 processes"]
    header += ["encoder's share", "memory, MiB", "disk, MiB"]
    table = []
    for side in sides:
        row = rows[side.run.name]
        times = row["times"]
        speeds = times["words a second"]
        table.append(
            [
                side.encoder,
                side.name if side.group != "alone" else f"alone: {side.name}",
                *("-" if row["scores"].get(name) is None else f"{100 * row['scores'][name]:.1f}" for name in figures),
                f"{median(times['seconds an epoch']):,.0f}",
                f"{median(speeds):,.0f}",
                f"{min(speeds):,.0f}-{max(speeds):,.0f}",
                f"{median(times['words a second, two processes']):,.0f}",
                f"{100 * median(times['share of the encoder']):.0f}%",
                f"{row['peak_bytes'] / 2**20:,.0f}",
                f"{row['disk_bytes'] / 2**20:,.0f}",
            ]
        )
    gains = [find_gain(encoder, sides, rows) for encoder in dict.fromkeys(side.encoder for side in sides)]
    aligns = ["l", "l", *("r" for _ in header[2:])]
    msg.table(table, header=header, aligns=tuple(aligns), divider=True)
    renderer = MarkdownRenderer()
    renderer.add(renderer.table(table, header=header, aligns=aligns))
    for gain in gains:
        msg.text(gain)
    renderer.add(renderer.list(gains))
    with whole_file(output / "pipelines.md") as path:
        path.write_text(renderer.text + "\n", encoding="utf8")
    with whole_file(output / "pipelines.json") as path:
        path.write_text(json.dumps(rows, indent=2), encoding="utf8")


def find_gain(encoder: str, sides: List[Side], rows: Dict[str, Dict[str, Any]]) -> str:
    """How much longer the single-task pipelines take for a text, one after the other, turn by turn."""
    speeds: Dict[str, List[List[float]]] = {"joint": [], "alone": []}
    for side in sides:
        if side.encoder == encoder and side.group in speeds:
            speeds[side.group].append(rows[side.run.name]["times"]["words a second"])
    if not speeds["joint"] or not speeds["alone"]:
        return f"{encoder}: no pipelines to compare."
    ratios = [sum(1 / speed for speed in others) * own for own, *others in zip(*speeds["joint"], *speeds["alone"])]
    return (
        f"{encoder}: the single-task pipelines, one after the other, take {median(ratios):.2f} times as long as the "
        f"joint one ({min(ratios):.2f}-{max(ratios):.2f})."
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["annotate"]:
        annotate_alone(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        app()
