"""A pipeline with a pretrained encoder in several precisions: speed of annotation and training, in turns, and scores.

It measures seconds of the processor, with one thread.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

import json
from pathlib import Path
from statistics import median
from time import process_time
from typing import Annotated, Any, Callable, Dict, List

import spacy
import torch
import typer
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import fix_random_seed, registry, resolve_dot_names
from tqdm import tqdm
from wasabi import MarkdownRenderer, msg

from spacy_mtl.analysis.trainings.measuring import time_annotation, time_updates
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.writing import whole_file
from spacy_mtl.encoders.pretrained.model import get_transformer
from spacy_mtl.encoders.pretrained.precision import PRECISIONS

FIGURES = {
    "entities": "ents_f",
    "arguments, gold predicates": "srl_gold_argument_f",
    "arguments, end to end": "srl_argument_f",
    "genre": "genre_acc",
}
BARE = "the transformer alone"
# What the transformer alone reads at once, as it comes.
BARE_TEXTS = 32


def main(
    pipeline: Annotated[
        Path, typer.Argument(help="A trained pipeline whose encoder is spacy-mtl.PretrainedEncoder.v1")
    ],
    train: Annotated[Path, typer.Option(help="A .spacy file")],
    test: Annotated[Path, typer.Option(help="A .spacy file")],
    output: Annotated[Path, typer.Option(help="Folder for the figures")],
    encoder: Annotated[str, typer.Option(help="Name of the component")] = "tok2vec",
    turns: Annotated[int, typer.Option(help="Turns of each precision in timing")] = 5,
    timed_docs: Annotated[int, typer.Option(help="Texts of the test part that are timed; 0 for all")] = 300,
    timed_updates: Annotated[int, typer.Option(help="Updates in each turn")] = 4,
) -> None:
    """Score and time; print the table, and write it to OUTPUT/precision.json and precision.md."""
    torch.set_num_threads(1)
    changes = {precision: {f"components.{encoder}.model.precision": precision} for precision in PRECISIONS[:2]}
    pipelines = {precision: spacy.load(pipeline, config=change) for precision, change in changes.items()}
    rows: Dict[str, Dict[str, Any]] = {}
    for precision, nlp in pipelines.items():
        scores = nlp.evaluate(list(make_corpus(test)(nlp)))
        rows[precision] = {name: scores.get(key) for name, key in FIGURES.items()}
    first = next(iter(pipelines.values()))
    docs = [example.reference for example in make_corpus(test, limit=timed_docs)(first)]
    annotate: Dict[str, Callable[[], float]] = {
        precision: lambda nlp=nlp: time_annotation(nlp, docs, clock=process_time)  # type: ignore[misc]
        for precision, nlp in pipelines.items()
    }
    annotate[BARE] = lambda: time_bare(first, encoder, docs)
    words = sum(len(doc) for doc in docs)
    taken = time_in_turns(annotate, turns)
    for name, seconds in taken.items():
        rows.setdefault(name, {})["words a second"] = sorted(words / value for value in seconds)
    # training changes the pipelines: it comes last
    learn = {precision: prepare_training(nlp, train, encoder, timed_updates) for precision, nlp in pipelines.items()}
    for name, seconds in time_in_turns({name: update for name, (update, _) in learn.items()}, turns).items():
        rows[name]["seconds an epoch"] = sorted(learn[name][1] * value for value in seconds)
    report(rows, output)


def time_in_turns(tasks: Dict[str, Callable[[], float]], turns: int) -> Dict[str, List[float]]:
    """Run tasks one after the other, in turns, so that a busy machine slows all alike."""
    taken: Dict[str, List[float]] = {name: [] for name in tasks}
    for turn in tqdm(range(turns + 1), desc="Turns", disable=None):
        for name, task in tasks.items():
            seconds = task()
            # the first turn fills caches
            if turn:
                taken[name].append(seconds)
    return taken


def time_bare(nlp: Language, encoder: str, docs: List[Doc]) -> float:
    """Seconds that the tokenizer and the transformer take for texts by themselves, in float32."""
    node = get_transformer(nlp.get_pipe(encoder).model)
    texts = [doc.text for doc in docs]
    start = process_time()
    with torch.no_grad():
        for first in range(0, len(texts), BARE_TEXTS):
            batch = texts[first : first + BARE_TEXTS]
            node.transformer(**node.tokenizer(batch, return_tensors="pt", padding=True, truncation=True))
    return process_time() - start


def prepare_training(nlp: Language, train: Path, encoder: str, timed_updates: int) -> Any:
    """A function that times some updates, and how many times as many an epoch has."""
    config = nlp.config.copy()
    config["paths"]["train"] = str(train)
    config["components"][encoder]["model"]["frozen_steps"] = 0
    shim = get_transformer(nlp.get_pipe(encoder).model).layers[0].shims[0]
    shim.tuning = shim.tuning._replace(frozen_steps=0)
    config = config.interpolate()
    training = registry.resolve(config["training"])
    (read_train,) = resolve_dot_names(config, ["corpora.train"])
    fix_random_seed(0)
    examples = list(read_train(nlp))
    batches = [batch for _, batch in zip(range(timed_updates), training["batcher"](examples))]
    share = sum(map(len, examples)) / sum(len(example) for batch in batches for example in batch)
    return lambda: time_updates(nlp, batches, training["optimizer"], training["dropout"], process_time), share


def report(rows: Dict[str, Dict[str, Any]], output: Path) -> None:
    """Print the table and write it."""
    header = ["precision", "words a second", "seconds an epoch", *FIGURES]
    table = []
    for name, row in rows.items():
        speeds = [f"{median(row[key]):,.0f}" if key in row else "" for key in header[1:3]]
        scores = [row.get(figure) for figure in FIGURES]
        table.append([name, *speeds, *("" if score is None else f"{100 * score:.2f}" for score in scores)])
    aligns = ["l", *("r" for _ in header[1:])]
    msg.table(table, header=header, aligns=aligns, divider=True)
    renderer = MarkdownRenderer()
    renderer.add(renderer.table(table, header=header, aligns=aligns))
    output.mkdir(parents=True, exist_ok=True)
    with whole_file(output / "precision.md") as path:
        path.write_text(renderer.text + "\n", encoding="utf8")
    with whole_file(output / "precision.json") as path:
        path.write_text(json.dumps(rows, indent=2), encoding="utf8")


if __name__ == "__main__":
    typer.run(main)
