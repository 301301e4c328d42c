"""What do few annotations of one task gain by the company of tasks with many?

Trainings that are finished are not done again: stop the command when you like, and start it again to go on.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

from pathlib import Path
from statistics import fmean, stdev
from typing import Annotated, Any, Dict, List, Optional, Tuple

import typer
from few_annotations_runs import ALONE, KINDS, plan
from spacy.cli._util import parse_config_overrides, setup_gpu
from tested_runs import SETTINGS, Settings, keep, list_failures, read_results, read_settings, told, train
from wasabi import MarkdownRenderer, msg

from spacy_mtl.analysis.figures import make_figure, save_figure
from spacy_mtl.cli.compare import parse_seeds, parse_tests
from spacy_mtl.cli.options import Address, Engine
from spacy_mtl.data.writing import whole_file
from spacy_mtl.json_files import write_json
from spacy_mtl.name_lists import split_names
from spacy_mtl.scale.ray_trainings import make_executor

NAME = "few-annotations"

app = typer.Typer(add_completion=False)

Scores = Dict[str, Dict[int, Dict[int, float]]]
"""By kind of training, number of texts and seed, a score in per cent."""
METHOD = (
    "Scores in per cent on the test corpora, mean and standard deviation over seeds, of the best pipelines on the "
    "development corpora; in brackets the mean gain over the task alone with the same seeds.",
    "The smaller corpora are parts of the larger ones, drawn once. Plain is the joint config under the plain sum, "
    "without private paths and scaffold.",
)
# Okabe, M., and Ito, K. (2008). Color Universal Design.
COLOURS = ("#000000", "#E69F00", "#0072B2", "#D55E00")
DASHES = ("dotted", "dashdot", "dashed", "solid")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def main(
    context: typer.Context,
    config: Annotated[
        Path, typer.Argument(help="A joint config; settings are changed as by --paths.much_train train.spacy")
    ],
    output: Annotated[Path, typer.Option(help="Folder for trainings and figures")],
    test: Annotated[Optional[List[str]], typer.Option(help="Test corpus; task=path for one task, repeatable")] = None,
    source: Annotated[str, typer.Option(help="The source with few annotations, for one task")] = "few",
    sizes: Annotated[str, typer.Option(help="How many of its texts, with commas")] = "200,500,2000",
    kinds: Annotated[str, typer.Option(help="Which trainings, with commas")] = ",".join(KINDS),
    seeds: Annotated[str, typer.Option(help="How many seeds, or which: 0,1,7")] = "3",
    jobs: Annotated[int, typer.Option(help="Trainings at once")] = 1,
    engine: Engine = "local",
    address: Address = None,
    gpu_id: Annotated[int, typer.Option(help="GPU for training; -1 for the CPU")] = -1,
    table_only: Annotated[bool, typer.Option("--table-only", help="Train nothing, show what OUTPUT has")] = False,
) -> None:
    """Train the task with few annotations alone and jointly, test its best pipelines, print the table, and write it to
    OUTPUT/few-annotations.json and .md, with learning curves as .svg and .png."""
    if table_only:
        if not (output / SETTINGS).exists():
            msg.fail(f"There are no trainings in {output}", exits=1)
        report(output)
        return
    with told():
        setup_gpu(gpu_id, silent=True)
        sides, settings = plan(
            config,
            parse_config_overrides(context.args),
            source,
            parse_sizes(sizes),
            parse_seeds(seeds),
            parse_kinds(kinds),
            parse_tests(test or []),
            output,
        )
        keep(settings, output)
        with make_executor(engine, address, jobs=jobs, gpu_id=gpu_id) as executor:
            train(sides, settings, executor, lambda: write(output))
    report(output)


def parse_sizes(sizes: str) -> List[int]:
    """Read numbers of texts from the command line."""
    parts = split_names(sizes)
    if not parts or not all(part.isdecimal() and int(part) for part in parts):
        raise ValueError(f"Expected numbers of texts, as 200,500; found '{sizes}'.")
    return sorted({int(part) for part in parts})


def parse_kinds(kinds: str) -> List[str]:
    """Read kinds of trainings from the command line."""
    found = split_names(kinds)
    if not found or not set(found) <= set(KINDS):
        raise ValueError(f"Expected some of {', '.join(KINDS)}; found '{kinds}'.")
    return found


def read_scores(output: Path) -> Tuple[Settings, Dict[str, Scores]]:
    """What the folder has: settings, and by score what the trainings reached."""
    settings = read_settings(output)
    scores: Dict[str, Scores] = {names[0]: {} for names in settings.scores.values()}
    for record in read_results(output, settings):
        for name, found in scores.items():
            if name in record["scores"]:
                by_size = found.setdefault(record["name"], {}).setdefault(int(record["group"]), {})
                by_size[record["seed"]] = 100 * record["scores"][name]
    return settings, scores


def lay_out(scores: Dict[str, Scores]) -> Tuple[List[str], List[List[str]]]:
    """The header and the rows of the table: for each score the kinds of training, by number of texts."""
    sizes = sorted({size for found in scores.values() for by_size in found.values() for size in by_size})
    rows = []
    for name, found in scores.items():
        for kind, title in KINDS.items():
            if kind in found:
                rows.append([name, title, *(show_cell(found, kind, size) for size in sizes)])
    return ["score", "trained", *(f"{size:,} texts" for size in sizes)], rows


def show_cell(found: Scores, kind: str, size: int) -> str:
    """Mean and deviation over seeds, and in brackets the mean gain over the task alone with the same seeds."""
    values = found[kind].get(size)
    if not values:
        return "-"
    deviation = f" \u00b1 {stdev(values.values()):.1f}" if len(values) > 1 else ""
    alone = found.get(ALONE, {}).get(size, {})
    shared = [values[seed] - alone[seed] for seed in values if seed in alone] if kind != ALONE else []
    gain = f" ({fmean(shared):+.1f})" if shared else ""
    return f"{fmean(values.values()):.1f}{deviation}{gain}"


def draw_curves(found: Scores, name: str) -> Any:
    """Learning curves: the score over the number of annotated texts, with a point for each seed."""
    figure = make_figure(6.5, 4.0, f"{name} by the number of annotated texts")
    axes = figure.add_subplot()
    for (kind, title), colour, style in zip(KINDS.items(), COLOURS, DASHES):
        by_size = found.get(kind, {})
        sizes = sorted(by_size)
        if sizes:
            means = [fmean(by_size[size].values()) for size in sizes]
            axes.plot(sizes, means, label=title, color=colour, linestyle=style)
            points = [(size, value) for size in sizes for value in by_size[size].values()]
            axes.plot(*zip(*points), linestyle="none", marker="o", markersize=4, color=colour)
    sizes = sorted({size for by_size in found.values() for size in by_size})
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.set_xlabel("annotated texts")
    axes.set_ylabel(f"{name}, per cent")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    return figure


def write(output: Path) -> Tuple[List[str], List[List[str]], List[str]]:
    """Write figures, table and curves as they stand."""
    settings, scores = read_scores(output)
    failures = list_failures(output)
    header, rows = lay_out(scores)
    with whole_file(output / f"{NAME}.json") as path:
        write_json(path, {"settings": settings._asdict(), "scores": scores, "failures": failures})
    markdown = MarkdownRenderer()
    markdown.add(markdown.table(rows, header=header, aligns=["l", "l", *("r" for _ in header[2:])]))
    markdown.add(markdown.list([*failures, *METHOD]))
    with whole_file(output / f"{NAME}.md") as path:
        path.write_text(f"{markdown.text}\n", encoding="utf8")
    return header, rows, failures


def report(output: Path) -> None:
    """Write what there is, draw the learning curves of the task with few annotations, and print the table."""
    header, rows, failures = write(output)
    _, scores = read_scores(output)
    name = next((name for name, found in scores.items() if ALONE in found), None)
    if name is not None:
        save_figure(draw_curves(scores[name], name), output / NAME)
    msg.table(rows, header=header, aligns=("l", "l", *("r" for _ in header[2:])), divider=True, max_col=100)
    for failure in failures:
        msg.warn(failure)
    for sentence in METHOD:
        print(sentence)


if __name__ == "__main__":
    app()
