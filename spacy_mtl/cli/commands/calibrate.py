"""`spacy mtl calibrate`."""

from pathlib import Path
from typing import Annotated

import typer

from ..group import PIPELINES, app
from ..options import Code, Pipeline

EXAMPLE = "Example: python -m spacy mtl calibrate out/model-best dev.spacy out/calibrated"


@app.command("calibrate", epilog=EXAMPLE, rich_help_panel=PIPELINES)
def calibrate_command(
    pipeline: Pipeline,
    corpus: Annotated[Path, typer.Argument(help="Held-out annotation: a .spacy file or a folder with such files")],
    output: Annotated[Path, typer.Argument(help="Folder for the calibrated pipeline; it must not exist")],
    code: Code = None,
) -> None:
    """Make a pipeline's probabilities mean what they say.

    One temperature for each kind is fitted on held-out annotation."""
    from spacy.cli._util import import_code

    from ..calibrate import calibrate

    import_code(code)
    calibrate(pipeline, corpus, output)
