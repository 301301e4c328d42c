"""What a pipeline costs: parameters, bytes on disk, seconds."""

import re
import sys
from pathlib import Path
from time import perf_counter
from typing import Any, Callable, Dict, Optional, Sequence, Set

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Model, Optimizer

from ...annotation import copy_tokens
from .windows import THIS_PROCESS, read_usage

if sys.platform != "win32":
    import resource

PEAK = re.compile(r"^VmHWM:\s*([0-9]+) kB$", re.MULTILINE)


def count_parameters(nlp: Language) -> int:
    """Count the trained numbers of a pipeline, each once, however many components use it.

    nlp (Language): The pipeline.
    RETURNS (int): How many there are.
    """
    seen: Set[Any] = set()
    total = 0
    for _, pipe in nlp.pipeline:
        model = getattr(pipe, "model", None)
        for node in model.walk() if isinstance(model, Model) else ():
            if node.id in seen:
                continue
            seen.add(node.id)
            total += sum(node.get_param(name).size for name in node.param_names if node.has_param(name))
            total += sum(_count_in_shim(shim) for shim in node.shims)
    return int(total)


def _count_in_shim(shim: Any) -> int:
    parameters = getattr(shim._model, "parameters", None)
    return sum(parameter.numel() for parameter in parameters()) if parameters is not None else 0


def count_bytes(folder: Path) -> int:
    """The size of a folder.

    folder (Path): The folder.
    RETURNS (int): The bytes of all files in it.
    """
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def read_peak_memory(pid: Optional[int] = None) -> Optional[int]:
    """The most memory that a process has held since its program began.

    Other than `ru_maxrss`, which on Linux begins with what the parent held, it counts the process alone.

    pid (Optional[int]): The process; None for this one.
    RETURNS (Optional[int]): Bytes; None for another process where the system has no /proc, and for one that has ended.
    """
    if sys.platform == "win32":
        return read_usage(THIS_PROCESS)[1] if pid is None else None
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if pid is None else None
    try:
        status = Path(f"/proc/{'self' if pid is None else pid}/status").read_text(encoding="utf8", errors="replace")
    except OSError:
        return None
    found = PEAK.search(status)
    return 1024 * int(found.group(1)) if found else None


def time_annotation(
    nlp: Language, docs: Sequence[Doc], n_process: int = 1, clock: Callable[[], float] = perf_counter
) -> float:
    """Time a pipeline on texts.

    nlp (Language): The pipeline.
    docs (Sequence[Doc]): The texts; they are copied before the clock starts.
    n_process (int): Processes.
    clock (Callable[[], float]): Gives seconds.
    RETURNS (float): Seconds that `nlp.pipe` took.
    """
    copies = [copy_tokens(doc, nlp.vocab) for doc in docs]
    start = clock()
    for _ in nlp.pipe(copies, n_process=n_process):
        pass
    return clock() - start


def time_updates(
    nlp: Language,
    batches: Sequence[Sequence[Example]],
    optimizer: Optimizer,
    drop: float,
    clock: Callable[[], float] = perf_counter,
) -> float:
    """Time updates as `spacy train` does them. They change the pipeline.

    nlp (Language): The pipeline.
    batches (Sequence[Sequence[Example]]): What to learn, an update a batch.
    optimizer (Optimizer): The optimizer.
    drop (float): The dropout rate.
    clock (Callable[[], float]): Gives seconds.
    RETURNS (float): Seconds.
    """
    losses: Dict[str, float] = {}
    start = clock()
    for batch in batches:
        nlp.update(list(batch), drop=drop, losses=losses, sgd=False)  # type: ignore[arg-type]
        for _, pipe in nlp.pipeline:
            if hasattr(pipe, "finish_update"):
                pipe.finish_update(optimizer)
    return clock() - start
