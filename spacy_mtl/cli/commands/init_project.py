"""`spacy mtl init-project`."""

from pathlib import Path
from typing import Annotated

import typer

from ..group import TRAINING, app

EXAMPLE = "Example: python -m spacy mtl init-project my-project"


@app.command("init-project", epilog=EXAMPLE, rich_help_panel=TRAINING)
def init_project_command(
    output: Annotated[Path, typer.Argument(help="The folder to write; it must not exist, or be empty")],
) -> None:
    """Write a folder to work in, with the starter corpus.

    It has the workflows, configs and scripts of the project. Then, in the folder: `spacy project run demo`.
    """
    from ..init_project import init_project

    init_project(output)
