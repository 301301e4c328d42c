"""What a way to share costs: updates and annotation of several configs or trained pipelines, timed in turns.

Every turn takes each config once, one after the other, so that a busy machine slows all alike. What is counted is the
time of the processor.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

from pathlib import Path
from statistics import median
from time import process_time
from typing import Annotated, Any, Callable, List, NamedTuple

import typer
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.util import load_config, load_model, registry, resolve_dot_names
from wasabi import MarkdownRenderer

from spacy_mtl.annotation import copy_tokens

BATCHES = 3


class Contender(NamedTuple):
    """A pipeline that is timed, with what it is timed on."""

    name: str
    nlp: Language
    batches: List[List[Example]]
    texts: List[Doc]
    optimizer: Any
    updating: List[float]
    annotating: List[float]


def main(
    configs: Annotated[
        List[Path],
        typer.Argument(help="Joint configs, or folders of trained pipelines; all are compared with the first"),
    ],
    train: Annotated[Path, typer.Option(help="A .spacy file with the annotation of all their tasks")],
    turns: Annotated[int, typer.Option(help="Turns of each config", min=1)] = 7,
    docs: Annotated[int, typer.Option(help="Texts to annotate", min=1)] = 300,
) -> None:
    """Time, and print a table: the median over turns, and of the same turns the median relative to the first config."""
    contenders = [make(path, train, docs) for path in configs]
    for turn in range(turns + 1):
        for one in contenders:
            updating = measure(lambda one=one: update(one))
            annotating = measure(lambda one=one: annotate(one))
            # the first turn warms up
            if turn:
                one.updating.append(updating)
                one.annotating.append(annotating)
    report(contenders)


def make(path: Path, train: Path, docs: int) -> Contender:
    """A trained pipeline, or one as the config describes it with labels from the beginning of the corpus, which its
    batches and texts are from too.
    """
    config = load_config(path / "config.cfg" if path.is_dir() else path, interpolate=False)
    config["paths"].update({"train": str(train), "dev": str(train)})
    config["corpora"]["train"]["limit"] = docs
    nlp = load_model(path, config=config) if path.is_dir() else init_nlp(config)
    resolved = nlp.config.interpolate()
    training = registry.resolve(resolved["training"])
    (read,) = resolve_dot_names(resolved, ["corpora.train"])
    batches = [list(batch) for _, batch in zip(range(BATCHES), training["batcher"](read(nlp)))]
    texts = list(DocBin().from_disk(train).get_docs(nlp.vocab))[:docs]
    name = path.parent.name if path.is_dir() else path.stem
    return Contender(name, nlp, batches, texts, training["optimizer"], [], [])


def measure(run: Callable[[], None]) -> float:
    """RETURNS (float): Seconds of the processor."""
    started = process_time()
    run()
    return process_time() - started


def update(one: Contender) -> None:
    """One update with each batch."""
    for batch in one.batches:
        fresh = [Example(copy_tokens(example.reference), example.reference) for example in batch]
        one.nlp.update(fresh, sgd=one.optimizer, drop=0.2)


def annotate(one: Contender) -> None:
    """Annotate all texts."""
    for _ in one.nlp.pipe([copy_tokens(doc) for doc in one.texts]):
        pass


def report(contenders: List[Contender]) -> None:
    """Print the table."""
    first = contenders[0]
    rows = []
    for one in contenders:
        words = sum(len(doc) for doc in one.texts)
        rows.append(
            [
                one.name,
                f"{median(one.updating) / len(one.batches):.2f}",
                f"{relate(one.updating, first.updating):.2f}",
                f"{words / median(one.annotating):,.0f}",
                f"{relate(one.annotating, first.annotating):.2f}",
            ]
        )
    header = ["config", "update, seconds", "relative", "annotation, words a second", "time, relative"]
    table = MarkdownRenderer()
    table.add(table.table(rows, header, aligns=["l", "r", "r", "r", "r"]))
    print(table.text)


def relate(times: List[float], others: List[float]) -> float:
    """RETURNS (float): The median quotient of the turns."""
    return median(time / other for time, other in zip(times, others))


if __name__ == "__main__":
    typer.run(main)
