"""A training as `spacy train` has it, that ends in time or when it is told to, and keeps the best pipeline so far."""

import signal
import sys
import threading
from pathlib import Path
from timeit import default_timer as timer
from types import FrameType
from typing import IO, Any, Callable, Dict, NamedTuple, Optional

from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.training.loop import (
    create_before_to_disk_callback,
    create_evaluation_callback,
    create_train_batches,
    train_while_improving,
    update_meta,
)
from spacy.util import fix_random_seed, registry, resolve_dot_names
from thinc.api import set_gpu_allocator

from ..data.writing import whole_folder

TIME, TOLD = "time", "told"


class Trained(NamedTuple):
    """How a training went.

    steps (int): Updates that were made.
    best_step (int): The update after which the pipeline was that is kept.
    score (float): Its weighted score on the development corpus.
    seconds (float): How long it took.
    stopped (str): "" if it came to its end, TIME if its time was over, TOLD if it was told to stop.
    """

    steps: int
    best_step: int
    score: float
    seconds: float
    stopped: str


class StopSignal:
    """While it is entered, the first Ctrl-C is only noted, and the second raises KeyboardInterrupt."""

    def __init__(self) -> None:
        self.has_come = False
        self._before: Any = None

    def __enter__(self) -> "StopSignal":
        # no other thread can handle signals
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *error: Any) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _handle(self, number: int, frame: Optional[FrameType]) -> None:
        if self.has_come:
            raise KeyboardInterrupt
        self.has_come = True


def train_limited(
    nlp: Language,
    output: Path,
    *,
    seconds: Optional[float] = None,
    should_stop: Callable[[], bool] = lambda: False,
    use_gpu: int = -1,
    stdout: Optional[IO] = None,
    stderr: Optional[IO] = None,
) -> Trained:
    """Train a pipeline. Without a limit the best one is the same as that of `spacy train`.

    A training that is stopped evaluates once more, so that what was learned since the last evaluation is not lost.

    nlp (Language): The pipeline, initialized with its whole config.
    output (Path): The folder for the best pipeline so far, each time replaced as a whole.
    seconds (Optional[float]): How long to train at most; None for no limit.
    should_stop (Callable[[], bool]): Asked after each update.
    use_gpu (int): The GPU; -1 for the processor.
    stdout (Optional[IO]): Where the logger prints to; None for the usual place.
    stderr (Optional[IO]): Where its progress bar goes, likewise.
    RETURNS (Trained): How it went.
    RAISES (ValueError): What readers, components and the logger raise.
    """
    config = nlp.config.interpolate()
    if config["training"]["seed"] is not None:
        fix_random_seed(config["training"]["seed"])
    if use_gpu >= 0 and config["training"]["gpu_allocator"]:
        set_gpu_allocator(config["training"]["gpu_allocator"])
    training: Dict[str, Any] = registry.resolve(config["training"], schema=ConfigSchemaTraining)
    train_corpus, dev_corpus = resolve_dot_names(config, [training["train_corpus"], training["dev_corpus"]])
    optimizer, frozen = training["optimizer"], training["frozen_components"]
    before_to_disk = create_before_to_disk_callback(training["before_to_disk"])
    evaluate = create_evaluation_callback(nlp, dev_corpus, training["score_weights"])
    updates = train_while_improving(
        nlp,
        optimizer,
        create_train_batches(nlp, train_corpus, training["batcher"], training["max_epochs"]),
        evaluate,
        dropout=training["dropout"],
        accumulate_gradient=training["accumulate_gradient"],
        patience=training["patience"],
        max_steps=training["max_steps"],
        eval_frequency=training["eval_frequency"],
        exclude=frozen,
        annotating_components=training["annotating_components"],
        before_update=training["before_update"],
    )

    def save(info: Dict[str, Any]) -> None:
        with nlp.select_pipes(disable=frozen):
            update_meta(training, nlp, info)
            with nlp.use_params(optimizer.averages or {}), whole_folder(output, replace=True) as folder:
                before_to_disk(nlp).to_disk(folder)

    with nlp.select_pipes(disable=frozen):
        log_step, finalize = training["logger"](nlp, stdout or sys.stdout, stderr or sys.stderr)
    began = timer()
    stopped, best = "", (float("-inf"), 0)
    try:
        for _, info, is_best in updates:
            if is_best:
                save(info)
                best = info["score"], info["step"]
            log_step(info if is_best is not None else None)
            if 0 < training["max_steps"] <= info["step"]:
                break
            late = seconds is not None and timer() - began > seconds
            stopped = TOLD if should_stop() else TIME if late else ""
            if not stopped:
                continue
            if is_best is None:
                with nlp.use_params(optimizer.averages or {}):
                    info["score"], info["other_scores"] = evaluate()
                info["checkpoints"].append((info["score"], info["step"]))
                if info["score"] >= best[0]:
                    save(info)
                    best = info["score"], info["step"]
                log_step(info)
            break
    finally:
        finalize()
    return Trained(info["step"], best[1], best[0], timer() - began, stopped)
