"""Encoders side by side: trained, scored on the test part, and timed in turns.

Trainings that are finished are not done again: stop the command when you like, and start it again to go on.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

import json
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Dict, List, Optional

import spacy
import typer
from spacy.language import Language
from spacy.util import load_config, registry, resolve_dot_names
from tqdm import tqdm
from wasabi import MarkdownRenderer, msg

from spacy_mtl.analysis.trainings.executors import Run
from spacy_mtl.analysis.trainings.measuring import count_parameters, time_annotation, time_updates
from spacy_mtl.analysis.trainings.runs import train_runs
from spacy_mtl.cli.options import Address, Engine
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.writing import whole_file
from spacy_mtl.json_files import read_json, write_json
from spacy_mtl.scale.ray_trainings import make_executor

FIGURES = {
    "entities": "ents_f",
    "predicates": "srl_predicate_f",
    "arguments, gold predicates": "srl_gold_argument_f",
    "arguments, end to end": "srl_argument_f",
    "genre": "genre_acc",
}
TIMED_UPDATES = 4


def main(
    configs: Annotated[List[Path], typer.Argument(help="Configs of pipelines with the same tasks")],
    train: Annotated[Path, typer.Option(help="A .spacy file")],
    dev: Annotated[Path, typer.Option(help="A .spacy file")],
    test: Annotated[Path, typer.Option(help="A .spacy file")],
    output: Annotated[Path, typer.Option(help="Folder for trainings and figures")],
    transformer: Annotated[Optional[str], typer.Option(help="Name or folder of the pretrained model")] = None,
    scratch_steps: Annotated[
        Optional[int], typer.Option(help="Updates of encoders that are not pretrained, instead of the configs' own")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Trainings at once")] = 1,
    engine: Engine = "local",
    address: Address = None,
    gpu_id: Annotated[int, typer.Option(help="GPU for training; -1 for the CPU")] = -1,
    turns: Annotated[int, typer.Option(help="Turns of each encoder in timing")] = 5,
    timed_docs: Annotated[int, typer.Option(help="Texts of the test part that are timed; 0 for all")] = 600,
) -> None:
    """Train, score and time; print the table, and write it to OUTPUT/encoders.json and encoders.md."""
    runs = []
    for path in configs:
        overrides: Dict[str, Any] = {"paths.train": str(train), "paths.dev": str(dev)}
        if "transformer" in load_config(path)["paths"]:
            if transformer is not None:
                overrides["paths.transformer"] = transformer
        elif scratch_steps is not None:
            overrides["training.max_steps"] = scratch_steps
            overrides["training.optimizer.learn_rate.total_steps"] = scratch_steps
        runs.append(Run(path.stem, load_config(path, overrides=overrides, interpolate=True), output / path.stem))
    with tqdm(total=sum(run.config["training"]["max_steps"] for run in runs), desc="Updates", disable=None) as bar:

        def show(steps: Dict[str, int]) -> None:
            bar.n = sum(steps.values())
            bar.refresh()

        with make_executor(engine, address, jobs=jobs, gpu_id=gpu_id) as executor:
            outcomes = train_runs(runs, executor=executor, progress=show)
    for run in runs:
        if not outcomes[run.name].is_finished:
            msg.fail(f"The training of {run.name} failed; see {run.folder / 'log.txt'}")
    runs = [run for run in runs if outcomes[run.name].is_finished]
    rows = {run.name: {**score(run, test), "updates": run.config["training"]["max_steps"]} for run in runs}
    time_in_turns(runs, test, rows, turns, timed_docs)
    report(rows, output)


def score(run: Run, test: Path) -> Dict[str, Any]:
    """The figures of a pipeline on the test part, kept beside it."""
    nlp = spacy.load(run.folder / "model-best")
    path = run.folder / "scores.json"
    if not path.exists():
        scores = nlp.evaluate(list(make_corpus(test)(nlp)))
        with whole_file(path) as temporary:
            write_json(temporary, scores)
    scores = read_json(path)
    return {**{name: scores[key] for name, key in FIGURES.items()}, "parameters": count_parameters(nlp)}


def load_learning(run: Run) -> Language:
    """A trained pipeline whose encoder learns from the first update on."""
    frozen = "frozen_steps" in run.config["components"]["tok2vec"]["model"]
    changes = {"components.tok2vec.model.frozen_steps": 0} if frozen else {}
    return spacy.load(run.folder / "model-best", config=changes)


def time_in_turns(runs: List[Run], test: Path, rows: Dict[str, Dict[str, Any]], turns: int, timed_docs: int) -> None:
    """Time training and annotation, one encoder after the other, in turns, so that a busy machine slows all alike."""
    seconds: Dict[str, Dict[str, List[float]]] = {run.name: {"train": [], "annotate": []} for run in runs}
    pipelines = {run.name: load_learning(run) for run in runs}
    batches, words, optimizers = {}, {}, {}
    for run in runs:
        nlp = pipelines[run.name]
        training = registry.resolve(run.config["training"])
        (read_train,) = resolve_dot_names(run.config, ["corpora.train"])
        examples = list(read_train(nlp))
        words[run.name] = sum(len(example) for example in examples)
        batches[run.name] = [batch for _, batch in zip(range(TIMED_UPDATES), training["batcher"](examples))]
        optimizers[run.name] = training["optimizer"]
    first = next(iter(pipelines.values()))
    docs = [example.reference for example in make_corpus(test, limit=timed_docs)(first)]
    for turn in tqdm(range(turns + 1), desc="Turns", disable=None):
        for run in runs:
            nlp = pipelines[run.name]
            annotating = time_annotation(nlp, docs)
            training = time_updates(nlp, batches[run.name], optimizers[run.name], run.config["training"]["dropout"])
            # the first turn fills caches
            if turn:
                seconds[run.name]["annotate"].append(annotating)
                seconds[run.name]["train"].append(training)
    n_words = sum(len(doc) for doc in docs)
    for run in runs:
        timed = sum(len(example) for batch in batches[run.name] for example in batch)
        epochs = sorted(words[run.name] / timed * value for value in seconds[run.name]["train"])
        speeds = sorted(n_words / value for value in seconds[run.name]["annotate"])
        rows[run.name].update({"seconds an epoch": epochs, "words a second": speeds})


def report(rows: Dict[str, Dict[str, Any]], output: Path) -> None:
    """Print the table and write it."""
    header = ["encoder", *FIGURES, "parameters", "updates", "seconds an epoch", "words a second"]
    table = [
        [
            name,
            *("-" if row[figure] is None else f"{100 * row[figure]:.1f}" for figure in FIGURES),
            f"{row['parameters'] / 1e6:.1f} M",
            f"{row['updates']:,}",
            f"{median(row['seconds an epoch']):,.0f}",
            f"{median(row['words a second']):,.0f}",
        ]
        for name, row in rows.items()
    ]
    aligns = ["l", *("r" for _ in header[1:])]
    msg.table(table, header=header, aligns=aligns, divider=True)
    renderer = MarkdownRenderer()
    renderer.add(renderer.table(table, header=header, aligns=aligns))
    with whole_file(output / "encoders.md") as path:
        path.write_text(renderer.text + "\n", encoding="utf8")
    with whole_file(output / "encoders.json") as path:
        path.write_text(json.dumps(rows, indent=2), encoding="utf8")


if __name__ == "__main__":
    typer.run(main)
