"""Do those tasks belong together of which `spacy mtl affinity` says so?

Affinity is measured in one joint training; then every group of tasks is trained, and each way to part the tasks is
compared with what affinity predicted of it.

Trainings that are finished are not done again: stop the command when you like, and start it again to go on.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

import sys
from pathlib import Path
from typing import Annotated, Dict, List, Optional, Tuple

import typer
from grouping_runs import plan
from spacy.cli._util import parse_config_overrides, setup_gpu
from spacy.util import load_config
from tested_runs import (
    Settings,
    choose_steps,
    keep,
    list_failures,
    read_results,
    read_settings,
    take_samples,
    told,
    train,
)
from wasabi import MarkdownRenderer, msg

from spacy_mtl.analysis.affinity.affinity import EXAMPLES, FILE, Affinity, measure_affinity, read_affinity
from spacy_mtl.analysis.affinity.group_gains import (
    find_grouping_gains,
    find_task_gains,
    judge,
    lay_out_gains,
    lay_out_task_gains,
    lay_out_verdicts,
    rank_correlation,
)
from spacy_mtl.analysis.affinity.proposals import propose
from spacy_mtl.analysis.affinity.tables import lay_out_affinity, tell_method
from spacy_mtl.analysis.trainings.derived_configs import load_joint
from spacy_mtl.cli.compare import parse_seeds, parse_tests
from spacy_mtl.cli.options import Address, Engine
from spacy_mtl.data.writing import whole_file
from spacy_mtl.json_files import write_json
from spacy_mtl.scale.ray_trainings import make_executor

NAME = "groupings"
AFFINITY = "affinity"

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def main(
    context: typer.Context,
    config: Annotated[
        Path, typer.Argument(help="A joint config; settings are changed as by --paths.train train.spacy")
    ],
    output: Annotated[Path, typer.Option(help="Folder for trainings and figures")],
    test: Annotated[Optional[List[str]], typer.Option(help="Test corpus; task=path for one task, repeatable")] = None,
    seeds: Annotated[str, typer.Option(help="How many seeds, or which: 0,1,7")] = "3",
    steps: Annotated[Optional[int], typer.Option(help="Steps of joint training instead of the config's", min=2)] = None,
    limit: Annotated[float, typer.Option(help="Texts of each training corpus, or their share; 0 for all", min=0)] = 0,
    dev_limit: Annotated[float, typer.Option(help="The same of each development corpus", min=0)] = 200,
    every: Annotated[Optional[int], typer.Option(help="Updates between measurements of affinity", min=1)] = None,
    examples: Annotated[int, typer.Option(help="Texts for each task that affinity is measured on", min=1)] = EXAMPLES,
    jobs: Annotated[int, typer.Option(help="Trainings at once")] = 1,
    engine: Engine = "local",
    address: Address = None,
    gpu_id: Annotated[int, typer.Option(help="GPU for training; -1 for the CPU")] = -1,
) -> None:
    """Measure affinity, train all groups, test them, print the tables, and write them to OUTPUT/groupings.json and
    groupings.md."""
    with told():
        setup_gpu(gpu_id, silent=True)
        changes = parse_config_overrides(context.args)
        changes.update(choose_steps(load_config(config, overrides=changes), steps))
        changes.update(take_samples(load_config(config, overrides=changes).interpolate(), limit, dev_limit, output))
        sides, settings, _ = plan(load_joint(config, changes), parse_tests(test or []), output, parse_seeds(seeds))
        keep(settings, output)
        measure_affinity(
            config,
            output / AFFINITY,
            every=every,
            examples=examples,
            gpu_id=gpu_id,
            overrides=changes,
            stdout=sys.stdout,
            stderr=sys.stderr,
        )
        with make_executor(engine, address, jobs=jobs, gpu_id=gpu_id) as executor:
            train(sides, settings, executor, lambda: write(output))
    tables, sentences = write(output)
    for title, table in tables.items():
        msg.divider(title)
        msg.table(table.rows, header=table.header, aligns=tuple(table.aligns), divider=True, max_col=200)
    for sentence in sentences:
        print(sentence)


def write(output: Path) -> Tuple[Dict, List[str]]:
    """Write the tables as they stand.

    RETURNS (Tuple[Dict, List[str]]): The tables by their titles, and what is to be said of them.
    """
    settings, affinity = read_settings(output), read_affinity(output / AFFINITY / FILE)
    tasks = list(settings.scores)
    scores: Dict = {}
    for record in read_results(output, settings):
        group = tuple(record["name"].split("+"))
        of_tasks = {task: record["scores"][settings.scores[task][0]] for task in group}
        scores.setdefault(group, {})[record["seed"]] = of_tasks
    of_tasks = find_task_gains(scores, affinity.means)
    gains = find_grouping_gains(tasks, scores, affinity.means)
    verdicts = judge(propose(affinity, range(1, len(tasks) + 1)), gains)
    tables = {
        "Affinity": lay_out_affinity(affinity),
        "Proposed for a number of encoders": lay_out_verdicts(verdicts),
        "All ways": lay_out_gains(gains),
        "Gains over the task alone, predicted in brackets": lay_out_task_gains(of_tasks, tasks),
    }
    correlation = rank_correlation([gain.predicted for gain in gains], [gain.mean for gain in gains])
    by_task = rank_correlation(
        [gain.predicted for gain in of_tasks],
        [sum(gain.measured.values()) / len(gain.measured) for gain in of_tasks],
    )
    sentences = [
        *list_failures(output),
        *tell(settings, affinity),
        f"Rank correlation of predicted and measured gains (Spearman): of ways to part the tasks {show(correlation)} "
        f"({len(gains)} ways), of tasks in groups {show(by_task)} ({len(of_tasks)} cases).",
    ]
    markdown = MarkdownRenderer()
    for title, table in tables.items():
        markdown.add(markdown.title(3, title))
        aligns = ["r" if align == "r" else "l" for align in table.aligns]
        markdown.add(markdown.table(list(table.rows), header=list(table.header), aligns=aligns))
    markdown.add(markdown.list(sentences))
    with whole_file(output / f"{NAME}.md") as path:
        path.write_text(f"{markdown.text}\n", encoding="utf8")
    with whole_file(output / f"{NAME}.json") as path:
        found = {
            "settings": settings._asdict(),
            "groupings": [{**gain._asdict(), "mean": gain.mean} for gain in gains],
            "tasks": [gain._asdict() for gain in of_tasks],
            "correlation": {"groupings": correlation, "tasks": by_task},
            "notes": sentences,
        }
        write_json(path, found)
    return tables, sentences


def tell(settings: Settings, affinity: Affinity) -> List[str]:
    """How the figures were made."""
    updates = ", ".join(f"{name} {number:,}" for name, number in settings.updates.items())
    main_scores = ", ".join(scores[0] for scores in settings.scores.values())
    return [
        f"Measured: the score on the test corpora ({main_scores}) of the pipeline after its last update, relative to "
        "that of the task alone with the same seed; delta-m is the mean over the tasks, each on the encoder of its "
        "group, in brackets with its 95% interval over seeds by Student's t. Gains of single tasks: mean and standard "
        "deviation over seeds. All in per cent.",
        f"Updates: {updates}. Each group is trained until it has read as many texts annotated for its tasks as in "
        "the training of all.",
        *tell_method(affinity),
    ]


def show(correlation: Optional[float]) -> str:
    """A correlation for people."""
    return "not known" if correlation is None else f"{correlation:+.2f}"


if __name__ == "__main__":
    app()
