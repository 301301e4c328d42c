"""Training by several processes: who does what, and what is printed."""

import os
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any, List, Mapping, Optional

from spacy.cli._util import import_code, setup_gpu, show_validation_error
from wasabi import msg

from ..analysis.trainings.derived_configs import read_config
from ..errors import Errors
from ..json_files import to_json
from ..scale.training.group import LOCAL_RANK, count_started, join
from ..scale.training.launching import LOST, launch
from ..scale.training.train import train as train_worker
from .options import INTERRUPTED

WATCH_SECONDS = 1.0


def train(
    config: Path,
    output: Optional[Path] = None,
    *,
    workers: Optional[int] = None,
    resume: bool = True,
    gpu_id: int = -1,
    code: Optional[Path] = None,
    overrides: Mapping[str, Any],
) -> None:
    """Train in this process, by processes that are started for it, or as one of several that were started.

    config (Path): The config.
    output (Optional[Path]): The folder for the pipelines and the checkpoint; None to save nothing.
    workers (Optional[int]): The number of processes; None for one, or as many as torchrun has started.
    resume (bool): Whether to go on with a training that was stopped.
    gpu_id (int): The GPU, that of the first worker if there are several; -1 for the CPU.
    code (Optional[Path]): A Python file with registered functions.
    overrides (Mapping[str, Any]): Settings of the config by their name with dots.
    """
    started = count_started()
    try:
        if workers is not None and workers < 1:
            raise ValueError(Errors.E750.format(setting="workers", found=workers))
        if started is not None and workers not in (None, started):
            raise ValueError(Errors.E725.format(found=workers, expected=started))
        if started is None and (workers or 1) > 1:
            # what is wrong with the config comes up once, and not in each
            with show_validation_error(config):
                read_config(config, overrides)
            launch(_make_command(config, output, resume, gpu_id, code, overrides), workers or 1)
        else:
            _train_here(config, output, resume, gpu_id, code, overrides)
    except ConnectionError as error:
        msg.fail(str(error))
        sys.exit(LOST)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        msg.fail(str(error), exits=1)
    except KeyboardInterrupt:
        kept = "" if output is None else " The same command goes on from the last checkpoint."
        msg.warn(f"Stopped.{kept}", exits=INTERRUPTED)


def _train_here(
    path: Path,
    output: Optional[Path],
    resume: bool,
    gpu_id: int,
    code: Optional[Path],
    overrides: Mapping[str, Any],
) -> None:
    if (count_started() or 1) > 1:
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
        gpu_id += int(os.environ.get(LOCAL_RANK, 0)) if gpu_id >= 0 else 0
    import_code(code)
    setup_gpu(gpu_id)
    with closing(join(gpu_id >= 0)) as group:
        with show_validation_error(path):
            config = read_config(path, overrides)
        with show_validation_error(path, hint_fill=False):
            train_worker(config, output, group=group, use_gpu=gpu_id, code=code, resume=resume)


def _make_command(
    config: Path,
    output: Optional[Path],
    resume: bool,
    gpu_id: int,
    code: Optional[Path],
    overrides: Mapping[str, Any],
) -> List[str]:
    """The command of a worker."""
    command = [sys.executable, "-m", "spacy", "mtl", "train", str(config), "--gpu-id", str(gpu_id)]
    for option, value in (("--output", output), ("--code", code)):
        command += [] if value is None else [option, str(value)]
    command += [] if resume else ["--no-resume"]
    return command + [f"--{name}={to_json(value)}" for name, value in overrides.items()]


def _end_with(parent: int) -> None:
    """End this process when the one that has started it is gone, even if it was killed."""
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(LOST)
