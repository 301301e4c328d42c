"""`spacy mtl export-encoder`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..group import PIPELINES, app
from ..options import Code, Pipeline

EXAMPLE = "Example: python -m spacy mtl export-encoder out/model-best out/encoder"


@app.command("export-encoder", epilog=EXAMPLE, rich_help_panel=PIPELINES)
def export_encoder_command(
    pipeline: Pipeline,
    output: Annotated[Path, typer.Argument(help="Folder for the encoder; it must not exist")],
    component: Annotated[
        Optional[str], typer.Option("--component", help="The component whose encoder it is, if there are several")
    ] = None,
    code: Code = None,
) -> None:
    """Write a pretrained encoder as a folder of transformers.

    It is as the pipeline was trained; AutoModel and AutoTokenizer read it."""
    from spacy.cli._util import import_code

    from ..export_encoder import export_encoder

    import_code(code)
    export_encoder(pipeline, output, component)
