"""Words a second on one thread: a joint pipeline, its encoder alone, its heads one at a time, and a stock pipeline.

The variants take turns within one run, so that a busy machine slows all of them alike; medians and spreads are printed.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

import json
from collections import defaultdict
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Callable, Dict, List, Optional

import spacy
import typer
from spacy.language import Language
from spacy.tokens import Doc
from tqdm import tqdm
from wasabi import msg

from spacy_mtl.data.corpus import make_corpus

ENCODER = "tok2vec"


def main(
    joint: Annotated[Path, typer.Argument(help="A trained joint pipeline")],
    corpus: Annotated[Path, typer.Argument(help="A .spacy file with the texts")],
    stock: Annotated[Optional[Path], typer.Option(help="A trained stock pipeline to compare with")] = None,
    runs: Annotated[int, typer.Option(help="Turns of each variant")] = 5,
    output: Annotated[Optional[Path], typer.Option(help="Write the figures to this JSON file")] = None,
) -> None:
    """Print words a second and each component's share of the joint pipeline's time."""
    nlp = spacy.load(joint)
    heads = [pipe for pipe in nlp.pipe_names if pipe != ENCODER]
    variants: Dict[str, Callable[[], float]] = {
        "joint pipeline": lambda: time_pipes(nlp, nlp.pipe_names, words),
        "encoder alone": lambda: time_pipes(nlp, [ENCODER], words),
        "single-task pipelines, one after the other": lambda: sum(
            time_pipes(nlp, [ENCODER, head], words) for head in heads
        ),
    }
    if stock is not None:
        other = spacy.load(stock)
        variants[f"stock {'+'.join(other.pipe_names)}"] = lambda: time_pipes(other, other.pipe_names, words)
    words = [
        ([token.text for token in example.reference], [bool(token.whitespace_) for token in example.reference])
        for example in make_corpus(corpus)(nlp)
    ]
    total = sum(len(texts) for texts, _ in words)
    seconds: Dict[str, List[float]] = defaultdict(list)
    shares: Dict[str, List[float]] = defaultdict(list)
    for turn in tqdm(range(runs + 1), desc="Turns", disable=None):
        for name, run in variants.items():
            taken = run()
            # the first turn fills caches: tokens' norms, lexemes, rolesets
            if turn:
                seconds[name].append(taken)
        if turn:
            for name, taken in time_components(nlp, words).items():
                shares[name].append(taken)
    report(seconds, shares, total, output)


def make_docs(nlp: Language, words) -> List[Doc]:
    """Docs of given tokens, without annotation."""
    return [Doc(nlp.vocab, words=texts, spaces=spaces) for texts, spaces in words]


def time_pipes(nlp: Language, pipes: List[str], words) -> float:
    """Seconds that some components take to annotate all Docs through `nlp.pipe`."""
    docs = make_docs(nlp, words)
    with nlp.select_pipes(enable=list(pipes)):
        start = perf_counter()
        for _ in nlp.pipe(docs):
            pass
        return perf_counter() - start


def time_components(nlp: Language, words) -> Dict[str, float]:
    """Seconds that each component takes, one after the other over all Docs."""
    docs = make_docs(nlp, words)
    taken = {}
    for name, pipe in nlp.pipeline:
        start = perf_counter()
        docs = list(pipe.pipe(docs, batch_size=nlp.batch_size))
        taken[name] = perf_counter() - start
    return taken


def report(seconds: Dict[str, List[float]], shares: Dict[str, List[float]], total: int, output: Optional[Path]) -> None:
    """Print the figures and write them as JSON."""
    joint = median(seconds["joint pipeline"])
    rows = []
    for name, values in seconds.items():
        speed = total / median(values)
        spread = f"{total / max(values):,.0f}-{total / min(values):,.0f}"
        rows.append((name, f"{speed:,.0f}", spread, f"{median(values) / joint:.2f}"))
    header = ("", "words/s, median", "slowest-fastest", "time / joint")
    msg.table(rows, header=header, aligns=("l", "r", "r", "r"), divider=True)
    medians = {name: median(values) for name, values in shares.items()}
    whole = sum(medians.values())
    share_rows = [
        (name, f"{100 * value / whole:.1f}%", f"{1e6 * value / total:.1f}") for name, value in medians.items()
    ]
    msg.table(
        share_rows, header=("Component", "share of time", "microseconds/word"), aligns=("l", "r", "r"), divider=True
    )
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        figures = {"words": total, "seconds": seconds, "seconds_by_component": shares}
        output.write_text(json.dumps(figures, indent=2), encoding="utf8")


if __name__ == "__main__":
    typer.run(main)
