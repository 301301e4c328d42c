"""A training log for people: one row an evaluation, one column a head."""

import sys
from pathlib import Path
from timeit import default_timer as timer
from typing import IO, Any, Callable, Dict, List, Optional, Sequence, Tuple

import srsly
import tqdm
from spacy.language import Language

from ..errors import Errors
from ..pipeline.score_weights import fit_score_weights
from .balance_recorder import BalanceRecorder

PROGRESS_BARS = ("train", "eval")
BEST_MARK = "*"
NOTHING = "-"
LONGEST_HEADING = 14


def console_logger(
    progress_bar: Optional[str] = None,
    console_output: bool = True,
    output_file: Optional[str] = None,
    balance: Sequence[str] = ("weights", "conflicts"),
    balance_file: Optional[str] = None,
) -> Callable[[Language, IO, IO], Tuple[Callable[[Optional[Dict[str, Any]]], None], Callable[[], None]]]:
    """Log each evaluation: epoch, step, the mean loss of an update for each component since the row before, the
    scores of `[training.score_weights]` in per cent and their weighted sum (each marked `*` when it is best so far),
    words a second since the row before, and the time elapsed.

    progress_bar (Optional[str]): "train" counts the steps to `max_steps`, "eval" those to the next evaluation.
    console_output (bool): Whether to print.
    output_file (Optional[str]): A file for the same as JSON lines. Lines are added to a file that exists; each
        training begins with a line {"pipeline": [...]}.
    balance (Sequence[str]): Columns for each `mtl_tok2vec` that several components listen to, as means since the row
        before: "weights" that its balancer gives the tasks, left out where they are fixed; "norms" of the tasks'
        gradients; "cosines" between them; "conflicts", the share of cosines below zero in per cent.
    balance_file (Optional[str]): A file for the same of every update, as JSON lines, for `spacy mtl plot`.
    RETURNS (Callable): The logger as `spacy train` calls it.
    RAISES (ValueError): E601 for an unknown kind of progress bar, E607 for an unknown column, when training starts.
    """
    if progress_bar is not None and progress_bar not in PROGRESS_BARS:
        raise ValueError(Errors.E601.format(expected=", ".join(PROGRESS_BARS), found=progress_bar))

    def setup_logger(
        nlp: Language, stdout: IO = sys.stdout, stderr: IO = sys.stderr
    ) -> Tuple[Callable[[Optional[Dict[str, Any]]], None], Callable[[], None]]:
        fit_score_weights(nlp)
        config = nlp.config["training"]
        components = [name for name, pipe in nlp.pipeline if getattr(pipe, "is_trainable", False)]
        scores = [name for name, weight in config["score_weights"].items() if weight is not None]
        recorder = BalanceRecorder(nlp, balance, Path(balance_file) if balance_file else None)
        table = Table(components, scores, recorder.headings)
        lines = JsonLines(Path(output_file), nlp.pipe_names) if output_file else None
        rows = RowMaker(components, scores)
        bar: Optional[tqdm.tqdm] = None
        if console_output:
            print(table.heading(), file=stdout, flush=True)

        def log_step(info: Optional[Dict[str, Any]]) -> None:
            nonlocal bar
            recorder.end_step(None if info is None else info["step"])
            if info is None:
                if bar is not None:
                    bar.update(1)
                return
            if bar is not None:
                bar.close()
                bar = None
            row = rows.make(info)
            means, cells = recorder.take()
            if means:
                row["balance"] = means
            if lines is not None:
                lines.write(row)
            if not console_output:
                return
            print(table.row(row, cells), file=stdout, flush=True)
            if progress_bar is not None:
                whole = progress_bar == "train"
                bar = tqdm.tqdm(
                    total=config["max_steps"] if whole else config["eval_frequency"],
                    initial=info["step"] if whole else 0,
                    desc=f"Epoch {info['epoch']}",
                    disable=None,
                    leave=False,
                    file=stderr,
                )

        def finalize() -> None:
            if bar is not None:
                bar.close()
            recorder.close()
            if lines is not None:
                lines.close()

        return log_step, finalize

    return setup_logger


class RowMaker:
    """Turns the training's running sums into what happened since the row before."""

    def __init__(self, components: List[str], scores: List[str]) -> None:
        """components (List[str]): The trainable components. scores (List[str]): The weighted scores."""
        self._components = components
        self._scores = scores
        self._started = self._last_time = timer()
        self._last_step = -1
        self._last_words = 0
        self._best_scores: Dict[str, float] = {}

    def make(self, info: Dict[str, Any]) -> Dict[str, Any]:
        """One row.

        info (Dict[str, Any]): What `spacy.training.loop.train_while_improving` yields.
        RETURNS (Dict[str, Any]): epoch, step, losses and scores by name (None where there is none), best_scores
            (whether each is the best so far), score, best, words_per_second, seconds.
        """
        now = timer()
        # The training empties its losses after each evaluation, so that they sum over the updates since then.
        updates = max(info["step"] - self._last_step, 1)
        words = info["words"] - self._last_words
        losses = {
            name: float(info["losses"][name]) / updates if name in info["losses"] else None for name in self._components
        }
        other_scores = info["other_scores"] or {}
        scores = {name: _as_number(other_scores.get(name), name) for name in self._scores}
        row = {
            "epoch": info["epoch"],
            "step": info["step"],
            "losses": losses,
            "scores": scores,
            "best_scores": {name: self._is_best(name, score) for name, score in scores.items()},
            "score": float(info["score"]),
            "best": info["score"] >= max(score for score, _ in info["checkpoints"]),
            "words_per_second": words / max(now - self._last_time, 1e-9),
            "seconds": now - self._started,
        }
        self._last_time, self._last_step, self._last_words = now, info["step"], info["words"]
        return row

    def _is_best(self, name: str, score: Optional[float]) -> bool:
        if score is None or score < self._best_scores.get(name, score):
            return False
        self._best_scores[name] = score
        return True


class Table:
    """Lays out rows in columns as narrow as their headings allow."""

    def __init__(self, components: List[str], scores: List[str], balance: Sequence[Tuple[str, str]] = ()) -> None:
        """components (List[str]): The trainable components. scores (List[str]): The weighted scores. balance
        (Sequence[Tuple[str, str]]): Upper and lower headings of columns about the balancers."""
        columns = [
            ("", "Epoch"),
            ("", "Step"),
            *(("Loss", name) for name in components),
            *balance,
            *(split_heading(name) for name in scores),
            ("", "Score"),
            ("", "Words/s"),
            ("", "Time"),
        ]
        first = 2 + len(components) + len(balance)
        # a mark stands behind the numbers of these
        marked = range(first, first + len(scores) + 1)
        rows = [[shorten(cell) for cell in cells] for cells in zip(*columns)]
        self._kinds, self._headings = ([cell + " " * (i in marked) for i, cell in enumerate(cells)] for cells in rows)
        smallest = [5, 6, *(6 for _ in components), *(6 for _ in balance), *(6 for _ in scores), 6, 7, 7]
        self._widths = [max(map(len, cells)) for cells in zip(self._kinds, self._headings, ["-" * n for n in smallest])]

    def heading(self) -> str:
        """RETURNS (str): Two lines of headings with a rule below, without a line break at the end."""
        rule = ["-" * width for width in self._widths]
        return "\n".join(self._line(cells) for cells in (self._kinds, self._headings, rule))

    def row(self, row: Dict[str, Any], balance: Sequence[Optional[float]] = ()) -> str:
        """A row as text.

        row (Dict[str, Any]): What `RowMaker.make` gave.
        balance (Sequence[Optional[float]]): The values of the columns about the balancers.
        RETURNS (str): The line, without a line break at the end.
        """
        minutes, seconds = divmod(int(row["seconds"]), 60)
        hours, minutes = divmod(minutes, 60)
        cells = [
            str(row["epoch"]),
            str(row["step"]),
            *(NOTHING if value is None else _short_number(value) for value in (*row["losses"].values(), *balance)),
            *(_mark(_as_shown(name, score), row["best_scores"][name]) for name, score in row["scores"].items()),
            _mark(f"{100 * row['score']:.2f}", row["best"]),
            f"{row['words_per_second']:.0f}",
            f"{hours}:{minutes:02d}:{seconds:02d}",
        ]
        return self._line(cells)

    def _line(self, cells: List[str]) -> str:
        return "  ".join(cell.rjust(width) for cell, width in zip(cells, self._widths))


class JsonLines:
    """Adds rows to a file; opened for each, so that an interrupted training loses none."""

    def __init__(self, path: Path, pipeline: List[str]) -> None:
        """path (Path): The file; made with its folder if missing. pipeline (List[str]): Names for the first line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("a", encoding="utf8")
        self.write({"pipeline": list(pipeline)})

    def write(self, row: Dict[str, Any]) -> None:
        """row (Dict[str, Any]): The row."""
        self._stream.write(srsly.json_dumps(row) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def split_heading(score: str) -> Tuple[str, str]:
    """The name of a score over two lines: "srl_gold_argument_f" is "srl gold" above "argument f".

    score (str): The name.
    RETURNS (Tuple[str, str]): The upper and the lower line.
    """
    words = score.split("_")
    return " ".join(words[:-2]), " ".join(words[-2:])


def shorten(heading: str) -> str:
    """A heading that fits its column: its middle goes, since the ends tell columns apart.

    heading (str): The heading.
    RETURNS (str): At most LONGEST_HEADING characters.
    """
    if len(heading) <= LONGEST_HEADING:
        return heading
    tail = LONGEST_HEADING // 2 - 1
    return f"{heading[: LONGEST_HEADING - tail - 1]}~{heading[-tail:]}"


def _as_number(score: Any, name: str) -> Optional[float]:
    if score is None:
        return None
    try:
        return float(score)
    except TypeError:
        raise ValueError(Errors.E602.format(name=name, found=type(score).__name__)) from None


def _mark(shown: str, is_best: bool) -> str:
    return shown + (BEST_MARK if is_best else " ")


def _as_shown(name: str, score: Optional[float]) -> str:
    if score is None:
        return NOTHING
    return f"{score:.0f}" if name == "speed" else f"{100 * score:.2f}"


def _short_number(value: float) -> str:
    size = abs(value)
    return f"{value:.3f}" if size < 100 else f"{value:.0f}" if size < 1e6 else f"{value:.1e}"
