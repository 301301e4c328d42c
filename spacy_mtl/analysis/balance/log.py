"""What a balancer did in a training, read from the file that its logger wrote."""

import json
import math
from itertools import chain
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, Tuple, Union

from ...errors import Errors

FILE_NAME = "balance.jsonl"
_SHOWN = 40
# Rounding can take a cosine a little beyond 1.
_LARGEST_COSINE = 1.001


class Batch(NamedTuple):
    """One batch of an encoder. Numbers that are not finite are absent.

    step (int): The step of the training; several batches share one if gradients are accumulated.
    losses (Dict[str, float]): By task, summed over its targets.
    targets (Dict[str, float]): By task, their number.
    weights (Dict[str, float]): By task; empty for a balancer that has none.
    norms (Dict[str, float]): By task, the norm of its gradient.
    cosines (Dict[Tuple[str, str], float]): By pair of tasks, the cosine of their gradients.
    dropped (Tuple[str, ...]): Tasks whose gradient was not finite.
    """

    step: int
    losses: Dict[str, float]
    targets: Dict[str, float]
    weights: Dict[str, float]
    norms: Dict[str, float]
    cosines: Dict[Tuple[str, str], float]
    dropped: Tuple[str, ...]


class EncoderLog(NamedTuple):
    """The batches of one encoder.

    encoder (str): Its name.
    tasks (List[str]): The tasks, in the order in which the file names them first.
    balancer (str): The name of the method.
    level (str): "representation" or "parameters".
    batches (List[Batch]): The batches, by step.
    """

    encoder: str
    tasks: List[str]
    balancer: str
    level: str
    batches: List[Batch]


class BalanceLog(NamedTuple):
    """The last training in a file.

    path (Path): The file.
    encoders (List[EncoderLog]): Its encoders that have a batch, one or more.
    trainings (int): How many trainings the file holds.
    """

    path: Path
    encoders: List[EncoderLog]
    trainings: int


def find_balance_log(run: Union[str, Path]) -> Path:
    """The file of a training.

    run (Union[str, Path]): The file, or a folder with a `balance.jsonl`.
    RETURNS (Path): The file.
    RAISES (FileNotFoundError): E740 if there is none.
    """
    path = Path(run)
    if path.is_dir():
        found = "a folder without one"
        path = path / FILE_NAME
    else:
        found = "nothing"
    if not path.is_file():
        raise FileNotFoundError(Errors.E740.format(path=run, name=FILE_NAME, found=found))
    return path


def name_runs(paths: Sequence[Path]) -> List[str]:
    """Short names that tell files apart: a file's own, or its folder's for a `balance.jsonl`, with as many of the
    folders above as it needs.

    paths (Sequence[Path]): The files.
    RETURNS (List[str]): A name for each, fit for file names.
    RAISES (ValueError): E743 if a file is given twice.
    """
    parts = []
    for path in (path.resolve() for path in paths):
        own = () if path.name == FILE_NAME else (path.stem,)
        # The root of the file system is not part of a name.
        parts.append([*path.parent.parts[1:], *own] or [path.stem])
    for depth in range(1, max(map(len, parts), default=0) + 1):
        names = [make_file_name(*found[-depth:]) for found in parts]
        # Some file systems do not tell upper from lower case.
        if len({name.lower() for name in names}) == len(names):
            return names
    raise ValueError(Errors.E743.format(paths=", ".join(map(str, paths))))


def make_file_name(*parts: str) -> str:
    """A name for a file.

    parts (str): What it should tell.
    RETURNS (str): The parts, with hyphens between them and "_" for what is no letter, digit, hyphen or dot.
    """
    return "".join(c if c.isalnum() or c in "-._" else "_" for c in "-".join(parts))


def read_balance_log(path: Union[str, Path]) -> BalanceLog:
    """Read the last training of a file. A line that names encoders begins another training if the step of the batch
    after it is not above those before; otherwise the training before goes on.

    path (Union[str, Path]): The file. Its last line is passed over if it has no end, for then it is being written.
    RETURNS (BalanceLog): The training.
    RAISES (ValueError): E741 for a line in another form, E742 if there is no batch.
    """
    path = Path(path)
    encoders: Dict[str, EncoderLog] = {}
    headed: Dict[str, EncoderLog] = {}
    latest, trainings = -1, 1
    for place, fields in _read_objects(path):
        if "encoders" in fields:
            headed = _read_header(place, fields["encoders"])
            continue
        batch = _read_batch(place, fields)
        if headed:
            if batch.step <= latest:
                encoders, trainings = {}, trainings + 1
            encoders = _join(encoders, headed)
            headed, latest = {}, -1
        name = fields.get("encoder")
        if not isinstance(name, str) or name not in encoders:
            expected = f"'encoder' to be one of {list(encoders)}, which the line before the batches names"
            raise ValueError(_wrong(place, expected, name))
        latest = max(latest, batch.step)
        encoder = encoders[name]
        encoder.batches.append(batch)
        mentioned = [*batch.losses, *batch.norms, *batch.weights, *batch.dropped, *chain.from_iterable(batch.cosines)]
        encoder.tasks.extend(task for task in dict.fromkeys(mentioned) if task not in encoder.tasks)
    found = [encoder for encoder in encoders.values() if encoder.batches]
    if not found:
        raise ValueError(Errors.E742.format(path=path))
    for encoder in found:
        encoder.batches.sort(key=lambda batch: batch.step)
    return BalanceLog(path, found, trainings)


def _read_objects(path: Path) -> Iterator[Tuple[str, Dict[str, Any]]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            place = f"{path}, line {number}"
            try:
                fields = json.loads(line.decode("utf-8-sig" if number == 1 else "utf8"))
            except (ValueError, RecursionError) as error:
                if not line.endswith(b"\n"):
                    return
                raise ValueError(_wrong(place, "a JSON object", line.decode("utf8", "replace").strip())) from error
            if not isinstance(fields, dict):
                raise ValueError(_wrong(place, "a JSON object", fields))
            yield place, fields


def _read_header(place: str, encoders: Any) -> Dict[str, EncoderLog]:
    if not isinstance(encoders, dict) or not encoders:
        raise ValueError(_wrong(place, "'encoders' to be an object with an entry for each encoder", encoders))
    found = {}
    for name, entry in encoders.items():
        fields = entry if isinstance(entry, dict) else {}
        tasks, balancer, level = (fields.get(key) for key in ("tasks", "balancer", "level"))
        if not isinstance(tasks, list) or not _are_strings([*tasks, balancer, level]):
            expected = f"'{name}' to have 'tasks', a list of names, and the names 'balancer' and 'level'"
            raise ValueError(_wrong(place, expected, entry))
        found[name] = EncoderLog(name, list(dict.fromkeys(tasks)), str(balancer), str(level), [])
    return found


def _join(before: Dict[str, EncoderLog], after: Dict[str, EncoderLog]) -> Dict[str, EncoderLog]:
    joined = dict(before)
    for name, new in after.items():
        old = before.get(name, new)
        joined[name] = new._replace(tasks=list(dict.fromkeys([*old.tasks, *new.tasks])), batches=old.batches)
    return joined


def _read_batch(place: str, fields: Dict[str, Any]) -> Batch:
    step = fields.get("step")
    if type(step) is not int or step < 0:
        raise ValueError(_wrong(place, "'step' to be a whole number of 0 or more", step))
    losses, targets, weights, norms = (
        _read_numbers(place, fields, name) for name in ("losses", "targets", "weights", "norms")
    )
    dropped = fields.get("dropped", [])
    if not _are_strings(dropped):
        raise ValueError(_wrong(place, "'dropped' to be a list of tasks", dropped))
    return Batch(step, losses, targets, weights, norms, _read_cosines(place, fields), tuple(dropped))


def _read_numbers(place: str, fields: Dict[str, Any], name: str) -> Dict[str, float]:
    numbers = fields.get(name, {})
    if not isinstance(numbers, dict) or not all(_is_number(value) for value in numbers.values()):
        raise ValueError(_wrong(place, f"'{name}' to be an object with a number for each task", numbers))
    return {task: float(value) for task, value in numbers.items() if value is not None and math.isfinite(value)}


def _read_cosines(place: str, fields: Dict[str, Any]) -> Dict[Tuple[str, str], float]:
    entries = fields.get("cosines", [])
    found: Dict[Tuple[str, str], float] = {}
    for entry in entries if isinstance(entries, list) else [entries]:
        fits = isinstance(entry, list) and len(entry) == 3 and _are_strings(entry[:2]) and _is_number(entry[2])
        if not fits or entry[0] == entry[1] or abs(entry[2] or 0.0) > _LARGEST_COSINE:
            expected = "'cosines' to be a list of two different tasks and a number from -1 to 1, in lists"
            raise ValueError(_wrong(place, expected, entry))
        first, second, cosine = entry
        if (first, second) in found or (second, first) in found:
            raise ValueError(_wrong(place, "each pair of tasks once in 'cosines'", entry))
        if cosine is not None and math.isfinite(cosine):
            found[first, second] = float(cosine)
    return found


def _is_number(value: Any) -> bool:
    """Whether it is one, or null, which a number that is not finite may be written as."""
    if value is None or type(value) is float:
        return True
    # Larger whole numbers do not fit in a float.
    return type(value) is int and abs(value) < 1e300


def _are_strings(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _wrong(place: str, expected: str, found: Any) -> str:
    shown = found if isinstance(found, str) else json.dumps(found)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]} ..."
    return Errors.E741.format(place=place, expected=expected, found=shown)
