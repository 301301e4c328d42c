"""What balancers did in trainings: drawn, and summed up in tables or as JSON."""

from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from wasabi import msg

from ..analysis.balance.log import (
    BalanceLog,
    EncoderLog,
    find_balance_log,
    make_file_name,
    name_runs,
    read_balance_log,
)
from ..analysis.balance.plots import draw_figures
from ..analysis.balance.summary import PairBalance, TaskBalance, summarize_pairs, summarize_tasks
from ..analysis.figures import save_figure
from ..data.writing import check_folder
from ..json_files import to_json

NOTHING = "-"
# No name is so long that its column should be cut off.
MAX_COLUMN = 1000


class EncoderReport(NamedTuple):
    """What is told about one encoder of a training.

    run (str): The training.
    log (EncoderLog): The encoder's batches.
    tasks (List[TaskBalance]): What happened to its tasks.
    pairs (List[PairBalance]): How their gradients point.
    files (List[Path]): The figures.
    """

    run: str
    log: EncoderLog
    tasks: List[TaskBalance]
    pairs: List[PairBalance]
    files: List[Path]


def plot(runs: Sequence[Path], output: Path, *, as_json: bool = False) -> None:
    """Draw what balancers did, and print it in short.

    runs (Sequence[Path]): Balance logs, or folders with one.
    output (Path): Folder for the figures.
    as_json (bool): Whether to print JSON instead of tables.
    """
    try:
        check_folder(output)
        paths = [find_balance_log(run) for run in runs]
        names = name_runs(paths)
        logs = [read_balance_log(path) for path in paths]
        reports = [report_encoder(name, encoder, output) for name, log in zip(names, logs) for encoder in log.encoders]
    except (OSError, ValueError, ImportError) as error:
        msg.fail(str(error), exits=1)
    notes = [note for log in logs for note in tell_trainings(log)]
    if as_json:
        found = {"encoders": [to_dict(report) for report in reports], "notes": notes}
        print(to_json(found, indent=2))
        return
    for report in reports:
        print_report(report)
    for note in notes:
        msg.warn(note)
    for report in reports:
        for path in report.files:
            msg.good(str(path))


def report_encoder(run: str, log: EncoderLog, output: Path) -> EncoderReport:
    """Draw and sum up one encoder of a training.

    run (str): A name for the training.
    log (EncoderLog): The encoder's batches.
    output (Path): Folder for the figures.
    RETURNS (EncoderReport): The report.
    RAISES (ImportError): E744 if matplotlib is missing.
    """
    figures = draw_figures(log, tell_encoder(run, log))
    start = output / make_file_name(run, log.encoder)
    files = [path for name, figure in figures.items() for path in save_figure(figure, f"{start}-{name}")]
    return EncoderReport(run, log, summarize_tasks(log), summarize_pairs(log), files)


def tell_encoder(run: str, log: EncoderLog) -> str:
    """A title.

    run (str): A name for the training.
    log (EncoderLog): The encoder's batches.
    RETURNS (str): The training, the encoder and its balancer.
    """
    return f"{run}: {log.encoder}, {log.balancer} (level: {log.level})"


def tell_trainings(log: BalanceLog) -> List[str]:
    """What of a file is not shown.

    log (BalanceLog): The training.
    RETURNS (List[str]): A sentence if the file holds several trainings.
    """
    if log.trainings == 1:
        return []
    return [f"{log.path} holds {log.trainings} trainings: the last is shown."]


def print_report(report: EncoderReport) -> None:
    """Print the tables of an encoder.

    report (EncoderReport): What is told about it.
    """
    log = report.log
    steps = f"steps {log.batches[0].step:,} to {log.batches[-1].step:,}, {len(log.batches):,} batches"
    msg.divider(tell_encoder(report.run, log))
    print(steps)
    tasks = [
        (
            task.task,
            f"{task.batches:,}",
            _show(task.loss, "{:.4g}"),
            _show(task.weight, "{:.3f}"),
            _show(task.norm, "{:.4g}"),
            f"{task.dropped:,}",
        )
        for task in report.tasks
    ]
    task_header = ("task", "batches", "loss of a target", "mean weight", "mean norm", "dropped")
    msg.table(tasks, header=task_header, aligns=tuple("lrrrrr"), divider=True, max_col=MAX_COLUMN)
    if not report.pairs:
        msg.warn("No two tasks share a batch: there are no conflicts to show.")
        return
    pairs = [
        (pair.first, pair.second, f"{pair.batches:,}", f"{100 * pair.conflict_rate:.1f}%", f"{pair.mean_cosine:+.3f}")
        for pair in report.pairs
    ]
    pair_header = ("task", "task", "batches", "conflict rate", "mean cosine")
    msg.table(pairs, header=pair_header, aligns=tuple("llrrr"), divider=True, max_col=MAX_COLUMN)


def to_dict(report: EncoderReport) -> Dict[str, Any]:
    """A report as JSON.

    report (EncoderReport): What is told about an encoder.
    RETURNS (Dict[str, Any]): The same in types of JSON.
    """
    log = report.log
    return {
        "run": report.run,
        "encoder": log.encoder,
        "balancer": log.balancer,
        "level": log.level,
        "batches": len(log.batches),
        "first_step": log.batches[0].step,
        "last_step": log.batches[-1].step,
        "tasks": [task._asdict() for task in report.tasks],
        "pairs": [pair._asdict() for pair in report.pairs],
        "files": [str(path) for path in report.files],
    }


def _show(value: Optional[float], form: str) -> str:
    return NOTHING if value is None else form.format(value)
