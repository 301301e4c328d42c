"""`spacy mtl extract`."""

from typing import Annotated

import typer

from ..group import PIPELINES, app
from ..options import Code, NewPipeline, Pipeline

EXAMPLE = "Example: python -m spacy mtl extract out/model-best --tasks ner --output out/ner"


@app.command("extract", epilog=EXAMPLE, rich_help_panel=PIPELINES)
def extract_command(
    pipeline: Pipeline,
    tasks: Annotated[str, typer.Option("--tasks", "-t", help="Names of the components to keep, with commas")],
    output: NewPipeline,
    only: Annotated[
        bool, typer.Option("--only", help="Keep nothing beside them but their encoders, even if predictions change")
    ] = False,
    code: Code = None,
) -> None:
    """Make a smaller pipeline of some of a pipeline's tasks.

    It predicts the same and can be trained further."""
    from spacy.cli._util import import_code

    from ..extract import extract

    import_code(code)
    extract(pipeline, tasks, output, only=only)
