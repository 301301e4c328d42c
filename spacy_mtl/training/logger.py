"""A training log for people: one row an evaluation, columns by component."""

import sys
from pathlib import Path
from textwrap import fill
from timeit import default_timer as timer
from typing import IO, Any, Callable, Dict, List, Optional, Sequence, Tuple

import tqdm
from spacy.language import Language

from ..errors import Errors
from ..json_files import to_json
from ..pipeline.score_weights import fit_score_weights
from .balance_recorder import BalanceRecorder
from .log_columns import check_settings, lay_out
from .log_table import Column

PROGRESS_BARS = ("train", "eval")


def console_logger(
    progress_bar: Optional[str] = None,
    console_output: bool = True,
    output_file: Optional[str] = None,
    balance: Sequence[str] = ("weights", "conflicts"),
    balance_file: Optional[str] = None,
    columns: Optional[List[str]] = None,
    width: int = 120,
) -> Callable[[Language, IO, IO], Tuple[Callable[[Optional[Dict[str, Any]]], None], Callable[[], None]]]:
    """Log each evaluation: epoch, step; by component the mean loss of an update since the row before, and the scores
    of `[training.score_weights]` in per cent; their weighted sum (scores are marked `*` when they are best so far),
    words a second since the row before, and the time elapsed. What does not fit into a line is named above the table.

    progress_bar (Optional[str]): "train" counts the steps to `max_steps`, "eval" those to the next evaluation.
    console_output (bool): Whether to print.
    output_file (Optional[str]): A file for the same as JSON lines. Lines are added to a file that exists; each
        training begins with a line {"pipeline": [...]}.
    balance (Sequence[str]): Columns for each `mtl_tok2vec` that several components listen to, as means since the row
        before: "weights" that its balancer gives the tasks, left out where they are fixed; "norms" of the tasks'
        gradients; "cosines" between them; "conflicts", the share of cosines below zero in per cent.
    balance_file (Optional[str]): A file for the same of every update, as JSON lines, for `spacy mtl plot`.
    columns (Optional[List[str]]): What to print beside epoch, step, weighted score and time, however wide it is:
        "losses", or "loss_" and a component; "scores", or names of scores; "balance"; "words_per_second". None for the
        most important that fit: scores with a weight, losses of heads, `balance`, scores of weight 0, words a second.
    width (int): The most characters in a line, if columns is None.
    RETURNS (Callable): The logger as `spacy train` calls it.
    RAISES (ValueError): E601 for an unknown kind of progress bar, E607 for an unknown column of `balance`, when
        training starts; E614, E615 for columns or a width of the wrong kind.
    """
    if progress_bar is not None and progress_bar not in PROGRESS_BARS:
        raise ValueError(Errors.E601.format(expected=", ".join(PROGRESS_BARS), found=progress_bar))
    check_settings(columns, width)

    def setup_logger(
        nlp: Language, stdout: IO = sys.stdout, stderr: IO = sys.stderr
    ) -> Tuple[Callable[[Optional[Dict[str, Any]]], None], Callable[[], None]]:
        fit_score_weights(nlp)
        config = nlp.config["training"]
        components = [name for name, pipe in nlp.pipeline if getattr(pipe, "is_trainable", False)]
        recorder = BalanceRecorder(nlp, balance, Path(balance_file) if balance_file else None)
        table, left_out = lay_out(nlp, recorder.headings, columns, width)
        weighed = [name for name, weight in config["score_weights"].items() if weight is not None]
        asked = [column.key for column in table.columns if column.kind == "score" and column.key not in weighed]
        scores = weighed + asked
        lines = JsonLines(Path(output_file), nlp.pipe_names) if output_file else None
        rows = RowMaker(components, scores)
        bar: Optional[tqdm.tqdm] = None
        if console_output:
            if left_out:
                print(_tell(left_out, width), file=stdout)
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


class JsonLines:
    """Adds rows to a file; opened for each, so that an interrupted training loses none."""

    def __init__(self, path: Path, pipeline: List[str]) -> None:
        """path (Path): The file; made with its folder if missing. pipeline (List[str]): Names for the first line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("a", encoding="utf8")
        self.write({"pipeline": list(pipeline)})

    def write(self, row: Dict[str, Any]) -> None:
        """row (Dict[str, Any]): The row."""
        self._stream.write(to_json(row) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def _as_number(score: Any, name: str) -> Optional[float]:
    if score is None:
        return None
    try:
        return float(score)
    except TypeError:
        raise ValueError(Errors.E602.format(name=name, found=type(score).__name__)) from None


def _tell(left_out: Sequence[Column], width: int) -> str:
    names = ", ".join(dict.fromkeys(column.setting for column in left_out))
    how = "Widen the log by --training.logger.width, or choose by --training.logger.columns."
    return fill(f"Not shown for want of room: {names}. {how}", width, break_on_hyphens=False)
