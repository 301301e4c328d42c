"""`spacy mtl calibrate`."""

from pathlib import Path
from typing import Annotated

import typer

from ..group import PIPELINES, app
from ..options import Pipeline


@app.command("calibrate", rich_help_panel=PIPELINES)
def calibrate_command(
    pipeline: Pipeline,
    corpus: Annotated[Path, typer.Argument(help="Held-out annotation: a .spacy file or a folder with such files")],
    output: Annotated[Path, typer.Argument(help="Folder for the calibrated pipeline; it must not exist")],
) -> None:
    """Make a pipeline's probabilities mean what they say.

    One temperature for each kind is fitted on held-out annotation."""
    from ..calibrate import calibrate

    calibrate(pipeline, corpus, output)
