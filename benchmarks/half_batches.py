"""What half of a batch costs against all of it: how much faster two workers can be at best.

Whole and half batches come in turns, in one process, by processor time. What two workers exchange is not in it:
benchmarks/workers.py measures that too.
"""

from processes import read_seconds  # isort: skip  (sets the threads before numpy is loaded)

import resource
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Annotated, Any, Dict, List

import typer
from wasabi import msg

from spacy_mtl.analysis.trainings.derived_configs import read_config
from spacy_mtl.cli.options import SETTINGS, parse_settings
from spacy_mtl.scale.training import updates as module
from spacy_mtl.scale.training.train import train

WARM_UP = 2
WORKERS = 2


def main(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="A config; settings as for `spacy train`")],
    updates: Annotated[int, typer.Option(help="Updates of each kind")] = 10,
) -> None:
    """Print medians of processor seconds for 1,000 words of the batch."""
    settings = {"training.max_steps": WARM_UP + 2 * updates, "training.eval_frequency": 10**6}
    seconds = measure(config, {**settings, "corpora.dev.limit": 50, **parse_settings(context)})
    whole, half = median(seconds[False]), median(seconds[True])
    rows = [(f"{whole:.3f}", f"{half:.3f}", f"{whole / half:.2f}")]
    msg.table(rows, header=("Whole", "Half", "Whole / half"), divider=True, aligns=("r", "r", "r"))


def measure(config: Path, settings: Dict[str, Any]) -> Dict[bool, List[float]]:
    """Train with whole batches and halves in turns.

    RETURNS (Dict[bool, List[float]]): By whether it had half of a batch, what each update took, in processor seconds
        for 1,000 words of the batch.
    """
    seconds: Dict[bool, List[float]] = {False: [], True: []}
    share, update, done = module.choose_share, module.Updater.update, 0
    first = SimpleNamespace(rank=0, size=WORKERS)

    def share_in_turns(batch: Any, group: Any) -> Any:
        return share(batch, first) if done % 2 else list(batch)

    def timed(self: module.Updater, batch: Any, losses: Dict[str, float]) -> None:
        nonlocal done
        before = read_seconds(resource.RUSAGE_SELF)
        update(self, batch, losses)
        if done >= WARM_UP:
            words = sum(len(example) for example in batch)
            seconds[bool(done % 2)].append(1000 * (read_seconds(resource.RUSAGE_SELF) - before) / words)
        done += 1

    module.choose_share, module.Updater.update = share_in_turns, timed  # type: ignore[assignment, method-assign]
    train(read_config(config, settings))
    return seconds


if __name__ == "__main__":
    app = typer.Typer()
    app.command(context_settings=SETTINGS)(main)
    app()
