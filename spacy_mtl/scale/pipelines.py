"""Pipelines for processes: copied with the process that has loaded them, or loaded by each."""

import multiprocessing
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, NamedTuple, Optional, Union

import spacy
from spacy.language import Language
from spacy.util import get_package_path, import_file

from ..errors import Errors
from ..pipeline.loading import load_pipeline

FORK, SPAWN = "fork", "spawn"


class Pipeline(NamedTuple):
    """A pipeline, here and for processes.

    nlp (Language): The pipeline.
    load (Callable[[], Language]): Gives it to a process.
    method (Optional[str]): How processes start; None for the system's way.
    folder (Optional[Path]): Where it was loaded from.
    code (Optional[Path]): A Python file that it needs.
    named (Optional[Named]): Loads it anew, where it has a name.
    single_thread (bool): Whether processes must use one thread.
    """

    nlp: Language
    load: Callable[[], Language]
    method: Optional[str] = None
    folder: Optional[Path] = None
    code: Optional[Path] = None
    named: Optional["Named"] = None
    single_thread: bool = False


@dataclass
class Held:
    """Gives a pipeline that is there. nlp (Language): The pipeline."""

    nlp: Language

    def __call__(self) -> Language:
        """RETURNS (Language): The pipeline."""
        return self.nlp


@dataclass
class Named:
    """Loads a pipeline.

    pipeline (str): A folder or the name of a package.
    gpu_id (int): The GPU; -1 for none.
    code (Optional[Path]): A Python file that it needs.
    """

    pipeline: str
    gpu_id: int = -1
    code: Optional[Path] = None

    def __call__(self) -> Language:
        """RETURNS (Language): The pipeline. RAISES (OSError): E603 or E610."""
        if self.gpu_id >= 0:
            spacy.require_gpu(self.gpu_id)
        if self.code is not None:
            import_file("python_code", self.code)
        return load_pipeline(self.pipeline)


def prepare(pipeline: Union[str, Path, Language], gpu_id: int = -1, code: Union[str, Path, None] = None) -> Pipeline:
    """Load a pipeline, for processes to use it.

    pipeline (Union[str, Path, Language]): A folder, the name of a package, or a pipeline.
    gpu_id (int): The GPU that processes use; -1 for none. This process uses none, as a GPU cannot be inherited.
    code (Union[str, Path, None]): A Python file with registered functions that it needs.
    RETURNS (Pipeline): The pipeline.
    RAISES (OSError): E603 or E610 if it cannot be loaded.
    RAISES (ValueError): E746 for a GPU and a pipeline that is not named.
    """
    code = None if code is None else Path(code).absolute()
    if isinstance(pipeline, Language):
        if gpu_id >= 0:
            raise ValueError(Errors.E746.format(gpu_id=gpu_id))
        return Pipeline(pipeline, Held(pipeline), code=code, single_thread=_has_torch_threads())
    name = str(pipeline)
    nlp = Named(name, -1, code)()
    # processes may have another working directory
    named = Named(str(Path(name).absolute()) if Path(name).exists() else name, gpu_id, code)
    folder = Path(name) if Path(name).exists() else get_package_path(name)
    if gpu_id < 0 and multiprocessing.get_start_method() == FORK and not _has_torch_threads():
        return Pipeline(nlp, Held(nlp), None, folder, code, named)
    return Pipeline(nlp, named, SPAWN, folder, code, named)


def _has_torch_threads() -> bool:
    """Whether torch may have started threads: a copy of this process that uses several waits for them for good."""
    torch = sys.modules.get("torch")
    return torch is not None and torch.get_num_threads() > 1
