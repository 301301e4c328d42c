"""Quality against speed: trained pipelines, scored on one corpus and timed in turns, as a table and a picture.

Every turn takes each pipeline once, one after the other and with one thread, so that a busy machine slows all alike.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any, Dict, List, NamedTuple, Optional, Tuple

import spacy
import typer
from spacy.language import Language
from tqdm import tqdm
from wasabi import MarkdownRenderer

from spacy_mtl.analysis.balance.plots import COLOURS
from spacy_mtl.analysis.figures import make_figure, save_figure
from spacy_mtl.analysis.trainings.measuring import time_annotation
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.writing import whole_file
from spacy_mtl.json_files import write_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "quality-speed"
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
COLUMNS = 5
TICKS = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000]
SCORES = "ents_f=entities,srl_argument_f=arguments,srl_gold_argument_f=arguments of gold predicates,genre_acc=genre"


class Measured(NamedTuple):
    """What is known of a pipeline: its scores by their names, and words a second."""

    scores: Dict[str, Optional[float]]
    speed: float


def main(
    pipelines: Annotated[List[str], typer.Argument(help="Trained pipelines: NAME=FOLDER")],
    test: Annotated[Path, typer.Option(help="A .spacy file with the annotation of their tasks")],
    output: Annotated[Path, typer.Option(help="Folder for the table and the picture")],
    scores: Annotated[str, typer.Option(help="Scores to show, SCORE=TITLE with commas")] = SCORES,
    turns: Annotated[int, typer.Option(help="Turns of each pipeline", min=1)] = 5,
    texts: Annotated[int, typer.Option(help="Texts of the corpus that are timed", min=1)] = 500,
) -> None:
    """Write OUTPUT/quality-speed.json, .md, .svg and .png, and print the table."""
    titles = dict(_split(pair) for pair in scores.split(","))
    loaded = {name: spacy.load(folder) for name, folder in map(_split, pipelines)}
    measured = measure(loaded, test, list(titles), turns, texts)
    output.mkdir(parents=True, exist_ok=True)
    table = make_table(measured, titles)
    print(table)
    with whole_file(output / f"{NAME}.md") as temporary:
        temporary.write_text(table, encoding="utf8")
    with whole_file(output / f"{NAME}.json") as temporary:
        write_json(temporary, {name: one._asdict() for name, one in measured.items()})
    save_figure(draw(measured, titles), output / NAME)


def measure(loaded: Dict[str, Language], test: Path, scores: List[str], turns: int, texts: int) -> Dict[str, Measured]:
    """Score and time pipelines; what one does not do has no score."""
    found: Dict[str, Dict[str, Optional[float]]] = {}
    docs = {}
    for name, nlp in loaded.items():
        examples = list(make_corpus(test)(nlp))
        results = nlp.evaluate(examples)
        found[name] = {score: results.get(score) for score in scores}
        docs[name] = [example.reference for example in examples[:texts]]
    seconds: Dict[str, List[float]] = {name: [] for name in loaded}
    for turn in tqdm(range(turns + 1), desc="Turns", disable=None):
        for name, nlp in loaded.items():
            taken = time_annotation(nlp, docs[name])
            # the first turn fills caches
            if turn:
                seconds[name].append(taken)
    return {name: Measured(found[name], sum(map(len, docs[name])) / median(seconds[name])) for name in loaded}


def make_table(measured: Dict[str, Measured], titles: Dict[str, str]) -> str:
    """RETURNS (str): The table, in Markdown; the fastest pipeline first."""
    rows = [
        [name, f"{one.speed:,.0f}", *(_percent(one.scores[score]) for score in titles)]
        for name, one in sorted(measured.items(), key=lambda item: -item[1].speed)
    ]
    table = MarkdownRenderer()
    table.add(
        table.table(rows, ["pipeline", "words a second", *titles.values()], aligns=["l"] + ["r"] * (len(titles) + 1))
    )
    return table.text


def draw(measured: Dict[str, Measured], titles: Dict[str, str]) -> "Figure":
    """RETURNS (Figure): A panel for each score: the score over words a second; below them which point is which."""
    shown = [score for score in titles if any(one.scores[score] is not None for one in measured.values())]
    figure = make_figure(3.6 * len(shown), 4.0, "")
    named: Dict[str, Any] = {}
    for place, score in enumerate(shown, start=1):
        axes = figure.add_subplot(1, len(shown), place)
        for number, (name, one) in enumerate(measured.items()):
            value = one.scores[score]
            if value is not None:
                look = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}
                (named[name],) = axes.plot([one.speed], [100 * value], linestyle="", markersize=8, **look)
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter("")
        axes.set_xticks(TICKS, [f"{tick:,}" for tick in TICKS])
        axes.margins(y=0.12)
        axes.set_xlabel("words a second, one thread")
        axes.set_title(titles[score], fontsize=10)
    speeds = [one.speed for one in measured.values()]
    for axes in figure.axes:
        axes.set_xlim(min(speeds) / 1.5, max(speeds) * 1.5)
    figure.legend(named.values(), named, loc="outside lower center", ncols=min(len(named), COLUMNS), frameon=False)
    return figure


def _percent(value: Optional[float]) -> str:
    return "" if value is None else f"{100 * value:.1f}"


def _split(pair: str) -> Tuple[str, str]:
    name, separator, value = pair.partition("=")
    if not (name and separator and value):
        raise typer.BadParameter(f"Expected NAME=VALUE, found '{pair}'.")
    return name, value


if __name__ == "__main__":
    typer.run(main)
