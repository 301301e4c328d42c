"""Training by several workers against one, by processor time: examples a second of the slowest process.

On a machine with other work the clock says little. With as many idle cores as workers, an update takes as long as that
of the worker with most to do, so that the ratio of processor times is that of the speeds: of each update the longest
time counts. Waiting for the exchange is not in it, but the exchange itself is. What comes before the first updates, and
evaluations, are left out.
"""

from processes import read_seconds  # isort: skip  (sets the threads before numpy is loaded)

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Dict, List

import typer
from wasabi import msg

from spacy_mtl.analysis.trainings.derived_configs import read_config
from spacy_mtl.cli.options import SETTINGS, parse_settings
from spacy_mtl.scale.training.group import join
from spacy_mtl.scale.training.launching import launch
from spacy_mtl.scale.training.train import train
from spacy_mtl.scale.training.updates import Updater

RESULTS = "RESULTS"
WARM_UP = 2
TIMES = ("processor", "clock")


def main(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="A config; settings as for `spacy train`")],
    workers: Annotated[int, typer.Option(help="Number of workers to compare with one")] = 2,
    updates: Annotated[int, typer.Option(help="Updates that are timed")] = 20,
    turns: Annotated[int, typer.Option(help="Turns of each")] = 1,
) -> None:
    """Print a table of medians."""
    settings = {**parse_settings(context), "training.max_steps": WARM_UP + updates, "training.eval_frequency": 10**6}
    if os.environ.get(RESULTS):
        measure(config, settings, Path(os.environ[RESULTS]))
        return
    found: Dict[int, List[Dict[str, Any]]] = {1: [], workers: []}
    command = [sys.executable, __file__, str(config), "--updates", str(updates)]
    command += [f"--{name}={json.dumps(value)}" for name, value in parse_settings(context).items()]
    for _ in range(turns):
        for number in found:
            with tempfile.TemporaryDirectory() as folder:
                os.environ[RESULTS] = folder
                if number == 1:
                    subprocess.run(command, check=True)
                else:
                    launch(command, number)
                rows = [json.loads(path.read_text()) for path in Path(folder).iterdir()]
            slowest = [sum(map(max, zip(*(row.pop(key) for row in rows)))) for key in TIMES]
            found[number].append({**rows[0], **dict(zip(TIMES, slowest)), "memory": max(row["memory"] for row in rows)})
    del os.environ[RESULTS]
    medians = {number: {key: median(row[key] for row in rows) for key in rows[0]} for number, rows in found.items()}
    header = ("Workers", "Texts a second", "Words a second", "Processor s", "Clock s", "Memory MB")
    rows = [
        (
            str(number),
            f"{row['texts'] / row['processor']:,.0f}",
            f"{row['words'] / row['processor']:,.0f}",
            f"{row['processor']:.1f}",
            f"{row['clock']:.1f}",
            f"{row['memory']:,.0f}",
        )
        for number, row in medians.items()
    ]
    msg.table(rows, header=header, divider=True, aligns=("r",) * len(header))
    speedup = medians[1]["processor"] / medians[workers]["processor"]
    msg.text(f"{workers} workers against 1: {speedup:.2f}")


def measure(config: Path, settings: Dict[str, Any], folder: Path) -> None:
    """Train as one of the workers, and write down what it took."""
    from time import perf_counter

    taken: Dict[str, Any] = {**{key: [] for key in TIMES}, "texts": 0, "words": 0}
    update, done = Updater.update, 0

    def timed(self: Updater, batch: Any, losses: Dict[str, float]) -> None:
        nonlocal done
        before, began = read_seconds(resource.RUSAGE_SELF), perf_counter()
        update(self, batch, losses)
        done += 1
        if done > WARM_UP:
            taken["processor"].append(read_seconds(resource.RUSAGE_SELF) - before)
            taken["clock"].append(perf_counter() - began)
            taken["texts"] += len(batch)
            taken["words"] += sum(len(example) for example in batch)

    Updater.update = timed  # type: ignore[method-assign]
    group = join(False)
    # evaluations are not timed: the first, after the first update, need not be long
    train(read_config(config, {**settings, "corpora.dev.limit": 50}), group=group)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    (folder / f"{group.rank}.json").write_text(json.dumps({**taken, "memory": memory}))
    group.close()


if __name__ == "__main__":
    app = typer.Typer()
    app.command(context_settings=SETTINGS)(main)
    app()
