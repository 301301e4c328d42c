"""A folder for many trainings, which all are of one config, whatever their seeds."""

from pathlib import Path
from typing import Optional

from ...data.writing import whole_file
from ...errors import Errors
from ...json_files import read_json, write_json
from .derived_configs import Joint, seed_config
from .executors import RECORD
from .fingerprints import fingerprint

KEY_FILE = "trainings.json"


def make_key(joint: Joint, budget: str, code: Optional[Path] = None) -> str:
    """What all trainings of a comparison have in common.

    joint (Joint): The joint config.
    budget (str): "updates" or "examples".
    code (Optional[Path]): A Python file with registered functions.
    RETURNS (str): What is the same for all seeds, and changes with everything else that trainings depend on.
    RAISES (OSError): If a file cannot be read.
    """
    return f"{budget} {fingerprint(seed_config(joint.config, 0), code)}"


def claim_folder(folder: Path, key: str) -> None:
    """Write down what the trainings in a folder have in common.

    folder (Path): The folder, which is made if it is missing.
    key (str): What they have in common.
    RAISES (ValueError): E701 if it holds trainings that have something else in common.
    """
    path = folder / KEY_FILE
    if path.exists():
        if read_json(path) == {"key": key}:
            return
        if any(folder.rglob(RECORD)):
            raise ValueError(Errors.E701.format(folder=folder))
    with whole_file(path) as temporary:
        write_json(temporary, {"key": key})
