"""Balancers side by side, and each task trained alone: what does a balancer gain?

Trainings that are finished are not done again: stop the command when you like, and start it again to go on.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

from pathlib import Path
from typing import Annotated, Dict, List, Optional, Tuple

import typer
from balancer_runs import REFERENCE, plan
from spacy.cli._util import parse_config_overrides, setup_gpu
from spacy.util import load_config
from tested_runs import (
    SETTINGS,
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

from spacy_mtl.analysis.comparison.ranking import Ranked, Trained, lay_out_ranking, rank
from spacy_mtl.analysis.trainings.derived_configs import load_joint
from spacy_mtl.cli.compare import parse_seeds, parse_tests
from spacy_mtl.cli.options import Address, Engine
from spacy_mtl.data.writing import whole_file
from spacy_mtl.json_files import write_json
from spacy_mtl.scale.ray_trainings import make_executor

NAME = "balancers"

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def main(
    context: typer.Context,
    config: Annotated[
        Path, typer.Argument(help="A joint config; settings are changed as by --paths.train train.spacy")
    ],
    output: Annotated[Path, typer.Option(help="Folder for trainings and figures")],
    test: Annotated[Optional[List[str]], typer.Option(help="Test corpus; task=path for one task, repeatable")] = None,
    methods: Annotated[str, typer.Option(help="Names with commas, as Sum,PCGrad,PCGrad:parameters; or all")] = "all",
    seeds: Annotated[str, typer.Option(help="How many seeds, or which: 0,1,7")] = "3",
    steps: Annotated[Optional[int], typer.Option(help="Steps of joint training instead of the config's", min=2)] = None,
    limit: Annotated[float, typer.Option(help="Texts of each training corpus, or their share; 0 for all", min=0)] = 0,
    dev_limit: Annotated[float, typer.Option(help="The same of each development corpus", min=0)] = 200,
    jobs: Annotated[int, typer.Option(help="Trainings at once")] = 1,
    engine: Engine = "local",
    address: Address = None,
    gpu_id: Annotated[int, typer.Option(help="GPU for training; -1 for the CPU")] = -1,
    table_only: Annotated[bool, typer.Option("--table-only", help="Train nothing, show what OUTPUT has")] = False,
) -> None:
    """Train with each balancer and each task alone, test, print the table, and write it to OUTPUT/balancers.json and
    balancers.md."""
    if table_only:
        if not (output / SETTINGS).exists():
            msg.fail(f"There are no trainings in {output}", exits=1)
        report(output)
        return
    with told():
        setup_gpu(gpu_id, silent=True)
        changes = parse_config_overrides(context.args)
        changes.update(choose_steps(load_config(config, overrides=changes), steps))
        changes.update(take_samples(load_config(config, overrides=changes).interpolate(), limit, dev_limit, output))
        sides, settings = plan(
            load_joint(config, changes), parse_tests(test or []), output, parse_seeds(seeds), methods
        )
        keep(settings, output)
        with make_executor(engine, address, jobs=jobs, gpu_id=gpu_id) as executor:
            train(sides, settings, executor, lambda: write(output))
    report(output)


def read_ranking(output: Path) -> Tuple[Settings, List[Ranked], List[str]]:
    """What the folder has: settings, the ranking, and trainings that failed."""
    settings = read_settings(output)
    groups: Dict[str, Dict[str, Dict[int, Trained]]] = {"joint": {}, "single": {}}
    for record in read_results(output, settings):
        found = groups[record["group"]].setdefault(record["name"], {})
        found[record["seed"]] = Trained(record["scores"], record["processor_seconds"])
    main_scores = {task: scores[0] for task, scores in settings.scores.items()}
    return settings, rank(groups["joint"], groups["single"], main_scores, REFERENCE), list_failures(output)


def tell_method(settings: Settings) -> List[str]:
    """How the figures were made."""
    main_scores = ", ".join(scores[0] for scores in settings.scores.values())
    alone = ", ".join(f"{task} {settings.updates[task]:,}" for task in settings.scores)
    return [
        "Scores in per cent on the test corpora, mean and standard deviation over seeds, of the pipelines after their "
        "last update.",
        f"Delta-m: the mean over tasks of (joint - alone) / alone with the same seed, from {main_scores}; in "
        "brackets the 95% interval over seeds by Student's t, which knows nothing of other test texts. Compare rows "
        "that have the same seeds.",
        f"Updates: {settings.updates['joint']:,} jointly. Each task alone is trained until it has read as many texts "
        f"annotated for it as in joint training, each as often as it comes, with the learning rate's schedule in "
        f"proportion: {alone}.",
        f"processor: time of whole trainings on the processor, relative to {REFERENCE} (*) with the same seeds; of the "
        "tasks alone the sum.",
    ]


def write(output: Path) -> Tuple[Settings, List[Ranked], List[str]]:
    """Write the table as it stands."""
    settings, rows, failures = read_ranking(output)
    with whole_file(output / f"{NAME}.json") as path:
        listed = [
            {**row._asdict(), "mean_delta_m": row.mean_delta_m, "delta_m_interval": row.delta_m_interval}
            for row in rows
        ]
        write_json(path, {"settings": settings._asdict(), "rows": listed, "failures": failures})
    table = lay_out_ranking(rows, [name for scores in settings.scores.values() for name in scores])
    markdown = MarkdownRenderer()
    aligns = ["r" if align == "r" else "l" for align in table.aligns]
    markdown.add(markdown.table(list(table.rows), header=list(table.header), aligns=aligns))
    markdown.add(markdown.list([*failures, *tell_method(settings)]))
    with whole_file(output / f"{NAME}.md") as path:
        path.write_text(f"{markdown.text}\n", encoding="utf8")
    return settings, rows, failures


def report(output: Path) -> None:
    """Write the table and print it."""
    settings, rows, failures = write(output)
    table = lay_out_ranking(rows, [name for scores in settings.scores.values() for name in scores])
    msg.table(table.rows, header=table.header, aligns=tuple(table.aligns), divider=True, max_col=100)
    for failure in failures:
        msg.warn(failure)
    for sentence in tell_method(settings):
        print(sentence)


if __name__ == "__main__":
    app()
