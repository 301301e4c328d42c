"""Collects what the balancers of a pipeline do during a training, for its log."""

import warnings
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any, Callable, DefaultDict, Dict, Iterator, List, Optional, Sequence, Tuple

from spacy.language import Language

from ..errors import Errors, Warnings
from ..json_files import to_json

COLUMNS = ("weights", "norms", "cosines", "conflicts")


class Mean:
    """A running mean of one value or more."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    def add(self, value: float) -> None:
        """value (float): One more value."""
        self._sum += value
        self._count += 1

    @property
    def value(self) -> float:
        """RETURNS (float): The mean."""
        return self._sum / self._count


class BalanceRecorder:
    """Watches the encoders of a pipeline that have observers: for the columns those with more than one listener, for
    the file those with any.

    A file that it writes begins, for each training, with a line {"encoders": {name: {"tasks", "balancer", "level"}}}.
    After it there is a line for each batch of an encoder: {"step", "encoder", "losses", "targets", "weights", "norms",
    "cosines": [[task, task, cosine]], "dropped"}; see `spacy_mtl.balancing.observation.Observation`.
    """

    def __init__(self, nlp: Language, columns: Sequence[str] = (), path: Optional[Path] = None) -> None:
        """Begin to watch.

        nlp (Language): The pipeline.
        columns (Sequence[str]): What is to be in the log, of "weights", "norms", "cosines", "conflicts".
        path (Optional[Path]): The file; made with its folder if missing, added to if it exists. None is written, and a
            warning says so (W612), if no encoder has a listener.
        RAISES (ValueError): E607 for an unknown column.
        """
        unknown = [name for name in columns if name not in COLUMNS]
        if unknown:
            raise ValueError(Errors.E607.format(expected=", ".join(COLUMNS), found=", ".join(unknown)))
        encoders: List[Tuple[str, Any]] = [(name, pipe) for name, pipe in nlp.pipeline if hasattr(pipe, "observers")]
        fewest = 2 if path is None else 1
        self._encoders = {name: pipe for name, pipe in encoders if len(pipe.listening_components) >= fewest}
        if path is not None and not self._encoders:
            warnings.warn(Warnings.W612.format(path=path, pipeline=", ".join(nlp.pipe_names)), stacklevel=2)
        self._is_idle = not self._encoders or not (columns or path)
        self._columns = [] if self._is_idle else [*self._find_columns(columns)]
        self._means: DefaultDict[Tuple[str, ...], Mean] = defaultdict(Mean)
        self._step = 0
        self._stream = None
        self._watching: List[Tuple[Any, Callable]] = []
        if self._is_idle:
            return
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            _drop_stump(path)
            self._stream = path.open("a", encoding="utf8")
            self._write({"encoders": {name: _describe(pipe) for name, pipe in self._encoders.items()}})
        for name, pipe in self._encoders.items():
            observer = partial(self._add, name)
            pipe.observers.append(observer)
            self._watching.append((pipe, observer))

    @property
    def headings(self) -> List[Tuple[str, str]]:
        """RETURNS (List[Tuple[str, str]]): The component that each column is about, and its heading."""
        return [heading for heading, _ in self._columns]

    def end_step(self, step: Optional[int] = None) -> None:
        """What is seen from now on belongs to the next step.

        step (Optional[int]): The number of this one, if it is known.
        """
        self._step = (self._step if step is None else step) + 1

    def take(self) -> Tuple[Dict[str, Dict[str, Any]], List[Optional[float]]]:
        """What happened since this was last asked, as means over batches.

        RETURNS (Tuple[Dict[str, Dict[str, Any]], List[Optional[float]]]): By encoder: "weights" and "norms" by task,
            "cosines" and "conflicts" (the share of batches whose cosine is below zero) as lists [task, task, value];
            and a value for each heading, None where there is none, conflicts in per cent of batches and pairs.
        """
        means: Dict[str, Dict[str, Any]] = {
            name: {"weights": {}, "norms": {}, "cosines": [], "conflicts": []} for name in self._encoders
        }
        for (encoder, kind, *tasks), mean in self._means.items():
            of_kind: Any = means[encoder][kind]
            if len(tasks) == 2:
                of_kind.append([*tasks, mean.value])
            elif tasks:
                of_kind[tasks[0]] = mean.value
        cells: List[Optional[float]] = []
        for _, key in self._columns:
            cell = self._means[key].value if key in self._means else None
            cells.append(100 * cell if cell is not None and key[1] == "conflicts" else cell)
        self._means.clear()
        return means, cells

    def close(self) -> None:
        """Stop watching, and close the file."""
        for pipe, observer in self._watching:
            pipe.observers.remove(observer)
        self._watching = []
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _find_columns(self, columns: Sequence[str]) -> Iterator[Tuple[Tuple[str, str], Tuple[str, ...]]]:
        shared = {name: pipe for name, pipe in self._encoders.items() if len(pipe.listening_components) > 1}
        for name, pipe in shared.items():
            tasks = list(pipe.listening_components)
            # a task that hears two encoders has a weight for each
            alone = len(shared) == 1
            if "weights" in columns and not pipe.balancer.has_fixed_weights:
                for task in tasks:
                    yield (task, "weight") if alone else (name, f"weight {task}"), (name, "weights", task)
            if "norms" in columns:
                for task in tasks:
                    yield (task, "norm") if alone else (name, f"norm {task}"), (name, "norms", task)
            if "cosines" in columns:
                for i, task in enumerate(tasks):
                    for other in tasks[:i]:
                        yield (name, f"cosine {other}, {task}"), (name, "cosines", *sorted((task, other)))
            if "conflicts" in columns:
                yield (name, "conflict"), (name, "conflicts")

    def _add(self, encoder: str, seen: Any) -> None:
        for kind, values in (("weights", seen.weights), ("norms", seen.norms)):
            for task, value in values.items():
                self._means[encoder, kind, task].add(value)
        for pair, cosine in seen.cosines.items():
            first, second = sorted(pair)
            self._means[encoder, "cosines", first, second].add(cosine)
            self._means[encoder, "conflicts", first, second].add(float(cosine < 0))
            self._means[encoder, "conflicts"].add(float(cosine < 0))
        if self._stream is not None:
            cosines = [[*pair, cosine] for pair, cosine in seen.cosines.items()]
            self._write({"step": self._step, "encoder": encoder, **seen._asdict(), "cosines": cosines})

    def _write(self, line: Dict[str, Any]) -> None:
        if self._stream is not None:
            self._stream.write(to_json(line) + "\n")
            self._stream.flush()


def _describe(pipe: Any) -> Dict[str, Any]:
    return {
        "tasks": list(pipe.listening_components),
        "balancer": type(pipe.balancer).__name__,
        "level": pipe.balancer.level,
    }


def _drop_stump(path: Path) -> None:
    """Take off a last line that a training which was killed has left without its end."""
    if path.exists():
        with path.open("rb+") as file_:
            content = file_.read()
            file_.truncate(content.rfind(b"\n") + 1)
