"""A folder to work in: what `spacy mtl init-project` does."""

import shutil
from pathlib import Path
from typing import List

from wasabi import msg

from ..data.writing import whole_folder
from ..errors import Errors

PARTS = ("project.yml", "constraints.txt", "configs", "scripts", "corpora")
PACKAGE = Path(__file__).parents[1]


def find_project_files() -> Path:
    """Where the project's files lie: in an installed package within it, in a checkout beside it.

    RETURNS (Path): A folder with PARTS.
    RAISES (FileNotFoundError): E644 if they are in neither place.
    """
    for folder in (PACKAGE / "project", PACKAGE.parent):
        if all((folder / part).exists() for part in PARTS):
            return folder
    raise FileNotFoundError(Errors.E644.format(package=PACKAGE))


def init_project(output: Path) -> List[str]:
    """Write the project: its workflows, configs, scripts and the starter corpus.

    output (Path): The folder; it must not exist, or be empty.
    RETURNS (List[str]): The names of what was written.
    """
    try:
        source = find_project_files()
        if output.exists() and (not output.is_dir() or any(output.iterdir())):
            raise FileExistsError(Errors.E643.format(path=output))
        with whole_folder(output) as folder:
            for part in PARTS:
                if (source / part).is_dir():
                    shutil.copytree(source / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(source / part, folder / part)
    except OSError as error:
        msg.fail(str(error), exits=1)
    msg.good(f"Wrote {', '.join(PARTS)} to {output}")
    print(f"Train on the starter corpus: cd {output} && python -m spacy project run demo")
    return list(PARTS)
